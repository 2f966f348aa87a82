"""The door of corrections: what cannot be read cannot be disputed, and what was read is disputed as it was read."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from catalog.duties.entity import load_law
from catalog.register.http import register_app
from catalog.register.http_routes import RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.seed import seed_commands
from catalog.register.store import Applied, CatalogStore
from onething.correction_door import CorrectionDoor, correction_router
from onething.gateway.replicas import ArchiveReplicas, NoReplicaAnswered, ReplicaAnswer
from onething.marking import draft_of
from onething.rulebook import load_rulebook
from processors.recall import LogNotRead, Recall, WrongValue
from processors.recall.consumption import Consumption
from tests.catalog.register.registering import CODEC
from tests.catalog.register.test_registrar import Log
from topics.events import CatalogChanged
from topics.identifiers import make_uscc

NOW = 1_764_000_000_000_000
SUBJECT = f"enterprise:{make_uscc('91', '610100', 7)}"
RESOURCE = "market-regulation.enterprise-registration"
RECORD = {
    "resource": RESOURCE,
    "record_id": "R-1",
    "record_type": "enterprise-registration",
    "event_id": "ab" * 16,
    "version": 3,
    "known_at": NOW - 9_000_000,
    "content": {"name": "西安某某", "state": "存续"},
}
BODY = {
    "subject": SUBJECT,
    "resource": RESOURCE,
    "record_id": "R-1",
    "field": "name",
    "reason": "与现场不符",
    "disputed_by": "tax",
    "by": "li",
    "purpose": "核对",
    "grant": "G-1",
}
END = {"organisation": "market-regulation", "actor": "赵六", "reason": "已更正"}


class Replicas(ArchiveReplicas):
    """Says what it is told to say, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(list)
        self.status = 200
        self.records: list[dict[str, Any]] = [RECORD]
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def ask(self, path: str, query: Sequence[tuple[str, str]], wait_s: float) -> ReplicaAnswer:
        del wait_s
        self.asked.append((path, dict(query)))
        if self.status == 0:
            raise NoReplicaAnswered("none")
        refusal = {"title": "不能读取 not to be read", "detail": "the grant does not cover it", "remedy": "ask for one"}
        body = {"records": self.records} if self.status == 200 else refusal
        return ReplicaAnswer(self.status, msgspec.json.encode(body), "application/json")


@pytest.fixture
def replicas() -> Replicas:
    return Replicas()


def recalled(value: WrongValue) -> Recall:
    if value.record_id == "R-2":
        raise LogNotRead("the log is away")
    read = Consumption(
        at=NOW,
        kind="read",
        department="tax",
        who="tax:li",
        purpose="核对",
        case="",
        grant="G-1",
        report=0,
        marked=False,
    )
    return Recall(value=value, consumptions=(read,))


@pytest.fixture
def client(tmp_path: Path, replicas: Replicas) -> Iterator[TestClient]:
    url, law, times = f"sqlite:///{tmp_path / 'catalog.db'}", load_law(), count(NOW, 1_000_000)

    def opened() -> CatalogStore:
        store = CatalogStore(url, load_rulebook(law), CODEC.encode)
        assert isinstance(store.apply_all(seed_commands(NOW)), Applied)
        return store

    registrar = Registrar(opened, Log())
    registrar.start()
    register = RegisterDoor(registrar, CatalogReader(url), lambda: next(times))
    routes = correction_router(CorrectionDoor(register, replicas, recalled))
    with TestClient(register_app(register, (routes,))) as client:
        yield client
    registrar.close()


def dispute(client: TestClient, key: str = "", **more: Any) -> Any:
    return client.post("/v1/corrections", json=BODY | more, headers={"Idempotency-Key": key} if key else {})


def faults(answer: Any, status: int) -> list[str]:
    assert answer.status_code == status, answer.text
    return [each["field"] for each in answer.json()["faults"]]


def test_a_value_is_read_in_the_name_of_who_disputes_it(client: TestClient, replicas: Replicas) -> None:
    told = dispute(client).json()
    (asked,) = replicas.asked
    assert asked == (
        f"/v1/archives/{SUBJECT}",
        {"reader": "tax:li", "purpose": "核对", "grant": "G-1", "resource": RESOURCE, "field": "name"},
    )
    state = client.get(f"/v1/corrections/{told['id']}").json()["state"]
    assert (state["state"], state["provider"], state["disputed_by"]) == ("disputed", "market-regulation", "tax")
    assert (state["value"]["event_id"], state["value"]["appeared_at"]) == ("ab" * 16, NOW - 9_000_000)
    (duty,) = client.get("/v1/duties", params={"entity_id": told["id"]}).json()["entities"]
    assert (duty["state"]["kind"], duty["state"]["department"]) == ("correction", "market-regulation")


