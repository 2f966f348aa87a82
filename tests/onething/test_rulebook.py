"""The register with the hub's own rules behind its door: an entry, a demand for it, its grant, and who owes what."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from catalog.duties.entity import load_law
from catalog.register.changes import Entity
from catalog.register.http import register_app
from catalog.register.http_routes import ENTITIES, RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.search import CatalogSearch
from catalog.register.search_index import index_rows, prepare_search
from catalog.register.seed import seed_commands
from catalog.register.store import Applied, CatalogStore
from onething.rulebook import further_routers, load_rulebook
from tests.catalog.register.entries import CODE, entry
from tests.catalog.register.registering import CODEC, command
from tests.catalog.register.test_registrar import Log
from topics.identifiers import make_uscc

CHINA = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNTIL = datetime(2026, 12, 31, tzinfo=CHINA)
SUBMIT = ("submitted", "张三", "tax")
REVIEW = ("reviewed", "李四", "data-bureau")
PUBLISH = ("published", "李四", "data-bureau")


def us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


class Office:
    """The register, and the clock on its wall."""

    def __init__(self, client: TestClient, registrar: Registrar, wall: "Wall") -> None:
        self.client, self.registrar, self.wall = client, registrar, wall

    def do(self, entity: Entity, entity_id: str, action: str, actor: str, **payload: Any) -> dict[str, Any]:
        body = {"actor": actor, "payload": payload}
        answer = self.client.post(f"/v1/catalog/{entity}/{entity_id}/{action}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def state(self, entity: Entity, entity_id: str) -> dict[str, Any]:
        return dict(self.client.get(f"/v1/catalog/{entity}/{entity_id}").json()["state"])

    def publish(self, **fields: Any) -> None:
        self.do("resource", CODE, "drafted", "张三", **entry(**fields))
        for action, actor, organisation in (SUBMIT, REVIEW, PUBLISH):
            self.do("resource", CODE, action, actor, organisation=organisation)

    def duties(self, **fields: str) -> list[dict[str, Any]]:
        found = self.client.get("/v1/catalog/duty", params=fields).json()["entities"]
        return [each["state"] for each in found]


class Wall:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, tzinfo=CHINA)

    def __call__(self) -> int:
        return us(self.at)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    url, law, wall = f"sqlite:///{tmp_path}/catalog.db", load_law(), Wall()

    def opened() -> CatalogStore:
        store = CatalogStore(url, load_rulebook(law), CODEC.encode, indexes=(index_rows,), prepares=(prepare_search,))
        assert isinstance(store.apply_all(seed_commands(us(wall.at))), Applied)
        return store

    registrar = Registrar(opened, Log(), wall)
    registrar.start()
    parts = RegisterDoor(registrar, CatalogReader(url), wall)
    with (
        CatalogSearch(url) as search,
        TestClient(register_app(parts, further_routers(parts, law, search))) as client,
    ):
        yield Office(client, registrar, wall)


def application(resource: str, **more: Any) -> dict[str, Any]:
    return {
        "requester": "finance",
        "provider": "tax",
        "scope": [{"resource": resource, "fields": ["cause"]}],
        "basis": ["政府采购法第二十二条"],
        "scenario": "核对供应商资格",
        "purpose": "政府采购资格审查",
        "subjects": {"kind": "enterprise"},
        "means": ["interface"],
        "until": us(UNTIL),
        **more,
    }


def test_every_kind_of_entity_has_its_rule() -> None:
    assert {*load_rulebook(load_law()).rules} == {*ENTITIES}


def test_an_entry_that_two_persons_published_is_granted_by_rule_when_it_is_unconditional(office: Office) -> None:
    office.publish(sharing_means=("消息",))
    assert office.state("resource", CODE)["state"] == "published"
    office.do("demand", "D-1", "applied", "王五", **application(CODE))
    demand = office.state("demand", "D-1")
    assert demand["grant"], demand
    assert office.state("grant", demand["grant"])["resources"] == [CODE]
    kinds = {each["kind"]: each["state"] for each in office.duties(entity_id="D-1")}
    assert kinds["delivery"] == "running"


def test_what_is_published_is_found_at_once(office: Office) -> None:
    office.publish(name="欠税公告信息")
    found = office.client.get("/v1/catalog/search", params={"q": "欠税"}).json()
    assert CODE in str(found)
    assert "营业执照" in str(office.client.get("/v1/catalog/search", params={"q": "执照"}).json())


def test_the_submitter_reviews_nothing(office: Office) -> None:
    office.do("resource", CODE, "drafted", "张三", **entry())
    office.do("resource", CODE, "submitted", "张三", organisation="tax")
    body = {"actor": "张三", "payload": {"organisation": "data-bureau"}}
    answer = office.client.post(f"/v1/catalog/resource/{CODE}/reviewed", json=body)
    assert answer.status_code == 422
    assert office.state("resource", CODE)["state"] == "submitted"


def test_a_review_that_is_not_made_in_time_is_a_breach_dated_by_the_law(office: Office) -> None:
    """Received on Monday the 2nd, two working days: the end of Wednesday, whenever the clock is looked at."""
    office.do("resource", CODE, "drafted", "张三", **entry())
    office.do("resource", CODE, "submitted", "张三", organisation="tax")
    (duty,) = office.duties(kind="catalogue-review")
    assert (duty["department"], duty["due_at"]) == ("data-bureau", us(datetime(2026, 3, 5, tzinfo=CHINA)))
    office.wall.at = datetime(2026, 3, 20, 9, tzinfo=CHINA)
    office.do("resource", CODE, "reviewed", "李四", organisation="data-bureau")
    office.do("resource", CODE, "published", "李四", organisation="data-bureau")
    (late,) = office.duties(kind="catalogue-review")
    assert late["breached_at"] == duty["due_at"]
    assert late["ended_at"] == us(office.wall.at)


def test_a_dispute_opens_the_source_departments_clock(office: Office) -> None:
    disputed = {
        "subject": f"enterprise:{make_uscc('91', '610103', 1)}",
        "resource": "tax.administrative-penalty",
        "record_type": "administrative-penalty",
        "record_id": "P-1",
        "event_id": "00" * 16,
        "version": 1,
        "appeared_at": us(office.wall.at) - 1,
        "disputed_by": "finance",
        "by": "王五",
        "evidence": ["函〔2026〕7号"],
        "case": "case-1",
    }
    asked = command(
        "correction", "C-1", "disputed", "c-1", us(office.wall.at), actor="王五", payload=disputed, reason="金额有误"
    )
    answer = office.registrar.submit([asked]).result()
    assert isinstance(answer, Applied), answer
    body = {"actor": "王五", "payload": disputed}
    assert office.client.post("/v1/corrections/C-2/disputed", json=body).status_code == 422, "it has its own door"
    (duty,) = office.duties(kind="correction")
    assert (duty["department"], duty["entity_id"]) == ("tax", "C-1")
