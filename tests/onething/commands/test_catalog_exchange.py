"""`onething catalog export | search` against a register in memory."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from catalog.register.http import register_app
from catalog.register.http_routes import RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.search import CatalogSearch
from catalog.register.search_http import search_router
from catalog.register.search_index import FACETS as SEARCHED
from catalog.register.search_index import index_rows
from catalog.register.seed import seed_commands
from catalog.register.store import Applied, CatalogStore
from onething import catalog_client as client_module
from onething.catalog_client import CatalogClient
from onething.cli import app
from onething.commands.catalog_exchange import FACETS
from tests.catalog.register.registering import CODEC, RULEBOOK
from tests.catalog.register.test_registrar import Log

Run = Callable[..., Result]
LICENCE = "market-regulation.business-licence"


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('register') / 'catalog.db'}"
    registrar = Registrar(lambda: CatalogStore(url, RULEBOOK, CODEC.encode, indexes=[index_rows]), Log())
    registrar.start()
    assert isinstance(registrar.submit([*seed_commands(1)]).result(), Applied)
    door = RegisterDoor(registrar, CatalogReader(url))
    with CatalogSearch(url) as search, TestClient(register_app(door, (search_router(search),))) as served:
        yield served


@pytest.fixture
def run(register: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        client_module, "catalog_client", lambda: CatalogClient("http://testserver", register._transport)
    )
    return lambda *words: CliRunner().invoke(app, ["catalog", *words])


def test_two_characters_find_the_licence(run: Run) -> None:
    found = run("search", "执照", "-o", "json")
    first = json.loads(found.stdout)[0]
    assert (first["code"], first["name"], first["found_in"]) == (LICENCE, "营业执照信息", "名称")


def test_pages_facets_and_narrowing(run: Run) -> None:
    page = run("search", "登记", "--limit", "2")
    assert len(page.stdout.splitlines()) == 1 + 2
    after = page.stderr.split("--after ")[1].strip()
    assert (
        run("search", "登记", "--limit", "2", "--after", after).stdout.splitlines()[1:] != page.stdout.splitlines()[1:]
    )
    counted = json.loads(run("search", "登记", "--facets", "-o", "json").stdout)
    tax = next(each["count"] for each in counted if (each["facet"], each["value"]) == ("department", "tax"))
    narrowed = json.loads(run("search", "登记", "--where", "department=tax", "-o", "json").stdout)
    assert (len(narrowed), {each["department"] for each in narrowed}) == (tax, {"tax"})
    two = json.loads(
        run("search", *["登记", "--where", "department=tax", "--where", "department=housing-fund", "-o", "json"]).stdout
    )
    assert {each["department"] for each in two} == {"tax", "housing-fund"}


def test_what_cannot_be_looked_for_is_refused(run: Run) -> None:
    for words, reason in (("（）",), "there is no word"), (("登记", "--after", "page 2"), "no page's next_after"):
        refused = run("search", *words)
        assert (refused.exit_code, reason in f"{refused.stderr}{refused.exception!r}") == (2, True), refused.stderr
    wrong = run("search", "执照", "--where", "colour=red")
    assert (wrong.exit_code, "colour" in wrong.stderr) == (2, True)
    assert FACETS == SEARCHED


def test_contracts_are_files_by_the_code_of_their_resource(run: Run, register: TestClient, tmp_path: Path) -> None:
    published = register.get("/v1/catalog/resource", params={"state": "published", "limit": 1000}).json()["entities"]
    assert published
    said = run("export", "--format", "odcs", "--to", "contracts")
    assert str(len(published)) in said.stderr
    written = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in (tmp_path / "contracts").iterdir()}
    assert set(written) == {f"{each['entity_id']}.odcs.yaml" for each in published}
    assert written[f"{LICENCE}.odcs.yaml"]["name"] == "营业执照信息"
    assert len(list(yaml.safe_load_all(run("export", "--format", "odcs").stdout))) == len(published)


def test_the_topics_and_the_graph(run: Run, tmp_path: Path) -> None:
    assert json.loads(run("export", "--format", "asyncapi").stdout)["asyncapi"] == "3.0.0"
    assert run("export", "--format", "json-ld", "--to", "graph.jsonld").stdout == ""
    nodes = json.loads((tmp_path / "graph.jsonld").read_text("utf-8"))["@graph"]
    assert f"urn:onething:resource:{LICENCE}" in {node["id"] for node in nodes}


def test_no_other_format(run: Run) -> None:
    assert run("export", "--format", "rdf-xml").exit_code == 2
