"""Complaints, bottlenecks, high-frequency services and a bulletin on a real hub, driven as people type it.

One hub for the module: its cases are simulated, and what the gateway tells of them is what the lake tells.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openpyxl import load_workbook

from onething.doors import on_free_ports
from onething.endpoints import endpoint
from onething.settings import Settings
from onething.supervisor import running_hub

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

SEEN_S = 90.0
SECRET = "张三反映窗口无人接待"
TODAY = datetime.now(UTC) + timedelta(hours=8)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("hub")))
    with running_hub(settings, tell=print):
        yield settings


@pytest.fixture(scope="module")
def run(settings: Settings) -> Run:
    environment = {**os.environ, "ONETHING_DATA_DIR": str(settings.data_dir), "COLUMNS": "200"}

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "onething", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return ran


@pytest.fixture(scope="module")
def played(run: Run) -> Run:
    """The hub once its simulated cases have ended and the lake has them."""
    city = run("simulate", "--until", f"{TODAY:%Y-%m-%d}", "--enterprises", "20", "--persons", "30")
    assert city.returncode == 0, city.stderr
    cases = run("simulate", "cases", "--bundle", "newborn", "--count", "6", "--http", "0", "--patience", "10")
    assert cases.returncode in (0, 1), cases.stderr
    return run


def told(run: Run, *words: str) -> Any:
    answer = run(*words, "-o", "json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def awaited(ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """What is told as soon as this holds of it: the lake commits every few seconds."""
    deadline = time.monotonic() + SEEN_S
    while True:
        found = ask()
        if holds(found):
            return found
        assert time.monotonic() < deadline, found


def test_a_complaint_reaches_the_lake_without_its_words(run: Run, tmp_path: Path) -> None:
    complaint = {
        "complaint_id": "12345-E2E-1",
        "channel": "12345",
        "kind": "complaint",
        "category": "over-time",
        "department": "tax",
        "received_at": datetime.now(UTC).isoformat(),
        "text": SECRET,
    }
    file = tmp_path / "complaints.jsonl"
    file.write_text(json.dumps(complaint), encoding="utf-8")
    for _ in range(2):
        handed = run("hotline", "import", str(file))
        assert handed.returncode == 0, handed.stderr
    found = awaited(lambda: told(run, "hotline", "list"), lambda each: each["total"] == 1)
    (kept,) = found["complaints"]
    assert (kept["department_name"], kept["link"], kept["made_up"]) == ("市税务局", "department", False)
    rows = told(run, "lake", "query", "SELECT event_id, body FROM complaints")
    assert SECRET not in json.dumps(rows, ensure_ascii=False)


def test_the_lake_tells_of_cases_what_the_gateway_tells(played: Run, settings: Settings) -> None:
    gateway = endpoint(settings, "gateway")

    def of_gateway() -> Any:
        return httpx2.get(f"{gateway}/v1/bundles/newborn/savings", trust_env=False).json()

    def of_lake() -> dict[str, Any]:
        found = told(played, "bottleneck", "savings")["savings"]
        return next((each for each in found if each["bundle"] == "newborn"), {"count": 0})

    kept = of_gateway()
    assert kept["count"] > 0
    found = awaited(of_lake, lambda each: each["count"] == kept["count"])
    assert {name: found[name] for name in ("steps", "days", "materials", "trips")} == {
        name: kept[name] for name in ("steps", "days", "materials", "trips")
    }


def test_a_wait_drills_down_to_events_of_the_log(played: Run, settings: Settings) -> None:
    waits = awaited(lambda: told(played, "bottleneck", "list"), lambda each: each["total"] > 0)
    wait = waits["rows"][0]
    found = told(played, "bottleneck", "assignments", "--department", wait["key"])
    first = found["assignments"][0]
    gateway = endpoint(settings, "gateway")
    case = httpx2.get(f"{gateway}/v1/bottlenecks/cases/{first['case_id']}", trust_env=False).json()
    assert first["event"] in {each["event_id"] for each in case["events"]}


def test_a_list_of_services_is_published_by_two_persons(played: Run) -> None:
    drafted = told(played, "services", "draft")
    assert drafted["rule_version"] == 1
    for words in (("draw-up", "--actor", "张三"), ("sign-off", "--actor", "李四"), ("publish", "--actor", "李四")):
        done = played("services", words[0], "2026", *words[1:])
        assert done.returncode == 0, done.stderr
    found = awaited(lambda: told(played, "services", "list"), lambda each: bool(each["versions"]))
    assert found["versions"][0]["published_by"] == "李四"
    assert told(played, "services", "show", "2026")["computed_again"]["same"] is True


def test_a_bulletin_is_made_of_what_the_hub_knows(played: Run, tmp_path: Path) -> None:
    month = f"{TODAY:%Y-%m}"
    shown = awaited(
        lambda: told(played, "bulletin", "show", month),
        lambda each: "办结分派事项" in "".join(each["page"]["paragraphs"]),
    )
    assert shown["page"]["name"] == "全市"
    made = played("bulletin", "make", month, "-d", "tax", "--out", str(tmp_path))
    assert made.returncode == 0, made.stderr
    assert "暂计" in made.stdout
    assert (tmp_path / f"通报 {month} 市税务局.pdf").read_bytes().startswith(b"%PDF")
    book = load_workbook(tmp_path / f"通报 {month} 市税务局.xlsx")
    assert book["数据位置"].max_row > 5
    ahead = played("bulletin", "make", "2099-01")
    assert (ahead.returncode, "尚未到来" in ahead.stderr) == (2, True)
