"""A verification on the log: asked, dispatched, answered, reported."""

import msgspec

from topics.events.event import CaseEvent


class SourceCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """What was known of a source when it was asked."""

    resource: str
    complete_until: int | None = None
    reconciled: int | None = None
    position: str | None = None


class PartAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One honest answer to one part."""

    check_id: str
    department: str
    subject: str
    answer: str
    evidence: tuple[str, ...]
    coverage: tuple[SourceCoverage, ...]
    note: str | None = None
    handled_by: str | None = None
    reviewed_by: str | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One question: a check, to a department, about a subject."""

    check_id: str
    department: str
    subject: str


class LineState(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the report: the check and its answer, None while open."""

    check_id: str
    answer: str | None = None


class TaskAssigned(CaseEvent, frozen=True, kw_only=True):
    """核查任务: what only people can answer."""

    task_id: str
    department: str
    bundle: str
    check_id: str
    subject: str
    question: str
    since: int
    until: int
    territory: str
    purpose: str
    assigned_at: int
    due_at: int
    handled_and_reviewed: bool


class ReportIssued(CaseEvent, frozen=True, kw_only=True):
    """核查报告: a report, an amendment or a change of its status."""

    revision: int
    kind: str
    at: int
    body: str


class ChecksAnswered(CaseEvent, frozen=True, kw_only=True):
    """核查答复: one answerer answered its parts."""

    answered_by: str
    answered_at: int
    answers: tuple[PartAnswer, ...]


class ChecksRequested(CaseEvent, frozen=True, kw_only=True):
    """核查分派: parts that one answerer should answer."""

    bundle: str
    bundle_version: int
    answerer: str
    parts: tuple[Part, ...]
    since: int
    until: int
    territory: str
    purpose: str
    include_related: bool
    requested_at: int
    deadline_at: int


class CaseUpdated(CaseEvent, frozen=True, kw_only=True):
    """办件进展: lines changed or the case moved on."""

    revision: int
    status: str
    at: int
    lines: tuple[LineState, ...]


class TaskReviewed(CaseEvent, frozen=True, kw_only=True):
    """任务审核: a second person approved the answer or returned it."""

    task_id: str
    department: str
    reviewed_by: str
    approved: bool
    note: str | None = None
    at: int


class TaskHandled(CaseEvent, frozen=True, kw_only=True):
    """任务经办: a person of the department answered a task."""

    task_id: str
    department: str
    answer: PartAnswer
    handled_by: str
    at: int


class CaseRequested(CaseEvent, frozen=True, kw_only=True):
    """办件申请: a bundle was asked for."""

    bundle: str
    bundle_version: int
    subjects: tuple[str, ...]
    purpose: str
    requested_by: str
    look_back_years: int
    territory: str
    requested_at: int
    deadline_at: int
    include_related: bool


class DeadlinePassed(CaseEvent, frozen=True, kw_only=True):
    """时限届满: the case's deadline passed."""

    at: int
