"""The clock of an assignment: when it is due, when it stands still, when it rings."""

from collections.abc import Iterator
from typing import Final

import msgspec

from catalog.working_days import load_calendar
from processors.domain.handling.state import CASE_PAUSE, Assignment, Handling, Piece

DAY_US: Final = 86_400_000_000

LATEST_DUE_US: Final = 7_258_204_800_000_000
"""2 January 2200: no time on the log lies later, and no clock that stood by mistake leads out of the calendar."""


def due_after(from_us: int, working_days: int | None) -> int | None:
    """The end of the last of so many working days after the day of ``from_us``; None when no time is stated."""
    return None if working_days is None else load_calendar().due_at(from_us, working_days)


def paused(assignment: Assignment, cause: str, at: int) -> Assignment:
    """The assignment with its clock standing for one more cause."""
    if cause in assignment.paused_for:
        return assignment
    since = at if assignment.paused_since is None else assignment.paused_since
    return msgspec.structs.replace(assignment, paused_for=(*assignment.paused_for, cause), paused_since=since)


def resumed(assignment: Assignment, cause: str, at: int) -> Assignment:
    """The assignment without this cause; when it was the last one, due so much later as the clock stood."""
    if cause not in assignment.paused_for:
        return assignment
    left = tuple(each for each in assignment.paused_for if each != cause)
    if left or assignment.paused_since is None:
        return msgspec.structs.replace(assignment, paused_for=left)
    stood_us = max(0, at - assignment.paused_since)
    return msgspec.structs.replace(
        assignment,
        paused_for=(),
        paused_since=None,
        paused_us=assignment.paused_us + stood_us,
        due_at=None if assignment.due_at is None else min(assignment.due_at + stood_us, LATEST_DUE_US),
    )


def stopped(assignment: Assignment, at: int) -> Assignment:
    """The assignment with its pauses counted up to its end."""
    for cause in assignment.paused_for:
        assignment = resumed(assignment, cause, at)
    return assignment


def reminder_at(assignment: Assignment) -> int | None:
    """When its department is reminded: as its last working day begins; None when nothing, or no longer, rings."""
    if assignment.due_at is None or assignment.reminded:
        return None
    return max(assignment.due_at - DAY_US, assignment.dispatched_at)


def next_due(handling: Handling) -> int | None:
    """When the next timer of the case must ring, in µs UTC; None when none runs."""
    return min(_instants(handling), default=None)


def _instants(handling: Handling) -> Iterator[int]:
    checks = handling.checks
    if checks is not None and not checks.concluded and not handling.ended:
        yield checks.request.deadline_at
    for assignment in handling.assignments:
        yield from _of_assignment(assignment)
    for piece in handling.pieces:
        if runs_out(piece):
            yield piece.due_at or 0


def _of_assignment(assignment: Assignment) -> Iterator[int]:
    if not rings(assignment) or assignment.due_at is None:
        return
    remind = reminder_at(assignment)
    if remind is not None:
        yield remind
    if not assignment.overdue:
        yield assignment.due_at


def rings(assignment: Assignment) -> bool:
    """Whether its clock runs."""
    return assignment.is_active and assignment.paused_since is None


def runs_out(piece: Piece) -> bool:
    """Whether a due date of this piece is still awaited."""
    return piece.state == "due" and piece.due_at is not None


def pausing_case(assignments: tuple[Assignment, ...], at: int) -> tuple[Assignment, ...]:
    """The assignments with the clocks of all items and deliveries standing for the whole case."""
    return tuple(paused(each, CASE_PAUSE, at) if _is_of_case(each) else each for each in assignments)


def resuming_case(assignments: tuple[Assignment, ...], at: int) -> tuple[Assignment, ...]:
    """The assignments with their clocks going on again, but for those that stand for another cause."""
    return tuple(resumed(each, CASE_PAUSE, at) for each in assignments)


def _is_of_case(assignment: Assignment) -> bool:
    return assignment.is_active and assignment.kind in ("item", "delivery")
