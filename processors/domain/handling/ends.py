"""How a case ends: decided, handed over, withdrawn; and what comes after: the applicant's judgement."""

from typing import Final

import msgspec

from processors.domain.handling.clock import due_after, stopped
from processors.domain.handling.decisions import closed
from processors.domain.handling.plan import CHECK, LEAD
from processors.domain.handling.progress import add, assignment_id
from processors.domain.handling.promises import schedule_checks, waive
from processors.domain.handling.state import Assignment, Evaluation, HandledItem, Handling, HandlingStatus, Pause
from processors.domain.handling.telling import APPLICANT, Draft
from processors.domain.requests import Refusal, is_name, time_fault
from topics.declarations import HUB
from topics.events import (
    ApplicationWithdrawn,
    CaseEvaluated,
    RectificationAnswered,
    ResultsDelivered,
)

E_LICENCE: Final = "e-licence"
BEST_STARS: Final = 5
WITHDRAWN_REASON: Final = "申请人撤回"


def conclude(draft: Draft) -> None:
    """Decide the case once all its items are, hand over what can be, and say how it stands."""
    if draft.handling.ended:
        return
    if draft.handling.outcome is None and _all_decided(draft.handling):
        _decide(draft)
    if not draft.handling.ended:
        _hand_over(draft)
        _finish(draft)
    draft.handling = msgspec.structs.replace(draft.handling, status=_status(draft.handling))


def take_withdrawal(draft: Draft, event: ApplicationWithdrawn) -> Refusal | None:
    """The applicant no longer wants it: nobody has to act on it any more."""
    handling = draft.handling
    if handling.ended:
        return Refusal("case-ended", f"the case is {handling.status}")
    if refusal := time_fault(event.at) or _blank("withdrawn_by", event.withdrawn_by):
        return refusal
    draft.handling = msgspec.structs.replace(
        handling,
        status="withdrawn",
        reason=event.reason,
        ended_at=event.at,
        items=tuple(_stopped_item(each) for each in handling.items),
        assignments=tuple(
            closed(each, event.at) if each.is_active and each.kind in ("item", "delivery") else each
            for each in handling.assignments
        ),
        pauses=_pauses_over(handling, event.at),
    )
    # Who withdraws with a licence in hand is still bound by what was promised for it.
    if _handed_out(handling):
        schedule_checks(draft)
    else:
        waive(draft)
    draft.notify(APPLICANT, "result", "办件已按申请撤回")
    return None


def take_delivery(draft: Draft, event: ResultsDelivered) -> Refusal | None:
    """Results were handed over."""
    handling = draft.handling
    if handling.ended:
        return Refusal("case-ended", f"the case is {handling.status}")
    ready = {each.number for each in _ready(handling)}
    numbers = set(event.items) or ready
    if refusal := _unfit_delivery(handling, event, ready, numbers):
        return refusal
    items = tuple(
        msgspec.structs.replace(each, delivered_at=event.at, delivered_by=event.delivered_by)
        if each.number in numbers
        else each
        for each in handling.items
    )
    assignments = tuple(
        msgspec.structs.replace(stopped(each, event.at), state="answered")
        if each.kind == "delivery" and each.is_active and numbers == ready
        else each
        for each in handling.assignments
    )
    draft.handling = msgspec.structs.replace(handling, items=items, assignments=assignments)
    return None


def take_evaluation(draft: Draft, event: CaseEvaluated) -> Refusal | None:
    """The applicant judged the case; a bad judgement is the lead's to answer."""
    handling, plan = draft.handling, draft.handling.plan
    if not handling.ended:
        return Refusal("not-ended", "a case is evaluated once it has ended")
    if handling.evaluation is not None:
        return Refusal("evaluated-before", "a case is evaluated once")
    if not 1 <= event.stars <= BEST_STARS:
        return Refusal("bad-stars", f"stars are 1 to {BEST_STARS}")
    if refusal := time_fault(event.at) or _blank("evaluated_by", event.evaluated_by):
        return refusal
    evaluation = Evaluation(stars=event.stars, comment=event.comment, evaluated_by=event.evaluated_by, at=event.at)
    draft.handling = msgspec.structs.replace(handling, evaluation=evaluation)
    if event.stars <= plan.bad_stars:
        text = f"差评整改：申请人评价为{event.stars}星，请核实并答复"
        due_at = due_after(event.at, plan.rectification_days)
        _add_for_lead(draft, "rectification", text, due_at=due_at)
        draft.notify(plan.lead, "rectification", text, due_at=due_at)
    return None


def take_rectification(draft: Draft, event: RectificationAnswered) -> Refusal | None:
    """The lead answered a bad judgement."""
    handling = draft.handling
    task = next((each for each in handling.assignments if each.kind == "rectification" and each.is_active), None)
    if task is None or handling.evaluation is None:
        return Refusal("nothing-to-rectify", "no bad evaluation waits for an answer")
    if event.department != task.department:
        return Refusal("not-your-assignment", f"it is {task.department}'s")
    if not event.answer.strip():
        return Refusal("no-answer", "the answer is empty")
    if refusal := time_fault(event.at) or _blank("answered_by", event.answered_by):
        return refusal
    evaluation = msgspec.structs.replace(
        handling.evaluation, answer=event.answer, answered_by=event.answered_by, answered_at=event.at
    )
    done = msgspec.structs.replace(task, state="answered")
    assignments = tuple(done if each is task else each for each in handling.assignments)
    draft.handling = msgspec.structs.replace(handling, evaluation=evaluation, assignments=assignments)
    draft.notify(APPLICANT, "rectification", f"对您评价的答复：{event.answer}")
    return None


