"""The lake asked by SQL on a real hub: facts are seen soon after they were published, reads and removed files too."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from onething.doors import on_free_ports
from onething.settings import LakeSettings, Settings
from onething.supervisor import RunningHub, running_hub
from topics.identifiers import make_uscc

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

COMMIT_S = 1.0
SOON_S = 10.0
"""What a busy machine may add: the log's own delivery, the commit, the query."""
SOURCE = "urban-management"
USCC = make_uscc("91", "610112", 42)
READER = "data-bureau:李"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    lake = LakeSettings(commit_s=COMMIT_S)
    return on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("lake-queries"), lake=lake))


@pytest.fixture(scope="module")
def hub(settings: Settings) -> Iterator[RunningHub]:
    with running_hub(settings, ("registry", "archive", "coordinator", "lake", "analyst", "gateway")) as hub:
        yield hub
    assert list((settings.data_dir / "tmp" / "analyst-0").iterdir()) == []


@pytest.fixture(scope="module")
def client(hub: RunningHub) -> Iterator[httpx2.Client]:
    headers = {"X-Reader": quote(READER, safe=":")}
    with httpx2.Client(base_url=hub.url("gateway"), trust_env=False, timeout=60, headers=headers) as client:
        yield client


def withdrawn(number: int) -> dict[str, Any]:
    return {
        "type": "LicenceWithdrawn",
        "source": SOURCE,
        "resource": f"{SOURCE}.gas-licence",
        "subject": {"kind": "enterprise", "id": USCC},
        "record_id": f"2023-{number}",
        "version": number,
        "valid_at": "2024-05-02T10:30:00+08:00",
        "content": {"reason": "重复录入"},
    }


def rows(client: httpx2.Client, sql: str, **parameters: str) -> list[list[Any]]:
    answer = client.post("/v1/lake/query", json={"sql": sql, "parameters": parameters})
    assert answer.status_code == 200, answer.text
    found: list[list[Any]] = answer.json()["rows"]
    return found


def soon(client: httpx2.Client, sql: str, expected: list[list[Any]], within_s: float) -> None:
    """Ask until the rows are as expected."""
    deadline = time.monotonic() + within_s
    while (found := rows(client, sql)) != expected:
        assert time.monotonic() < deadline, found


def test_a_published_fact_is_seen_by_sql_soon(client: httpx2.Client) -> None:
    for number in (1, 2, 3):
        published = client.post("/v1/events", json=withdrawn(number))
        assert published.is_success, published.text
        seen = f"SELECT max(version) FROM facts WHERE subject = 'enterprise:{USCC}' AND withdrawn"  # noqa: S608  made up
        soon(client, seen, [[number]], COMMIT_S + SOON_S)
    assert rows(client, "SELECT count(*) FROM facts_latest WHERE subject = $subject", subject=f"enterprise:{USCC}") == [
        [3]
    ]


def test_the_lake_tells_its_tables_and_that_it_follows_the_log(client: httpx2.Client) -> None:
    deadline = time.monotonic() + 20
    while (told := client.get("/v1/lake").json())["lag"]:
        assert time.monotonic() < deadline, told
    facts = next(each for each in told["tables"] if each["table"] == "facts")
    assert facts["rows"] >= 3
    assert facts["absent"] == []


def test_who_read_what_can_be_looked_up(client: httpx2.Client) -> None:
    asked = {"purpose": "核查测试", "grant": "test"}
    client.get(f"/v1/enterprises/{USCC}/archive", params=asked)
    deadline = time.monotonic() + COMMIT_S + SOON_S
    while not (page := client.get("/v1/reads", params={"purpose": "核查测试"}).json())["reads"]:
        assert time.monotonic() < deadline
    (read,) = page["reads"]
    assert (read["reader"], read["subjects"], page["total"]) == (READER, [f"enterprise:{USCC}"], 1)


def test_every_question_is_on_record_with_who_asked(client: httpx2.Client, settings: Settings) -> None:
    rows(client, "SELECT 40 + 2")
    log = (settings.data_dir / "log" / "analyst-0.log").read_text(encoding="utf-8")
    (line,) = [each for each in log.splitlines() if "SELECT 40 + 2" in each]
    assert READER in line
    assert "answered" in line


def test_the_command_asks_through_the_hub(hub: RunningHub, settings: Settings) -> None:
    done = onething(settings, "lake", "query", "SELECT count(*) AS n FROM facts", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["n"] >= 3
    refused = onething(settings, "lake", "query", "DROP VIEW facts")
    assert refused.returncode == 2
    assert "DROP" in refused.stderr
    assert "→" in refused.stderr
    assert hub


def test_a_removed_file_is_named_with_its_day_and_the_rest_answers(client: httpx2.Client, settings: Settings) -> None:
    day = rows(client, "SELECT max(day) FROM facts")[0][0]
    for file in (settings.data_dir / "lake" / "facts").glob(f"day={day}/*.parquet"):
        file.unlink()
    answer = client.post("/v1/lake/query", json={"sql": "SELECT count(*) FROM facts"})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (503, "urn:onething:problem:lake-file-absent")
    assert day in problem["detail"]
    assert "onething lake rebuild facts" in problem["remedy"]
    assert rows(client, "SELECT count(*) > 0 FROM reads") == [[True]]
    assert rows(client, "SELECT count(*) FROM facts WHERE day < $day::DATE", day=day) == [[0]]
    told = client.get("/v1/lake").json()
    assert next(each for each in told["tables"] if each["table"] == "facts")["absent"]


def test_the_command_asks_a_lake_without_a_hub(settings: Settings, tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"data_dir": tmp_path})
    done = onething(elsewhere, "lake", "query", "SELECT count(*) AS n FROM facts", "-o", "csv")
    assert (done.returncode, done.stdout) == (0, "n\n0\n"), done.stderr


def onething(settings: Settings, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "ONETHING_DATA_DIR": str(settings.data_dir), "COLUMNS": "200"}
    command = [sys.executable, "-m", "onething", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
