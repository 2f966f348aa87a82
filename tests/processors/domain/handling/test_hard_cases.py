"""Cases that went wrong once: each test tells of one."""

from typing import Any

import msgspec
import pytest

from processors.domain.handling import Handling, handle, next_due
from processors.domain.handling.bounds import EARLY_US, MOST_ACTS
from processors.domain.handling.plan import CommitmentPlan
from processors.domain.handling.words import LONGEST_TEXT, MOST_FEE_FEN
from processors.domain.requests import moment
from tests.processors.domain.handling.test_handle_adversary import a_check, checking
from tests.processors.handling_story import (
    DAY_US,
    SUBMITTED_AT,
    a_plan,
    an_application,
    an_item,
    decided,
    emitted,
    judged,
    opened,
    refused,
    taken,
)
from topics.events import (
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvent,
    ChecksAnswered,
    CommitmentChecked,
    DeadlinePassed,
    Delivery,
    ItemResult,
    PartAnswer,
    ResultRecorded,
    ResultsDelivered,
    SuppliedMaterial,
)

HOUR_US = 3_600_000_000
NUMBER = "11010519491231002X"
ONE = an_item(1, "urban-management")


def supplied(number: int, at: int = SUBMITTED_AT + 9 * HOUR_US, material: str = "lease") -> ApplicationSupplemented:
    return ApplicationSupplemented(
        event_id=number.to_bytes(16),
        case_id="case-1",
        materials=(SuppliedMaterial(material=material, means="upload"),),
        supplemented_by="applicant-1",
        at=at,
    )


def withdrawn(at: int = SUBMITTED_AT + 9 * HOUR_US) -> ApplicationWithdrawn:
    return ApplicationWithdrawn(
        event_id=b"withdrawn-000001", case_id="case-1", reason="不办了", withdrawn_by="applicant-1", at=at
    )


def licence(**changed: Any) -> ResultRecorded:
    event = ResultRecorded(
        event_id=b"licence-00000001",
        case_id="case-1",
        department="urban-management",
        resource="urban-management.permit",
        record_type="permit",
        record_id="CG1",
        fact="LicenceIssued",
        fact_event_id=bytes(16),
        withdrawn=False,
        at=SUBMITTED_AT + HOUR_US,
    )
    return msgspec.structs.replace(event, **changed)


def checked(material: str, *, kept: bool = True, at: int = SUBMITTED_AT + 90 * DAY_US) -> CommitmentChecked:
    return CommitmentChecked(
        event_id=b"checked-00000001",
        case_id="case-1",
        department="urban-management",
        material=material,
        kept=kept,
        evidence=(),
        checked_by="赵",
        at=at,
    )


def answered(word: str, number: int) -> ChecksAnswered:
    """What the hub says of the check, item 2, the later the higher the number."""
    answer = PartAnswer(
        check_id="item-2",
        department="tax",
        subject="enterprise:91610100MA6U0J1K2L",
        answer=word,
        evidence=(),
        coverage=(),
    )
    at = SUBMITTED_AT + number * HOUR_US
    return ChecksAnswered(
        event_id=number.to_bytes(16), case_id="case-1", answered_by="hub", answered_at=at, answers=(answer,)
    )


def rung(handling: Handling) -> Handling:
    """The case after its next timer has rung."""
    due = next_due(handling)
    assert due is not None
    return taken(handling, DeadlinePassed(event_id=due.to_bytes(16), case_id="case-1", at=due))


def asked(handling: Handling | None = None, **changed: Any) -> Handling:
    handling = handling or opened(a_plan(ONE))
    return taken(handling, decided(handling, 1, "supplement", **changed))


def test_resting_while_a_supplement_is_awaited_forgets_neither() -> None:
    """The assignment came back open, without what was missing, and its clock never went on again."""
    waiting = asked()
    resting = taken(waiting, decided(waiting, 1, "suspend", at=SUBMITTED_AT + 2 * HOUR_US))
    back = taken(resting, decided(resting, 1, "resume", at=SUBMITTED_AT + 3 * HOUR_US))
    assert (back.assignments[0].state, back.assignments[0].missing) == ("supplementing", ("lease",))
    assert refused(back, decided(back, 1, "approve")) == "supplement-awaited"
    assert taken(back, supplied(1)).assignments[0].paused_for == ()


def test_what_is_supplied_while_the_assignment_rests_is_there_when_it_goes_on() -> None:
    waiting = asked()
    resting = taken(waiting, decided(waiting, 1, "suspend", at=SUBMITTED_AT + 2 * HOUR_US))
    resting = taken(resting, supplied(1))
    assert resting.assignments[0].state == "suspended"
    back = taken(resting, decided(resting, 1, "resume", at=SUBMITTED_AT + 12 * HOUR_US))
    before, after = opened(a_plan(ONE)).assignments[0], back.assignments[0]
    assert (after.state, after.missing, after.paused_for) == ("open", (), ())
    assert (after.due_at or 0) - (before.due_at or 0) == after.paused_us == 11 * HOUR_US


