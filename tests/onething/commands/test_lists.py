"""`onething catalog lists` against a register in memory: drawn up, signed off, published, compared, exported."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from catalog.register.http import register_app
from catalog.register.http_routes import RegisterDoor
from catalog.register.lists import list_rule
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.rulebook import Rulebook
from catalog.register.seed import seed_commands
from catalog.register.store import Applied, CatalogStore
from onething import catalog_client as client_module
from onething.catalog_client import CatalogClient
from onething.cli import app
from tests.catalog.register.registering import CODEC, RULEBOOK, system
from tests.catalog.register.test_registrar import Log

Run = Callable[..., Result]
SEPTEMBER_US = 1_790_000_000_000_000
"""2026-09-21 in China."""
OCTOBER_US = SEPTEMBER_US + 20 * 86_400_000_000


@pytest.fixture
def registrar(tmp_path: Path) -> Iterator[Registrar]:
    rulebook = Rulebook(rules={**RULEBOOK.rules, "list": list_rule})
    registrar = Registrar(lambda: CatalogStore(f"sqlite:///{tmp_path}/catalog.db", rulebook, CODEC.encode), Log())
    registrar.start()
    customs = system("customs", "海关系统", "s-1", at=SEPTEMBER_US, fields={"vertical": True, "batch": 1})
    answer = registrar.submit((*seed_commands(SEPTEMBER_US), customs)).result()
    assert isinstance(answer, Applied)
    yield registrar
    registrar.close()


@pytest.fixture
def run(registrar: Registrar, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    reader = CatalogReader(f"sqlite:///{tmp_path}/catalog.db")
    with TestClient(register_app(RegisterDoor(registrar, reader))) as served:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(
            client_module, "catalog_client", lambda: CatalogClient("http://testserver", served._transport)
        )
        yield lambda *words: CliRunner().invoke(app, ["catalog", "lists", *words])


def published(run: Run, kind: str, period: str) -> None:
    assert run("draw-up", kind, period, "--actor", "张三").exit_code == 0
    assert run("sign-off", kind, period, "--actor", "李四").exit_code == 0
    assert run("publish", kind, period, "--actor", "李四").exit_code == 0


def test_a_list_takes_two_persons_to_its_publication(run: Run) -> None:
    assert "已编制" in run("draw-up", "responsibility", "2026-Q4", "--actor", "张三").stdout
    alone = run("sign-off", "responsibility", "2026-Q4", "--actor", "张三")
    assert alone.exit_code == 2
    assert "actor" in alone.output
    assert "已审签" in run("sign-off", "responsibility", "2026-Q4", "--actor", "李四").stdout
    assert "已发布" in run("publish", "responsibility", "2026-Q4", "--actor", "李四").stdout
    again = run("draw-up", "responsibility", "2026-Q4", "--actor", "张三")
    assert again.exit_code == 2
    assert "不再变更" in again.output
    rows = json.loads(run("show", "responsibility", "2026-Q4", "-o", "json").stdout)
    assert len(rows) > 140


def test_what_the_signer_did_not_see_is_not_signed(run: Run) -> None:
    run("draw-up", "vertical-system", "2026", "--actor", "张三")
    told = run("sign-off", "vertical-system", "2026", "--actor", "李四", "--version", "7")
    assert told.exit_code == 2
    assert "expected_version" in told.output


def test_an_empty_list_says_that_it_is(run: Run) -> None:
    assert "空清单" in run("draw-up", "demand", "2026", "--actor", "张三").stdout


def test_a_returned_list_says_why(run: Run) -> None:
    run("draw-up", "vertical-system", "2026", "--actor", "张三")
    returned = run("return", "vertical-system", "2026", "--actor", "李四", "--reason", "缺批次")
    assert "已退回" in returned.stdout


def test_periods_are_compared_row_by_row(run: Run, registrar: Registrar) -> None:
    published(run, "vertical-system", "2026-Q3")
    migrated = {"vertical": True, "batch": 1, "state": "connected"}
    registrar.submit((system("customs", "海关系统", "s-2", at=OCTOBER_US, fields=migrated),)).result()
    drawn = run("draw-up", "vertical-system", "2026-Q4", "--actor", "张三")
    assert "对照 vertical-system.2026-Q3：新增 0，删除 0，变更 1" in drawn.stdout
    told = run("diff", "vertical-system", "2026-Q3", "2026-Q4", "-o", "json")
    assert told.exit_code == 1
    assert json.loads(told.stdout) == [
        {"change": "变更", "id": "customs", "column": "对接状态", "before": "未载明", "after": "已对接"}
    ]
    assert run("diff", "vertical-system", "2026-Q3", "2026-Q3").exit_code == 0


def test_a_list_is_seen_as_of_a_past_day(run: Run, registrar: Registrar) -> None:
    later = {"vertical": True, "batch": 2}
    registrar.submit((system("courts", "法院系统", "s-3", at=OCTOBER_US, fields=later),)).result()
    then = json.loads(run("preview", "vertical-system", "--at", "2026-10-01", "-o", "json").stdout)
    now = json.loads(run("preview", "vertical-system", "-o", "json").stdout)
    assert [row["system"] for row in now if row["system"] not in {each["system"] for each in then}] == ["courts"]
    assert json.loads(run("preview", "vertical-system", "--at", "2026-01-01", "-o", "json").stdout) == []


def test_lists_go_out_as_files(run: Run, tmp_path: Path) -> None:
    published(run, "responsibility", "2026-Q4")
    assert run("export", "responsibility", "2026-Q4", "list.xlsx").exit_code == 0
    assert run("export", "responsibility", "2026-Q4", "list.csv").exit_code == 0
    first, second, *_ = (tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()
    assert first.startswith("序号,责任部门代码,责任部门,资源标识")
    assert second.startswith("1,")
    assert run("export", "responsibility", "2026-Q4", "list.pdf").exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("draw-up", "nonsense", "2026", "--actor", "张三"), "responsibility"),
        (("draw-up", "demand", "2026-13", "--actor", "张三"), "period"),
        (("draw-up", "negative", "2026", "--actor", "张三"), "负面清单"),
        (("show", "demand", "2026"), "demand.2026"),
    ],
)
def test_what_is_asked_wrongly_is_said(run: Run, words: tuple[str, ...], said: str) -> None:
    told = run(*words)
    assert told.exit_code == 2
    assert said in told.output
    assert run("list").stdout.strip() == "", "nothing was drawn up"
