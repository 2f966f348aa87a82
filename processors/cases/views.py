"""Cases, tasks and reports as people and pages see them."""

import msgspec

from processors.domain.answers import Settled, line_answer
from processors.domain.case import Case, IssuedReport, settled, task_statuses
from processors.domain.definition import LeadLine
from processors.domain.tasks import Task, TaskStatus
from topics.events import PartAnswer, TaskHandled


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A check with its parts as they stand; ``answer`` is None while a part is open."""

    number: int
    check_id: str
    text: str
    answer: str | None
    parts: tuple[Settled, ...]


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task in a department's inbox; ``proposed`` waits for its review, ``answer`` was approved."""

    task_id: str
    case_id: str
    department: str
    status: TaskStatus
    bundle: str
    check_id: str
    subject: str
    question: str
    purpose: str
    since: int
    until: int
    territory: str
    assigned_at: int
    due_at: int
    handled_and_reviewed: bool
    proposed: TaskHandled | None = None
    answer: PartAnswer | None = None
    review_note: str | None = None


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it stands: its lines in the order of the definition, its tasks, the reports that went out."""

    case_id: str
    revision: int
    status: str
    bundle: str
    bundle_version: int
    name: str
    subjects: tuple[str, ...]
    related: tuple[str, ...]
    purpose: str
    requested_by: str
    requested_at: int
    deadline_at: int
    look_back_years: int
    since: int
    territory: str
    include_related: bool
    lead: str
    lead_lines: tuple[LeadLine, ...]
    lines: tuple[LineView, ...]
    tasks: tuple[TaskView, ...]
    reports: tuple[IssuedReport, ...]
    names: dict[str, str]


class ReportView(msgspec.Struct, frozen=True, kw_only=True):
    """A report that went out: canonical JSON as issued, and how it stands by now."""

    case_id: str
    number: int
    kind: str
    status: str
    issued_at: int
    verification_code: str
    body: bytes


def case_view(case: Case) -> CaseView:
    """The view of a case."""
    request, definition = case.request, case.definition
    return CaseView(
        case_id=case.case_id,
        revision=case.revision,
        status=case.status,
        bundle=definition.bundle,
        bundle_version=definition.version,
        name=definition.name,
        subjects=request.subjects,
        related=case.related,
        purpose=request.purpose,
        requested_by=request.requested_by,
        requested_at=request.requested_at,
        deadline_at=request.deadline_at,
        look_back_years=request.look_back_years,
        since=case.since,
        territory=request.territory,
        include_related=request.include_related,
        lead=definition.lead,
        lead_lines=definition.lead_lines,
        lines=line_views(case),
        tasks=task_views(case),
        reports=case.reports,
        names=definition.names,
    )


def line_views(case: Case) -> tuple[LineView, ...]:
    """The views of all lines of a case."""
    lines = settled(case)
    return tuple(
        LineView(
            number=line.number,
            check_id=line.check_id,
            text=line.text,
            answer=line_answer(lines[line.check_id]),
            parts=lines[line.check_id],
        )
        for line in case.definition.lines
    )


def task_views(case: Case) -> tuple[TaskView, ...]:
    """The views of all tasks of a case."""
    if not case.tasks:
        return ()
    statuses = task_statuses(case)
    questions = {line.check_id: line.text for line in case.definition.lines}
    return tuple(_task_view(case, task, statuses[task.task_id], questions[task.part.check_id]) for task in case.tasks)


def _task_view(case: Case, task: Task, status: TaskStatus, question: str) -> TaskView:
    return TaskView(
        task_id=task.task_id,
        case_id=case.case_id,
        department=task.part.department,
        status=status,
        bundle=case.definition.bundle,
        check_id=task.part.check_id,
        subject=task.part.subject,
        question=question,
        purpose=case.request.purpose,
        since=case.since,
        until=case.request.requested_at,
        territory=case.request.territory,
        assigned_at=task.assigned_at,
        due_at=case.request.deadline_at,
        handled_and_reviewed=task.handled_and_reviewed,
        proposed=task.handled,
        answer=None if task.answer is None else task.answer.answer,
        review_note=task.review_note,
    )
