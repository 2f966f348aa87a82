"""The register's door: what it shows, what it takes, and every refusal with its remedy."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from catalog.register.http import register_app
from catalog.register.http_routes import PATHS, RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.store import CatalogStore
from tests.catalog.register.registering import CODEC, RULEBOOK
from tests.catalog.register.test_registrar import Log

NOW = 1_764_000_000_000_000


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    times = count(NOW, 1_000_000)
    registrar = Registrar(lambda: CatalogStore(url, RULEBOOK, CODEC.encode), Log())
    registrar.start()
    with TestClient(register_app(RegisterDoor(registrar, CatalogReader(url), lambda: next(times)))) as client:
        yield client


def declare(client: TestClient, code: str, name: str, key: str = "", **more: Any) -> Any:
    body = {"actor": "张三", "payload": {"code": code, "name": name}, **more}
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/v1/catalog/system/{code}/declared", json=body, headers=headers)


def faults(answer: Any, status: int) -> list[str]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert all(each["reason"] and each["reason_en"] and each["remedy_en"] for each in problem["faults"])
    return [each["field"] for each in problem["faults"]]


def test_a_command_is_dated_by_the_door_and_shown_in_chinas_time(client: TestClient) -> None:
    answer = declare(client, "a", "甲", "k-1", reason="任务8").json()
    (change,) = answer["changes"]
    assert (change["at"], change["reason"], change["version"]) == ("2025-11-25T00:00:00.000000+08:00", "任务8", 1)
    shown = client.get("/v1/catalog/system/a").json()
    assert (shown["state"]["name"], shown["changed_at"]) == ("甲", change["at"])


def test_the_same_key_is_one_change(client: TestClient) -> None:
    first, again = declare(client, "a", "甲", "k-1").json(), declare(client, "a", "甲", "k-1").json()
    assert (first["repeated"], again["repeated"]) == ([], ["k-1"])
    assert first["changes"] == again["changes"]
    assert faults(declare(client, "a", "乙", "k-1"), 409) == ["command_id"]


def test_history_diff_and_changes(client: TestClient) -> None:
    for name in ("甲", "乙"):
        declare(client, "a", name)
    history = client.get("/v1/catalog/system/a/history").json()["changes"]
    assert [each["state"]["name"] for each in history] == ["甲", "乙"]
    diff = client.get("/v1/catalog/system/a/diff", params={"from": 1, "to": 2}).json()
    assert diff["differences"] == [{"field": "name", "before": "甲", "after": "乙"}]
    assert [each["number"] for each in client.get("/v1/catalog/changes?after=1").json()["changes"]] == [2]
    assert client.get("/v1/catalog").json() == {"entities": {"system": 1}}


def test_pages_go_on_where_they_ended(client: TestClient) -> None:
    for number in range(5):
        declare(client, f"s{number}", "名")
    first = client.get("/v1/catalog/system?level=unstated&limit=3").json()
    rest = client.get(f"/v1/catalog/system?limit=3&after={first['next_after']}").json()
    assert [each["entity_id"] for each in (*first["entities"], *rest["entities"])] == [f"s{each}" for each in range(5)]
    assert rest["next_after"] is None


def test_a_batch_is_done_as_a_whole(client: TestClient) -> None:
    def batch(*names: Any, **more: Any) -> Any:
        commands = [
            {
                "entity": "system",
                "entity_id": f"s{place}",
                "action": "declared",
                "payload": {"code": f"s{place}", "name": name},
            }
            for place, name in enumerate(names)
        ]
        return client.post("/v1/catalog/commands", json={"actor": "李四", "commands": commands, **more})

    answer = batch("甲", 5, "丙", 6)
    assert faults(answer, 422) == ["payload.name", "payload.name"]
    assert [each["place"] for each in answer.json()["faults"]] == [1, 3]
    assert batch("甲", "乙", dry_run=True).json()["dry_run"] is True
    assert client.get("/v1/catalog").json() == {"entities": {}}
    done = batch("甲", "乙", command_id="b-1").json()
    assert done["command_ids"] == ["b-1:0", "b-1:1"]
    assert batch("甲", "乙", command_id="b-1").json()["repeated"] == ["b-1:0", "b-1:1"]


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("system/a/declared", {"actor": "张三", "payload": {"code": "a"}}, 422, "payload"),
        ("system/a/declared", {"payload": {}}, 422, "actor"),
        ("system/a/declared", {"actor": "张三", "pyload": {}}, 422, "pyload"),
        ("system/a/declared", {"actor": "张三", "command_id": "a/b"}, 422, "payload.command_id"),
        ("system/a/changed", {"actor": "张三"}, 404, "entity_id"),
        ("system/a/invented", {"actor": "张三"}, 422, "action"),
        ("system/a/declared", {"actor": "张三", "payload": {}, "expected_version": 3}, 409, "expected_version"),
        ("list/a/drawn-up", {"actor": "张三"}, 404, "entity"),
        ("duty/d/rung", {"actor": "张三"}, 422, "action"),
        ("duty/d/breached", {"actor": "张三"}, 422, "action"),
        ("grant/g/issued", {"actor": "张三"}, 422, "action"),
        ("resource/r/declared", {"actor": "张三"}, 422, "action"),
    ],
)
def test_what_is_refused_names_field_reason_and_remedy(
    client: TestClient, path: str, body: dict[str, Any], status: int, field: str
) -> None:
    assert field in faults(client.post(f"/v1/catalog/{path}", json=body), status)
    assert client.get("/v1/catalog").json() == {"entities": {}}


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("system/none", 404, "entity_id"),
        ("system/none/history", 404, "entity_id"),
        ("system/none/diff?from=1&to=2", 404, "version"),
        ("system/none/diff?from=1", 422, "to"),
        ("system?nonsense=1", 422, "nonsense"),
        ("system?limit=100000", 422, "limit"),
    ],
)
def test_what_cannot_be_shown_says_why(client: TestClient, path: str, status: int, field: str) -> None:
    assert faults(client.get(f"/v1/catalog/{path}"), status) == [field]


@pytest.mark.parametrize(("entity", "path"), PATHS.items())
def test_kinds_with_a_path_of_their_own_are_the_same_there(client: TestClient, entity: str, path: str) -> None:
    assert client.get(path).json() == client.get(f"/v1/catalog/{entity}").json()


def test_a_path_that_is_none_is_a_problem_too(client: TestClient) -> None:
    answer = client.get("/v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_health_and_description(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json()["status"] == "ready"
    described = client.get("/openapi.json").json()["paths"]
    assert "/v1/catalog/resource/{entity_id}/{action}" in described


def test_figures(client: TestClient) -> None:
    declare(client, "a", "甲")
    told = client.get("/metrics").text.splitlines()
    assert {'onething_catalog_entities{kind="system"} 1.0', "onething_catalog_changes_total 1.0"} <= {*told}
    assert "onething_catalog_clock 0.0" in told


def test_a_register_that_has_failed_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    registrar = Registrar(lambda: CatalogStore(url, RULEBOOK, CODEC.encode), Log())
    registrar.start()
    with TestClient(register_app(RegisterDoor(registrar, CatalogReader(url)))) as client:
        registrar.close()
        answer = declare(client, "a", "甲")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.json()["remedy"]
