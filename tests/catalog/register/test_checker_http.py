from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from catalog.register.checker_http import checker_router
from catalog.register.http_problems import install_problems
from catalog.register.reader import CatalogReader
from catalog.register.store import CatalogStore
from tests.catalog.register.registering import CODEC, RULEBOOK, command


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CatalogStore]:
    with CatalogStore(f"sqlite:///{tmp_path / 'catalog.db'}", RULEBOOK, CODEC.encode) as store:
        yield store


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI()
    with CatalogReader(f"sqlite:///{tmp_path / 'catalog.db'}") as reader:
        app.include_router(checker_router(reader))
        install_problems(app)
        with TestClient(app) as client:
            yield client


def declare(store: CatalogStore, code: str, name: str, command_id: str) -> None:
    payload = {"code": code, "name": name, "provider": code.partition(".")[0]}
    store.apply(command("resource", code, "declared", command_id, payload=payload))


def test_faults_are_those_of_now(store: CatalogStore, client: TestClient) -> None:
    declare(store, "tax.registration", "税务登记信息", "c-1")
    found = client.get("/v1/catalog/resource/tax.registration/faults").json()
    assert found["stage"] == "published"
    assert {"summary", "format"} <= {each["field"] for each in found["faults"]}
    assert all(each["reason"] and each["remedy"] and each["severity"] for each in found["faults"])
    declare(store, "market.registration", "税务登记信息", "c-2")
    again = client.get("/v1/catalog/resource/tax.registration/faults").json()
    told = [each for each in again["faults"] if "market.registration" in each["reason"]]
    assert told, "the other entry of the same name, declared since, is told"


def test_an_entry_that_there_is_not(store: CatalogStore, client: TestClient) -> None:
    declare(store, "tax.registration", "税务登记信息", "c-1")
    assert client.get("/v1/catalog/resource/tax.nothing/faults").status_code == 404