def test_a_refusal_that_the_reviewer_returns_still_waits_for_the_supplement() -> None:
    waiting = asked(opened(a_plan(msgspec.structs.replace(ONE, handled_and_reviewed=True))))
    proposed = taken(waiting, decided(waiting, 1, "refuse"))
    back = taken(proposed, judged(proposed, 1, approved=False))
    assert (back.assignments[0].state, back.assignments[0].missing) == ("supplementing", ("lease",))
    there = taken(proposed, supplied(1))
    assert taken(there, judged(there, 1, approved=False)).assignments[0].state == "open"


def test_passing_on_keeps_what_is_awaited_and_nobody_asks_twice() -> None:
    """Who got it next knew nothing of the supplement, and could have it asked for again and again."""
    waiting = asked()
    on = taken(waiting, decided(waiting, 1, "pass-on", pass_on_to="fire-rescue", at=SUBMITTED_AT + 5 * HOUR_US))
    new = on.assignments[-1]
    assert (new.department, new.state, new.missing) == ("fire-rescue", "supplementing", ("lease",))
    more = taken(on, decided(on, 1, "supplement", missing=("plan",), at=SUBMITTED_AT + 5 * HOUR_US))
    assert more.assignments[-1].missing == ("lease", "plan")
    there = taken(taken(more, supplied(1)), supplied(2, material="plan"))
    assert (there.assignments[-1].state, there.assignments[-1].paused_us) == ("open", 4 * HOUR_US)
    back = taken(there, decided(there, 1, "pass-on", pass_on_to="urban-management", at=SUBMITTED_AT + 10 * HOUR_US))
    again = decided(back, 1, "supplement", at=SUBMITTED_AT + 11 * HOUR_US)
    assert refused(back, again) == "supplement-asked-before"


def test_what_a_closed_assignment_once_missed_is_no_longer_awaited() -> None:
    """It could be supplied without end, and each time the case grew."""
    joint = an_item(1, departments=("market-regulation", "urban-management"))
    waiting = asked(opened(a_plan(joint, an_item(2))))
    over = taken(waiting, decided(waiting, 1, "refuse", assignment_id=waiting.assignments[0].assignment_id))
    assert refused(over, supplied(1)) == "not-asked-for"


def test_a_department_may_charge_nothing() -> None:
    """A fee of 0 was taken for none stated, and the register's was asked for."""
    plan = a_plan(msgspec.structs.replace(ONE, fee_fen=5000))
    assert taken(opened(plan), decided(opened(plan), 1, fee_fen=0)).status == "delivered"


def test_a_licence_that_comes_by_itself_costs_what_it_costs() -> None:
    """An item that its licence closed was never charged."""
    plan = a_plan(msgspec.structs.replace(ONE, fee_fen=5000, result_resource="urban-management.permit"))
    done = handle(opened(plan), licence())
    assert done.handling is not None
    assert done.handling.items[0].state == "paying"
    assert [each.amount_fen for each in emitted(done, "PaymentRequested")] == [5000]
    assert len(emitted(done, "ApprovalSynchronised")) == 1


def test_who_withdraws_with_the_licence_in_hand_is_still_bound() -> None:
    """A promise was forgotten when the applicant withdrew the rest after the first licence was handed out."""
    plan = a_plan(msgspec.structs.replace(ONE, materials=("fire-promise",)), an_item(2))
    promise = SuppliedMaterial(material="fire-promise", means="promise")
    ready = Delivery(together=False, means="e-licence")
    handling = opened(plan, materials=(promise,), delivery=ready)
    handling = taken(taken(handling, decided(handling, 1)), withdrawn())
    assert handling.status == "withdrawn"
    handling = rung(handling)
    assert [each.kind for each in handling.assignments if each.is_active] == ["commitment-check"]
    done = handle(handling, checked("fire-promise", kept=False))
    assert len(emitted(done, "CommitmentBroken")) == 1
    assert done.handling is not None
    assert not any(each.is_active for each in done.handling.assignments)


@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_nobody_checks_a_promise_of_a_case_in_which_nothing_was_granted(end: str) -> None:
    """The check of a pending material stayed open in a refused case, and nobody could ever close it."""
    plan = a_plan(ONE, commitments=(CommitmentPlan(material="lease", kind="later", days=3),))
    handling = rung(opened(plan, materials=(SuppliedMaterial(material="lease", means="later"),)))
    while not any(each.kind == "commitment-check" for each in handling.assignments):
        handling = rung(handling)
    late = SUBMITTED_AT + 30 * DAY_US
    event = decided(handling, 1, "refuse", at=late) if end == "refuse" else withdrawn(late)
    handling = taken(handling, event)
    assert handling.ended
    assert not any(each.is_active for each in handling.assignments)
    assert next_due(handling) is None


