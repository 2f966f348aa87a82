"""A handled case as the HTTP door shows it: the application, its items, who acts on them, what is due, how it ended."""

from typing import Any, Final

import msgspec

from onething.gateway.case_view import case_view, iso
from onething.gateway.handling_rows import StoredHandling
from processors.cases.handling_page import handling_view as handling_page
from processors.cases.handling_views import Moment, NoticeView
from processors.domain.handling.plan import ItemPlan
from processors.domain.handling.state import Assignment, Decision, HandledItem, Handling, Payment, Piece
from topics.events import ApplicationSubmitted

SUBMITTED: Final = "submitted"
STATUS_WORDS: Final = {
    SUBMITTED: "已提交待受理",
    "accepted": "已受理",
    "handling": "办理中",
    "supplementing": "待补正",
    "suspended": "已中止",
    "deciding": "已办结待发证",
    "delivered": "已送达",
    "refused": "不予许可",
    "withdrawn": "已撤回",
}
ITEM_WORDS: Final = {
    "waiting": "等待前序事项",
    "open": "待经办",
    "handled": "待审核",
    "supplementing": "待补正",
    "suspended": "已中止",
    "checking": "核查中",
    "paying": "待缴费",
    "approved": "通过",
    "refused": "不予通过",
    "not-applicable": "不涉及",
    "stopped": "终止",
}


def handling_view(stored: StoredHandling, department: str | None = None) -> dict[str, Any]:
    """The case as a JSON-ready document; times are ISO 8601 in China's time, nothing sealed is opened.

    Args:
        stored: as its row holds it, or as it was just applied for.
        department: whose part is shown; None, or the lead's code, shows the whole.
    """
    handling = stored.handling
    part = None if department in (None, handling.plan.lead) else department
    shown = [_item(handling, plan, item) for plan, item in handling.planned() if _is_part(handling, plan, part)]
    return {
        **handling_head(stored),
        **_application(handling.application),
        "items": shown,
        "materials": [
            _piece(handling, each) for each in handling.pieces if part is None or _asks_for(handling, part, each)
        ],
        "assignments": [
            assignment_view(handling, each) for each in handling.assignments if part in (None, each.department)
        ],
        **({} if part else _whole(stored)),
        "links": application_links(handling.case_id),
    }


def handling_head(stored: StoredHandling) -> dict[str, Any]:
    """What was applied for, and how far the case is."""
    handling = stored.handling
    plan, application = handling.plan, handling.application
    return {
        "case_id": handling.case_id,
        "kind": "handling",
        "bundle": {"id": plan.bundle, "version": plan.version, "name": plan.name},
        "status": handling.status if stored.is_taken else SUBMITTED,
        "outcome": handling.outcome,
        "reason": handling.reason,
        "revision": handling.revision if stored.is_taken else 0,
        "subject": application.subject,
        "purpose": application.purpose,
        "lead": _department(handling, plan.lead),
        "submitted_at": iso(application.submitted_at),
        "due_at": _iso(due_of(handling)),
        "overdue": any(each.overdue and each.is_active for each in handling.assignments),
        "decided_at": _iso(handling.decided_at),
        "ended_at": _iso(handling.ended_at),
    }


def due_of(handling: Handling) -> int | None:
    """When the next thing of the case is due, µs UTC; None where no time is stated."""
    return min((each.due_at for each in handling.assignments if each.is_active and each.due_at), default=None)


def assignment_view(handling: Handling, assignment: Assignment) -> dict[str, Any]:
    """What a department was given to do, and what people did with it."""
    code = handling.plan.item(assignment.number).code if assignment.number else None
    return {
        "assignment_id": assignment.assignment_id,
        "case_id": handling.case_id,
        "kind": assignment.kind,
        "number": assignment.number,
        "item": code,
        "text": assignment.text,
        "department": _department(handling, assignment.department),
        "bundle": handling.plan.bundle,
        "subject": handling.application.subject,
        "state": assignment.state,
        "dispatched_at": iso(assignment.dispatched_at),
        "due_at": _iso(assignment.due_at),
        "overdue": assignment.overdue,
        "clock": _clock(assignment),
        "handled_and_reviewed": assignment.handled_and_reviewed,
        "joint": assignment.joint,
        "proposed": _proposed(assignment),
        "decision": _decision(assignment.decided),
        "missing": assignment.missing,
        "missing_materials": [
            {"material": each, "name": handling.plan.material_name(each)} for each in assignment.missing
        ],
        "material": assignment.material,
        "reason": assignment.reason,
        "review_note": assignment.review_note,
    }


def application_links(case_id: str) -> dict[str, str]:
    """Where to read on."""
    own = f"/v1/applications/{case_id}"
    return {"self": own, "receipt": f"{own}/receipt", "events": f"{own}/events", "payments": f"{own}/payments"}


