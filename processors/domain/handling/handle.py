"""A handled case from its application to its end, as a pure rule: ``handle(handling, event, plan) -> HandlingStep``.

No clock: time is in the events. No randomness: ids follow from the causing event. Whatever the order in which
departments answer, and however often an event is repeated, the case comes to the same end.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from catalog.organisations import load_organisations
from processors.domain.derived_ids import derived_event_id
from processors.domain.handling.application import application_faults, material_faults
from processors.domain.handling.bounds import unfit
from processors.domain.handling.clock import next_due, pausing_case, reminder_at, resuming_case, rings
from processors.domain.handling.decisions import handled, reviewed
from processors.domain.handling.ends import (
    conclude,
    take_delivery,
    take_evaluation,
    take_rectification,
    take_withdrawal,
)
from processors.domain.handling.plan import HandlingPlan, checks_of
from processors.domain.handling.progress import advance, chase_checks, hand_on, initial_items
from processors.domain.handling.promises import initial_pieces, ring_pieces, take_check, take_supplement
from processors.domain.handling.results import take_payment, take_result
from processors.domain.handling.state import (
    Assignment,
    Handling,
    Pause,
    with_assignment,
)
from processors.domain.handling.telling import APPLICANT, Draft, case_updated
from processors.domain.handling.words import word_faults
from processors.domain.requests import Refusal, is_name, moment, time_fault
from processors.domain.step import step
from topics.events import (
    ApplicationSubmitted,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    CaseEvent,
    CaseRequested,
    CaseResumed,
    CaseSuspended,
    CaseUpdated,
    ChecksAnswered,
    CommitmentChecked,
    DeadlinePassed,
    ItemHandled,
    ItemReviewed,
    PaymentConfirmed,
    RectificationAnswered,
    ReportIssued,
    ResultRecorded,
    ResultsDelivered,
    TaskHandled,
    TaskReviewed,
)

HANDLING_EVENTS: Final = (
    ApplicationSubmitted,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    ItemHandled,
    ItemReviewed,
    CaseSuspended,
    CaseResumed,
    ResultsDelivered,
    CommitmentChecked,
    RectificationAnswered,
    ResultRecorded,
    PaymentConfirmed,
)
"""The events that only a handled case takes."""

CHECK_EVENTS: Final = (ChecksAnswered, TaskHandled, TaskReviewed, DeadlinePassed)
"""Events that a handled case takes beside these, as a verification does."""


class HandlingStep(msgspec.Struct, frozen=True, gc=False):
    """What an event did: the case after it (the very same object where nothing changed), events, refusals."""

    handling: Handling | None
    emits: tuple[CaseEvent, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def handle(handling: Handling | None, event: CaseEvent, plan: HandlingPlan | None = None) -> HandlingStep:
    """Take one event.

    Args:
        handling: the case so far, None before its application.
        event: one of ``HANDLING_EVENTS`` or ``CHECK_EVENTS``.
        plan: of the bundle that an ApplicationSubmitted names, None when there is none; other events need none.
    """
    if isinstance(event, ApplicationSubmitted):
        return _submitted(handling, event, plan)
    if handling is None:
        refusal = Refusal("no-such-case", f"{type(event).__name__} for a case that was never applied for")
        return HandlingStep(None, (), (refusal,))
    if event.event_id in handling.taken:
        return HandlingStep(handling)
    draft = Draft(handling, event.event_id, _at(event), [])
    refusals = _taken(draft, event)
    if refusals:
        return HandlingStep(handling, (), refusals)
    if draft.handling is handling:
        return HandlingStep(handling)
    if not isinstance(event, CHECK_EVENTS):
        draft.handling = msgspec.structs.replace(draft.handling, taken=(*draft.handling.taken, event.event_id))
    return _told(handling, draft)


def _taken(draft: Draft, event: CaseEvent) -> tuple[Refusal, ...]:
    if type(event) not in _TAKERS:
        return (Refusal("not-taken", f"a handled case takes no {type(event).__name__}"),)
    refusals = () if isinstance(event, CHECK_EVENTS) else unfit(draft.handling, event)
    return refusals or _TAKERS[type(event)](draft, event)


def _submitted(handling: Handling | None, event: ApplicationSubmitted, plan: HandlingPlan | None) -> HandlingStep:
    if handling is not None:
        repeated = handling.application.event_id == event.event_id
        refusals = () if repeated else (Refusal("case-exists", "another application has this case id"),)
        return HandlingStep(handling, (), refusals)
    faults = word_faults(event) or application_faults(event, plan)
    if faults or plan is None:
        return HandlingStep(None, (), faults)
    draft = Draft(_opened(event, plan), event.event_id, event.submitted_at, [])
    draft.notify(APPLICANT, "receipt", f"您申请的{plan.name}已受理，办件编号{event.case_id}")
    if faults := _begin_checks(draft):
        return HandlingStep(None, (), faults)
    return _told(None, draft)


def _opened(event: ApplicationSubmitted, plan: HandlingPlan) -> Handling:
    applicable = plan.applicable((each.question, each.choice) for each in event.choices)
    return Handling(
        application=event,
        plan=plan,
        items=tuple(initial_items(plan.items, applicable)),
        pieces=tuple(initial_pieces(event, plan)),
    )


def _begin_checks(draft: Draft) -> tuple[Refusal, ...]:
    """Ask for everything that is to be checked, as a verification would."""
    handling = draft.handling
    applicable = frozenset(each.number for each in handling.items if each.state != "not-applicable")
    definition = checks_of(handling.plan, applicable)
    if definition is None:
        return ()
    begun = step(None, _check_request(handling, definition.look_back_years.minimum), definition)
    draft.handling = msgspec.structs.replace(handling, checks=begun.case)
    _pass_on(draft, begun.emits)
    return begun.refusals


def _check_request(handling: Handling, least_years: int) -> CaseRequested:
    application, plan = handling.application, handling.plan
    return CaseRequested(
        event_id=derived_event_id(application.event_id, "CaseRequested"),
        case_id=application.case_id,
        bundle=plan.bundle,
        bundle_version=plan.version,
        subjects=(application.subject,),
        purpose=application.purpose,
        requested_by=application.submitted_by,
        look_back_years=max(plan.look_back_years, least_years),
        # Anywhere: where a case is handled says nothing of where the subject's records are.
        territory="",
        requested_at=application.submitted_at,
        deadline_at=application.submitted_at + plan.check_deadline_s * 1_000_000,
        include_related=False,
    )


def _told(before: Handling | None, draft: Draft) -> HandlingStep:
    """The case taken as far as it goes, one revision on, with what tells of it."""
    advance(draft)
    conclude(draft)
    handling = draft.handling
    draft.handling = msgspec.structs.replace(
        handling,
        revision=1 if before is None else before.revision + 1,
        told=tuple(each.state for each in handling.items),
    )
    draft.emits.append(case_updated(draft, () if before is None else before.told))
    revision = draft.handling.revision
    emits = (
        msgspec.structs.replace(each, revision=revision) if isinstance(each, ReportIssued) else each
        for each in draft.emits
    )
    return HandlingStep(draft.handling, tuple(emits))


def _pass_on(draft: Draft, emits: tuple[CaseEvent, ...]) -> None:
    """What the check engine tells, but for its progress, which the case tells itself."""
    draft.emits.extend(each for each in emits if not isinstance(each, CaseUpdated))


def _check_event(draft: Draft, event: CaseEvent) -> tuple[Refusal, ...]:
    handling = draft.handling
    if handling.checks is None:
        return (Refusal("nothing-checked", "the case checks nothing"),)
    if handling.status == "withdrawn":
        # Nobody waits for the answer any more, and no report goes out.
        return ()
    done = step(handling.checks, event)
    if done.case is not None and done.case is not handling.checks:
        draft.handling = msgspec.structs.replace(handling, checks=done.case)
        _pass_on(draft, done.emits)
    # What the engine took of an event stands, and the case goes on by it; only a wholly refused one is a refusal.
    return () if draft.handling is not handling else done.refusals


def _deadline(draft: Draft, event: DeadlinePassed) -> tuple[Refusal, ...]:
    if fault := time_fault(event.at):
        return (fault,)
    due = next_due(draft.handling)
    if due is None or due > event.at:
        # Somebody acted, or a clock was stopped, while the timer was on its way.
        return ()
    checks = draft.handling.checks
    if checks is not None and not checks.concluded and checks.request.deadline_at <= event.at:
        _check_event(draft, event)
        chase_checks(draft)
    for assignment in draft.handling.assignments:
        if rings(assignment):
            _ring(draft, assignment, event.at)
    ring_pieces(draft, event.at)
    return ()


def _ring(draft: Draft, assignment: Assignment, at: int) -> None:
    due_at = assignment.due_at
    if due_at is None or assignment.overdue:
        return
    plan, number = draft.handling.plan, assignment.number or None
    name = plan.names.get(assignment.department, assignment.department)
    if due_at <= at:
        late = msgspec.structs.replace(assignment, overdue=True, reminded=True)
        draft.handling = with_assignment(draft.handling, late)
        draft.notify(assignment.department, "overdue", f"“{assignment.text}”已逾期", number, due_at)
        draft.notify(plan.lead, "escalated", f"{name}逾期未办：{assignment.text}", number, due_at)
    elif (remind := reminder_at(assignment)) is not None and remind <= at:
        draft.handling = with_assignment(draft.handling, msgspec.structs.replace(assignment, reminded=True))
        limit = moment(due_at - 1).strftime("%Y-%m-%d")
        draft.notify(assignment.department, "reminder", f"“{assignment.text}”将于{limit}到期", number, due_at)


def _item_handled(draft: Draft, event: ItemHandled) -> tuple[Refusal, ...]:
    changed = handled(draft.handling, event)
    if isinstance(changed, Refusal):
        return (changed,)
    draft.handling = with_assignment(draft.handling, changed)
    match event.decision:
        case "supplement":
            missing = "、".join(map(draft.handling.plan.material_name, event.missing))
            draft.notify(APPLICANT, "supplement", f"请补正：{missing}。{event.reason}", changed.number)
        case "pass-on":
            _hand_on(draft, changed, event.pass_on_to or "")
        case "return":
            _hand_on(draft, changed, draft.handling.plan.lead)
    return ()


def _hand_on(draft: Draft, assignment: Assignment, department: str) -> None:
    """Somebody else gets it; the clock goes on as it stood."""
    names = {**draft.handling.plan.names, department: load_organisations().by_code[department].name}
    plan = msgspec.structs.replace(draft.handling.plan, names=names)
    draft.handling = msgspec.structs.replace(draft.handling, plan=plan)
    hand_on(draft, assignment, department)


def _item_reviewed(draft: Draft, event: ItemReviewed) -> tuple[Refusal, ...]:
    changed = reviewed(draft.handling, event)
    if isinstance(changed, Refusal):
        return (changed,)
    draft.handling = with_assignment(draft.handling, changed)
    return ()


def _suspended(draft: Draft, event: CaseSuspended) -> tuple[Refusal, ...]:
    handling = draft.handling
    if refusal := _unfit_steering(handling, event.department, event.at, event.suspended_by, event.reason):
        return (refusal,)
    if handling.pause is not None:
        return (Refusal("already-suspended", "the case is suspended already"),)
    pause = Pause(since=event.at, reason=event.reason, suspended_by=event.suspended_by)
    draft.handling = msgspec.structs.replace(
        handling, pauses=(*handling.pauses, pause), assignments=pausing_case(handling.assignments, event.at)
    )
    draft.notify(APPLICANT, "supplement", f"办件已中止：{event.reason}")
    return ()


def _resumed(draft: Draft, event: CaseResumed) -> tuple[Refusal, ...]:
    handling = draft.handling
    if refusal := _unfit_steering(handling, event.department, event.at, event.resumed_by, event.reason):
        return (refusal,)
    if handling.pause is None:
        return (Refusal("not-suspended", "the case is not suspended"),)
    pause = msgspec.structs.replace(handling.pause, until=event.at)
    draft.handling = msgspec.structs.replace(
        handling, pauses=(*handling.pauses[:-1], pause), assignments=resuming_case(handling.assignments, event.at)
    )
    return ()


def _unfit_steering(handling: Handling, department: str, at: int, by: str, reason: str) -> Refusal | None:
    if handling.ended:
        return Refusal("case-ended", f"the case is {handling.status}")
    if department != handling.plan.lead:
        return Refusal("not-the-lead", f"{handling.plan.lead} leads the case, not {department}")
    if not is_name(by):
        return Refusal("no-person", "nobody is named who did it")
    if not is_name(reason):
        return Refusal("no-reason", "the reason is 1 to 500 printable characters")
    return time_fault(at)


def _supplemented(draft: Draft, event: ApplicationSupplemented) -> tuple[Refusal, ...]:
    faults = tuple(material_faults(event.materials, draft.handling.plan))
    return faults or _one(take_supplement(draft, event))


def _one(refusal: Refusal | None) -> tuple[Refusal, ...]:
    return () if refusal is None else (refusal,)


_TAKERS: Final[dict[type[CaseEvent], Callable[[Draft, Any], tuple[Refusal, ...]]]] = {
    ApplicationSupplemented: _supplemented,
    ApplicationWithdrawn: lambda draft, event: _one(take_withdrawal(draft, event)),
    CaseEvaluated: lambda draft, event: _one(take_evaluation(draft, event)),
    ItemHandled: _item_handled,
    ItemReviewed: _item_reviewed,
    CaseSuspended: _suspended,
    CaseResumed: _resumed,
    ResultsDelivered: lambda draft, event: _one(take_delivery(draft, event)),
    CommitmentChecked: lambda draft, event: _one(take_check(draft, event)),
    RectificationAnswered: lambda draft, event: _one(take_rectification(draft, event)),
    ResultRecorded: take_result,
    PaymentConfirmed: take_payment,
    ChecksAnswered: _check_event,
    TaskHandled: _check_event,
    TaskReviewed: _check_event,
    DeadlinePassed: _deadline,
}


def _at(event: CaseEvent) -> int:
    """When it happened, in µs UTC."""
    for name in ("at", "answered_at", "paid_at"):
        value = getattr(event, name, None)
        if isinstance(value, int):
            return value
    raise TypeError(f"{type(event).__name__} tells no time")