def test_ids_of_two_cases_differ_though_a_careless_sender_repeats_its_own() -> None:
    """A department that gave the same event id in two cases made the hub tell two things under one id."""
    plan = a_plan(ONE, an_item(2))
    told = []
    for case_id in ("case-1", "case-2"):
        handling = taken(None, an_application(case_id=case_id, event_id=case_id.encode() * 3), plan)
        told += [each.event_id for each in handle(handling, decided(handling, 1, event_id=bytes(16))).emits]
    assert len(set(told)) == len(told)


def test_ids_of_one_timer_that_rings_twice_differ() -> None:
    """A clock that stood and was due at the same instant again told nothing: its notice had the first one's id."""
    handling = opened(a_plan(ONE))
    due = next_due(handling) or 0
    ring = DeadlinePassed(event_id=due.to_bytes(16), case_id="case-1", at=due)
    first = handle(handling, ring)
    assert first.handling is not None
    again = handle(taken(first.handling, decided(first.handling, 1, "suspend")), ring)
    assert again.emits == ()
    later = handle(rung(first.handling), decided(handling, 1, event_id=ring.event_id))
    assert not {each.event_id for each in first.emits} & {each.event_id for each in later.emits}


def test_ten_thousand_acts_leave_a_bounded_case_that_can_still_end() -> None:
    """Suspending and resuming made a case grow without end."""
    handling = opened(a_plan(msgspec.structs.replace(ONE, handled_and_reviewed=True)))
    codes = set()
    for place in range(10_000):
        at = SUBMITTED_AT + place * 1_000_000
        decision = "resume" if handling.assignments[0].state == "suspended" else "suspend"
        done = handle(handling, decided(handling, 1, decision, event_id=place.to_bytes(16), at=at))
        assert done.handling is not None
        codes |= {each.code for each in done.refusals}
        handling = done.handling
    assert codes == {"too-many-acts"}
    assert len(handling.taken) == MOST_ACTS
    assert len(msgspec.json.encode(handling)) < 100_000
    handling = taken(handling, decided(handling, 1))
    assert taken(handling, judged(handling, 1)).status == "delivered"


def test_whoever_passes_on_for_ever_is_stopped() -> None:
    handling = opened(a_plan(ONE))
    for place in range(2 * MOST_ACTS):
        to = "urban-management" if place % 2 else "fire-rescue"
        done = handle(handling, decided(handling, 1, "pass-on", pass_on_to=to, event_id=place.to_bytes(16)))
        assert done.handling is not None
        handling = done.handling
        if done.refusals:
            break
    assert len(handling.assignments) == MOST_ACTS + 1
    assert taken(handling, decided(handling, 1)).status == "delivered"


