"""A handled case on one page."""

from collections.abc import Iterable, Iterator

from processors.cases.handling_rows import assignment_views, departments_of_handling
from processors.cases.handling_views import EvaluatedCase, HandlingView, ItemView, Moment, NoticeView
from processors.cases.views import line_views, task_views
from processors.domain.handling import Assignment, HandledItem, Handling, ItemPlan, next_due


def handling_view(handling: Handling, notices: Iterable[NoticeView]) -> HandlingView:
    """The view of a handling; ``notices`` are what was told of it, which its state does not keep."""
    application, plan, checks = handling.application, handling.plan, handling.checks
    return HandlingView(
        case_id=handling.case_id,
        revision=handling.revision,
        status=handling.status,
        outcome=handling.outcome,
        reason=handling.reason,
        bundle=plan.bundle,
        bundle_version=plan.version,
        name=plan.name,
        document=plan.document,
        subject=application.subject,
        purpose=application.purpose,
        submitted_by=application.submitted_by,
        channel=application.channel,
        mode=application.mode,
        received_at=application.received_at,
        handled_at=application.handled_at,
        agent=application.agent,
        authority=application.authority,
        choices=application.choices,
        policy=application.policy,
        has_form=application.form is not None,
        fields_total=application.fields_total,
        fields_filled=application.fields_filled,
        fields_shareable=application.fields_shareable,
        delivery_together=application.delivery.together,
        delivery_means=application.delivery.means,
        submitted_at=application.submitted_at,
        decided_at=handling.decided_at,
        ended_at=handling.ended_at,
        next_due=next_due(handling),
        overdue=any(each.overdue for each in handling.assignments),
        lead=plan.lead,
        names=plan.names,
        items=tuple(_item(handling, *each) for each in handling.planned()),
        assignments=assignment_views(handling),
        materials=handling.pieces,
        supplements=handling.supplements,
        pauses=handling.pauses,
        pause=handling.pause,
        evaluation=handling.evaluation,
        lines=() if checks is None else line_views(checks),
        tasks=() if checks is None else task_views(checks),
        reports=() if checks is None else checks.reports,
        timeline=tuple(sorted(_moments(handling), key=lambda each: each.at)),
        notices=tuple(notices),
        repeatable=plan.repeatable,
    )


def evaluated_case(handling: Handling) -> EvaluatedCase:
    """The evaluation of a handling that was evaluated."""
    evaluation, plan = handling.evaluation, handling.plan
    assert evaluation is not None  # noqa: S101  rows with an instant of evaluation are asked for
    return EvaluatedCase(
        case_id=handling.case_id,
        bundle=plan.bundle,
        lead=plan.lead,
        departments=departments_of_handling(handling),
        stars=evaluation.stars,
        comment=evaluation.comment,
        evaluated_by=evaluation.evaluated_by,
        at=evaluation.at,
        answer=evaluation.answer,
        answered_by=evaluation.answered_by,
        answered_at=evaluation.answered_at,
    )


def _item(handling: Handling, plan: ItemPlan, item: HandledItem) -> ItemView:
    active = [each for each in handling.of_item(plan.number) if each.is_active]
    return ItemView(
        number=plan.number,
        item_id=plan.item_id,
        code=plan.code,
        text=plan.text,
        mode=plan.mode,
        departments=plan.departments,
        after=plan.after,
        limit_days=plan.limit_days,
        state=item.state,
        due_at=min((each.due_at for each in active if each.due_at is not None), default=None),
        paused=bool(active) and all(each.paused_since is not None for each in active),
        overdue=any(each.overdue for each in active),
        decision=item.decision,
        payment=item.payment,
        answer=item.answer,
        reason=item.reason,
        delivered_at=item.delivered_at,
        delivered_by=item.delivered_by,
    )


def _moments(handling: Handling) -> Iterator[Moment]:
    application = handling.application
    yield Moment(at=application.submitted_at, what="submitted", by=application.submitted_by)
    for assignment in handling.assignments:
        yield from _moments_of_assignment(assignment)
    for item in handling.items:
        yield from _moments_of_item(handling, item)
    for supplement in handling.supplements:
        note = "、".join(supplement.materials)
        yield Moment(at=supplement.at, what="supplemented", by=supplement.supplemented_by, note=note)
    for pause in handling.pauses:
        yield Moment(at=pause.since, what="suspended", by=pause.suspended_by, note=pause.reason)
        if pause.until is not None:
            yield Moment(at=pause.until, what="resumed", by=handling.plan.lead)
    for report in () if handling.checks is None else handling.checks.reports:
        yield Moment(at=report.issued_at, what="reported", by="hub", note=report.verification_code)
    if handling.decided_at is not None:
        yield Moment(at=handling.decided_at, what="decided", by="hub", note=handling.outcome)
    if handling.ended_at is not None:
        yield Moment(at=handling.ended_at, what=handling.status, by="hub", note=handling.reason)
    yield from _moments_of_evaluation(handling)


def _moments_of_assignment(assignment: Assignment) -> Iterator[Moment]:
    department, number = assignment.department, assignment.number or None
    yield Moment(at=assignment.dispatched_at, what="dispatched", by="hub", number=number, department=department)
    proposed, decided = assignment.proposed, assignment.decided
    if proposed is not None and decided is None:
        yield Moment(at=proposed.at, what="handled", by=proposed.handled_by, number=number, department=department)
    if decided is not None:
        yield Moment(
            at=decided.at,
            what="approved" if decided.decision == "approve" else "refused",
            by=decided.reviewed_by or decided.decided_by,
            number=number,
            department=department,
            note=decided.reason,
        )


def _moments_of_item(handling: Handling, item: HandledItem) -> Iterator[Moment]:
    decision, payment = item.decision, item.payment
    if decision is not None and not any(each.decided for each in handling.of_item(item.number)):
        # By the hub's archive, or by the licence or registration that came in.
        yield Moment(at=decision.at, what="approved", by=decision.decided_by, number=item.number)
    if payment is not None:
        yield Moment(at=payment.requested_at, what="payment-requested", by="hub", number=item.number)
        if payment.paid_at is not None:
            yield Moment(at=payment.paid_at, what="paid", by="applicant", number=item.number)
    if item.delivered_at is not None:
        yield Moment(at=item.delivered_at, what="handed-over", by=item.delivered_by or "hub", number=item.number)


def _moments_of_evaluation(handling: Handling) -> Iterator[Moment]:
    evaluation = handling.evaluation
    if evaluation is None:
        return
    yield Moment(at=evaluation.at, what="evaluated", by=evaluation.evaluated_by, note=str(evaluation.stars))
    if evaluation.answered_at is not None:
        yield Moment(
            at=evaluation.answered_at, what="rectified", by=evaluation.answered_by or "", note=evaluation.answer
        )
