"""One event taken by a case: its new state, what it emits, and what it refuses."""

from collections.abc import Iterator
from typing import Final

import msgspec

from processors.domain.answers import Given, Lines, part_key
from processors.domain.case import Case, IssuedReport, line_answers, new_case, settled, standing, take_answers
from processors.domain.definition import CaseDefinition
from processors.domain.emits import (
    Cause,
    case_updated,
    checks_requested,
    report_issued,
    report_superseded,
    tasks_assigned,
)
from processors.domain.report import Change, report_body, verification_code_of
from processors.domain.requests import Refusal, request_faults, time_fault
from processors.domain.tasks import Task, task_handled, task_reviewed
from topics.events import (
    CaseEvent,
    CaseRequested,
    ChecksAnswered,
    DeadlinePassed,
    Part,
    ReportIssued,
    TaskAssigned,
    TaskHandled,
    TaskReviewed,
)

TAKEN: Final = (CaseRequested, ChecksAnswered, TaskHandled, TaskReviewed, DeadlinePassed)
"""The events that a case takes."""


class Step(msgspec.Struct, frozen=True, gc=False):
    """What an event did: the case after it (the very same object where nothing changed), events, refusals."""

    case: Case | None
    emits: tuple[CaseEvent, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def step(case: Case | None, event: CaseEvent, definition: CaseDefinition | None = None) -> Step:
    """Take one event.

    Args:
        case: the case so far, None before its request.
        event: one of ``TAKEN``.
        definition: of the bundle that a CaseRequested names, None when there is none; other events need none.
    """
    if isinstance(event, CaseRequested):
        return _requested(case, event, definition)
    if case is None:
        return Step(None, (), (Refusal("no-such-case", f"{type(event).__name__} for a case that was never requested"),))
    changed, refusals = _taken(case, event)
    if changed is case:
        return Step(case, (), refusals)
    after, emits = _concluded(case, changed, Cause(event.event_id, _at(event)))
    return Step(after, emits, refusals)


def _requested(case: Case | None, event: CaseRequested, definition: CaseDefinition | None) -> Step:
    if case is not None:
        repeated = case.request.event_id == event.event_id
        return Step(case, (), () if repeated else (Refusal("case-exists", "another request has this case id"),))
    faults = request_faults(event, definition)
    if faults or definition is None:
        return Step(None, (), faults)
    cause = Cause(event.event_id, event.requested_at)
    opened = new_case(event, definition)
    after, emits = _concluded(opened, opened, cause)
    return Step(after, (*checks_requested(after, cause, standing(after)), *emits))


def _taken(case: Case, event: CaseEvent) -> tuple[Case, tuple[Refusal, ...]]:
    match event:
        case ChecksAnswered():
            return take_answers(case, tuple(_given(event)))
        case TaskHandled() | TaskReviewed():
            return _task_taken(case, event)
        case DeadlinePassed():
            return _deadline_taken(case, event)
        case _:
            return case, (Refusal("not-taken", f"a case takes no {type(event).__name__}"),)


def _given(event: ChecksAnswered) -> Iterator[Given]:
    for answer in event.answers:
        yield Given(
            answered_by=event.answered_by, answered_at=event.answered_at, event_id=event.event_id, answer=answer
        )


def _task_taken(case: Case, event: TaskHandled | TaskReviewed) -> tuple[Case, tuple[Refusal, ...]]:
    task = next((each for each in case.tasks if each.task_id == event.task_id), None)
    if task is None:
        return case, (Refusal("no-such-task", "the case has no task of this id"),)
    changed = task_handled(task, event) if isinstance(event, TaskHandled) else task_reviewed(task, event)
    if isinstance(changed, Refusal):
        return case, (changed,)
    if changed is task:
        return case, ()
    tasks = tuple(changed if each is task else each for each in case.tasks)
    return msgspec.structs.replace(case, tasks=tasks), ()


def _deadline_taken(case: Case, event: DeadlinePassed) -> tuple[Case, tuple[Refusal, ...]]:
    if fault := time_fault(event.at):
        return case, (fault,)
    if event.at < case.request.deadline_at:
        return case, (Refusal("too-early", "the case's deadline is later than this timer says"),)
    if case.concluded:
        return case, ()
    return msgspec.structs.replace(case, deadline_passed=True), ()


def _concluded(before: Case, changed: Case, cause: Cause) -> tuple[Case, tuple[CaseEvent, ...]]:
    """The changed case with the tasks that it now needs and the report that it now owes, and what tells of them."""
    at = standing(changed)
    assigned = tuple(tasks_assigned(changed, cause, at))
    lines = settled(changed, at)
    after = msgspec.structs.replace(
        changed,
        revision=before.revision + 1,
        tasks=(*changed.tasks, *(_task(each) for each in assigned)),
        told=line_answers(lines),
    )
    reported, reports = _reported(before, after, cause, lines)
    return reported, (*assigned, case_updated(reported, cause, before.told), *reports)


def _reported(before: Case, case: Case, cause: Cause, lines: Lines) -> tuple[Case, tuple[ReportIssued, ...]]:
    if case.reports:
        changes = tuple(_changes(settled(before), lines))
        return _issued(case, cause, lines, changes) if changes else (case, ())
    return (case, ()) if None in case.told else _issued(case, cause, lines, ())


def _issued(
    case: Case, cause: Cause, lines: Lines, changes: tuple[Change, ...]
) -> tuple[Case, tuple[ReportIssued, ...]]:
    earlier = _flipped(case.reports, changes)
    at = max(cause.at, case.request.requested_at, *(each.issued_at for each in earlier))
    body = report_body(msgspec.structs.replace(case, reports=earlier), lines, changes, at)
    report = IssuedReport(
        number=len(earlier) + 1,
        kind="amendment" if earlier else "report",
        issued_at=at,
        verification_code=verification_code_of(body),
    )
    after = msgspec.structs.replace(case, reports=(*earlier, report))
    superseded = (
        report_superseded(after, cause, each, changes)
        for each, was in zip(earlier, case.reports, strict=True)
        if each.status == "superseded" != was.status
    )
    return after, (*superseded, report_issued(after, cause, report, body))


def _flipped(reports: tuple[IssuedReport, ...], changes: tuple[Change, ...]) -> tuple[IssuedReport, ...]:
    """Earlier reports as they stand once these changes are reported.

    What filled a gap amends them; what changes a word that had been given supersedes them.
    """
    status = "amended" if all(each.fills_a_gap for each in changes) else "superseded"
    return tuple(
        each if each.status == "superseded" else msgspec.structs.replace(each, status=status) for each in reports
    )


def _changes(before: Lines, after: Lines) -> Iterator[Change]:
    was = {part_key(each.part): each for line in before.values() for each in line}
    for line in after.values():
        for each in line:
            earlier = was.get(part_key(each.part))
            if earlier is None or earlier.substance != each.substance:
                yield Change(
                    part=each.part,
                    before=earlier.answer if earlier else None,
                    after=each.answer,
                    fills_a_gap=earlier is None or earlier.awaits_department,
                )


def _task(assigned: TaskAssigned) -> Task:
    part = Part(check_id=assigned.check_id, department=assigned.department, subject=assigned.subject)
    return Task(
        task_id=assigned.task_id,
        part=part,
        handled_and_reviewed=assigned.handled_and_reviewed,
        assigned_at=assigned.assigned_at,
    )


def _at(event: CaseEvent) -> int:
    if isinstance(event, ChecksAnswered):
        return event.answered_at
    assert isinstance(event, TaskHandled | TaskReviewed | DeadlinePassed)  # noqa: S101  _taken refused all others
    return event.at