def test_a_clock_that_is_years_behind_is_not_believed() -> None:
    """A department that sent seconds as microseconds had its next items due in 1970."""
    handling = opened()
    assert refused(handling, decided(handling, 1, at=SUBMITTED_AT // 1_000_000)) == "bad-time"
    taken(handling, decided(handling, 1, at=SUBMITTED_AT - EARLY_US))


CHECKED = checking(a_plan(ONE, a_check(2)))


def test_a_check_that_says_something_else_is_decided_anew_and_pushed_once_more() -> None:
    """The first decision was pushed to supervision a second time with the second one."""
    handling = taken(opened(CHECKED), answered("found", 1))
    handling = taken(handling, decided(handling, 2, at=SUBMITTED_AT + 2 * HOUR_US))
    assert handling.items[1].state == "approved"
    handling = taken(handling, answered("disputed", 3))
    assert handling.items[1].state == "open"
    done = handle(handling, decided(handling, 2, at=SUBMITTED_AT + 4 * HOUR_US))
    assert [each.at for each in emitted(done, "ApprovalSynchronised")] == [SUBMITTED_AT + 4 * HOUR_US]
    refused_later = handle(handling, decided(handling, 2, "refuse", at=SUBMITTED_AT + 4 * HOUR_US))
    assert [each.decision for each in emitted(refused_later, "ApprovalSynchronised")] == ["refuse"]


def test_a_case_that_is_decided_is_not_taken_up_again_by_a_later_answer() -> None:
    """An item was opened again while the results were handed over, and its task outlived the case."""
    handling = opened(CHECKED, delivery=Delivery(together=True, means="counter"))
    handling = taken(taken(handling, decided(handling, 1)), answered("clear", 1))
    assert handling.status == "deciding"
    handling = taken(handling, answered("found", 2))
    assert (handling.items[1].state, handling.items[1].answer) == ("approved", "found")
    assert [each.kind for each in handling.assignments if each.is_active] == ["delivery"]


def test_checks_that_nobody_answers_go_to_a_person_once_their_time_is_over() -> None:
    """The item stood at "checking" for ever, and nobody was told."""
    handling = rung(opened(CHECKED))
    task = handling.of_item(2)[-1]
    assert (handling.items[1].state, task.department) == ("open", "tax")
    assert "逾期未答复" in task.text
    late = handle(handling, answered("clear", 1))
    assert late.handling is not None
    assert late.handling.items[1].state == "approved", "nobody has begun, and the check says it by itself now"
    assert [each.decided_by for each in emitted(late, "ApprovalSynchronised")] == ["hub"]
    assert not any(each.is_active for each in late.handling.of_item(2))


def test_who_owes_an_answer_to_a_check_is_told_when_its_time_is_over() -> None:
    handling = taken(opened(CHECKED), msgspec.structs.replace(answered("unavailable", 0), event_id=bytes(16)))
    due = next_due(handling) or 0
    done = handle(handling, DeadlinePassed(event_id=due.to_bytes(16), case_id="case-1", at=due))
    told = {(each.recipient, each.kind, each.number) for each in emitted(done, "CaseNotified")}
    assert told == {("tax", "overdue", 2), ("market-regulation", "escalated", 2)}


def test_a_clock_that_is_centuries_ahead_leads_to_no_date_that_cannot_be_written() -> None:
    """Resumed "in 2199" again and again, an item was due after the year 9999, and no inbox that held it was shown."""
    handling = opened(a_plan(ONE))
    late = 7_258_118_399_000_000
    for place in range(80):
        decision, at = ("resume", late) if place % 2 else ("suspend", SUBMITTED_AT)
        handling = taken(handling, decided(handling, 1, decision, event_id=place.to_bytes(16), at=at))
    assert moment(handling.assignments[0].due_at or 0).year == 2200


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"reason": f"申请人{NUMBER}"}, "personal-data-in-clear"),
        ({"pass_on_to": NUMBER}, "personal-data-in-clear"),
        ({"handled_by": NUMBER}, "personal-data-in-clear"),
        ({"missing": (NUMBER,)}, "personal-data-in-clear"),
        ({"results": (ItemResult(name="证", record_id=NUMBER),)}, "personal-data-in-clear"),
        ({"results": (ItemResult(name="证", licence_identifier="x"),)}, "bad-licence-identifier"),
        ({"reason": "a\0"}, "bad-text"),
        ({"reason": "\ud800"}, "bad-text"),
        ({"reason": "长" * (LONGEST_TEXT + 1)}, "too-long"),
        ({"missing": ("a",) * 101}, "too-many"),
        ({"fee_fen": MOST_FEE_FEN + 1}, "bad-fee"),
        ({"fee_fen": -1}, "bad-fee"),
    ],
)
def test_what_a_department_may_not_write(changed: dict[str, Any], code: str) -> None:
    """Straight onto the log, past every door that would have told it."""
    handling = opened(a_plan(ONE))
    event = decided(handling, 1, **changed)
    assert refused(handling, event) == code
    assert NUMBER not in str(handle(handling, event).refusals)


@pytest.mark.parametrize(
    "changed",
    [
        {"purpose": NUMBER},
        {"bundle": NUMBER},
        {"case_id": NUMBER},
        {"submitted_by": f"员工{NUMBER}"},
        {"agent": "enterprise:91610100MA6U0J1K2L", "authority": NUMBER},
        {"policy": NUMBER},
        {"materials": (SuppliedMaterial(material="lease", means="upload", reference=NUMBER),)},
    ],
)
def test_no_application_holds_an_id_number_in_clear(changed: dict[str, Any]) -> None:
    done = handle(None, an_application(**changed), a_plan())
    assert (done.handling, done.emits) == (None, ())
    assert [each.code for each in done.refusals] == ["personal-data-in-clear"]
    assert NUMBER not in str(done.refusals)


@pytest.mark.parametrize(
    "event",
    [
        msgspec.structs.replace(withdrawn(), reason=NUMBER),
        msgspec.structs.replace(supplied(1), supplemented_by=NUMBER),
        msgspec.structs.replace(checked("lease"), note=NUMBER),
        licence(record_id=NUMBER),
        ResultsDelivered(
            event_id=bytes(16),
            case_id="case-1",
            department="market-regulation",
            items=(),
            means="counter",
            reference=NUMBER,
            delivered_by="戊",
            at=SUBMITTED_AT,
        ),
    ],
)
def test_no_act_holds_an_id_number_in_clear(event: CaseEvent) -> None:
    assert "personal-data-in-clear" in {each.code for each in handle(opened(), event).refusals}


def test_evidence_is_ids_of_events() -> None:
    event = msgspec.structs.replace(checked("lease"), evidence=("张三的口供",))
    assert "bad-evidence" in {each.code for each in handle(opened(), event).refusals}
