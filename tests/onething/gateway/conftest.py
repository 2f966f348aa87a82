"""A gateway over fakes: cases are the real rules run in memory, the log is a list."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.bundles import load_bundles
from catalog.organisations import load_organisations
from onething.gateway.app import GatewayParts, gateway_app
from onething.gateway.case_news import CaseWaiters
from onething.gateway.case_publisher import NotPublished
from onething.gateway.case_rows import CaseFilter, Listed, PageOf, StoredCase
from onething.gateway.case_view import case_head
from onething.gateway.health import Verdict
from onething.gateway.observation import Figures
from onething.gateway.recent_cases import RecentCases
from onething.gateway.replicas import ArchiveReplicas
from onething.gateway.tasks import TaskDoor
from onething.gateway.verifications import VerificationDoor
from processors.domain.case import Case, task_statuses
from processors.domain.definition import case_definitions
from processors.domain.step import step
from tests.onething.gateway.handled_hub import Handled, handled_gateway
from topics.events import (
    CaseEvent,
    CaseRequested,
    CaseUpdated,
    ChecksAnswered,
    ChecksRequested,
    PartAnswer,
    ReportIssued,
)

NOW_US = 1_790_000_000_000_000
DEFINITIONS = case_definitions()


@dataclass
class FakeHub:
    """A coordinator in memory: takes what is published, keeps the cases, tells the waiters.

    ``answers`` is what the archive answers to each check; None leaves every check open.
    """

    waiters: CaseWaiters
    answers: str | None = "clear"
    is_down: bool = False
    is_silent: bool = False
    published: list[tuple[str, CaseEvent]] = field(default_factory=list)
    cases_by_id: dict[str, Case] = field(default_factory=dict)
    reports: dict[str, bytes] = field(default_factory=dict)
    tick: int = 0

    def clock(self) -> int:
        self.tick += 1000
        return NOW_US + self.tick

    async def publish(self, topic: str, event: CaseEvent) -> None:
        if self.is_down:
            raise NotPublished("broker is down")
        self.published.append((topic, event))
        if not self.is_silent:
            asyncio.get_running_loop().call_soon(self.take, event)

    def take(self, event: CaseEvent) -> None:
        definition = DEFINITIONS[event.bundle] if isinstance(event, CaseRequested) else None
        taken = step(self.cases_by_id.get(event.case_id), event, definition)
        if taken.case is not None:
            self.cases_by_id[event.case_id] = taken.case
        for each in taken.emits:
            if isinstance(each, ReportIssued) and each.kind != "superseded":
                self.reports[each.case_id] = each.body.encode()
            if isinstance(each, CaseUpdated | ReportIssued):
                self.waiters.tell(each)
            if isinstance(each, ChecksRequested) and self.answers is not None:
                self.take(self._answered(each, self.answers))

    def _answered(self, asked: ChecksRequested, answer: str) -> ChecksAnswered:
        given = tuple(
            PartAnswer(
                check_id=part.check_id,
                department=part.department,
                subject=part.subject,
                answer=answer,
                evidence=(),
                coverage=(),
            )
            for part in asked.parts
        )
        return ChecksAnswered(
            event_id=b"a" * 16,
            case_id=asked.case_id,
            answered_by="hub",
            answered_at=asked.requested_at + 7000,
            answers=given,
        )

    async def stored(self, case_id: str) -> StoredCase | None:
        case = self.cases_by_id.get(case_id)
        return None if case is None else StoredCase(case, self.reports.get(case_id))

    async def cases(self, only: CaseFilter, page: PageOf) -> Listed:
        heads = [case_head(each) for each in self.cases_by_id.values() if only.status in (None, each.status)]
        return _page(heads, page)

    async def tasks(self, department: str, status: str | None, page: PageOf) -> Listed:
        rows = [
            {"task_id": task.task_id, "case_id": case.case_id, "status": task_statuses(case)[task.task_id]}
            for case in self.cases_by_id.values()
            for task in case.tasks
            if task.part.department == department
        ]
        fitting = [row for row in rows if status in (None, row["status"])]
        return _page(fitting, page)

    async def case_of_task(self, department: str, task_id: str) -> StoredCase | None:
        for case in self.cases_by_id.values():
            if any(each.task_id == task_id and each.part.department == department for each in case.tasks):
                return await self.stored(case.case_id)
        return None

    async def probe(self) -> None:
        if self.is_down:
            raise OSError("no database")


def _page(rows: list[dict[str, Any]], page: PageOf) -> Listed:
    first = int(page.after or 0)
    following = first + page.size
    return Listed(tuple(rows[first:following]), str(following) if following < len(rows) else None)


@dataclass
class Gateway:
    """The application under test, and what lies behind it."""

    http: TestClient
    hub: FakeHub
    replica_urls: list[str]
    verdicts: dict[str, Verdict]
    door: VerificationDoor

    def ask(self, headers: dict[str, str] | None = None, **body: Any) -> Any:
        return self.http.post("/v1/verifications", json={"subject": USCC, "purpose": "上市"} | body, headers=headers)


USCC = "91440300708461136T"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    waiters = CaseWaiters()
    hub = FakeHub(waiters)
    urls: list[str] = []
    verdicts = {"kafka": Verdict(ok=True, detail="fine")}
    figures = Figures()

    async def check() -> Verdict:
        return verdicts["kafka"]

    parts = GatewayParts(
        verifications=VerificationDoor(load_bundles(), hub, hub, waiters, figures, RecentCases(DEFINITIONS), hub.clock),
        tasks=TaskDoor(load_organisations(), hub, hub, waiters, hub.clock),
        replicas=ArchiveReplicas(lambda: urls),
        figures=figures,
        checks={"kafka": check},
    )
    with TestClient(gateway_app(parts)) as http:
        yield Gateway(http, hub, urls, verdicts, parts.verifications)


@pytest.fixture
def handled(tmp_path: Path) -> Iterator[Handled]:
    with handled_gateway(tmp_path) as doors:
        yield doors