def _all_decided(handling: Handling) -> bool:
    return all(item.is_decided for plan, item in handling.planned() if plan.mode != LEAD)


def _decide(draft: Draft) -> None:
    handling = draft.handling
    states = [item.state for plan, item in handling.planned() if plan.mode != LEAD and item.state != "not-applicable"]
    failed = [state for state in states if state != "approved"]
    # What was only checked is nothing to hand out: without one handled item approved, nothing is granted.
    outcome = "approved" if not failed else "partly" if _grants(handling) else "refused"
    draft.handling = msgspec.structs.replace(handling, outcome=outcome, decided_at=draft.at)
    if outcome == "refused":
        waive(draft)
        _end(draft, "refused")
    else:
        schedule_checks(draft)


def _grants(handling: Handling) -> bool:
    return any(item.state == "approved" and plan.mode not in (LEAD, CHECK) for plan, item in handling.planned())


def _handed_out(handling: Handling) -> bool:
    return any(
        item.delivered_at is not None or any(each.record_id for each in item.decision.results)
        for item in handling.items
        if item.decision is not None and item.state == "approved"
    )


def _pauses_over(handling: Handling, at: int) -> tuple[Pause, ...]:
    if handling.pause is None:
        return handling.pauses
    return (*handling.pauses[:-1], msgspec.structs.replace(handling.pause, until=at))


def _ready(handling: Handling) -> list[HandledItem]:
    """Approved items with something to hand over that was not handed over."""
    return [
        item
        for plan, item in handling.planned()
        if plan.mode not in (LEAD, CHECK) and item.state == "approved" and item.delivered_at is None
    ]


def _hand_over(draft: Draft) -> None:
    handling = draft.handling
    delivery = handling.application.delivery
    ready = _ready(handling)
    if not ready or handling.pause is not None or (delivery.together and handling.outcome is None):
        return
    if delivery.means == E_LICENCE:
        _issue(draft, ready)
    elif not any(each.kind == "delivery" and each.is_active for each in handling.assignments):
        means = "窗口发证" if delivery.means == "counter" else "邮寄送达"
        names = "、".join(handling.plan.item(each.number).text for each in ready)
        _add_for_lead(draft, "delivery", f"{means}：{names}")


def _issue(draft: Draft, ready: list[HandledItem]) -> None:
    numbers = {each.number for each in ready}
    items = tuple(
        msgspec.structs.replace(each, delivered_at=draft.at, delivered_by=HUB) if each.number in numbers else each
        for each in draft.handling.items
    )
    draft.handling = msgspec.structs.replace(draft.handling, items=items)
    for each in ready:
        draft.notify(
            APPLICANT,
            "result",
            f"“{draft.handling.plan.item(each.number).text}”已办结，结果以电子证照送达",
            each.number,
        )


def _finish(draft: Draft) -> None:
    if draft.handling.outcome is not None and not _ready(draft.handling):
        _end(draft, "delivered")


def _end(draft: Draft, status: HandlingStatus) -> None:
    handling = draft.handling
    items = tuple(
        msgspec.structs.replace(item, state="approved") if plan.mode == LEAD and item.state == "open" else item
        for plan, item in handling.planned()
    )
    assignments = tuple(
        closed(each, draft.at) if each.kind == "delivery" and each.is_active else each for each in handling.assignments
    )
    draft.handling = msgspec.structs.replace(
        handling,
        status=status,
        ended_at=draft.at,
        items=items,
        assignments=assignments,
        pauses=_pauses_over(handling, draft.at),
    )
    text = {"delivered": "办件已办结，结果已送达", "refused": "办件未予通过，理由见各事项"}[status]
    draft.notify(APPLICANT, "result", text)


def _status(handling: Handling) -> HandlingStatus:
    if handling.ended:
        return handling.status
    if handling.pause is not None:
        return "suspended"
    if handling.outcome is not None:
        return "deciding"
    supplementing = any(each.state == "supplementing" for each in handling.assignments)
    return "supplementing" if supplementing else "handling"


def _stopped_item(item: HandledItem) -> HandledItem:
    return item if item.is_decided else msgspec.structs.replace(item, state="stopped", reason=WITHDRAWN_REASON)


def _add_for_lead(draft: Draft, kind: str, text: str, due_at: int | None = None) -> None:
    handling = draft.handling
    add(
        draft,
        Assignment(
            assignment_id=assignment_id(handling.case_id, len(handling.assignments)),
            kind="delivery" if kind == "delivery" else "rectification",
            number=0,
            department=handling.plan.lead,
            text=text,
            dispatched_at=draft.at,
            due_at=due_at,
        ),
    )


def _unfit_delivery(handling: Handling, event: ResultsDelivered, ready: set[int], numbers: set[int]) -> Refusal | None:
    departments = {code for plan in handling.plan.items if plan.number in numbers for code in plan.departments}
    if event.department != handling.plan.lead and event.department not in departments:
        return Refusal("not-yours", "the lead, or the item's department, delivers")
    if event.means not in handling.plan.delivery_means:
        return Refusal("bad-means", f"means is one of {', '.join(handling.plan.delivery_means)}")
    if not numbers or numbers - ready:
        return Refusal("nothing-ready", "these items have no result that waits to be delivered")
    if handling.application.delivery.together and handling.outcome is None:
        return Refusal("too-early", "the applicant chose to get everything together (统一发证)")
    return time_fault(event.at) or _blank("delivered_by", event.delivered_by)


def _blank(name: str, value: str) -> Refusal | None:
    return None if is_name(value) else Refusal("no-person", f"{name} names nobody")
