"""Between handled cases and their rows.

A handling's plan is kept once for all cases of its bundle's version, and its application once for good: neither is
written again with every step of the case.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final

import msgspec

from processors.cases.handling_views import AssignmentView
from processors.cases.tables import HANDLING, OPEN_ENDED
from processors.domain.handling import Handling, HandlingPlan, next_due
from processors.domain.handling.state import Assignment
from topics.events import CaseNotified, ItemHandled

Row = dict[str, Any]

_HANDLINGS: Final = msgspec.json.Decoder(Handling)
_HANDLED: Final = msgspec.json.Decoder(ItemHandled)
_NAMES: Final = msgspec.json.Decoder(tuple[str, ...])
_JSON: Final = msgspec.json.Encoder()
_SORTED: Final = msgspec.json.Encoder(order="sorted")
_FIXED: Final = ("application", "plan")
_MOVING: Final = tuple(name for name in Handling.__struct_fields__ if name not in _FIXED)


def plan_row(plan: HandlingPlan) -> Row:
    """A plan under an id that says what it holds."""
    body = _SORTED.encode(plan)
    return {"plan_id": blake2b(body, digest_size=16).hexdigest(), "body": body}


def handling_of(state: bytes, application: bytes, plan: bytes) -> Handling:
    """The handling whose parts these are."""
    return _HANDLINGS.decode(b'%b,"application":%b,"plan":%b}' % (state[:-1], application, plan))


def open_key_of(bundle: str, subject: str) -> str:
    """What at most one running case may have, of a bundle that is not repeatable."""
    return f"{bundle}/{subject}"


def departments_of_handling(handling: Handling) -> tuple[str, ...]:
    """Who takes part: the lead, whom the applying items ask, and who was given something later."""
    of_items = (
        department
        for plan, item in handling.planned()
        if item.state != "not-applicable"
        for department in plan.departments
    )
    assigned = (each.department for each in handling.assignments)
    return tuple(dict.fromkeys((handling.plan.lead, *of_items, *assigned)))


def moving_row(handling: Handling) -> Row:
    """The columns of a handling that change with its steps."""
    evaluation = handling.evaluation
    return {
        "revision": handling.revision,
        "status": handling.status,
        "deadline_at": _soonest(handling),
        "due_at": next_due(handling),
        "overdue": any(each.overdue for each in handling.assignments),
        "ended_at": handling.ended_at,
        "stars": None if evaluation is None else evaluation.stars,
        "evaluated_at": None if evaluation is None else evaluation.at,
        "state": _JSON.encode({name: getattr(handling, name) for name in _MOVING}),
    }


def handling_row(handling: Handling, partition: int, plan_id: str) -> Row:
    """The row of a handling that has just begun."""
    application, plan = handling.application, handling.plan
    may_run_once = not plan.repeatable and handling.ended_at is None
    return {
        "case_id": handling.case_id,
        "bundle": plan.bundle,
        "subject": application.subject,
        "requested_by": application.submitted_by,
        "requested_at": application.submitted_at,
        "partition": partition,
        "kind": HANDLING,
        "lead": plan.lead,
        "channel": application.channel,
        "mode": application.mode,
        "received_place": application.received_at.code,
        "handled_place": application.handled_at.code,
        "open_key": open_key_of(plan.bundle, application.subject) if may_run_once else None,
        "plan_id": plan_id,
        **application_row(handling),
        **moving_row(handling),
    }


def application_row(handling: Handling) -> Row:
    """The column that changes only when the applicant sends another form."""
    return {"application": _JSON.encode(handling.application)}


def assignment_rows(handling: Handling, before: Handling | None) -> Iterator[Row]:
    """A row for each assignment that is new or has changed since ``before``."""
    known = () if before is None else before.assignments
    for place, assignment in enumerate(handling.assignments):
        if place >= len(known) or (known[place] is not assignment and known[place] != assignment):
            yield _assignment_row(handling, assignment)


def assignment_view(row: Row) -> AssignmentView:
    """The view that a row was made of."""
    proposed, due_at = row["proposed"], row["due_at"]
    decoded = {
        "proposed": None if proposed is None else _HANDLED.decode(proposed),
        "due_at": None if due_at == OPEN_ENDED else due_at,
        "missing": _NAMES.decode(row["missing"]),
    }
    return AssignmentView(**{**row, **decoded})


def assignment_views(handling: Handling) -> tuple[AssignmentView, ...]:
    """The views of everything that departments were given to do in a case, in the order of dispatch."""
    return tuple(assignment_view(_assignment_row(handling, each)) for each in handling.assignments)


def payment_rows(handling: Handling, before: Handling | None) -> Iterator[Row]:
    """A row for each payment that is new or has changed since ``before``; items keep their order."""
    known = (None,) * len(handling.items) if before is None else tuple(each.payment for each in before.items)
    for (plan, item), earlier in zip(handling.planned(), known, strict=True):
        payment = item.payment
        if payment is not None and payment != earlier:
            yield {
                "payment_id": payment.payment_id,
                "case_id": handling.case_id,
                "item": plan.code,
                "number": plan.number,
                "amount_fen": payment.amount_fen,
                "state": "requested" if payment.paid_at is None else "paid",
                "requested_at": payment.requested_at,
                "paid_at": payment.paid_at,
            }


def department_rows(handling: Handling, before: Handling | None) -> Iterator[Row]:
    """A row for each department that takes part since ``before``."""
    if before is not None and len(before.assignments) == len(handling.assignments):
        return
    known = () if before is None else departments_of_handling(before)
    for department in departments_of_handling(handling):
        if department not in known:
            yield {
                "department": department,
                "requested_at": handling.application.submitted_at,
                "case_id": handling.case_id,
            }


def notice_row(notice: CaseNotified) -> Row:
    """The row of a notice that a step has just given."""
    return msgspec.structs.asdict(notice)


def _soonest(handling: Handling) -> int:
    due = (each.due_at for each in handling.assignments if each.is_active and each.due_at is not None)
    return min(due, default=OPEN_ENDED)


def _assignment_row(handling: Handling, assignment: Assignment) -> Row:
    application, decided, proposed = handling.application, assignment.decided, assignment.proposed
    return {
        "assignment_id": assignment.assignment_id,
        "case_id": handling.case_id,
        "department": assignment.department,
        "state": assignment.state,
        "kind": assignment.kind,
        "bundle": handling.plan.bundle,
        "subject": application.subject,
        "purpose": application.purpose,
        "item": handling.plan.item(assignment.number).code if assignment.number else "",
        "number": assignment.number,
        "text": assignment.text,
        "received_place": application.received_at.code,
        "handled_place": application.handled_at.code,
        "dispatched_at": assignment.dispatched_at,
        "due_at": OPEN_ENDED if assignment.due_at is None else assignment.due_at,
        "overdue": assignment.overdue,
        "handled_and_reviewed": assignment.handled_and_reviewed,
        "joint": assignment.joint,
        "paused_since": assignment.paused_since,
        # Once decided, the proposal stays with the state only: it holds the fee.
        "proposed": None if proposed is None or decided is not None else _JSON.encode(proposed),
        "decision": None if decided is None else decided.decision,
        "decided_at": None if decided is None else decided.at,
        "handled_by": None if decided is None else decided.decided_by,
        "reviewed_by": None if decided is None else decided.reviewed_by,
        "reason": assignment.reason if decided is None else decided.reason,
        "review_note": assignment.review_note,
        "missing": _JSON.encode(assignment.missing),
        "material": assignment.material,
    }
