"""What a change of a case counts for in live figures: pure, from the case before and after.

Only what is new counts. An event that is read again changes no case, and so is counted no second time. What is told
with its time is told by department or by bundle, not by both: there would be too many series to look at.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from processors.domain.answers import TIMED_OUT, Given, hub_word, part_key
from processors.domain.case import REPORTED, Case, settled, standing
from processors.domain.handling.state import Assignment, Handling
from topics.declarations import HUB
from topics.figures import (
    ARCHIVE_ANSWERS,
    CASES_CLOSED,
    CASES_MOVED,
    CASES_OPENED,
    DEADLINES_MISSED,
    DEPARTMENT_ANSWERS,
    ITEMS_DECIDED,
)

CHECK: Final = "check"


class Counted(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened, and how long it took, µs, where that means something."""

    figure: str
    department: str | None = None
    bundle: str | None = None
    label: str | None = None
    took_us: int | None = None


def counted(before: Case | Handling | None, after: Case | Handling) -> Iterator[Counted]:
    """What the step from ``before`` to ``after`` counts for."""
    if isinstance(after, Handling):
        yield from _handling(before if isinstance(before, Handling) else None, after)
    else:
        yield from _case(before if isinstance(before, Case) else None, after)


def _case(before: Case | None, after: Case) -> Iterator[Counted]:
    bundle = after.request.bundle
    if before is None:
        yield Counted(CASES_OPENED, bundle=bundle)
    if before is None or before.status != after.status:
        yield Counted(CASES_MOVED, bundle=bundle, label=after.status)
    if after.reports and not (before and before.reports):
        took_us = after.reports[0].issued_at - after.request.requested_at
        yield Counted(CASES_CLOSED, bundle=bundle, label=REPORTED, took_us=took_us)
    yield from _answers(before, after, bundle)


def _answers(before: Case | None, after: Case, bundle: str) -> Iterator[Counted]:
    asked_at = after.request.requested_at
    if before is None or before.given is not after.given:
        known = {each.key for each in before.given} if before else set()
        for each in after.given:
            if each.key not in known:
                yield _answer(each, each.answered_at - asked_at)
    if before is None or before.tasks is not after.tasks:
        done = {each.task_id for each in before.tasks if each.answer} if before else set()
        for task in after.tasks:
            if task.answer is not None and task.task_id not in done:
                yield _answer(task.answer, task.answer.answered_at - task.assigned_at)
    if after.deadline_passed and not (before and before.concluded):
        yield from _timed_out(after, bundle)


def _answer(given: Given, took_us: int) -> Counted:
    figure = ARCHIVE_ANSWERS if given.answered_by == HUB else DEPARTMENT_ANSWERS
    return Counted(figure, given.answer.department, label=given.answer.answer, took_us=max(0, took_us))


def _timed_out(after: Case, bundle: str) -> Iterator[Counted]:
    """What was still awaited when the deadline passed; only what a department was asked is the department's miss."""
    at = standing(after)
    assigned = {part_key(task.part) for task in after.tasks}
    for parts in settled(after, at).values():
        for each in parts:
            if not each.awaits_department:
                continue
            key, department = part_key(each.part), each.part.department
            if hub_word(at.given, key) is None and key not in assigned:
                yield Counted(ARCHIVE_ANSWERS, department, label=TIMED_OUT)
            else:
                yield Counted(DEPARTMENT_ANSWERS, department, label=TIMED_OUT)
                yield Counted(DEADLINES_MISSED, department, bundle, CHECK)


def _handling(before: Handling | None, after: Handling) -> Iterator[Counted]:
    bundle = after.plan.bundle
    if before is None:
        yield Counted(CASES_OPENED, bundle=bundle)
    if before is None or before.status != after.status:
        yield Counted(CASES_MOVED, bundle=bundle, label=after.status)
    if after.ended and not (before and before.ended):
        took_us = None if after.ended_at is None else after.ended_at - after.application.submitted_at
        yield Counted(CASES_CLOSED, bundle=bundle, label=after.status, took_us=took_us)
    if before is None or before.assignments is not after.assignments:
        stood = {each.assignment_id: each for each in before.assignments} if before else {}
        for each in after.assignments:
            yield from _assignment(stood.get(each.assignment_id), each, bundle)
    if after.checks is not None and (before is None or before.checks is not after.checks):
        yield from _answers(before.checks if before else None, after.checks, bundle)


def _assignment(before: Assignment | None, after: Assignment, bundle: str) -> Iterator[Counted]:
    if before is after:
        return
    if after.decided is not None and not (before and before.decided):
        took_us = max(0, after.decided.at - after.dispatched_at - after.paused_us)
        yield Counted(ITEMS_DECIDED, after.department, label=after.decided.decision, took_us=took_us)
    if after.overdue and not (before and before.overdue):
        yield Counted(DEADLINES_MISSED, after.department, bundle, after.kind)
