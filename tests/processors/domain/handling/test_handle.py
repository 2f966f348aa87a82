"""A handled case, act by act."""

import msgspec
import pytest

from catalog.working_days import load_calendar
from processors.domain.handling import Handling, SituationPlan, handle, next_due
from tests.processors.handling_story import (
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
    CaseEvaluated,
    CaseResumed,
    CaseSuspended,
    Choice,
    CommitmentChecked,
    DeadlinePassed,
    Delivery,
    ItemResult,
    PaymentConfirmed,
    RectificationAnswered,
    ResultRecorded,
    ResultsDelivered,
    SuppliedMaterial,
)

HOUR_US = 3_600_000_000
NOON = SUBMITTED_AT + 2 * HOUR_US


def ids(handling: Handling) -> dict[int, str]:
    return {each.number: each.state for each in handling.items}


def all_approved(handling: Handling) -> Handling:
    while active := [each for each in handling.assignments if each.kind == "item" and each.is_active]:
        event = decided(
            handling, active[0].number, assignment_id=active[0].assignment_id, department=active[0].department
        )
        handling = taken(handling, msgspec.structs.replace(event, event_id=active[0].assignment_id[:16].encode()))
    return handling


def deadline(handling: Handling, at: int) -> DeadlinePassed:
    return DeadlinePassed(event_id=b"deadline" + at.to_bytes(8), case_id=handling.case_id, at=at)


def test_items_start_at_once_as_far_as_their_order_allows() -> None:
    done = handle(None, an_application(), a_plan())
    assert done.handling is not None
    assert ids(done.handling) == {1: "open", 2: "open", 3: "waiting"}
    assert [each.number for each in emitted(done, "ItemDispatched")] == [1, 2]
    assert [each.kind for each in emitted(done, "CaseNotified")] == ["receipt"]
    (update,) = emitted(done, "CaseUpdated")
    assert (update.revision, update.status, len(update.lines)) == (1, "handling", 3)


def test_an_item_waits_for_those_before_it() -> None:
    handling = taken(opened(), decided(opened(), 1))
    assert ids(handling) == {1: "approved", 2: "open", 3: "open"}


def test_what_comes_after_a_refused_item_stops() -> None:
    handling = taken(opened(), decided(opened(), 1, "refuse"))
    assert ids(handling) == {1: "refused", 2: "open", 3: "stopped"}
    handling = all_approved(handling)
    assert (handling.status, handling.outcome) == ("delivered", "partly")


def test_nothing_granted_is_a_refused_case() -> None:
    plan = a_plan(an_item(1))
    handling = taken(opened(plan), decided(opened(plan), 1, "refuse"))
    assert (handling.status, handling.outcome, handling.ended_at) == ("refused", "refused", SUBMITTED_AT + HOUR_US)


def test_everything_approved_is_delivered_and_every_approval_pushed_to_supervision() -> None:
    plan = a_plan(an_item(1), an_item(2, "urban-management"))
    first = handle(opened(plan), decided(opened(plan), 1))
    assert first.handling is not None
    last = handle(first.handling, decided(first.handling, 2))
    assert last.handling is not None
    assert last.handling.status == "delivered"
    assert [each.number for done in (first, last) for each in emitted(done, "ApprovalSynchronised")] == [1, 2]


def test_two_persons() -> None:
    plan = a_plan(an_item(1, handled_and_reviewed=True))
    handling = taken(opened(plan), decided(opened(plan), 1))
    assert ids(handling) == {1: "handled"}
    assert refused(handling, judged(handling, 1, reviewed_by="张经办")) == "same-person"
    returned = taken(handling, judged(handling, 1, approved=False, note="缺签字"))
    assert ids(returned) == {1: "open"}
    assert returned.assignments[0].review_note == "缺签字"
    assert taken(handling, judged(handling, 1)).status == "delivered"


def test_joint_review_needs_every_department() -> None:
    plan = a_plan(an_item(1, departments=("market-regulation", "urban-management")))
    handling = taken(opened(plan), decided(opened(plan), 1))
    assert ids(handling) == {1: "open"}
    assert taken(handling, decided(handling, 1)).status == "delivered"
    refused_by_one = taken(handling, decided(handling, 1, "refuse"))
    assert ids(refused_by_one) == {1: "refused"}


