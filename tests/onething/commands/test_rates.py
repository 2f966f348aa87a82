"""`onething rates` over a small lake."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from fastapi import FastAPI
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from analytics.http_problems import install_problems
from analytics.rates.definition import load_definitions
from analytics.rates.http import RatesDoor, rates_router
from onething import figures_client as client_module
from onething.cli import app
from onething.figures_client import FiguresClient
from tests.analytics.rates.rate_lakes import MemoryLake, change, figures, organisation, resource

Run = Callable[..., Result]
MAY = date(2026, 5, 20)
JUNE = date(2026, 6, 20)


def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, definitions: Path | None = None) -> Run:
    found = MemoryLake(
        catalog_changes=[
            organisation("tax", "city", MAY, name="市税务局"),
            resource("tax.a", MAY),
            resource("tax.b", MAY, state="draft"),
            resource("tax.b", JUNE, 2),
            resource("tax.c", MAY, state="draft"),
            change("system", "s1", 1, MAY, {"name": "系统", "owner": "tax", "level": "city", "state": "migrated"}),
        ]
    )
    chosen = load_definitions(definitions) if definitions else None
    service = FastAPI()
    service.include_router(
        rates_router(RatesDoor(figures(found, tmp_path / "kept", chosen), lambda: date(2026, 6, 30)))
    )
    install_problems(service)
    served = TestClient(service)
    monkeypatch.setattr(client_module, "figures_client", lambda: FiguresClient("http://testserver", served._transport))
    return lambda *words: CliRunner().invoke(app, ["rates", *words])


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return command(monkeypatch, tmp_path)


def test_every_rate_is_a_line_with_its_denominator(run: Run) -> None:
    told = run()
    assert told.exit_code == 0, told.output
    line = next(each for each in told.stdout.splitlines() if each.startswith("catalogued "))
    assert line.split()[:6] == ["catalogued", "编目率", "50.0%", "2", "4", "0"]
    assert "+25.0 个百分点" in line
    assert "100%（2026-12-31 前）未达到" in line
    assert "– 分母为零：没有应计的" in told.stdout
    assert "截至 2026-06-30，期间自 2026-06-01，当日未结束，为暂计" in told.stderr


def test_one_rate_by_department_names_its_definition(run: Run) -> None:
    told = run("integrated", "--as-of", "2026-06-29")
    assert told.exit_code == 0, told.output
    assert "市税务局" in told.stdout
    assert "整合率（从严） 100.0%（1/1），截至 2026-06-29" in told.stderr
    assert "定义第 1 版，自 2024-08-02 起用" in told.stderr


def test_history_is_by_month(run: Run) -> None:
    months = json.loads(run("catalogued", "--history", "-o", "json").stdout)["groups"]
    assert [each["key"] for each in months][-2:] == ["2026-05", "2026-06"]
    assert len(months) == 13


def test_units_are_a_sheet_with_reasons_and_evidence(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("catalogued", "--units", "--counted", "false", "-o", "csv").stdout)))
    assert [(row["标识"], row["未计入原因"]) for row in rows] == [("system:s1", "未编目"), ("tax.c", "未发布")]
    assert all(row["凭据"].startswith("catalog_changes/") for row in rows)


def test_moves_since_the_month_before(run: Run) -> None:
    told = run("catalogued", "--moves", "-o", "yaml")
    assert yaml.safe_load(told.stdout) == [
        {"变动": "计入", "标识": "tax.b", "名称": "tax.b 信息", "部门": "市税务局", "原因": ""}
    ]


def test_the_sql_stands_below_its_parameters(run: Run) -> None:
    told = run("catalogued", "--sql")
    assert told.stdout.startswith("-- $as_of = 2026-06-30\n")
    assert "WITH resources AS (" in told.stdout or "resources AS (" in told.stdout


def test_what_is_refused_is_told_with_its_remedy(run: Run) -> None:
    told = run("nothing")
    assert told.exit_code == 2
    assert "没有指标 nothing" in told.stderr
    assert run("--as-of", "2026-07-09").exit_code == 2


def test_a_faulty_definition_is_told_and_the_rest_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "rates"
    folder.mkdir()
    (folder / "faulty.v1.toml").write_text('id = "faulty"', encoding="utf-8")
    shipped = Path(__file__).parents[3] / "analytics" / "rates" / "definitions" / "integrated.v1.toml"
    (folder / shipped.name).write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    told = command(monkeypatch, tmp_path, folder)()
    assert told.exit_code == 1
    assert "integrated " in told.stdout
    assert "定义有误 a definition is faulty: faulty.v1.toml: version" in told.stderr
