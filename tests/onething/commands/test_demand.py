"""`onething demand` and `onething grant` against a register in memory, with the hub's own rules and entries."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from catalog.demands.standing import standing_commands
from catalog.duties.entity import load_law
from catalog.register.http import register_app
from catalog.register.http_routes import RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.seed import seed_commands
from catalog.register.store import Applied, CatalogStore
from onething import catalog_client as client_module
from onething.cli import app
from onething.commands.demand import application_of
from onething.rulebook import load_rulebook
from tests.catalog.register.registering import CODEC
from tests.catalog.register.test_registrar import Log

Run = Callable[..., Result]
NOW = 1_780_000_000_000_000
SUBJECT = "enterprise:91610111MAXYG64X7Q"
PURPOSE = "政府采购资格审查"
APPLICATION = """
requester = "finance"
provider = "urban-management"
basis = ["政府采购法第二十二条"]
scenario = "核对供应商资格"
purpose = "政府采购资格审查"
means = ["interface"]
until = 2099-12-31
subjects = { kind = "enterprise", territory = "6101" }

[[scope]]
resource = "urban-management.administrative-penalty"
fields = ["cause", "penalty_kind"]
"""
PROVIDER = ("--for", "urban-management")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("register") / "catalog.db"
    with CatalogStore(f"sqlite:///{path}", load_rulebook(load_law()), CODEC.encode) as store:
        assert isinstance(store.apply_all((*seed_commands(NOW), *standing_commands(NOW))), Applied)
    return path


@pytest.fixture
def register(tmp_path: Path, filled: Path) -> Iterator[TestClient]:
    (tmp_path / "catalog.db").write_bytes(filled.read_bytes())
    url = f"sqlite:///{tmp_path}/catalog.db"
    store = lambda: CatalogStore(url, load_rulebook(load_law()), CODEC.encode)  # noqa: E731  opened in its own thread
    registrar = Registrar(store, Log(), lambda: NOW)
    registrar.start()
    with TestClient(register_app(RegisterDoor(registrar, CatalogReader(url), lambda: NOW))) as served:
        yield served


@pytest.fixture
def run(register: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demand.toml").write_text(APPLICATION, encoding="utf-8")
    opened = client_module.CatalogClient
    monkeypatch.setattr(client_module, "catalog_client", lambda: opened("http://testserver", register._transport))
    return lambda *words: CliRunner().invoke(app, [*words])


def granted(run: Run) -> str:
    run("demand", "apply", "demand.toml", "--actor", "王五", "--id", "D-1")
    run("demand", "accept", "D-1", "--actor", "张三", *PROVIDER)
    run("demand", "decide", "D-1", "--actor", "张三", *PROVIDER, "--outcome", "grant")
    told = run("demand", "review", "D-1", "--actor", "李四", *PROVIDER, "--approve")
    assert "已授权" in told.output, told.output
    return str(json.loads(run("demand", "show", "D-1", "-o", "json").stdout)["state"]["grant"])


def test_a_demand_from_its_application_to_the_receipt(run: Run, register: TestClient) -> None:
    granted(run)
    duties = {each["state"]["kind"]: each["state"] for each in register.get("/v1/duties").json()["entities"]}
    assert duties["reply-conditional"]["state"] == "fulfilled"
    assert duties["delivery"]["department"] == "urban-management"
    place = ("--means", "interface", "--reference", "/v1/enterprises")
    assert "已提供" in run("demand", "deliver", "D-1", "--actor", "张三", *PROVIDER, *place).stdout
    words = ("--scenario", "采购", "--process", "比对", "--effect", "无异常", "--storage", "采购库")
    assert run("demand", "use", "D-1", "--actor", "王五", "--for", "finance", *words).exit_code == 0
    done = ("--actor", "王五", "--for", "finance", "--method", "删除", "-e", "纪要7")
    assert "已处置" in run("demand", "dispose", "D-1", *done).stdout
    shown = run("demand", "show", "D-1").stdout
    assert "receipt" in shown
    assert "disposed" in shown
    early = run("demand", "destroy-records", "D-1", "--actor", "王五", "--for", "finance")
    assert early.exit_code == 2
    assert "第二十九条" in early.output or "art. 29" in early.output


def test_the_same_application_again_is_the_same_demand(run: Run) -> None:
    first = run("demand", "apply", "demand.toml", "--actor", "王五")
    assert first.exit_code == 0, first.output
    again = run("demand", "apply", "demand.toml", "--actor", "王五")
    assert again.stdout == first.stdout
    assert len(json.loads(run("demand", "list", "-o", "json").stdout)) == 1


def test_what_is_missing_is_told_at_once(run: Run, tmp_path: Path) -> None:
    bare = "\n".join(APPLICATION.splitlines()[1:3])
    (tmp_path / "bare.toml").write_text(bare, encoding="utf-8")
    told = run("demand", "apply", "bare.toml", "--actor", "王五", "--id", "D-2").stdout
    assert "待补正" in told
    assert all(f"to complete: {each}" in told for each in ("scope", "basis", "scenario", "means", "until"))
    assert "已申请" in run("demand", "complete", "D-2", "demand.toml", "--actor", "王五").stdout


def test_one_person_cannot_decide_and_review(run: Run) -> None:
    run("demand", "apply", "demand.toml", "--actor", "王五", "--id", "D-1")
    run("demand", "decide", "D-1", "--actor", "张三", *PROVIDER, "--outcome", "grant")
    refused = run("demand", "review", "D-1", "--actor", "张三", *PROVIDER, "--approve")
    assert refused.exit_code == 2
    assert "不得审核" in refused.output
    assert (
        "已受理" in run("demand", "review", "D-1", "--actor", "李四", *PROVIDER, "--return", "--reason", "范围").stdout
    )


def test_a_grant_is_listed_shown_tried_and_ended(run: Run) -> None:
    grant_id = granted(run)
    assert grant_id in run("grant", "list", "--reader", "finance").stdout
    assert PURPOSE in run("grant", "show", grant_id).stdout
    asked = ("grant", "check", grant_id, "--reader", "finance:王五", "--subject", SUBJECT, "--purpose")
    allowed = run(*asked, PURPOSE)
    assert "urban-management.administrative-penalty: cause, penalty_kind" in allowed.stdout
    refused = run(*asked, "招标")
    assert refused.exit_code == 1
    ended = run("grant", "end", grant_id, "--actor", "张三", "--reason", "超范围使用")
    assert "超范围使用" in ended.stdout
    assert "grant-ended" in run(*asked, PURPOSE).stdout
    assert "待处置" in run("demand", "list").stdout


def test_grants_that_stand_are_listed_like_any_other(run: Run) -> None:
    rows = json.loads(run("grant", "list", "-o", "json").stdout)
    assert "notice:restaurant-opening" in {row["id"] for row in rows}


def test_nobody_issues_a_grant_at_the_door(register: TestClient) -> None:
    issued = register.post("/v1/grants/G-1/issued", json={"actor": "张三", "payload": {}})
    assert issued.status_code == 422


def test_a_file_that_is_no_application_is_refused_with_a_remedy(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("until = ", encoding="utf-8")
    for name in ("broken.toml", "nowhere.toml"):
        refused = run("demand", "apply", name, "--actor", "王五")
        assert refused.exit_code == 2
        assert "docs/demands.md" in refused.output


def test_a_term_ends_with_its_last_day_in_china(tmp_path: Path) -> None:
    file = tmp_path / "demand.toml"
    file.write_text("until = 2026-12-31", encoding="utf-8")
    assert application_of(file)["until"] == 1_798_732_800_000_000
    file.write_text("until = 2026-12-31T12:00:00+08:00", encoding="utf-8")
    assert application_of(file)["until"] == 1_798_689_600_000_000
