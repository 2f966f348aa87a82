"""What cases count for: once each, however often their events are told."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from processors.domain.case import Case
from processors.domain.counting import Counted, counted
from processors.domain.handling import Handling, handle
from processors.domain.step import step
from tests.processors.handling_story import SUBMITTED_AT, a_plan, an_application, an_item, decided, judged
from tests.processors.story import (
    SECOND,
    answer,
    answered,
    deadline,
    handled,
    request,
    reviewed,
    small_definition,
)
from topics.events import CaseEvent, DeadlinePassed

SMALL = small_definition()
REQUEST = request(definition=SMALL)
HUB = answered("hub", answer("paid", "tax"), answer("staff", "tax", "source-behind"))
Figure = tuple[str, str | None, str | None]


def played(events: Iterable[CaseEvent]) -> list[Counted]:
    case: Case | None = None
    found: list[Counted] = []
    for event in events:
        done = step(case, event, SMALL)
        if done.case is not None and done.case is not case:
            found += counted(case, done.case)
        case = done.case
    return found


def handled_case(plan: object, *steps: object) -> list[Counted]:
    """``steps`` are events, or functions of the case that make one."""
    handling: Handling | None = None
    found: list[Counted] = []
    for each in steps:
        event = each(handling) if callable(each) else each
        done = handle(handling, event, plan)  # type: ignore[arg-type]
        if done.handling is not None and done.handling is not handling:
            found += counted(handling, done.handling)
        handling = done.handling
    return found


def figures(found: Iterable[Counted]) -> Counter[Figure]:
    return Counter((each.figure, each.department, each.label) for each in found)


def test_a_verification_that_everybody_answers() -> None:
    labour = [handled("staff", "labour", at=10), reviewed("staff", "labour", at=20)]
    tax = [handled("staff", "tax", at=12), reviewed("staff", "tax", at=25)]
    found = played([REQUEST, HUB, *labour, *tax])
    assert figures(found) == {
        ("cases-opened", None, None): 1,
        ("cases-moved", None, "running"): 1,
        ("archive-answers", "tax", "clear"): 1,
        ("archive-answers", "tax", "source-behind"): 1,
        ("department-answers", "labour", "clear"): 1,
        ("department-answers", "tax", "clear"): 1,
        ("cases-moved", None, "reported"): 1,
        ("cases-closed", None, "reported"): 1,
    }
    took = {(each.figure, each.department): each.took_us for each in found if each.label in ("clear", "reported")}
    assert took["archive-answers", "tax"] == SECOND
    assert took["cases-closed", None] == 25 * SECOND
    assert {each.bundle for each in found if each.department is None} == {"small"}


def test_who_was_asked_and_did_not_answer_missed_the_deadline() -> None:
    found = figures(played([REQUEST, HUB, deadline()]))
    assert found["department-answers", "labour", "timed-out"] == 1
    assert found["department-answers", "tax", "timed-out"] == 1
    assert found["deadlines-missed", "labour", "check"] == found["deadlines-missed", "tax", "check"] == 1
    assert found["cases-closed", None, "reported"] == 1


def test_when_the_hub_did_not_answer_the_department_missed_nothing() -> None:
    found = figures(played([REQUEST, deadline()]))
    assert found["archive-answers", "tax", "timed-out"] == 2
    assert found["department-answers", "labour", "timed-out"] == 1
    assert found["deadlines-missed", "tax", "check"] == 0


EVENTS = [
    HUB,
    answered("hub", answer("paid", "tax", "found"), at=3),
    handled("staff", "labour", at=10),
    reviewed("staff", "labour", at=20),
    handled("staff", "tax", at=12),
    answered("labour", answer("staff", "labour"), at=15),
    deadline(),
]


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_events_that_are_told_again_count_no_second_time(events: list[CaseEvent]) -> None:
    once = [REQUEST, *events]
    again = [each for event in once for each in (event, event, REQUEST)]
    assert figures(played(again)) == figures(played(once))


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_each_part_counts_once_by_who_answers_it(events: list[CaseEvent]) -> None:
    found = figures(played([REQUEST, *events]))
    by_who = Counter((figure, department) for figure, department, label in found.elements() if label != "timed-out")
    assert by_who["archive-answers", "tax"] <= 2
    assert found["cases-opened", None, None] == 1
    assert found["cases-closed", None, "reported"] <= 1


def test_an_application_counts_its_items_its_end_and_its_time() -> None:
    plan = a_plan(an_item(1, handled_and_reviewed=False))
    found = handled_case(plan, an_application(), lambda case: decided(case, 1))
    assert figures(found)["items-decided", "market-regulation", "approve"] == 1
    assert [each.took_us for each in found if each.figure == "items-decided"] == [3_600_000_000]
    assert figures(found)["cases-opened", None, None] == 1
    assert {each.bundle for each in found if each.department is None} == {"food-outlet"}


def test_a_decision_that_was_returned_counts_for_nothing() -> None:
    plan = a_plan(an_item(1, handled_and_reviewed=True))
    steps = [an_application(), lambda case: decided(case, 1), lambda case: judged(case, 1, approved=False)]
    assert not figures(handled_case(plan, *steps))["items-decided", "market-regulation", "approve"]


def test_an_item_that_is_overdue_is_missed_once() -> None:
    late = SUBMITTED_AT + 30 * 86_400 * SECOND
    rung = [DeadlinePassed(event_id=b"deadline%08d" % number, case_id="case-1", at=late) for number in range(2)]
    found = figures(handled_case(a_plan(an_item(1)), an_application(), *rung))
    assert found["deadlines-missed", "market-regulation", "item"] == 1
