"""Handled cases in batches, with repeats, crashes and rows in between: the same case, and the same told of it.

The plain rule over the events in one order is the oracle. The runner gets the same events in batches of any size, some
of them again after a crash that lost the messages since the last commit, and keeps nothing but rows between batches.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.cases import Arrival
from processors.cases.batch import Definitions, Stored, folded_batch
from processors.cases.handling_rows import (
    application_row,
    assignment_rows,
    assignment_view,
    assignment_views,
    department_rows,
    departments_of_handling,
    handling_of,
    handling_row,
    moving_row,
    payment_rows,
    plan_row,
)
from processors.domain.handling import Handling, handle
from tests.processors.cases.writing import arrived
from tests.processors.handling_story import SUBMITTED_AT, a_plan, an_application, an_item
from topics.events import (
    ApplicationSubmitted,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    CaseEvent,
    CaseResumed,
    CaseSuspended,
    DeadlinePassed,
    ItemHandled,
    ItemReviewed,
    PaymentConfirmed,
    SuppliedMaterial,
)

PLAN = a_plan(
    an_item(1, handled_and_reviewed=True),
    an_item(2, departments=("urban-management", "tax"), fee_fen=500),
    an_item(3, "fire-rescue", after=(1,)),
    bad_stars=3,
)
DEFINITIONS = Definitions(handlings={PLAN.bundle: PLAN})
CASES = ("case-1", "case-2")
TURN_US = 15 * 3_600_000_000
"""Between two things that happen: items become due, and no timer tells of a time that has not come."""

DECISIONS = (*("approve",) * 5, "refuse", "supplement", "suspend", "resume", "pass-on", "return")
Row = dict[str, Any]


def application(case_id: str) -> ApplicationSubmitted:
    """Of a subject of its own, and always the same."""
    subject = f"enterprise:91610100MA6U0J1K{case_id[-1]}L"
    return an_application(event_id=f"{case_id:>16}".encode(), case_id=case_id, subject=subject)


@dataclass
class Oracle:
    """The plain rule over events, one by one."""

    handlings: dict[str, Handling] = field(default_factory=dict)
    emits: list[CaseEvent] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)

    def take(self, event: CaseEvent) -> None:
        done = handle(self.handlings.get(event.case_id), event, PLAN)
        if done.handling is not None:
            self.handlings[event.case_id] = done.handling
        self.emits += done.emits
        self.taken += [] if done.refusals else [event.event_id]


def oracle(events: Sequence[CaseEvent]) -> Oracle:
    played = Oracle()
    for event in events:
        played.take(event)
    return played


@st.composite
def told(draw: st.DrawFn) -> list[CaseEvent]:
    """What people say of two cases, sensible or not, as it would come on the log: by what the oracle has got to."""
    played = Oracle()
    events: list[CaseEvent] = []
    for place in range(draw(st.integers(1, 25))):
        case_id = draw(st.sampled_from(CASES))
        event = _said(draw, played.handlings.get(case_id), case_id, place)
        played.take(event)
        events.append(event)
    return events


def _said(draw: st.DrawFn, handling: Handling | None, case_id: str, place: int) -> CaseEvent:
    if handling is None:
        return application(case_id)
    common: Row = {"event_id": place.to_bytes(16), "case_id": case_id}
    at: Row = {"at": SUBMITTED_AT + place * TURN_US}
    lead: Row = {"department": "market-regulation"}
    item: Row = {}
    if handling.assignments:
        assignment = draw(st.sampled_from(handling.assignments))
        item = {"assignment_id": assignment.assignment_id, "department": assignment.department}
    payments = [each.payment for each in handling.items if each.payment]
    decision = draw(
        st.sampled_from(("approve",) * 5 + ("refuse", "supplement", "suspend", "resume", "pass-on", "return"))
    )
    possible: list[CaseEvent] = [
        ItemHandled(
            **common,
            **at,
            **item,
            decision=decision,
            reason="理由",
            missing=("lease",),
            pass_on_to="housing",
            results=(),
            handled_by="甲",
        ),
        ItemReviewed(**common, **at, **item, reviewed_by="乙", approved=draw(st.booleans())),
        ApplicationSupplemented(
            **common,
            **at,
            materials=(SuppliedMaterial(material="lease", means="upload"),),
            form=draw(st.none() | st.just(b"sealed")),
            supplemented_by="丙",
        ),
        CaseSuspended(**common, **at, **lead, reason="事", suspended_by="丁"),
        CaseResumed(**common, **at, **lead, reason="事", resumed_by="丁"),
        DeadlinePassed(**common, **at),
        CaseEvaluated(**common, **at, stars=draw(st.integers(1, 5)), evaluated_by="丙"),
        *(
            PaymentConfirmed(
                **common, payment_id=each.payment_id, amount_fen=each.amount_fen, paid_at=SUBMITTED_AT + place
            )
            for each in payments
        ),
    ]
    weighted = [*possible[:2] * 6, *possible]
    if place > 15:
        weighted.append(ApplicationWithdrawn(**common, **at, reason="不办了", withdrawn_by="丙"))
    return draw(st.sampled_from(weighted))


def again(events: Sequence[CaseEvent], commits: frozenset[int], crashes: frozenset[int]) -> Iterator[CaseEvent]:
    """What a runner gets that commits its position at some places and crashes, back to the last commit, at others.

    What was refused is judged anew when it is read again, and a timer may find something due that its own scan would
    have rung for next: both are left out of what comes twice.
    """
    timers = {each.event_id for each in events if isinstance(each, DeadlinePassed)}
    taken = set(oracle(events).taken) - timers
    committed = 0
    for place, event in enumerate(events):
        yield event
        if place in commits:
            committed = place + 1
        if place in crashes:
            yield from (each for each in events[committed : place + 1] if each.event_id in taken)


class RowsOnly:
    """Takes batches as the store does, and knows nothing between them but rows."""

    def __init__(self) -> None:
        self.cases: dict[str, Row] = {}
        self.plans: dict[str, bytes] = {}
        self.assignments: dict[str, Row] = {}
        self.payments: dict[str, Row] = {}
        self.departments: set[tuple[str, str]] = set()
        self.emits: list[CaseEvent] = []

    def handling(self, case_id: str) -> Handling:
        row = self.cases[case_id]
        return handling_of(row["state"], row["application"], self.plans[row["plan_id"]])

    def take(self, batch: Sequence[CaseEvent]) -> None:
        arrivals: list[Arrival] = arrived(*batch)
        stored = {case_id: Stored(self.handling(case_id), 0) for case_id in self.cases}
        running: dict[str, dict[str, int | None]] = {}
        for row in self.cases.values():
            running.setdefault(f"{row['bundle']}/{row['subject']}", {})[row["case_id"]] = row["ended_at"]
        changes = folded_batch(arrivals, stored, DEFINITIONS, running)
        for handling, partition in changes.handlings:
            self._write(handling, changes.handled_before.get(handling.case_id), partition)
        self.emits += changes.emits

    def _write(self, handling: Handling, before: Handling | None, partition: int) -> None:
        plan = plan_row(handling.plan)
        self.plans[plan["plan_id"]] = plan["body"]
        if before is None:
            self.cases[handling.case_id] = handling_row(handling, partition, plan["plan_id"])
        else:
            row = {**moving_row(handling), **application_row(handling), "plan_id": plan["plan_id"]}
            self.cases[handling.case_id] |= row
        self.assignments |= {row["assignment_id"]: row for row in assignment_rows(handling, before)}
        self.payments |= {row["payment_id"]: row for row in payment_rows(handling, before)}
        self.departments |= {(row["case_id"], row["department"]) for row in department_rows(handling, before)}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told(), st.data())
def test_any_batches_repeats_and_crashes_reach_the_same_case(events: list[CaseEvent], data: st.DataObject) -> None:
    places = st.frozensets(st.integers(0, len(events) - 1))
    left = list(again(events, data.draw(places), data.draw(places)))
    runner = RowsOnly()
    for size in (*data.draw(st.lists(st.integers(1, 5), max_size=12)), len(left)):
        if batch := left[:size]:
            runner.take(batch)
        left = left[size:]
    played = oracle(events)
    handlings = played.handlings
    assert {case_id: runner.handling(case_id) for case_id in runner.cases} == handlings
    assert runner.emits == played.emits
    for handling in handlings.values():
        own = [assignment_view(row) for row in runner.assignments.values() if row["case_id"] == handling.case_id]
        assert {each.assignment_id: each for each in own} == {
            each.assignment_id: each for each in assignment_views(handling)
        }
        assert {(handling.case_id, code) for code in departments_of_handling(handling)} == {
            each for each in runner.departments if each[0] == handling.case_id
        }
    paid = {each.payment.payment_id: each.payment for case in handlings.values() for each in case.items if each.payment}
    assert {key: (row["amount_fen"], row["paid_at"]) for key, row in runner.payments.items()} == {
        key: (each.amount_fen, each.paid_at) for key, each in paid.items()
    }
