"""Handled cases in memory behind the gateway's doors: the real rule takes what is published, the log is a list."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.bundles import load_bundles
from catalog.evaluation_counts import Evaluated
from catalog.form_fields import load_form_fields, load_materials
from catalog.items import load_items
from catalog.organisations import load_organisations
from catalog.resources import load_resources
from catalog.savings import FinishedCase
from connectors.keyring import KeyRing
from connectors.payment import PaymentPort
from onething.gateway.applicant_acts import applicant_act_router
from onething.gateway.application_request import Application, Completed
from onething.gateway.applications import ApplicationDoor, application_router
from onething.gateway.case_acts import CaseActDoor, case_act_router
from onething.gateway.case_forms import CaseFormDoor, case_form_router
from onething.gateway.case_news import CaseWaiters
from onething.gateway.case_publisher import NotPublished
from onething.gateway.case_rows import Listed, PageOf
from onething.gateway.case_search import SearchDoor, search_router
from onething.gateway.handling_acts import HandlingDoor
from onething.gateway.handling_rows import AssignmentSearch, CaseSearch, EvaluationSearch, Span, StoredHandling
from onething.gateway.handling_view import assignment_view, due_of
from onething.gateway.handling_wiring import plans_of
from onething.gateway.inbox import InboxDoor, inbox_router
from onething.gateway.payments import PaymentDoor, payment_router
from onething.gateway.prechecks import Prechecked
from onething.gateway.problems import Fault, install_problems
from onething.gateway.recent_applications import RecentApplications
from onething.gateway.reductions import ReductionDoor, reduction_router
from onething.gateway.stored_handlings import case_row
from processors.cases import CaseSummary
from processors.cases.handling_views import NoticeView
from processors.domain.finished_cases import evaluated, finished_case
from processors.domain.handling import Handling, HandlingPlan, handle
from topics.events import (
    ApplicationSubmitted,
    ArchiveRead,
    CaseEvent,
    CaseNotified,
    CaseUpdated,
    ChecksAnswered,
    ChecksRequested,
    PartAnswer,
)
from topics.identifiers import make_uscc

NOW_US = 1_790_000_000_000_000
USCC = make_uscc("91", "610100", 7)
BUNDLE = "enterprise-change"
LEAD = "market-regulation"
CHOICES = {"change": "name", "insured": "yes", "housing-fund": "yes"}
BUNDLES, ORGANISATIONS = load_bundles(), load_organisations()
PLANS = plans_of(BUNDLES, ORGANISATIONS)


@dataclass
class HandledHub:
    """A coordinator in memory; ``faults`` are what the pre-check finds, ``answer`` is what the archive says."""

    waiters: CaseWaiters = field(default_factory=CaseWaiters)
    plans: dict[str, HandlingPlan] = field(default_factory=lambda: dict(PLANS))
    faults: tuple[Fault, ...] = ()
    answer: str = "found"
    is_down: bool = False
    is_silent: bool = False
    published: list[tuple[str, CaseEvent]] = field(default_factory=list)
    submitted: list[ApplicationSubmitted] = field(default_factory=list)
    reads: list[ArchiveRead] = field(default_factory=list)
    handlings: dict[str, Handling] = field(default_factory=dict)
    notices: dict[str, list[NoticeView]] = field(default_factory=dict)
    emitted: list[CaseEvent] = field(default_factory=list)
    tick: int = 0

    def clock(self) -> int:
        self.tick += 1000
        return NOW_US + self.tick

    async def check(self, application: Application) -> Prechecked:
        completed = Completed(
            form=application.form,
            materials=application.materials,
            fields_total=9,
            fields_filled=7,
            fields_shareable=1,
        )
        return Prechecked(completed, self.faults)

    async def publish(self, topic: str, event: CaseEvent) -> None:
        if self.is_down:
            raise NotPublished("broker is down")
        self.published.append((topic, event))
        if not self.is_silent:
            asyncio.get_running_loop().call_soon(self.take, event)

    async def record(self, read: ArchiveRead) -> None:
        if self.is_down:
            raise NotPublished("broker is down")
        self.reads.append(read)

    def take(self, event: CaseEvent) -> None:
        plan = self.plans[event.bundle] if isinstance(event, ApplicationSubmitted) else None
        taken = handle(self.handlings.get(event.case_id), event, plan)
        if taken.handling is not None:
            self.handlings[event.case_id] = taken.handling
        self.emitted += taken.emits
        for each in taken.emits:
            if isinstance(each, CaseNotified):
                notice = NoticeView(
                    recipient=each.recipient,
                    kind=each.kind,
                    number=each.number,
                    text=each.text,
                    due_at=each.due_at,
                    at=each.at,
                )
                self.notices.setdefault(each.case_id, []).append(notice)
            if isinstance(each, CaseUpdated):
                self.waiters.tell(each)
            if isinstance(each, ChecksRequested):
                self.take(_answered(each, self.answer))

    async def handling(self, case_id: str) -> StoredHandling | None:
        found = self.handlings.get(case_id)
        return None if found is None else StoredHandling(found, None, tuple(self.notices.get(case_id, ())))

    async def running(self, bundle: str, subject: str) -> str | None:
        wanted = (bundle, subject)
        running = (each for each in self.handlings.values() if not each.ended)
        return next((each.case_id for each in running if (each.plan.bundle, each.application.subject) == wanted), None)

    async def search(self, only: CaseSearch, page: PageOf) -> Listed:
        found = [each for each in self.handlings.values() if _fits(each, only)]
        return _page([case_row(_summary(each)) for each in found], page)

    async def assignments(self, only: AssignmentSearch, page: PageOf) -> Listed:
        rows = [
            assignment_view(handling, each)
            for handling in self.handlings.values()
            for each in handling.assignments
            if each.department == only.department
            and (each.is_active if only.state == "active" else only.state in (None, each.state))
            and only.kind in (None, each.kind)
        ]
        return _page(rows, page)

    async def case_of_assignment(self, department: str, assignment_id: str) -> StoredHandling | None:
        for handling in self.handlings.values():
            assignment = handling.assignment(assignment_id)
            if assignment is not None and assignment.department == department:
                return await self.handling(handling.case_id)
        return None

    async def evaluations(self, only: EvaluationSearch, page: PageOf) -> Listed:
        most = only.most_stars or 5
        judged = [each for each in self.handlings.values() if each.evaluation and each.evaluation.stars <= most]
        return _page([{"case_id": each.case_id} for each in judged], page)

    async def finished(self, bundle: str | None, span: Span) -> tuple[FinishedCase, ...]:
        assert span == Span()
        found = map(finished_case, self.handlings.values())
        return tuple(each for each in found if each is not None and bundle in (None, each.bundle))

    async def evaluated(self, bundle: str | None, span: Span) -> tuple[Evaluated, ...]:
        assert span == Span()
        found = map(evaluated, self.handlings.values())
        return tuple(each for each in found if each is not None and bundle in (None, each.bundle))


def _answered(asked: ChecksRequested, answer: str) -> ChecksAnswered:
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


def _summary(handling: Handling) -> CaseSummary:
    application = handling.application
    return CaseSummary(
        case_id=handling.case_id,
        revision=handling.revision,
        bundle=handling.plan.bundle,
        subject=application.subject,
        requested_by=application.submitted_by,
        status=handling.status,
        requested_at=application.submitted_at,
        deadline_at=due_of(handling),
        kind="handling",
        lead=handling.plan.lead,
        channel=application.channel,
        mode=application.mode,
        received_place=application.received_at.code,
        handled_place=application.handled_at.code,
        ended_at=handling.ended_at,
    )


def _fits(handling: Handling, only: CaseSearch) -> bool:
    departments = {each.department for each in handling.assignments}
    return (
        only.kind in (None, "handling")
        and only.subject in (None, handling.application.subject)
        and only.bundle in (None, handling.plan.bundle)
        and only.lead in (None, handling.plan.lead)
        and (only.department is None or only.department in departments)
    )


def _page(rows: list[dict[str, Any]], page: PageOf) -> Listed:
    if page.after is not None and not page.after.isdecimal():
        raise ValueError("no mark of an earlier page")
    first = int(page.after or 0)
    following = first + page.size
    return Listed(tuple(rows[first:following]), str(following) if following < len(rows) else None)


@dataclass
class Handled:
    """The doors under test, and what lies behind them."""

    http: TestClient
    hub: HandledHub
    keys: KeyRing

    def submit(self, headers: dict[str, str] | None = None, **body: Any) -> Any:
        asked = {"bundle": BUNDLE, "subject": USCC, "submitted_by": "企业经办", "choices": CHOICES} | body
        return self.http.post("/v1/applications", json=asked, headers=headers)

    def opened(self, **body: Any) -> str:
        answer = self.submit({"Prefer": "wait=5"}, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case_id"])

    def view(self, case_id: str, **query: Any) -> Any:
        return self.http.get(f"/v1/applications/{case_id}", params=query).json()

    def post(self, path: str, **body: Any) -> Any:
        return self.http.post(f"/v1/{path}", json=body)

    def inbox(self, department: str, **query: Any) -> list[dict[str, Any]]:
        found = self.http.get(f"/v1/departments/{department}/assignments", params=query)
        assert found.status_code == 200, found.text
        return list(found.json()["assignments"])

    def decide(self, department: str, assignment_id: str, **body: Any) -> Any:
        decided = {"decision": "approve", "handled_by": "张三"} | body
        return self.post(f"departments/{department}/assignments/{assignment_id}/decision", **decided)

    def review(self, department: str, assignment_id: str, **body: Any) -> Any:
        judged = {"approved": True, "reviewed_by": "李四"} | body
        return self.post(f"departments/{department}/assignments/{assignment_id}/review", **judged)

    def approve_all(self, **body: Any) -> None:
        """Everybody decides and reviews whatever lies in an inbox, until nothing does."""
        while active := self.active():
            for department, assignment_id, reviewed in active:
                assert self.decide(department, assignment_id, **body).status_code == 200
                if reviewed:
                    assert self.review(department, assignment_id).status_code == 200

    def active(self) -> list[tuple[str, str, bool]]:
        return [
            (each.department, each.assignment_id, each.handled_and_reviewed)
            for handling in self.hub.handlings.values()
            for each in handling.assignments
            if each.is_active and each.kind == "item"
        ]


@contextmanager
def handled_gateway(folder: Path, office: PaymentPort | None = None) -> Iterator[Handled]:
    """The doors of handled cases over a hub in memory."""
    hub, keys = HandledHub(), KeyRing.open_or_create(folder / "keys")
    app = FastAPI()
    for router in _routers(hub, keys, office):
        app.include_router(router)
    install_problems(app)
    with TestClient(app) as http:
        yield Handled(http, hub, keys)


def _routers(hub: HandledHub, keys: KeyRing, office: PaymentPort | None) -> list[Any]:
    handlings = HandlingDoor(ORGANISATIONS, hub, hub, hub.waiters, RecentApplications(hub.plans), hub.clock)
    applications = ApplicationDoor(handlings, BUNDLES, hub.plans, load_materials(), hub, keys, hub.submitted.append)
    return [
        application_router(applications),
        applicant_act_router(applications),
        case_act_router(CaseActDoor(handlings)),
        case_form_router(CaseFormDoor(handlings, load_items(), load_form_fields(), keys, hub)),
        inbox_router(InboxDoor(handlings, load_resources())),
        search_router(SearchDoor(handlings, BUNDLES)),
        reduction_router(ReductionDoor(handlings, BUNDLES)),
        payment_router(PaymentDoor(handlings, office)),
    ]
