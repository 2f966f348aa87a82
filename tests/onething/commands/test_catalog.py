"""`onething catalog` against a register in memory: what people type, and what they see."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from catalog.register.http import register_app
from catalog.register.http_routes import RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.store import CatalogStore
from onething import catalog_client as client_module
from onething.catalog_client import CatalogClient, CatalogRefused, CatalogUnreachable
from onething.cli import app
from tests.catalog.register.registering import CODEC, RULEBOOK
from tests.catalog.register.test_registrar import Log

Run = Callable[..., Result]
TWO = """
[[system]]
code = "qinwuyuan"
name = "秦务员"
owner = "data-bureau"

[[system]]
code = "shaanqitong"
name = "陕企通"
"""


@pytest.fixture
def register(tmp_path: Path) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path}/catalog.db"
    registrar = Registrar(lambda: CatalogStore(url, RULEBOOK, CODEC.encode), Log())
    registrar.start()
    with TestClient(register_app(RegisterDoor(registrar, CatalogReader(url)))) as served:
        yield served


@pytest.fixture
def run(register: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        client_module, "catalog_client", lambda: CatalogClient("http://testserver", register._transport)
    )
    return lambda *words: CliRunner().invoke(app, ["catalog", *words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    declared = tmp_path / "declared"
    declared.mkdir()
    (declared / "systems.toml").write_text(TWO, encoding="utf-8")
    return declared


def test_a_folder_is_compared_tried_and_applied(run: Run, folder: Path) -> None:
    compared = run("diff", str(folder))
    assert compared.exit_code == 1
    assert [line.split()[:3] for line in compared.stdout.splitlines()[1:]] == [
        ["新增", "system", "qinwuyuan"],
        ["新增", "system", "shaanqitong"],
    ]
    tried = run("apply", str(folder), "--actor", "张三", "--dry-run")
    assert "nothing was changed: 2" in tried.stderr
    assert run("list", "system").stdout.strip() == ""
    assert "applied: 2" in run("apply", str(folder), "--actor", "张三").stderr
    assert run("diff", str(folder)).exit_code == 0
    assert "applied: 0" in run("apply", str(folder), "--actor", "张三").stderr


def test_a_field_that_differs_is_told_with_both_sides(run: Run, folder: Path) -> None:
    run("apply", str(folder), "--actor", "张三")
    (folder / "systems.toml").write_text(TWO.replace('owner = "data-bureau"', 'note = "任务8"'), encoding="utf-8")
    rows = json.loads(run("diff", str(folder), "-o", "json").stdout)
    assert [(row["change"], row["id"], row["field"], row["before"], row["after"]) for row in rows] == [
        ("变更", "qinwuyuan", "note", "", "任务8"),
        ("变更", "qinwuyuan", "owner", "data-bureau", "unstated"),
    ]


def test_what_a_folder_no_longer_names_is_withdrawn_when_asked_for(run: Run, folder: Path) -> None:
    run("apply", str(folder), "--actor", "张三")
    (folder / "systems.toml").write_text(TWO[: TWO.rindex("[[system]]")], encoding="utf-8")
    assert run("diff", str(folder)).exit_code == 0
    told = run("apply", str(folder), "--actor", "张三", "--withdraw-missing")
    assert "撤销" in told.stdout
    assert json.loads(run("show", "system", "shaanqitong").stdout)["state"]["withdrawn"] is True


def test_a_faulty_folder_changes_nothing_and_names_every_fault(run: Run, folder: Path) -> None:
    (folder / "more.toml").write_text('[[system]]\ncode = 1\nname = "x"\n[[nonsense]]\n', encoding="utf-8")
    told = run("apply", str(folder), "--actor", "张三")
    assert told.exit_code == 2
    assert all(each in told.output for each in ("more.toml: system[0].code", "more.toml: nonsense"))
    assert run("list", "system").stdout.strip() == ""


def test_what_the_rules_refuse_is_told_with_its_remedy(run: Run, folder: Path) -> None:
    """These rules draft no resource."""
    (folder / "resources.toml").write_text(
        '[[resource]]\ncode = "tax.a"\nname = "甲"\nprovider = "tax"\n', encoding="utf-8"
    )
    told = run("apply", str(folder), "--actor", "张三")
    assert told.exit_code == 2
    assert "→" in told.output
    assert run("list", "system").stdout.strip() == "", "all or nothing"


def test_entities_are_found_shown_and_followed(run: Run, folder: Path) -> None:
    run("apply", str(folder), "--actor", "张三")
    assert "秦务员" in run("list", "system", "--where", "owner=data-bureau").stdout
    assert "陕企通" not in run("list", "system", "--where", "owner=data-bureau").stdout
    (folder / "systems.toml").write_text(TWO.replace("秦务员", "“秦务员”"), encoding="utf-8")
    run("apply", str(folder), "--actor", "李四")
    history = json.loads(run("history", "system", "qinwuyuan", "-o", "json").stdout)
    assert [(each["version"], each["actor"]) for each in history] == [(1, "张三"), (2, "李四")]
    differing = json.loads(run("history", "system", "qinwuyuan", "--between", "1", "2", "-o", "json").stdout)
    assert differing == [{"field": "name", "before": "秦务员", "after": "“秦务员”"}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "system", "--where", "owner"), "owner"),
        (("list", "system", "--where", "nonsense=1"), "nonsense"),
        (("list", "nonsense"), "licence-type"),
        (("show", "system", "none"), "none"),
    ],
)
def test_what_is_asked_wrongly_is_said(run: Run, words: tuple[str, ...], said: str) -> None:
    told = run(*words)
    assert told.exit_code == 2
    assert said in told.output


def test_nobody_there_is_told_with_a_remedy() -> None:
    with CatalogClient("http://127.0.0.1:9") as client, pytest.raises(CatalogUnreachable) as raised:
        client.counts()
    assert "onething up" in raised.value.remedy


def test_an_answer_of_something_else_is_a_refusal_too() -> None:
    def strange(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(502, text="<html>")

    with (
        CatalogClient("http://testserver", httpx2.MockTransport(strange)) as client,
        pytest.raises(CatalogRefused, match="502"),
    ):
        client.counts()
