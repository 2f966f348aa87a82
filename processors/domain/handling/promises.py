"""Promised and pending materials: when each is due, what a later check finds, what a broken promise leads to."""

from collections.abc import Iterator
from typing import Final

import msgspec

from processors.domain.handling.clock import due_after, runs_out, stopped
from processors.domain.handling.decisions import closed, supplied
from processors.domain.handling.plan import LATER, PROMISE, HandlingPlan
from processors.domain.handling.progress import add, assignment_id
from processors.domain.handling.state import Assignment, Handling, Piece, Supplement
from processors.domain.handling.telling import APPLICANT, Draft
from processors.domain.requests import Refusal, is_name, time_fault
from topics.events import ApplicationSubmitted, ApplicationSupplemented, CommitmentChecked

AWAITED: Final = frozenset(("due", "overdue"))


def initial_pieces(application: ApplicationSubmitted, plan: HandlingPlan) -> Iterator[Piece]:
    """The application's materials; a later one is due so many working days after the submission."""
    for each in application.materials:
        commitment = plan.commitment(each.material, each.means)
        awaited = commitment is not None and each.means in (PROMISE, LATER)
        yield Piece(
            material=each.material,
            means=each.means,
            reference=each.reference,
            state="due" if awaited else "held",
            due_at=due_after(application.submitted_at, commitment.days) if commitment and each.means == LATER else None,
        )


def schedule_checks(draft: Draft) -> None:
    """Once everything is decided, promises run until the day on which they are checked."""
    plan = draft.handling.plan
    pieces = tuple(_scheduled(each, plan, draft.at) for each in draft.handling.pieces)
    draft.handling = msgspec.structs.replace(draft.handling, pieces=pieces)


def waive(draft: Draft) -> None:
    """Nothing was granted: promises bind nobody, nothing is awaited any more, and nobody has to check anything."""
    pieces = tuple(
        msgspec.structs.replace(each, state="held", due_at=None) if each.state in AWAITED else each
        for each in draft.handling.pieces
    )
    assignments = tuple(
        closed(each, draft.at) if each.kind == "commitment-check" and each.is_active else each
        for each in draft.handling.assignments
    )
    draft.handling = msgspec.structs.replace(draft.handling, pieces=pieces, assignments=assignments)


def ring_pieces(draft: Draft, at: int) -> None:
    """Due dates of pieces that have passed: the applicant and the lead are told, and somebody is to check."""
    for piece in draft.handling.pieces:
        if runs_out(piece) and (piece.due_at or 0) <= at:
            _run_out(draft, piece)


def take_supplement(draft: Draft, event: ApplicationSupplemented) -> Refusal | None:
    """The applicant supplied something; a refusal when nothing of it is awaited."""
    handling = draft.handling
    if refusal := next(_unfit_supplement(handling, event), None):
        return refusal
    materials = frozenset(each.material for each in event.materials)
    assignments = tuple(supplied(each, _now_there(event, each, materials), event.at) for each in handling.assignments)
    given = {each.material: each for each in event.materials}
    kept = tuple(each for each in handling.pieces if each.material not in given)
    new = tuple(
        Piece(material=each.material, means=each.means, reference=each.reference, supplied_at=event.at)
        for each in event.materials
    )
    application = handling.application
    if event.form is not None:
        application = msgspec.structs.replace(application, form=event.form, form_digest=event.form_digest)
    supplement = Supplement(event.at, event.supplemented_by, tuple(given))
    draft.handling = msgspec.structs.replace(
        handling,
        application=application,
        assignments=tuple(_check_closed(each, materials, event.at) for each in assignments),
        pieces=(*kept, *new),
        supplements=(*handling.supplements, supplement),
    )
    return None


def take_check(draft: Draft, event: CommitmentChecked) -> Refusal | None:
    """Somebody checked a promise; a broken one becomes known to supervision and credit."""
    handling = draft.handling
    piece = next((each for each in handling.pieces if each.material == event.material), None)
    refusal = next(_unfit_check(handling, piece, event), None)
    if refusal is not None or piece is None:
        return refusal
    checked = msgspec.structs.replace(
        piece,
        state="kept" if event.kept else "broken",
        due_at=None,
        checked_by=event.checked_by,
        evidence=event.evidence,
    )
    pieces = tuple(checked if each is piece else each for each in handling.pieces)
    assignments = tuple(_check_closed(each, frozenset((event.material,)), event.at) for each in handling.assignments)
    draft.handling = msgspec.structs.replace(handling, pieces=pieces, assignments=assignments)
    if not event.kept:
        draft.denounce(event.department, event.material, event.evidence)
        name = handling.plan.material_name(event.material)
        draft.notify(APPLICANT, "commitment", f"经事后核查，承诺材料“{name}”未履行，已记入监管与信用记录")
    return None


