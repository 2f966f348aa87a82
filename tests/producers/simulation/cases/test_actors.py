"""What people do when the hub tells them something."""

from typing import Any

import msgspec
import pytest

from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.acts import event_id
from producers.simulation.cases.script import CaseScript, ItemScript
from tests.producers.simulation.cases.scripting import LISTING, NOW, script
from topics.events import (
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    CaseNotified,
    CaseResumed,
    CaseSuspended,
    CaseUpdated,
    ItemDispatched,
    ItemHandled,
    ItemReviewed,
    LineState,
    PaymentConfirmed,
    PaymentRequested,
    ResultRecorded,
    TaskAssigned,
)


def dispatched(number: int = 1, department: str = "market-regulation", **more: Any) -> ItemDispatched:
    fields: dict[str, Any] = {
        "assignment_id": f"assignment-{number}-{department}",
        "department": department,
        "bundle": "enterprise-change",
        "item": "610131001000",
        "number": number,
        "text": "企业变更登记",
        "subject": "enterprise:911",
        "purpose": "变更",
        "kind": "item",
        "dispatched_at": NOW,
        "handled_and_reviewed": True,
        "joint": False,
        **more,
    }
    return ItemDispatched(event_id=event_id("dispatched", str(fields)), case_id="case-1", **fields)


def updated(revision: int, status: str = "handling", **items: str) -> CaseUpdated:
    lines = tuple(LineState(check_id=name.replace("_", "-"), answer=state) for name, state in items.items())
    return CaseUpdated(
        event_id=event_id("updated", str(revision)),
        case_id="case-1",
        revision=revision,
        status=status,
        at=NOW,
        lines=lines,
    )


def notified(kind: str, number: int | None = None, recipient: str = "applicant") -> CaseNotified:
    return CaseNotified(
        event_id=event_id("notified", kind, str(number)),
        case_id="case-1",
        recipient=recipient,
        kind=kind,
        number=number,
        text="…",
        at=NOW,
    )


def does(case: CaseScript, *told: Any) -> list[Any]:
    """What is published after the last of what is told."""
    actors = CaseActors(case)
    acts = [actors.hear(event, NOW) for event in told]
    return [act.event for act in acts[-1]]


def test_two_persons_approve() -> None:
    handled, reviewed = does(script(), dispatched())
    assert isinstance(handled, ItemHandled)
    assert isinstance(reviewed, ItemReviewed)
    assert (handled.decision, reviewed.approved) == ("approve", True)
    assert handled.handled_by != reviewed.reviewed_by
    assert handled.at < reviewed.at
    assert handled.results[0].name == "营业执照"


def test_one_person_approves_where_no_review_is_due() -> None:
    assert [type(each) for each in does(script(), dispatched(handled_and_reviewed=False))] == [ItemHandled]


def test_a_repeat_sets_off_nothing() -> None:
    assert does(script(), dispatched(), dispatched()) == []


@pytest.mark.parametrize(
    ("way", "decisions"),
    [
        ("refuse", ["refuse"]),
        ("suspend", ["suspend", "resume", "approve"]),
        ("pass-on", ["pass-on"]),
        ("correct", ["approve", "approve"]),
        ("never", []),
    ],
)
def test_departments_go_the_way_of_the_script(way: Any, decisions: list[str]) -> None:
    done = does(script({1: ItemScript(way=way)}), dispatched())
    assert [each.decision for each in done if isinstance(each, ItemHandled)] == decisions
    assert len({each.event_id for each in done}) == len(done)


def test_who_gets_it_passed_on_approves() -> None:
    case = script({1: ItemScript(way="pass-on")})
    first = does(case, dispatched())[0]
    assert first.pass_on_to not in ("market-regulation", None)
    handled = does(case, dispatched(), dispatched(department=first.pass_on_to))[0]
    assert handled.decision == "approve"


def test_the_lead_has_nobody_to_return_it_to() -> None:
    assert does(script({1: ItemScript(way="return")}), dispatched())[0].decision == "approve"
    returned = does(script({4: ItemScript(way="return")}), dispatched(4, "tax"))
    assert [each.decision for each in returned] == ["return"]


def test_a_licence_speaks_for_its_department() -> None:
    (issued,) = does(script({1: ItemScript(way="issue")}), dispatched())
    assert isinstance(issued, ResultRecorded)
    assert (issued.resource, issued.fact) == ("market-regulation.business-licence", "LicenceIssued")
    assert issued.case_id in issued.record_id


def test_a_slow_department_takes_its_time() -> None:
    acts = CaseActors(script({1: ItemScript(way="slow")})).hear(dispatched(), NOW)
    assert all(act.after_s > 0 for act in acts)
    assert acts[0].event.at >= NOW + 2_000_000  # type: ignore[attr-defined]


