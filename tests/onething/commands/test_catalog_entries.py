"""`onething catalog submit … trial` against a register in memory with the hub's own rules."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from catalog.duties.entity import load_law
from catalog.register.http import register_app
from catalog.register.http_routes import RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.seed import seed_commands
from catalog.register.store import Applied, CatalogStore
from onething import catalog_client as client_module
from onething.catalog_client import CatalogClient
from onething.cli import app
from onething.rulebook import load_rulebook
from tests.catalog.register.registering import CODEC
from tests.catalog.register.test_registrar import Log
from topics.schemas import newest_schemas

Run = Callable[..., Result]
SHEET = """资源分类,资源名称,提供方,资源摘要,资源格式,信息项名称,字段名,数据类型,共享类型,共享方式,更新周期,分类分级
301001,欠税公告名单,市税务局,本市欠缴税款的纳税人名单，按季度公布,数据库,决定书文号,decision_number,字符型,无条件共享,消息,每季度,一般
,,,,,违法事实摘要,cause,字符型,,,,
"""


def opened(url: str) -> CatalogStore:
    store = CatalogStore(url, load_rulebook(load_law()), CODEC.encode)
    assert isinstance(store.apply_all(store.absent(seed_commands(1))), Applied)
    return store


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    url = f"sqlite:///{tmp_path}/catalog.db"
    registrar = Registrar(lambda: opened(url), Log())
    registrar.start()
    monkeypatch.chdir(tmp_path)
    with TestClient(register_app(RegisterDoor(registrar, CatalogReader(url)))) as served:
        transport = served._transport
        monkeypatch.setattr(client_module, "catalog_client", lambda: CatalogClient("http://testserver", transport))
        yield lambda *words: CliRunner().invoke(app, ["catalog", *words])


@pytest.fixture
def code(run: Run, tmp_path: Path) -> str:
    """The code of the entry that the sheet brings in."""
    (tmp_path / "目录.csv").write_text(SHEET, encoding="utf-8")
    done = run("import", "目录.csv", "--actor", "张三", "-o", "json")
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.stdout)
    assert row["outcome"] == "新增"
    return str(row["code"])


def test_a_sheet_is_imported_once(run: Run, code: str) -> None:
    again = run("import", "目录.csv", "--actor", "张三", "-o", "json")
    assert [row["outcome"] for row in json.loads(again.stdout)] == ["无变化"]
    assert "imported: 0" in again.stderr
    assert json.loads(run("show", "resource", code).stdout)["version"] == 1


def test_a_dry_run_changes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "目录.csv").write_text(SHEET, encoding="utf-8")
    assert "dry run: 1" in run("import", "目录.csv", "--actor", "张三", "--dry-run").stderr
    assert "目录.csv" not in run("list", "resource", "--where", "state=draft").stdout
    assert json.loads(run("list", "resource", "--where", "state=draft", "-o", "json").stdout) == []


def test_a_bad_cell_is_named_and_nothing_is_imported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "目录.csv").write_text(SHEET.replace("每季度", "偶尔"), encoding="utf-8")
    done = run("import", "目录.csv", "--actor", "张三")
    assert done.exit_code == 1
    assert "目录!K2 更新周期" in done.stderr
    assert json.loads(run("list", "resource", "--where", "state=draft", "-o", "json").stdout) == []


def test_an_entry_is_submitted_reviewed_and_published_by_two(run: Run, code: str) -> None:
    bound = {"topic": "registration.tax", "schema_name": "onething.registration.PenaltyImposed"}
    with client_module.catalog_client() as client:
        client.do("resource", code, "changed", {"actor": "张三", "payload": bound})
    checked = run("check", code, "-o", "json")
    assert [row["severity"] for row in json.loads(checked.stdout)] == ["提示"]
    assert checked.exit_code == 0
    assert f"resource {code} submitted" in run("submit", code, "--actor", "张三").stdout
    assert run("review", code, "--actor", "张三").exit_code == 2
    assert "confirm_guesses" in str(run("review", code, "--actor", "李四").output)
    assert run("review", code, "--actor", "李四", "--confirm-guesses").exit_code == 0
    published = run("publish", code, "--actor", "李四")
    assert f"resource {code} published 第 1 版" in published.stdout
    assert "duty" in published.stdout
    (row,) = json.loads(run("versions", code, "-o", "json").stdout)
    assert (row["version"], row["published_by"]) == (1, "李四")
    assert run("versions", code, "--between", "1", "2").exit_code == 2


def test_an_entry_is_returned_with_a_reason(run: Run, code: str) -> None:
    run("submit", code, "--actor", "张三")
    assert "returned" in run("return", code, "--actor", "李四", "--reason", "摘要过简").stdout
    assert run("withdraw", code, "--actor", "张三", "--reason", "职责调整").exit_code == 0


def test_faults_are_told_with_their_fields(run: Run) -> None:
    found = run("check", "tax.tax-registration", "--errors-only", "-o", "json")
    assert found.exit_code == 1
    assert {"summary", "sharing_class"} <= {row["field"] for row in json.loads(found.stdout)}
    assert run("check", "tax.nothing").exit_code == 2


@pytest.mark.parametrize("name", ["目录.xlsx", "全部.csv"])
def test_what_is_exported_changes_nothing_when_it_is_imported(run: Run, code: str, name: str) -> None:
    assert run("export-table", name).exit_code == 0
    done = run("import", name, "--actor", "张三", "-o", "json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert code in [row["code"] for row in rows]
    assert {row["outcome"] for row in rows} == {"无变化"}


def test_a_change_is_tried_and_its_readers_are_listed(run: Run, tmp_path: Path) -> None:
    definition = newest_schemas()["PenaltyImposed"].definition
    definition["fields"] = [field for field in definition["fields"] if field["name"] != "state"]
    (tmp_path / "changed.avsc").write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
    found = run("trial", "--schema", "changed.avsc", "--last", "0", "-o", "json")
    assert found.exit_code == 1, found.output
    rows = json.loads(found.stdout)
    assert {row["kind"] for row in rows} == {"读者受影响"}
    assert any(row["place"].startswith("check ") for row in rows)
    assert run("trial").exit_code == 2


def test_what_cannot_be_read_is_told_without_a_traceback(run: Run, tmp_path: Path) -> None:
    assert run("export-table", "a.csv", "--where", "provider").exit_code == 2
    assert run("export-table", "a.txt").exit_code == 2
    (tmp_path / "a.xls").write_bytes(b"x")
    told = run("import", "a.xls", "--actor", "张三")
    assert (told.exit_code, "→ save it as .xlsx" in told.stderr) == (2, True)
    (tmp_path / "a.avsc").write_bytes(b"\xff\xfe")
    assert run("trial", "--schema", "a.avsc", "--last", "0").exit_code == 1