def test_a_supplement_is_asked_once_and_stops_the_clock() -> None:
    plan = a_plan(an_item(1))
    handling = taken(opened(plan), decided(opened(plan), 1, "supplement", at=NOON))
    assert handling.status == "supplementing"
    due_at = handling.assignments[0].due_at
    assert next_due(handling) is None
    supplied = ApplicationSupplemented(
        event_id=b"supplement-00001",
        case_id="case-1",
        materials=(SuppliedMaterial(material="lease", means="upload", reference="sha256:1"),),
        supplemented_by="applicant-1",
        at=NOON + 50 * HOUR_US,
    )
    handling = taken(handling, supplied)
    assert handling.status == "handling"
    assert handling.assignments[0].due_at == (due_at or 0) + 50 * HOUR_US
    again = decided(handling, 1, "supplement", event_id=b"another-supplemn")
    assert refused(handling, again) == "supplement-asked-before"
    assert refused(handling, msgspec.structs.replace(supplied, event_id=b"supplement-00002")) == "not-asked-for"


def test_a_pause_of_the_case_and_one_of_the_assignment_count_once() -> None:
    plan = a_plan(an_item(1))
    handling = taken(opened(plan), decided(opened(plan), 1, "suspend", at=NOON))
    due_at = handling.assignments[0].due_at or 0
    handling = taken(
        handling,
        CaseSuspended(
            event_id=b"suspended-000001",
            case_id="case-1",
            department="market-regulation",
            reason="等待上级批复",
            suspended_by="王",
            at=NOON + HOUR_US,
        ),
    )
    assert handling.status == "suspended"
    assert refused(handling, decided(handling, 1, "resume")) == "case-suspended"
    handling = taken(
        handling,
        CaseResumed(
            event_id=b"resumed-00000001",
            case_id="case-1",
            department="market-regulation",
            reason="批复已到",
            resumed_by="王",
            at=NOON + 3 * HOUR_US,
        ),
    )
    handling = taken(handling, decided(handling, 1, "resume", event_id=b"resume-assignmnt", at=NOON + 4 * HOUR_US))
    assert handling.assignments[0].due_at == due_at + 4 * HOUR_US


def test_passing_on_and_giving_back_keep_the_clock() -> None:
    handling = taken(opened(), decided(opened(), 2, "pass-on", pass_on_to="fire-rescue"))
    first, second = handling.of_item(2)
    assert (first.state, second.department, second.due_at) == ("passed-on", "fire-rescue", first.due_at)
    handling = taken(handling, decided(handling, 2, "return"))
    assert handling.of_item(2)[-1].department == "market-regulation"
    assert refused(opened(), decided(opened(), 1, "return")) == "return-to-self"
    assert refused(opened(), decided(opened(), 2, "pass-on", pass_on_to="nobody")) == "unknown-department"


def test_answers_to_what_is_closed_change_nothing() -> None:
    plan = a_plan(an_item(1), an_item(2))
    first = decided(opened(plan), 1)
    handling = taken(opened(plan), first)
    assert handle(handling, first).handling is handling
    assert handle(handling, first).refusals == ()
    assert refused(handling, msgspec.structs.replace(first, event_id=b"other-event-0001")) == "assignment-closed"
    assert refused(handling, msgspec.structs.replace(decided(handling, 2), department="tax")) == "not-your-assignment"
    assert refused(handling, decided(handling, 2, "applaud")) == "unknown-decision"
    assert refused(handling, decided(handling, 2, "refuse", reason=" ")) == "no-reason"


def test_a_fee_is_paid_before_the_item_passes() -> None:
    plan = a_plan(an_item(1, fee_fen=5000))
    done = handle(opened(plan), decided(opened(plan), 1))
    assert done.handling is not None
    (asked,) = emitted(done, "PaymentRequested")
    assert (ids(done.handling), asked.amount_fen) == ({1: "paying"}, 5000)
    paid = PaymentConfirmed(
        event_id=b"paid-00000000001", case_id="case-1", payment_id=asked.payment_id, amount_fen=5000, paid_at=NOON
    )
    assert refused(done.handling, msgspec.structs.replace(paid, amount_fen=1)) == "wrong-amount"
    assert refused(done.handling, msgspec.structs.replace(paid, payment_id="other")) == "no-such-payment"
    assert taken(done.handling, paid).status == "delivered"


