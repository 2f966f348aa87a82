from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from catalog.register.http_problems import install_problems
from catalog.register.search import CatalogSearch
from catalog.register.search_http import search_router
from catalog.register.search_index import index_rows
from catalog.register.store import CatalogStore
from tests.catalog.register.registering import CODEC, RULEBOOK, command

NAMES = {"market.licence": "营业执照", "tax.registration": "税务登记", "market.photo": "营业执照照面"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    app = FastAPI()
    app.include_router(search_router(CatalogSearch(url)))
    install_problems(app)
    with CatalogStore(url, RULEBOOK, CODEC.encode, indexes=[index_rows]) as store:
        for code, name in NAMES.items():
            payload = {"code": code, "name": name, "provider": code.partition(".")[0]}
            store.apply(command("resource", code, "declared", code, payload=payload))
        with TestClient(app) as client:
            yield client


def test_entries_facets_and_pages(client: TestClient) -> None:
    first = client.get("/v1/catalog/search", params={"q": "执照", "department": "market", "limit": 1}).json()
    assert [each["entity_id"] for each in first["entries"]] == ["market.licence"]
    assert (first["total"], first["facets"]["department"]) == (2, [{"value": "market", "count": 2}])
    rest = client.get("/v1/catalog/search", params={"q": "执照", "after": first["next_after"]}).json()
    assert [each["entity_id"] for each in rest["entries"]] == ["market.photo"]
    assert rest["next_after"] is None


def test_a_facet_may_be_chosen_several_times(client: TestClient) -> None:
    answer = client.get("/v1/catalog/search?department=tax&department=market").json()
    assert answer["total"] == len(NAMES)


@pytest.mark.parametrize(
    ("query", "field"), [("q=（）", "q"), ("colour=red", "colour"), ("after=x", "after"), ("limit=0", "limit")]
)
def test_refusals_name_the_field(client: TestClient, query: str, field: str) -> None:
    answer = client.get(f"/v1/catalog/search?{query}")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["faults"]] == [field]
