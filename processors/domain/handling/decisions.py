"""What a department does with an assignment: decide, ask for a supplement, let it rest, pass it on, give it back."""

from collections.abc import Iterator
from typing import Final

import msgspec

from catalog.organisations import load_organisations
from processors.domain.handling.clock import paused, resumed, stopped
from processors.domain.handling.plan import HandlingPlan
from processors.domain.handling.state import Assignment, Decision, Handling
from processors.domain.requests import Refusal, is_name, time_fault
from topics.events import ItemHandled, ItemReviewed

DECISIONS: Final = ("approve", "refuse", "supplement", "suspend", "resume", "pass-on", "return")
FINAL: Final = ("approve", "refuse")
NEEDS_REASON: Final = frozenset(("refuse", "supplement", "suspend", "pass-on", "return"))
SUPPLEMENT: Final = "supplement"
SUSPENDED: Final = "suspended"


def handled(handling: Handling, event: ItemHandled) -> Assignment | Refusal:
    """The assignment after a person of the department acted on it, or why that is not taken."""
    assignment = handling.assignment(event.assignment_id)
    if assignment is None:
        return Refusal("no-such-assignment", "the case has no assignment of this id")
    refusal = (
        _closed(handling, assignment, event.department)
        or time_fault(event.at)
        or next(_unfit_words(event), None)
        or next(_unfit_now(handling, assignment, event), None)
    )
    return refusal or _acted(assignment, event)


def reviewed(handling: Handling, event: ItemReviewed) -> Assignment | Refusal:
    """The assignment after a second person judged the proposed decision, or why that is not taken."""
    assignment = handling.assignment(event.assignment_id)
    if assignment is None:
        return Refusal("no-such-assignment", "the case has no assignment of this id")
    refusal = (
        _closed(handling, assignment, event.department) or time_fault(event.at) or _unfit_review(assignment, event)
    )
    if refusal is not None or assignment.proposed is None:
        return refusal or Refusal("nothing-to-review", "no decision waits for review")
    if not event.approved:
        back = msgspec.structs.replace(assignment, proposed=None, review_note=event.note or "")
        return _at_work(back)
    return _decided(assignment, assignment.proposed, event.at, event.reviewed_by)


def supplied(assignment: Assignment, materials: frozenset[str], at: int) -> Assignment:
    """The assignment after the applicant supplied these; its clock goes on once nothing is missing any more."""
    if not assignment.is_active or materials.isdisjoint(assignment.missing):
        return assignment
    missing = tuple(each for each in assignment.missing if each not in materials)
    left = msgspec.structs.replace(assignment, missing=missing)
    if missing:
        return left
    there = resumed(left, SUPPLEMENT, at)
    return _at_work(there) if there.state == "supplementing" else there


def closed(assignment: Assignment, at: int) -> Assignment:
    """The assignment, no longer needed."""
    return msgspec.structs.replace(stopped(assignment, at), state="closed", proposed=None)


def _acted(assignment: Assignment, event: ItemHandled) -> Assignment:
    match event.decision:
        case "supplement":
            missing = tuple(dict.fromkeys((*assignment.missing, *event.missing)))
            asked = msgspec.structs.replace(
                assignment, state="supplementing", missing=missing, supplement_asked=True, reason=event.reason
            )
            return paused(asked, SUPPLEMENT, event.at)
        case "suspend":
            resting = msgspec.structs.replace(assignment, state="suspended", reason=event.reason)
            return paused(resting, SUSPENDED, event.at)
        case "resume":
            return _at_work(msgspec.structs.replace(resumed(assignment, SUSPENDED, event.at), reason=None))
        case "pass-on" | "return":
            state = "passed-on" if event.decision == "pass-on" else "returned"
            return msgspec.structs.replace(stopped(assignment, event.at), state=state, reason=event.reason)
        case _:
            return _proposed(assignment, event)


def _at_work(assignment: Assignment) -> Assignment:
    """The assignment back with its department: still to wait for what the applicant has not supplied, else open."""
    return msgspec.structs.replace(assignment, state="supplementing" if assignment.missing else "open")


