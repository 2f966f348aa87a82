"""The ledger on a real hub: what is reported is seen once the lake has it; a close-out is refused, then done.

One hub for the module, on real processes and free ports, driven by the command as people type it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from onething.doors import on_free_ports
from onething.settings import Settings
from onething.supervisor import running_hub

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

STATIONS = "xian-2024-60.task-3"
MAP = "xian-2024-60.task-16"
LED = ("--for", "admin-approval", "--actor")
SEEN_S = 60.0
STATED = ("--statement", "data-shared=已共享", "-e", "data-shared=WJ-1")
STANDARDS = ("data-shared", "elements-uniform", "process-optimised")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    settings = on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("hub")))
    with running_hub(settings, tell=print):
        environment = {**os.environ, "ONETHING_DATA_DIR": str(settings.data_dir), "COLUMNS": "200"}

        def ran(*words: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "onething", "ledger", *words]
            return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)

        yield ran


def done(run: Run, *words: str) -> None:
    told = run(*words)
    assert told.returncode == 0, told.stderr


def shown(run: Run, entry_id: str) -> dict[str, Any]:
    told = run("show", entry_id, "-o", "json")
    assert told.returncode == 0, told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def seen(run: Run, entry_id: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The entry as soon as the lake has brought it to where this holds."""
    deadline = time.monotonic() + SEEN_S
    while True:
        found = shown(run, entry_id)
        if holds(found):
            return found
        assert time.monotonic() < deadline, [each["action"] for each in found["history"]]


def listed(run: Run, *words: str) -> dict[str, Any]:
    deadline = time.monotonic() + SEEN_S
    while True:
        told = run("list", *words, "-o", "json")
        assert told.returncode == 0, told.stderr
        found: dict[str, Any] = json.loads(told.stdout)
        if found["entries"]:
            return found
        assert time.monotonic() < deadline


def test_what_is_reported_is_seen_in_its_period(run: Run) -> None:
    assert listed(run)["all"]["entries"] == 74
    done(run, "plan", STATIONS, "stations", "2026-11=6", *LED, "张三")
    done(run, "report", STATIONS, "stations", "12", *LED, "张三", "-e", "验收单7")
    found = seen(run, STATIONS, lambda entry: bool(entry["progress"]))
    (stations,) = [each for each in found["milestones"] if each["id"] == "stations"]
    assert (stations["done"], stations["state"], stations["quantity_text"]) == (12.0, "overdue", "32个")
    assert found["progress"][0]["evidence"] == ["验收单7"]
    told = run("show", STATIONS).stdout
    assert "全市新建32个政务服务驿站" in told
    assert "已完成 12个" in told


def test_a_goal_that_its_parts_do_not_keep_is_refused(run: Run) -> None:
    short = run("plan", STATIONS, "network", "2026-11=50", *(f"2026-11-T{n}=10" for n in (1, 2, 3)), *LED, "张三")
    assert short.returncode == 2
    assert "不足以保证" in short.stderr


def test_a_team_is_formed_of_the_responsible_units(run: Run) -> None:
    strange = run(
        "team", "form", "newborn", "health:组长:审批处", "tax:组员:办税厅", "--for", "health", "--actor", "张三"
    )
    assert strange.returncode == 2
    assert "不是本“一件事”的责任单位" in strange.stderr
    done(
        run,
        "team",
        "form",
        "newborn",
        "health:组长:审批处",
        "public-security:组员:户政处",
        "--for",
        "health",
        "--actor",
        "张三",
    )
    found = seen(run, "bundle.newborn", lambda entry: entry["team"] is not None)
    assert [each["organisation"]["code"] for each in found["team"]["members"]] == ["health", "public-security"]
    assert {each["code"] for each in found["team"]["unrepresented"]} == {"human-resources", "medical-security"}


def test_a_close_out_is_refused_with_every_reason_and_done_by_three_persons(run: Run) -> None:
    refused = run("close", MAP, *LED, "张三")
    assert refused.returncode == 2
    for told in ("没有完成", "政务数据完全共享", "事项要素标准统一", "办理流程充分优化"):
        assert told in refused.stderr
    done(run, "report", MAP, "map", "100", *LED, "张三", "-e", "验收单9")
    statements = [word for each in STANDARDS for word in ("--statement", f"{each}=地图验收", "-e", f"{each}=验收单9")]
    done(run, "close", MAP, *LED, "张三", *statements)
    assert run("review", MAP, *LED, "张三").returncode == 2
    done(run, "review", MAP, *LED, "李四")
    done(run, "review", MAP, "--for", "data-bureau", "--actor", "王五")
    found = seen(run, MAP, lambda entry: entry["state"] == "closed")
    assert [each["by"] for each in found["closing"]["reviews"]] == ["李四", "王五"]
    told = run("periods").stdout
    assert "完善政务服务地图应用：已销号" in told
    assert "新列入台账 74 项" in told


def test_a_bundle_whose_data_is_not_shared_is_refused_by_measure(run: Run) -> None:
    done(run, "report", "bundle.newborn", "in-service", "100", "--for", "health", "--actor", "张三")
    refused = run("close", "bundle.newborn", "--for", "health", "--actor", "张三", *STATED)
    assert refused.returncode == 2
    assert "所需数据资源均已共享" in refused.stderr
    assert "0/5" in refused.stderr