def test_the_licence_itself_closes_its_item() -> None:
    plan = a_plan(an_item(1, result_resource="market-regulation.food-licence", handled_and_reviewed=True))
    licence = ResultRecorded(
        event_id=b"licence-00000001",
        case_id="case-1",
        department="market-regulation",
        resource="market-regulation.food-licence",
        record_type="food-licence",
        record_id="JY1",
        fact="LicenceIssued",
        fact_event_id=bytes(16),
        withdrawn=False,
        at=NOON,
    )
    handling = taken(opened(plan), licence)
    assert handling.status == "delivered"
    decision = handling.items[0].decision
    assert decision is not None
    assert decision.results[0].record_id == "JY1"
    named = ItemResult(name="食品经营许可证", resource="market-regulation.food-licence")
    one_person = a_plan(an_item(1, result_resource="market-regulation.food-licence"))
    approved = taken(opened(one_person), decided(opened(one_person), 1, results=(named,)))
    attached = taken(approved, licence).items[0].decision
    assert attached is not None
    assert [each.record_id for each in attached.results] == ["JY1"]
    other = msgspec.structs.replace(licence, resource="tax.x", event_id=b"licence-00000002")
    assert refused(opened(plan), other) == "no-such-result"


def test_situations_select_items() -> None:
    situation = SituationPlan("signboard", {"yes": (2,), "no": ()})
    plan = a_plan(an_item(1), an_item(2), situations=(situation,))
    without = opened(plan, choices=(Choice(question="signboard", choice="no"),))
    assert ids(without) == {1: "open", 2: "not-applicable"}
    assert taken(without, decided(without, 1)).status == "delivered"
    open_question = handle(None, an_application(), plan)
    assert [each.code for each in open_question.refusals] == ["question-open"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"subject": "person:" + "0" * 32}, "wrong-subject-kind"),
        ({"subject": "610113199001011234"}, "bad-subject"),
        ({"channel": "pigeon"}, "bad-channel"),
        ({"mode": "somehow"}, "bad-mode"),
        ({"bundle": "none"}, "unknown-bundle"),
        ({"agent": "enterprise:91610100MA6U0J1K2L"}, "no-authority"),
        ({"materials": (SuppliedMaterial(material="x", means="promise"),)}, "no-commitment"),
        ({"delivery": Delivery(together=True, means="mail")}, "no-address"),
        ({"purpose": ""}, "bad-purpose"),
    ],
)
def test_what_an_application_must_hold(changed: dict[str, object], code: str) -> None:
    done = handle(None, an_application(**changed), a_plan())
    assert done.handling is None
    assert [each.code for each in done.refusals] == [code]


def test_the_applicant_withdraws() -> None:
    withdrawn = ApplicationWithdrawn(
        event_id=b"withdrawn-000001", case_id="case-1", reason="不办了", withdrawn_by="applicant-1", at=NOON
    )
    handling = taken(taken(opened(), decided(opened(), 1)), withdrawn)
    assert (handling.status, ids(handling)) == ("withdrawn", {1: "approved", 2: "stopped", 3: "stopped"})
    assert not any(each.is_active for each in handling.assignments)
    assert next_due(handling) is None
    assert refused(handling, msgspec.structs.replace(withdrawn, event_id=b"withdrawn-000002")) == "case-ended"


def test_reminder_overdue_and_escalation() -> None:
    plan = a_plan(an_item(1, "urban-management"))
    handling = opened(plan)
    due_at = load_calendar().due_at(SUBMITTED_AT, 5)
    remind_at = next_due(handling)
    assert remind_at == due_at - 24 * HOUR_US
    early = handle(handling, deadline(handling, remind_at - 1))
    assert (early.handling is handling, early.refusals) == (True, ()), "a timer that finds nothing due does nothing"
    done = handle(handling, deadline(handling, remind_at))
    assert [(each.recipient, each.kind) for each in emitted(done, "CaseNotified")] == [("urban-management", "reminder")]
    assert done.handling is not None
    assert next_due(done.handling) == due_at
    done = handle(done.handling, deadline(handling, due_at))
    assert [(each.recipient, each.kind) for each in emitted(done, "CaseNotified")] == [
        ("urban-management", "overdue"),
        ("market-regulation", "escalated"),
    ]
    assert done.handling is not None
    assert next_due(done.handling) is None
    assert taken(done.handling, decided(done.handling, 1)).status == "delivered"


def test_delivery_over_the_counter_as_ready() -> None:
    plan = a_plan(an_item(1), an_item(2, "urban-management"))
    handling = opened(plan, delivery=Delivery(together=False, means="counter"))
    handling = taken(handling, decided(handling, 1))
    assert [each.kind for each in handling.assignments if each.is_active] == ["item", "delivery"]
    handed = ResultsDelivered(
        event_id=b"delivered-000001",
        case_id="case-1",
        department="market-regulation",
        items=(),
        means="counter",
        delivered_by="窗口一",
        at=NOON,
    )
    handling = taken(handling, handed)
    assert handling.items[0].delivered_at == NOON
    assert refused(handling, msgspec.structs.replace(handed, event_id=b"delivered-000009")) == "nothing-ready"
    handling = taken(handling, decided(handling, 2))
    assert handling.status == "deciding"
    assert taken(handling, msgspec.structs.replace(handed, event_id=b"delivered-000002")).status == "delivered"