def _application(application: ApplicationSubmitted) -> dict[str, Any]:
    return {
        "submitted_by": application.submitted_by,
        "channel": application.channel,
        "mode": application.mode,
        "received_at": msgspec.to_builtins(application.received_at),
        "handled_at": msgspec.to_builtins(application.handled_at),
        "agent": application.agent,
        "authority": application.authority,
        "choices": {each.question: each.choice for each in application.choices},
        "fields": {
            "total": application.fields_total,
            "filled": application.fields_filled,
            "asked_though_shareable": application.fields_shareable,
        },
        "delivery": {
            "together": application.delivery.together,
            "means": application.delivery.means,
            "has_address": application.delivery.address is not None,
        },
        "policy": application.policy,
    }


def _whole(stored: StoredHandling) -> dict[str, Any]:
    """What only the applicant and the lead see."""
    handling, checks = stored.handling, stored.handling.checks
    page = handling_page(handling, stored.notices)
    return {
        "supplements": [{**msgspec.to_builtins(each), "at": iso(each.at)} for each in handling.supplements],
        "pauses": [
            {"since": iso(each.since), "until": _iso(each.until), "reason": each.reason, "by": each.suspended_by}
            for each in handling.pauses
        ],
        "checks": None if checks is None else case_view(checks, stored.report),
        "evaluation": evaluation_view(handling),
        "timeline": [_moment(each) for each in page.timeline],
        "notices": [_notice(each) for each in page.notices],
    }


def evaluation_view(handling: Handling) -> dict[str, Any] | None:
    """The evaluation without its words, which are sealed; None before there is one."""
    given = handling.evaluation
    if given is None:
        return None
    return {
        "stars": given.stars,
        "has_comment": given.comment is not None,
        "evaluated_by": given.evaluated_by,
        "at": iso(given.at),
        "answer": given.answer,
        "answered_by": given.answered_by,
        "answered_at": _iso(given.answered_at),
    }


def _moment(moment: Moment) -> dict[str, Any]:
    return {**msgspec.to_builtins(moment), "at": iso(moment.at)}


def _notice(notice: NoticeView) -> dict[str, Any]:
    return {**msgspec.to_builtins(notice), "at": iso(notice.at), "due_at": _iso(notice.due_at)}


def _item(handling: Handling, plan: ItemPlan, item: HandledItem) -> dict[str, Any]:
    return {
        "number": item.number,
        "item": plan.code,
        "id": plan.item_id,
        "text": plan.text,
        "kind": plan.mode,
        "departments": [_department(handling, each) for each in plan.departments],
        "state": item.state,
        "word": ITEM_WORDS[item.state],
        "answer": item.answer,
        "reason": item.reason,
        "limit_days": plan.limit_days,
        "decision": _decision(item.decision),
        "payment": _payment(item.payment),
        "delivered_at": _iso(item.delivered_at),
        "delivered_by": item.delivered_by,
    }


def _is_part(handling: Handling, plan: ItemPlan, part: str | None) -> bool:
    """Whether an item is a department's: the plan names it, or it was passed on to it."""
    return (
        part is None
        or part in plan.departments
        or any(each.department == part for each in handling.of_item(plan.number))
    )


def _asks_for(handling: Handling, part: str, piece: Piece) -> bool:
    return any(piece.material in plan.materials for plan in handling.plan.items if _is_part(handling, plan, part))


def _piece(handling: Handling, piece: Piece) -> dict[str, Any]:
    return {
        "material": piece.material,
        "name": handling.plan.material_name(piece.material),
        "means": piece.means,
        "state": piece.state,
        "reference": piece.reference,
        "due_at": _iso(piece.due_at),
        "supplied_at": _iso(piece.supplied_at),
        "checked_by": piece.checked_by,
        "evidence": piece.evidence,
    }


def _payment(payment: Payment | None) -> dict[str, Any] | None:
    if payment is None:
        return None
    return {
        "payment_id": payment.payment_id,
        "amount_fen": payment.amount_fen,
        "requested_at": iso(payment.requested_at),
        "paid_at": _iso(payment.paid_at),
        "state": "unpaid" if payment.paid_at is None else "paid",
    }


def _clock(assignment: Assignment) -> dict[str, Any]:
    return {
        "paused": assignment.paused_since is not None,
        "paused_since": _iso(assignment.paused_since),
        "paused_for": assignment.paused_for,
        "stood_s": assignment.paused_us // 1_000_000,
    }


def _proposed(assignment: Assignment) -> dict[str, Any] | None:
    proposed = assignment.proposed
    if proposed is None:
        return None
    return {
        "decision": proposed.decision,
        "reason": proposed.reason,
        "results": msgspec.to_builtins(proposed.results),
        "fee_fen": proposed.fee_fen,
        "handled_by": proposed.handled_by,
        "handled_at": iso(proposed.at),
    }


def _decision(decision: Decision | None) -> dict[str, Any] | None:
    return None if decision is None else {**msgspec.to_builtins(decision), "at": iso(decision.at)}


def _department(handling: Handling, code: str) -> dict[str, str]:
    return {"code": code, "name": handling.plan.names.get(code, code)}


def _iso(instant_us: int | None) -> str | None:
    return None if instant_us is None else iso(instant_us)
