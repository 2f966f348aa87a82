"""Whatever departments do in whatever order, however often it is told: a case holds together and comes to one end."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.handling import Handling, HandlingPlan, handle, next_due
from processors.domain.handling.plan import cycle
from processors.domain.handling.state import DECIDED
from tests.processors.handling_story import SUBMITTED_AT, a_plan, an_item, opened
from topics.events import (
    ApplicationSupplemented,
    CaseEvent,
    CaseResumed,
    CaseSuspended,
    DeadlinePassed,
    Delivery,
    ItemHandled,
    ItemReviewed,
    ResultsDelivered,
    SuppliedMaterial,
)

DEPARTMENTS = ("market-regulation", "urban-management", "fire-rescue", "tax")
STATES = msgspec.json.Decoder(Handling)


@st.composite
def plans(draw: Any) -> HandlingPlan:
    count = draw(st.integers(1, 5))
    items = []
    for number in range(1, count + 1):
        departments = tuple(draw(st.lists(st.sampled_from(DEPARTMENTS), min_size=1, max_size=2, unique=True)))
        after = tuple(draw(st.sets(st.integers(1, number - 1), max_size=2))) if number > 1 else ()
        reviewed = draw(st.booleans())
        items.append(an_item(number, departments=departments, after=after, handled_and_reviewed=reviewed))
    return a_plan(*items)


def acts(draw: Any, handling: Handling, place: int) -> CaseEvent:
    """Something that somebody may do now, sensible or not."""
    common: dict[str, Any] = {
        "event_id": place.to_bytes(16),
        "case_id": handling.case_id,
        "at": SUBMITTED_AT + place * 60_000_000,
    }
    make = draw(
        st.sampled_from((*(_handles,) * 4, *(_reviews,) * 2, _supplies, _suspends, _resumes, _rings, _hands_over))
    )
    event: CaseEvent = make(draw, handling, common)
    return event


def _of_assignment(draw: Any, handling: Handling) -> dict[str, Any]:
    assignment = draw(st.sampled_from(handling.assignments))
    return {"assignment_id": assignment.assignment_id, "department": assignment.department}


def _handles(draw: Any, handling: Handling, common: dict[str, Any]) -> ItemHandled:
    decisions = (*("approve",) * 4, "refuse", "supplement", "suspend", "resume", "pass-on", "return")
    return ItemHandled(
        **common,
        **_of_assignment(draw, handling),
        decision=draw(st.sampled_from(decisions)),
        reason="理由",
        missing=("lease",),
        pass_on_to=draw(st.sampled_from(DEPARTMENTS)),
        results=(),
        handled_by="甲",
    )


def _reviews(draw: Any, handling: Handling, common: dict[str, Any]) -> ItemReviewed:
    return ItemReviewed(**common, **_of_assignment(draw, handling), reviewed_by="乙", approved=draw(st.booleans()))


def _supplies(_draw: Any, _handling: Handling, common: dict[str, Any]) -> ApplicationSupplemented:
    materials = (SuppliedMaterial(material="lease", means="upload"),)
    return ApplicationSupplemented(**common, materials=materials, supplemented_by="丙")


def _suspends(_draw: Any, _handling: Handling, common: dict[str, Any]) -> CaseSuspended:
    return CaseSuspended(**common, department="market-regulation", reason="事", suspended_by="丁")


def _resumes(_draw: Any, _handling: Handling, common: dict[str, Any]) -> CaseResumed:
    return CaseResumed(**common, department="market-regulation", reason="事", resumed_by="丁")


def _hands_over(_draw: Any, _handling: Handling, common: dict[str, Any]) -> ResultsDelivered:
    return ResultsDelivered(**common, department="market-regulation", items=(), means="counter", delivered_by="戊")


def _rings(draw: Any, _handling: Handling, common: dict[str, Any]) -> DeadlinePassed:
    return DeadlinePassed(**{**common, "at": common["at"] + draw(st.integers(0, 40)) * 86_400_000_000})


@given(st.data())
def test_a_case_holds_together_whatever_is_done(data: st.DataObject) -> None:
    plan = data.draw(plans())
    delivery = Delivery(together=data.draw(st.booleans()), means=data.draw(st.sampled_from(("counter", "e-licence"))))
    handling = opened(plan, delivery=delivery)
    events: list[CaseEvent] = []
    for place in range(1, data.draw(st.integers(1, 40))):
        event = acts(data.draw, handling, place)
        done = handle(handling, event)
        assert done.handling is not None
        if done.handling is not handling:
            assert done.handling.revision == handling.revision + 1
            assert handle(done.handling, event).handling is done.handling, "a repeat changes nothing"
        else:
            assert done.emits == ()
        handling = done.handling
        events.append(event)
        _holds_together(handling)
    assert STATES.decode(msgspec.json.encode(handling)) == handling
    assert _run(plan, delivery, events) == handling, "the same events give the same case"


def _run(plan: HandlingPlan, delivery: Delivery, events: list[CaseEvent]) -> Handling | None:
    handling: Handling | None = opened(plan, delivery=delivery)
    for event in events:
        handling = handle(handling, event).handling
    return handling


def _holds_together(handling: Handling) -> None:
    for plan, item in handling.planned():
        current = [each for each in handling.of_item(plan.number) if each.is_active]
        if item.state in DECIDED:
            assert not current, "nobody works on what is decided"
        elif item.state == "waiting":
            assert handling.pause is not None or any(
                earlier is None or earlier.state not in DECIDED for earlier in map(handling.item, plan.after)
            ), "what may start has started"
        else:
            assert current, "somebody works on what is not decided"
    if handling.ended:
        assert handling.outcome is not None
        assert not any(each.is_active for each in handling.assignments if each.kind in ("item", "delivery"))
    for each in handling.assignments:
        assert (each.paused_since is None) == (not each.paused_for)


@given(st.data())
def test_every_timer_that_rings_leads_on(data: st.DataObject) -> None:
    handling = opened(data.draw(plans()))
    before = 0
    while (due := next_due(handling)) is not None:
        assert due > before or handling.revision < 50
        done = handle(handling, DeadlinePassed(event_id=due.to_bytes(16), case_id=handling.case_id, at=due))
        assert done.handling is not None
        assert done.handling is not handling, "a due timer changes something"
        handling, before = done.handling, due
    assert all(each.overdue for each in handling.assignments if each.is_active)


@given(st.permutations(range(6)), st.data())
def test_the_order_of_the_departments_does_not_matter(order: list[int], data: st.DataObject) -> None:
    plan = a_plan(*(an_item(number, DEPARTMENTS[number % 4]) for number in range(1, 7)))
    refused = data.draw(st.sets(st.integers(0, 5)))
    handling: Handling | None = opened(plan)
    assert handling is not None
    assignments = handling.assignments
    for place in order:
        event = ItemHandled(
            event_id=place.to_bytes(16),
            case_id="case-1",
            assignment_id=assignments[place].assignment_id,
            department=assignments[place].department,
            decision="refuse" if place in refused else "approve",
            reason="理由",
            missing=(),
            results=(),
            handled_by="甲",
            at=SUBMITTED_AT,
        )
        handling = handle(handling, event).handling
        assert handling is not None
    states = [each.state for each in handling.items]
    assert states == ["refused" if place in refused else "approved" for place in range(6)]
    assert handling.status == ("refused" if len(refused) == 6 else "delivered")


@given(st.dictionaries(st.integers(1, 8), st.sets(st.integers(1, 8), max_size=3)))
def test_a_circle_is_found_exactly_where_there_is_one(after: dict[int, set[int]]) -> None:
    known = {number: tuple(each for each in earlier if each in after) for number, earlier in after.items()}

    def reaches(start: int, goal: int, seen: frozenset[int]) -> bool:
        return any(
            step == goal or (step not in seen and reaches(step, goal, seen | {step})) for step in known.get(start, ())
        )

    assert bool(cycle(known.items())) == any(reaches(number, number, frozenset()) for number in known)
