"""The words of service tests: a gateway with the service doors, over replicas that answer out of memory."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.bundles import load_bundles
from onething.gateway.problems import install_problems
from onething.gateway.replicas import ArchiveReplicas, NoReplicaAnswered, Query, ReplicaAnswer
from onething.gateway.service_desk import ServiceDesk
from onething.gateway.services import ServiceDoor, service_router
from processors.archive.reading import shown
from processors.domain.archive import ArchiveRecord, KnownFact
from processors.domain.service import load_services
from processors.domain.service.held import DAY_US

USCC = "91440300708461136T"
COMPANY = f"enterprise:{USCC}"
RESIDENT_ID = "11010519491231002X"
TOKEN = "0123456789abcdef" * 2
NOW = 20_000 * DAY_US
NOTICE = "/v1/bundles/restaurant-opening/notice"
CHOICES = {"choice.signboard": "no", "choice.gathering": "no"}


def known(resource: str, event: str, record_type: str, **content: Any) -> ArchiveRecord:
    identity = repr((resource, event, sorted(content)))
    fact = KnownFact(
        resource=resource,
        record_type=record_type,
        record_id=USCC,
        version=1,
        event_id=blake2b(identity.encode(), digest_size=16).digest(),
        source=resource.partition(".")[0],
        valid_at=19_000 * DAY_US,
        known_at=19_001 * DAY_US,
        topic=f"registration.{resource.partition('.')[0]}",
        partition=0,
        offset=7,
        name=event,
        content=content,
    )
    return ArchiveRecord(current=fact)


REGISTRATION = known(
    "market-regulation.enterprise-registration",
    "EnterpriseRegistered",
    "enterprise-registration",
    name="西安好味餐饮有限公司",
    address="西安市未央区未央路1号",
    legal_representative=b"sealed",
    established_on=15_000,
    state="存续",
)
LICENCE = known("market-regulation.business-licence", "LicenceIssued", "business-licence", state="有效", valid_to=None)


@dataclass
class Replica(ArchiveReplicas):
    """Replicas that answer out of memory and keep what they were asked."""

    records: dict[str, tuple[ArchiveRecord, ...]] = field(default_factory=dict)
    complete: bool = True
    is_down: bool = False
    refused: str = ""
    asked: list[tuple[str, Query]] = field(default_factory=list)

    async def ask(self, path: str, query: Query, wait_s: float) -> ReplicaAnswer:  # noqa: ARG002  the port's
        self.asked.append((path, query))
        if self.is_down:
            raise NoReplicaAnswered("0 archive replicas are known, none answered")
        if path == "/v1/coverage":
            until = NOW - DAY_US if self.complete else None
            return _json(200, {"coverage": {code: {"complete_until": until} for _, code in query}})
        if self.refused:
            return _json(403, {"title": "the read is refused", "detail": self.refused})
        subject = path.rpartition("/")[2]
        if subject not in self.records:
            return _json(404, {"title": "no such subject"})
        return _json(200, answer(subject, self.records[subject]))

    def reads(self) -> list[dict[str, str]]:
        return [dict(query) for path, query in self.asked if path != "/v1/coverage"]


def _json(status: int, body: Any) -> ReplicaAnswer:
    return ReplicaAnswer(status, json.dumps(body).encode(), "application/json")


def answer(subject: str, records: tuple[ArchiveRecord, ...]) -> dict[str, Any]:
    """What a replica shows of an archive."""
    return {"subject": subject, "closed": None, "records": [shown(each) for each in records], "missing": []}


class Keys:
    def person_token(self, resident_id: str) -> str:
        assert resident_id == RESIDENT_ID
        return TOKEN


@dataclass
class Hub:
    http: TestClient
    replica: Replica
    running: dict[tuple[str, str], str]
    desk: ServiceDesk

    def notice(self, **query: str) -> Any:
        return self.http.get(NOTICE, params={"subject": USCC} | query)

    def precheck(self, body: Any) -> Any:
        return self.http.post("/v1/bundles/restaurant-opening/precheck", json={"subject": USCC} | body)


@contextmanager
def served_hub() -> Iterator[Hub]:
    """A gateway with the service doors only."""
    replica = Replica(records={COMPANY: (REGISTRATION, LICENCE)})
    running: dict[tuple[str, str], str] = {}

    async def open_case(bundle: str, subject: str) -> str | None:
        return running.get((bundle, subject))

    desk = ServiceDesk(load_services(), replica, lambda: NOW)
    app = FastAPI()
    app.include_router(service_router(ServiceDoor(load_bundles(), desk, Keys(), open_case)))
    install_problems(app)
    with TestClient(app) as http:
        yield Hub(http, replica, running, desk)