def responsible_for(handling: Handling, material: str) -> str:
    """Who checks a promised material: who handles the item that asks for it, else the lead."""
    plan = handling.plan
    asking = (
        item.departments[0]
        for item, state in handling.planned()
        if material in item.materials and item.departments and state.state != "not-applicable"
    )
    return next(asking, plan.lead)


def _scheduled(piece: Piece, plan: HandlingPlan, at: int) -> Piece:
    if piece.means != PROMISE or piece.state != "due":
        return piece
    commitment = plan.commitment(piece.material, PROMISE)
    if commitment is None:
        return piece
    days = commitment.days if commitment.after_check_days is None else commitment.after_check_days
    return msgspec.structs.replace(piece, due_at=due_after(at, days))


def _run_out(draft: Draft, piece: Piece) -> None:
    handling = draft.handling
    late, name = piece.means == LATER, handling.plan.material_name(piece.material)
    told = msgspec.structs.replace(piece, state="overdue" if late else "due", due_at=piece.due_at if late else None)
    pieces = tuple(told if each is piece else each for each in handling.pieces)
    draft.handling = msgspec.structs.replace(handling, pieces=pieces)
    if late:
        draft.notify(APPLICANT, "overdue", f"容缺材料“{name}”已到补交期限", due_at=piece.due_at)
        draft.notify(handling.plan.lead, "overdue", f"申请人未按期补交容缺材料“{name}”", due_at=piece.due_at)
    department = responsible_for(handling, piece.material)
    text = f"事后核查：{'容缺' if late else '承诺'}材料“{name}”是否已{'补交' if late else '履行'}"
    add(
        draft,
        Assignment(
            assignment_id=assignment_id(handling.case_id, len(handling.assignments)),
            kind="commitment-check",
            number=0,
            department=department,
            text=text,
            dispatched_at=draft.at,
            due_at=None,
            material=piece.material,
        ),
    )


def _now_there(event: ApplicationSupplemented, assignment: Assignment, materials: frozenset[str]) -> frozenset[str]:
    # A department that asked for the form itself names it so.
    asked_for_form = event.form is not None and "form" in assignment.missing
    return materials | {"form"} if asked_for_form else materials


def _check_closed(assignment: Assignment, materials: frozenset[str], at: int) -> Assignment:
    if assignment.kind != "commitment-check" or not assignment.is_active or assignment.material not in materials:
        return assignment
    return msgspec.structs.replace(stopped(assignment, at), state="answered")


def _unfit_supplement(handling: Handling, event: ApplicationSupplemented) -> Iterator[Refusal]:
    if fault := time_fault(event.at):
        yield fault
    if not is_name(event.supplemented_by):
        yield Refusal("no-person", "supplemented_by names nobody")
    awaited = {each for assignment in handling.assignments if assignment.is_active for each in assignment.missing}
    awaited |= {each.material for each in handling.pieces if each.state in AWAITED}
    if handling.ended and not awaited:
        yield Refusal("case-ended", f"the case is {handling.status}, and nothing is awaited")
    given = [each.material for each in event.materials] + (["form"] if event.form is not None else [])
    if not given or len(set(given)) != len(given):
        yield Refusal("nothing-supplied", "a supplement brings at least one material or the form, each once")
    if strange := sorted(set(given) - awaited):
        yield Refusal("not-asked-for", f"nobody waits for {', '.join(strange)[:200]}")
    if any(each.means in (PROMISE, LATER) for each in event.materials):
        yield Refusal("bad-means", "what was asked for is supplied, not promised again")


def _unfit_check(handling: Handling, piece: Piece | None, event: CommitmentChecked) -> Iterator[Refusal]:
    if fault := time_fault(event.at):
        yield fault
    if not is_name(event.checked_by):
        yield Refusal("no-person", "checked_by names nobody")
    if piece is None or piece.means not in (PROMISE, LATER):
        yield Refusal("no-such-commitment", f"the case has no promised or pending material {event.material[:64]!r}")
        return
    if piece.state not in AWAITED:
        yield Refusal("already-checked", f"the material is {piece.state}")
    if event.department not in (handling.plan.lead, responsible_for(handling, event.material)):
        yield Refusal("not-your-commitment", "the lead or the item's department checks it")
    if handling.outcome is None and not handling.ended:
        yield Refusal("too-early", "promises are checked after the decision")