def test_together_means_that_nothing_goes_out_before_the_last() -> None:
    plan = a_plan(an_item(1), an_item(2, "urban-management"))
    handling = opened(plan, delivery=Delivery(together=True, means="counter"))
    handling = taken(handling, decided(handling, 1))
    early = ResultsDelivered(
        event_id=b"delivered-000001",
        case_id="case-1",
        department="market-regulation",
        items=(1,),
        means="counter",
        delivered_by="窗口一",
        at=NOON,
    )
    assert refused(handling, early) == "too-early"


def test_a_broken_promise_becomes_known() -> None:
    plan = a_plan(an_item(1, materials=("fire-promise",)))
    handling = opened(plan, materials=(SuppliedMaterial(material="fire-promise", means="promise"),))
    checked = CommitmentChecked(
        event_id=b"checked-00000001",
        case_id="case-1",
        department="market-regulation",
        material="fire-promise",
        kept=False,
        evidence=(),
        checked_by="赵",
        at=NOON,
    )
    assert refused(handling, checked) == "too-early"
    handling = taken(handling, decided(handling, 1))
    assert handling.status == "delivered"
    due_at = load_calendar().due_at(SUBMITTED_AT + HOUR_US, 30)
    assert next_due(handling) == due_at
    handling = taken(handling, deadline(handling, due_at))
    (task,) = [each for each in handling.assignments if each.is_active]
    assert (task.kind, task.material) == ("commitment-check", "fire-promise")
    done = handle(handling, checked)
    assert [each.material for each in emitted(done, "CommitmentBroken")] == ["fire-promise"]
    assert done.handling is not None
    assert not any(each.is_active for each in done.handling.assignments)
    again = msgspec.structs.replace(checked, event_id=b"checked-00000002")
    assert refused(done.handling, again) == "already-checked"


def test_a_pending_material_falls_due_and_is_supplied_late() -> None:
    plan = a_plan(an_item(1, materials=("lease",)))
    handling = opened(plan, materials=(SuppliedMaterial(material="lease", means="later"),))
    due_at = load_calendar().due_at(SUBMITTED_AT, 3)
    assert handling.pieces[0].due_at == due_at
    assert next_due(handling) == due_at
    handling = taken(handling, deadline(handling, due_at))
    assert handling.pieces[0].state == "overdue"
    supplied = ApplicationSupplemented(
        event_id=b"supplement-00001",
        case_id="case-1",
        materials=(SuppliedMaterial(material="lease", means="upload"),),
        supplemented_by="applicant-1",
        at=due_at + HOUR_US,
    )
    handling = taken(handling, supplied)
    assert handling.pieces[0].state == "held"
    assert [each.state for each in handling.assignments] == ["open", "answered"]


def test_a_bad_evaluation_is_answered() -> None:
    plan = a_plan(an_item(1))
    handling = opened(plan)
    evaluated = CaseEvaluated(event_id=b"evaluated-000001", case_id="case-1", stars=1, evaluated_by="a", at=NOON)
    assert refused(handling, evaluated) == "not-ended"
    handling = taken(taken(handling, decided(handling, 1)), evaluated)
    (task,) = [each for each in handling.assignments if each.is_active]
    assert (task.kind, task.department) == ("rectification", "market-regulation")
    answer = RectificationAnswered(
        event_id=b"rectified-000001",
        case_id="case-1",
        department="market-regulation",
        answer="已改进",
        answered_by="王",
        at=NOON,
    )
    handling = taken(handling, answer)
    assert handling.evaluation is not None
    assert handling.evaluation.answer == "已改进"
    assert refused(handling, msgspec.structs.replace(answer, event_id=b"rectified-000002")) == "nothing-to-rectify"
    good = taken(all_approved(opened(plan)), msgspec.structs.replace(evaluated, stars=5))
    assert not any(each.is_active for each in good.assignments)


def test_nothing_waits_for_the_leads_own_part() -> None:
    plan = a_plan(an_item(1, mode="lead"), an_item(2, after=(1,)))
    handling = opened(plan)
    assert ids(handling) == {1: "open", 2: "open"}
    handling = taken(handling, decided(handling, 2))
    assert (handling.status, ids(handling)) == ("delivered", {1: "approved", 2: "approved"})
