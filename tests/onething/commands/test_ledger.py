"""`onething ledger` against a register and a small lake in memory: what is told to it, and what it shows."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from analytics.http_problems import install_problems
from analytics.ledger.http import LedgerDoor, ledger_router
from catalog.duties.entity import load_law
from catalog.ledger.entity import ledger_commands
from catalog.register.http import register_app
from catalog.register.http_routes import RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.seed import DECLARATION, seed_commands
from catalog.register.store import Applied, CatalogStore
from onething import catalog_client as register_module
from onething import figures_client as figures_module
from onething.catalog_client import CatalogClient
from onething.cli import app
from onething.commands import application as application_module
from onething.figures_client import FiguresClient
from onething.rulebook import load_rulebook
from tests.analytics.lake_tables import lake
from tests.catalog.ledger.ledgering import TODAY
from tests.catalog.register.registering import CODEC
from tests.catalog.register.test_registrar import Log

Run = Callable[..., Result]
AT = 1_795_240_000_000_000
STATIONS = "xian-2024-60.task-3"
MAP = "xian-2024-60.task-16"
LED = ("--for", "admin-approval", "--actor")
SAVINGS = {
    "count": 3,
    "before_origin": "ours",
    **{name: {"before": 6, "median": 1.0} for name in ("steps", "days", "materials", "trips")},
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    url = f"sqlite:///{tmp_path}/catalog.db"
    registrar = Registrar(lambda: CatalogStore(url, load_rulebook(load_law()), CODEC.encode), Log())
    registrar.start()
    answer = registrar.submit((*seed_commands(AT), *ledger_commands(AT, DECLARATION))).result()
    assert isinstance(answer, Applied)
    reader = CatalogReader(url)
    figures = FastAPI()
    install_problems(figures)
    figures.include_router(ledger_router(LedgerDoor(lambda: _lake_of(reader), today=lambda: TODAY)))
    door = RegisterDoor(registrar, reader, now_us=lambda: AT + 10**9)
    with TestClient(register_app(door)) as register, TestClient(figures) as asked:
        monkeypatch.setattr(
            register_module, "catalog_client", lambda: CatalogClient("http://testserver", register._transport)
        )
        monkeypatch.setattr(figures_module, "figures_client", lambda: FiguresClient("http://h", asked._transport))
        monkeypatch.setattr(application_module, "gateway", _gateway)
        yield lambda *words: CliRunner().invoke(app, ["ledger", *words])


@contextmanager
def _lake_of(reader: CatalogReader) -> Iterator[duckdb.DuckDBPyConnection]:
    rows: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = reader.changes(after=after, limit=1000)
        rows += [_row(each) for each in page.changes if each.entity in ("ledger-entry", "team", "organisation")]
        after = page.next_after
    connection = lake(catalog_changes=rows)
    yield connection
    connection.close()


def _row(change: Any) -> dict[str, Any]:
    kept = {name: getattr(change, name) for name in ("entity", "entity_id", "version", "action", "actor", "reason")}
    at = datetime.fromtimestamp(change.at / 1e6, UTC)
    state = json.dumps(change.state, ensure_ascii=False)
    return kept | {"topic": "catalog.changes", "at": at, "known_at": at, "state": state}


@contextmanager
def _gateway() -> Iterator[Any]:
    class Savings:
        def savings(self, bundle: str) -> dict[str, Any]:
            return SAVINGS | {"bundle": bundle}

    yield Savings()


def told(run: Run, *words: str) -> str:
    found = run(*words)
    assert found.exit_code == 0, found.output
    return found.output


def shown(run: Run, entry_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("show", entry_id, "-o", "json").stdout)
    return found


def test_the_list_has_every_entry_with_how_it_stands(run: Run) -> None:
    lines = run("list").stdout.splitlines()
    assert len(lines) == 75
    assert "增强线上线下帮办代办能力" in next(line for line in lines if line.startswith("xian-2024-60.task-10 "))
    assert "区审改办" in next(line for line in lines if line.startswith("weiyang-2021-1.summing-up"))
    only = json.loads(
        run("list", "--lead", "data-bureau", "--kind", "task", "--sort", "-slippage", "-o", "json").stdout
    )
    assert only["entries"][0]["id"] == "xian-2024-60.task-14"
    assert "state_name" in run("list", "--state", "undated", "-o", "yaml").stdout


def test_what_cannot_be_asked_is_refused_with_what_can(run: Run) -> None:
    refused = run("list", "--sort", "length")
    assert refused.exit_code == 2
    assert "days_late" in refused.output
    assert run("show", "nothing").exit_code == 2
    assert run("list", "--at", "2030-01-01").exit_code == 2


def test_an_entry_is_shown_in_the_words_of_its_source_with_what_is_ours_marked(run: Run) -> None:
    text = told(run, "show", STATIONS)
    for words in (
        "任务 3 加强基层便民“多点服务”",
        "市民政局、市数据局等市级相关单位，各区政府、西咸新区管委会、各开发区管委会",
        "原文    2024年底前，政务外网在市",
        "读法    原文写“2024年底前”，按 2024 年 12 月 31 日计（平台）",
        "没有填报",
        "平台无法测算，须书面说明",
    ):
        assert words in text
    assert "未载明（由市人社局代行，平台路由）" in told(run, "show", "bundle.retirement")


def test_goals_progress_and_milestones(run: Run) -> None:
    told(run, "plan", STATIONS, "stations", "2026-11=6", "2026-11-T1=2", "--standing", "8", *LED, "张三")
    told(run, "report", STATIONS, "stations", "12", *LED, "张三", "-e", "验收单7", "--note", "已建12个")
    told(run, "milestone", STATIONS, "joint-test", "联调", "--due", "2026-12-15", *LED, "张三")
    found = shown(run, STATIONS)
    assert found["goals"]["stations"] == {"standing": 8.0, "goals": {"2026-11": 6.0, "2026-11-T1": 2.0}}
    assert [each["origin"] for each in found["milestones"]] == ["source", "source", "planned"]
    assert "（牵头单位增列）" in told(run, "show", STATIONS)
    told(run, "plan", STATIONS, "stations", "2026-11-T1=", *LED, "张三")
    assert set(shown(run, STATIONS)["goals"]["stations"]["goals"]) == {"2026-11"}
    assert "没有变化" in told(run, "plan", STATIONS, "stations", "2026-11=6", *LED, "张三")
    assert run("plan", STATIONS, "stations", "2026-11", *LED, "张三").exit_code == 2
    assert run("plan", STATIONS, "stations", "2026-11=many", *LED, "张三").exit_code == 2
    told(run, "report", STATIONS, "stations", "11", "--on", "2026-11-20", "--reason", "更正", *LED, "张三")


OWN = """
id = "joint-inspection"
name = "联合走流程"
leads = ["admin-approval"]
[[milestones]]
id = "rounds"
name = "场次"
due = 2026-12-31
target = 12
unit = "场"
"""


def test_an_entry_of_ones_own(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    told(run, "enter", str(file), *LED, "张三")
    assert "自行增列 联合走流程" in told(run, "show", "joint-inspection")
    file.write_text("name = 1", encoding="utf-8")
    assert "没有 id" in run("enter", str(file), *LED, "张三").output
    assert run("enter", str(tmp_path / "none.toml"), *LED, "张三").exit_code == 2


def test_problems_and_meetings(run: Run) -> None:
    told(run, "problem", STATIONS, "land", "场地未落实", "--asked-of", "civil-affairs", *LED, "张三")
    assert "问题 land　场地未落实　未解决" in told(run, "show", STATIONS)
    told(run, "resolve", STATIONS, "land", "已选址", *LED, "张三")
    meeting = ("meeting", "xian-2024-60.task-27", "monthly", "11月调度", "--entry", STATIONS, "--on", "2026-11-20")
    told(run, *meeting, "--decision", "12月底前建成", *LED, "张三")
    text = told(run, "show", STATIONS)
    assert "已解决：已选址" in text
    assert "月调度　2026-11-20　11月调度" in text


def test_a_team_is_formed_changed_and_shown(run: Run) -> None:
    health = ("--for", "health", "--actor", "张三")
    told(run, "team", "form", "newborn", "health:组长:审批处", "public-security：组员：户政处", *health)
    told(run, "team", "join", "newborn", "human-resources:组员:社保处", *health)
    told(run, "team", "leave", "newborn", "human-resources", *health)
    told(run, "team", "plan", "newborn", "工作方案", "卫健函7号", "--on", "2026-11-20", *health)
    text = told(run, "show", "bundle.newborn")
    assert "工作组    市公安局　组员　户政处" in text
    assert "未派组员  市人社局、市医疗保障局" in text
    assert "工作方案（卫健函7号，2026-11-20）" in text
    assert "health、public-security" in told(run, "team", "list")
    assert json.loads(run("team", "list", "-o", "json").stdout)[0]["entity_id"] == "newborn"
    told(run, "team", "end", "newborn", *health)
    assert run("team", "form", "newborn", "health", *health).exit_code == 2


def test_a_close_out_from_its_refusal_to_its_reopening(run: Run) -> None:
    refused = run("close", MAP, *LED, "张三")
    assert refused.exit_code == 2
    assert "目标“建成并投入使用政务服务地图”没有完成" in refused.output
    told(run, "report", MAP, "map", "100", *LED, "张三")
    said = [f"{each}=验收" for each in ("data-shared", "elements-uniform", "process-optimised")]
    words = [word for each in said for word in ("--statement", each, "-e", each.replace("验收", "WJ-1,WJ-2"))]
    told(run, "close", MAP, *LED, "张三", *words)
    told(run, "return", MAP, "--for", "data-bureau", "--actor", "王五", "--reason", "缺图")
    told(run, "close", MAP, *LED, "张三", *words)
    told(run, "review", MAP, *LED, "李四")
    told(run, "review", MAP, "--for", "data-bureau", "--actor", "王五")
    text = told(run, "show", MAP)
    assert "审核同意  市数据局 王五" in text
    assert "已销号" in text.splitlines()[0]
    assert "打造" not in told(run, "list", "--state", "closed")
    told(run, "reopen", MAP, "--for", "data-bureau", "--actor", "王五", "--reason", "地图不准")
    assert shown(run, MAP)["reopenings"][0]["reason"] == "地图不准"


def test_a_bundle_is_measured_with_what_its_cases_took(run: Run) -> None:
    health = ("--for", "health", "--actor", "张三")
    told(run, "measure", "bundle.newborn", *health)
    refused = run("close", "bundle.newborn", *health)
    assert "0/5" in refused.output
    assert "process-optimised" not in refused.output
    assert "改革前的数由平台估计，不是来源文件所载" in told(run, "show", "bundle.newborn")


def test_the_period_in_sum_and_what_changed(run: Run) -> None:
    told(run, "report", MAP, "map", "100", *LED, "张三")
    text = told(run, "periods", "--period", "ten-days")
    assert "2026年11月下旬（截至 2026-11-22）" in text
    assert "新列入台账 74 项" in text
    assert "完善政务服务地图应用：完成目标“建成并投入使用政务服务地图”" in text
    found = json.loads(run("periods", "-o", "json").stdout)
    assert found["all"]["entries"] == 74
    assert "没有变化" in told(run, "periods", "--at", "2026-10-01")