def test_a_value_appeared_with_the_first_fact_that_stated_it(client: TestClient, replicas: Replicas) -> None:
    def stated(number: int, name: str) -> dict[str, Any]:
        return {"event_id": f"{number:032x}", "known_at": NOW - 20_000_000 + number, "content": {"name": name}}

    history = [stated(3, "西安某某"), stated(2, "西安某某"), stated(1, "西安甲"), stated(0, "西安某某")]
    replicas.records = [RECORD | {"history": history}]
    value = client.get(f"/v1/corrections/{dispute(client).json()['id']}").json()["state"]["value"]
    assert value["earlier"] == [f"{3:032x}", f"{2:032x}"]
    assert value["appeared_at"] == NOW - 20_000_000 + 2
    whole = client.get(f"/v1/corrections/{dispute(client, field=None).json()['id']}").json()["state"]["value"]
    assert (whole["earlier"], whole["appeared_at"]) == ([], RECORD["known_at"])


def test_what_cannot_be_read_cannot_be_disputed(client: TestClient, replicas: Replicas) -> None:
    replicas.status = 403
    answer = dispute(client)
    assert faults(answer, 403) == ["grant"]
    assert "the grant does not cover it" in answer.text
    replicas.status = 0
    assert dispute(client).status_code == 503
    replicas.status, replicas.records = 200, []
    assert faults(dispute(client), 404) == ["record_id"]
    assert client.get("/v1/corrections").json()["entities"] == []


def test_every_fault_of_a_request_before_anything_is_read(client: TestClient, replicas: Replicas) -> None:
    assert faults(dispute(client, subject="11", grant=""), 422) == ["subject", "grant"]
    assert faults(dispute(client, case="case-1"), 422) == ["grant"]
    assert not replicas.asked
    assert faults(dispute(client, field="colour"), 422) == ["field"]


def test_the_same_key_is_one_dispute_whatever_became_of_the_archive(client: TestClient, replicas: Replicas) -> None:
    first = dispute(client, "k-1").json()
    replicas.records = []
    again = dispute(client, "k-1").json()
    assert (again["id"], again["changes"]) == (first["id"], [])
    assert len(client.get("/v1/corrections").json()["entities"]) == 1
    assert faults(dispute(client, "k-1", record_id="R-9"), 409) == ["command_id"]
    assert faults(dispute(client, "k-1", reason="另一理由"), 409) == ["command_id"]


def test_a_correction_needs_a_newer_record_and_is_the_sources(client: TestClient, replicas: Replicas) -> None:
    id_ = dispute(client).json()["id"]
    path = f"/v1/corrections/{id_}/corrected"
    assert faults(client.post(path, json=END), 422) == ["payload.event_id"]
    replicas.records = [RECORD | {"event_id": "cd" * 16, "version": 4, "known_at": NOW + 7}]
    assert faults(client.post(path, json=END | {"organisation": "tax"}), 422) == ["payload.organisation"]
    assert client.post(path, json=END).status_code == 200
    state = client.get(f"/v1/corrections/{id_}").json()["state"]
    assert (state["state"], state["corrected_by"], state["corrected_at"]) == ("corrected", "cd" * 16, NOW + 7)
    (duty,) = client.get("/v1/duties", params={"entity_id": id_}).json()["entities"]
    assert duty["state"]["state"] == "fulfilled"
    assert client.post("/v1/corrections/C-none/corrected", json=END).status_code == 404


def test_a_recall_is_told_as_json_and_csv(client: TestClient, replicas: Replicas) -> None:
    id_ = dispute(client).json()["id"]
    told = client.get(f"/v1/corrections/{id_}/recall").json()
    assert (told["correction"], told["departments"], told["grants"]) == (id_, ["tax"], ["G-1"])
    lines = client.get(f"/v1/corrections/{id_}/recall", params={"format": "csv"}).text.splitlines()
    assert lines[0].startswith("kind_name,department_name,at,kind")
    assert lines[1].startswith("查档,")
    assert client.get(f"/v1/corrections/{id_}/recall", params={"format": "xml"}).status_code == 422
    assert client.get("/v1/corrections/C-none/recall").status_code == 404
    replicas.records = [RECORD | {"record_id": "R-2"}]
    other = dispute(client, record_id="R-2").json()["id"]
    assert client.get(f"/v1/corrections/{other}/recall").status_code == 503


def test_facts_follow_from_changes_and_a_repeat_is_the_same_fact(client: TestClient) -> None:
    id_ = dispute(client).json()["id"]
    ended = {"actor": "li", "reason": "误报", "payload": {"organisation": "tax"}}
    assert client.post(f"/v1/corrections/{id_}/withdrawn", json=ended).status_code == 200
    mark, end = (draft_of(each) for each in changes(client, id_))
    assert mark is not None
    assert end is not None
    assert (mark["type"], mark["source"], mark["version"]) == ("ValueDisputed", "tax", mark["valid_at"])
    assert (end["type"], end["source"], end["content"]["outcome"]) == ("DisputeEnded", "tax", "mark-removed")
    assert end["record_id"] == mark["record_id"]
    assert end["version"] > mark["version"]
    assert [mark, end] == [draft_of(each) for each in changes(client, id_)]


def changes(client: TestClient, id_: str) -> list[CatalogChanged]:
    history = client.get(f"/v1/corrections/{id_}/history").json()["changes"]
    return [
        CatalogChanged(
            event_id=bytes(16),
            number=1,
            entity="correction",
            entity_id=id_,
            version=each["version"],
            action=each["action"],
            actor="li",
            at=NOW,
            state=msgspec.json.encode(each["state"]).decode(),
        )
        for each in history
    ]
