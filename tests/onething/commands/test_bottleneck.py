"""`onething bottleneck` and `onething hotline list` over played cases."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from analytics.bottlenecks.http import BottleneckDoor, bottleneck_router
from analytics.http_problems import install_problems
from onething import figures_client as client_module
from onething.cli import app
from onething.figures_client import FiguresClient
from tests.analytics.bottlenecks.test_http import Lake
from tests.analytics.case_rows import case_rows, instant
from tests.analytics.lake_tables import lake
from tests.analytics.played_cases import BEGIN_US, HOUR_US, played_city

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    plays = played_city(3, 4, "newborn", "listing-compliance")
    complaint = {
        "topic": "hotline",
        "event": "HotlineComplaintReceived",
        "complaint_id": "12345-1",
        "channel": "12345",
        "category": "over-time",
        "received_at": instant(BEGIN_US + HOUR_US),
        "known_at": instant(BEGIN_US + HOUR_US),
        "body": json.dumps({"kind": "complaint", "made_up": True}),
    }
    tables = Lake(lake(cases=case_rows(event for play in plays for event in play.log), complaints=[complaint]))
    service = FastAPI()
    service.include_router(bottleneck_router(BottleneckDoor(tables, lambda: datetime(2026, 12, 31, 15, tzinfo=UTC))))
    install_problems(service)
    served = TestClient(service)
    monkeypatch.setattr(client_module, "figures_client", lambda: FiguresClient("http://testserver", served._transport))
    return lambda *words: CliRunner().invoke(app, list(words))


DAYS = ("--from", "2026-09-01", "--to", "2026-12-31")


@pytest.mark.parametrize("by", ["department", "item", "bundle"])
def test_waits_are_a_table(run: Run, by: str) -> None:
    told = run("bottleneck", "list", "--by", by, *DAYS)
    assert told.exit_code == 0, told.output
    assert "办理(工作日) 50/90/99%" in told.stdout
    assert "2026-09-01 至 2026-12-31，截至 2026-12-31；口径第 1 版" in told.stderr


def test_programs_read_json(run: Run) -> None:
    found = json.loads(run("bottleneck", "list", *DAYS, "-o", "json").stdout)
    assert found["total"] == len(found["rows"])


def test_assignments_paths_resources_and_savings_are_told(run: Run) -> None:
    assert "次分派" in run("bottleneck", "assignments", "--state", "ended", *DAYS).stderr
    assert "最慢环节" in run("bottleneck", "paths", *DAYS).stdout
    assert "全程由数据支撑" in run("bottleneck", "resources", *DAYS).stderr
    assert "环节（个）" in run("bottleneck", "savings", *DAYS).stdout


def test_complaints_are_listed_with_their_links(run: Run) -> None:
    told = run("hotline", "list", *DAYS)
    assert told.exit_code == 0, told.output
    assert all(word in told.stdout for word in ("12345-1", "超期未办", "未载明", "模拟"))
    assert "共 1 条" in told.stderr


def test_an_empty_month_says_so(run: Run) -> None:
    assert "期内没有" in run("bottleneck", "paths", "--from", "2025-01-01", "--to", "2025-01-31").stdout


def test_what_is_refused_ends_with_its_remedy(run: Run) -> None:
    refused = run("bottleneck", "list", "--by", "star")
    assert refused.exit_code == 2
    assert "→" in refused.stderr


def test_a_file_with_faults_is_not_handed_over(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    file.write_text('{"complaint_id": "1", "received_at": "2026-01-01"}\n')
    refused = run("hotline", "import", str(file))
    assert refused.exit_code == 1
    assert all(word in refused.stdout for word in ("channel", "kind", "category"))