def test_a_supplement_is_asked_for_supplied_and_then_approved() -> None:
    case = script({1: ItemScript(way="supplement")})
    asked = does(case, dispatched())[0]
    assert (asked.decision, asked.missing) == ("supplement", ("supplement-1",))
    supplied = does(case, dispatched(), notified("supplement", 1))
    assert [type(each) for each in supplied] == [ApplicationSupplemented]
    waiting, there = updated(2, change_registration="supplementing"), updated(3, change_registration="open")
    told = (dispatched(), notified("supplement", 1), waiting, there)
    approved = does(case, *told)
    assert approved[0].decision == "approve"
    assert approved[0].event_id != asked.event_id


def test_an_item_that_was_open_before_is_not_taken_for_supplied() -> None:
    """An update that was told before the supplement was asked for may arrive after it."""
    case = script({1: ItemScript(way="supplement")})
    assert does(case, dispatched(), notified("supplement", 1), updated(1, change_registration="open")) == []


def test_a_notice_of_a_fee_is_not_taken_for_a_second_question() -> None:
    case = script({1: ItemScript(way="supplement", fee_fen=700)})
    again = msgspec.structs.replace(notified("supplement", 1), event_id=event_id("the fee"))
    assert does(case, dispatched(), notified("supplement", 1), again) == []


def test_who_is_silent_supplies_and_pays_nothing() -> None:
    silent = script({1: ItemScript(way="supplement", supplies=False, pays=False)})
    assert does(silent, dispatched(), notified("supplement", 1)) == []
    assert does(silent, payment()) == []


def payment() -> PaymentRequested:
    return PaymentRequested(
        event_id=event_id("payment"),
        case_id="case-1",
        payment_id="payment-1",
        item="610131001000",
        number=1,
        payer="enterprise:911",
        amount_fen=700,
        at=NOW,
    )


def test_a_fee_is_asked_for_and_paid_to_the_fen() -> None:
    case = script({1: ItemScript(fee_fen=700)})
    assert does(case, dispatched())[0].fee_fen == 700
    paid = does(case, payment())[0]
    assert isinstance(paid, PaymentConfirmed)
    assert paid.amount_fen == 700


def task(check_id: str = "tax") -> TaskAssigned:
    return TaskAssigned(
        event_id=event_id("task", check_id),
        case_id="case-1",
        task_id=f"task-{check_id}",
        department="tax",
        bundle="listing-compliance",
        check_id=check_id,
        subject="enterprise:911",
        question="企业合法纳税情况无违法违规信息核查",
        since=NOW - 1,
        until=NOW,
        territory="6101",
        purpose="上市",
        assigned_at=NOW,
        due_at=NOW + 60_000_000,
        handled_and_reviewed=True,
    )


def test_a_check_that_archives_cannot_answer_is_answered_by_two_persons_such_that_it_passes() -> None:
    case = script(bundle=LISTING, choices={})
    handled, reviewed = does(case, task())
    assert (handled.answer.answer, reviewed.approved) == ("clear", True)
    assert handled.handled_by != reviewed.reviewed_by


def test_a_withdrawal_comes_with_the_first_assignment_and_departments_leave_it() -> None:
    case = script(withdraws=True)
    assert [type(each) for each in does(case, dispatched())] == [ApplicationWithdrawn]
    assert does(case, dispatched(), dispatched(4, "tax")) == []


def test_nobody_decides_while_the_case_comes_to_rest() -> None:
    case = script(rests=True)
    assert does(case, dispatched()) == []
    assert [type(each) for each in does(case, dispatched(), updated(1))] == [CaseSuspended]
    rested = (dispatched(), updated(1), updated(2, "suspended"))
    assert [type(each) for each in does(case, *rested)] == [CaseResumed]
    assert [type(each) for each in does(case, *rested, updated(3))] == [ItemHandled, ItemReviewed]


def test_an_ended_case_is_evaluated_once() -> None:
    case = script(stars=2)
    assert [type(each) for each in does(case, updated(1, "delivered"))] == [CaseEvaluated]
    assert does(case, updated(1, "delivered"), updated(2, "delivered")) == []
    assert does(msgspec.structs.replace(case, stars=0), updated(1, "delivered")) == []


def test_what_was_told_is_remembered() -> None:
    actors = CaseActors(script())
    actors.hear(updated(2, "delivered", change_registration="approved"), NOW)
    actors.hear(updated(1, "handling", change_registration="open"), NOW)
    assert (actors.status, actors.items) == ("delivered", {1: "approved"})
