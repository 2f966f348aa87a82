"""The item register at the door."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.items import load_items
from onething.gateway.items import item_router
from onething.gateway.problems import install_problems


@pytest.fixture(scope="module")
def door() -> TestClient:
    app = FastAPI()
    app.include_router(item_router())
    install_problems(app)
    return TestClient(app)


def test_pages_hold_every_item_once_in_the_order_of_codes(door: TestClient) -> None:
    answer = door.get("/v1/items", params={"page_size": 60}).json()
    codes = [each["code"] for each in answer["items"]]
    while answer["next_page"]:
        answer = door.get("/v1/items", params={"page": answer["next_page"], "page_size": 60}).json()
        codes += [each["code"] for each in answer["items"]]
    assert codes == list(load_items().by_code)


def test_a_last_page_that_is_full_names_no_next_one(door: TestClient) -> None:
    query = {"bundle": "restaurant-opening", "page_size": "4"}
    answer = door.get("/v1/items", params=query).json()
    assert (len(answer["items"]), answer["next_page"]) == (4, None)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"bundle": "restaurant-opening"}, 4),
        ({"bundle": "restaurant-opening", "kind": "licensing"}, 2),
        ({"organisation": "fire-rescue"}, 2),
        ({"name": "食品 经营许可", "kind": "licensing"}, 1),
        ({"bundle": "restaurant-opening", "unstated": "true", "kind": "award"}, 0),
    ],
)
def test_the_list_is_narrowed(door: TestClient, query: dict[str, str], count: int) -> None:
    answer = door.get("/v1/items", params=query).json()
    assert (len(answer["items"]), answer["next_page"]) == (count, None)


def test_every_fault_of_a_query_is_named_at_once(door: TestClient) -> None:
    query = {"kind": "x", "organisation": "y", "bundle": "z", "page": "later"}
    answer = door.get("/v1/items", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["code"] for each in answer.json()["faults"]] == [
        "no-such-kind",
        "no-such-organisation",
        "no-such-bundle",
        "not-a-page",
    ]


@pytest.mark.parametrize("page_size", ["0", "201", "many"])
def test_a_page_has_bounds(door: TestClient, page_size: str) -> None:
    assert door.get("/v1/items", params={"page_size": page_size}).status_code == 422


def test_an_item_with_what_is_unstated_as_null(door: TestClient) -> None:
    item = door.get("/v1/items/610131002000").json()
    assert (item["name"], item["kind"]["name"], item["origin"]) == ("食品经营许可", "行政许可", "ours")
    bare = door.get("/v1/items", params={"unstated": "true", "kind": "award"}).json()["items"][0]
    shown = door.get(f"/v1/items/{bare['code']}").json()
    assert shown["legal_basis"] is None
    assert "legal_basis" in shown["unstated"]


DOCUMENTS = [
    "/v1/items/610131002000/guide",
    "/v1/items/610131002000/instruction",
    "/v1/bundles/restaurant-opening/guide",
    "/v1/bundles/restaurant-opening/instruction",
]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_in_three_forms(door: TestClient, path: str) -> None:
    assert isinstance(door.get(path).json(), dict)
    written = door.get(path, params={"format": "md"})
    assert written.headers["content-type"] == "text/markdown; charset=utf-8"
    assert written.text.startswith("# ")
    page = door.get(path, params={"format": "html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_no_other_form(door: TestClient, path: str) -> None:
    assert door.get(path, params={"format": "pdf"}).status_code == 422


def test_the_guide_of_a_bundle_asks_for_each_material_once(door: TestClient) -> None:
    guide = door.get("/v1/bundles/restaurant-opening/guide").json()
    ids = [each["id"] for each in guide["materials"]]
    assert len(ids) == len(set(ids)) > 0
    assert [each["number"] for each in guide["items"]] == [1, 2, 3, 4]
    assert guide["items"][1]["kind_of_item"] == {"code": "licensing", "name": "行政许可"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/items/610131002999", "no-such-item"),
        ("/v1/items/x/guide", "no-such-item"),
        ("/v1/items/x/instruction", "no-such-item"),
        ("/v1/bundles/x/guide", "no-such-bundle"),
        ("/v1/bundles/x/instruction", "no-such-bundle"),
    ],
)
def test_what_is_not_there_is_a_problem_with_its_remedy(door: TestClient, path: str, code: str) -> None:
    answer = door.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == f"urn:onething:problem:{code}"
    assert answer.json()["remedy"]