def _proposed(assignment: Assignment, event: ItemHandled) -> Assignment:
    if assignment.handled_and_reviewed:
        return msgspec.structs.replace(assignment, state="handled", proposed=event, review_note=None)
    return _decided(assignment, event, event.at, None)


def _decided(assignment: Assignment, event: ItemHandled, at: int, reviewed_by: str | None) -> Assignment:
    approves = event.decision == "approve"
    decision = Decision(
        decision="approve" if approves else "refuse",
        decided_by=event.handled_by,
        reviewed_by=reviewed_by,
        at=at,
        reason=event.reason,
        results=event.results,
    )
    # The proposal stays beside the decision: it holds the fee that was set.
    return msgspec.structs.replace(
        stopped(assignment, at), state="approved" if approves else "refused", decided=decision, proposed=event
    )


def _closed(handling: Handling, assignment: Assignment, department: str) -> Refusal | None:
    if department != assignment.department:
        return Refusal("not-your-assignment", f"it is {assignment.department}'s, not {department}'s")
    if handling.ended and assignment.kind in ("item", "delivery"):
        return Refusal("case-ended", f"the case is {handling.status}")
    if not assignment.is_active:
        return Refusal("assignment-closed", f"the assignment is {assignment.state}")
    return None


def _unfit_words(event: ItemHandled) -> Iterator[Refusal]:
    if event.decision not in DECISIONS:
        yield Refusal("unknown-decision", f"a decision is one of {', '.join(DECISIONS)}")
    if not is_name(event.handled_by):
        yield Refusal("no-person", "handled_by names nobody")
    if event.decision in NEEDS_REASON and not (event.reason or "").strip():
        yield Refusal("no-reason", f"{event.decision} gives its reason")
    if event.decision == SUPPLEMENT and not all(is_name(each) for each in event.missing or ("",)):
        yield Refusal("nothing-missing", "a supplement names at least one material")
    if event.fee_fen is not None and event.fee_fen < 0:
        yield Refusal("bad-fee", "a fee is not negative")


def _unfit_now(handling: Handling, assignment: Assignment, event: ItemHandled) -> Iterator[Refusal]:
    if assignment.kind != "item":
        yield Refusal("other-kind", f"an assignment of kind {assignment.kind} is answered in its own way")
    if handling.pause is not None:
        yield Refusal("case-suspended", "the lead suspended the case; nothing is decided until it resumes")
    if assignment.state == "handled":
        yield Refusal("awaits-review", "a decision waits for review: approve or return it first")
    if assignment.state == "suspended" and event.decision != "resume":
        yield Refusal("assignment-suspended", "resume it first")
    if assignment.state != "suspended" and event.decision == "resume":
        yield Refusal("not-suspended", "the assignment is not suspended")
    if assignment.state == "supplementing" and event.decision == "approve":
        yield Refusal("supplement-awaited", "the applicant has not supplied yet what was asked for")
    if event.decision == SUPPLEMENT and assignment.supplement_asked:
        yield Refusal("supplement-asked-before", "what is missing is told once (一次性告知)")
    yield from filter(None, (_unfit_route(handling.plan, assignment, event),))


def _unfit_route(plan: HandlingPlan, assignment: Assignment, event: ItemHandled) -> Refusal | None:
    if event.decision == "return" and assignment.department == plan.lead:
        return Refusal("return-to-self", "the lead has nobody to return it to: refuse it or pass it on")
    if event.decision != "pass-on":
        return None
    if event.pass_on_to == assignment.department:
        return Refusal("pass-on-to-self", "it is there already")
    if event.pass_on_to not in load_organisations().by_code:
        return Refusal("unknown-department", "pass_on_to is no organisation's code")
    return None


def _unfit_review(assignment: Assignment, event: ItemReviewed) -> Refusal | None:
    if not is_name(event.reviewed_by):
        return Refusal("no-person", "reviewed_by names nobody")
    proposed = assignment.proposed
    if proposed is not None and event.reviewed_by.strip() == proposed.handled_by.strip():
        return Refusal("same-person", "who handled a decision cannot review it (经办–审核)")
    return None
