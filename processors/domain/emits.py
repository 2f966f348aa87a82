"""What a case tells the log: the events that a step emits, their ids derived from the step's cause."""

from collections.abc import Iterator

import msgspec

from processors.domain.answers import part_key
from processors.domain.case import Case, IssuedReport, Standing, needed_tasks
from processors.domain.definition import ARCHIVE
from processors.domain.derived_ids import derived_event_id, task_id_of
from processors.domain.report import Change
from topics.declarations import HUB
from topics.events import CaseUpdated, ChecksRequested, LineState, Part, ReportIssued, TaskAssigned


class Cause(msgspec.Struct, frozen=True, gc=False):
    """The event that led to a step: its id, and when it happened in µs UTC."""

    event_id: bytes
    at: int

    def id_for(self, name: str, discriminator: str = "") -> bytes:
        """The id of an event that follows from this one.

        The discriminator tells of the case's progress, so that a careless sender's id, used twice, makes no two alike.
        """
        return derived_event_id(self.event_id, name, discriminator)


def checks_requested(case: Case, cause: Cause, at: Standing) -> Iterator[ChecksRequested]:
    """One message with everything that archives can answer, for all subjects; none when nothing is asked of them."""
    asked = tuple(part for answerer, part in at.asked if answerer.mode == ARCHIVE)
    if not asked:
        return
    request = case.request
    yield ChecksRequested(
        event_id=cause.id_for("ChecksRequested", HUB),
        case_id=case.case_id,
        bundle=case.definition.bundle,
        bundle_version=case.definition.version,
        answerer=HUB,
        parts=asked,
        since=case.since,
        until=request.requested_at,
        territory=request.territory,
        purpose=request.purpose,
        include_related=request.include_related,
        requested_at=request.requested_at,
        deadline_at=request.deadline_at,
    )


def tasks_assigned(case: Case, cause: Cause, at: Standing) -> Iterator[TaskAssigned]:
    """A task for each part that a department must be asked about and was not yet."""
    known = {part_key(task.part) for task in case.tasks}
    questions = {line.check_id: line.text for line in case.definition.lines}
    for answerer, part in needed_tasks(at):
        if part_key(part) not in known:
            reviewed = answerer.handled_and_reviewed
            yield _assignment(case, cause, part, question=questions[part.check_id], reviewed=reviewed)


def case_updated(case: Case, cause: Cause, before: tuple[str | None, ...]) -> CaseUpdated:
    """The lines that say something else than ``before``; all of them for a case that has just begun."""
    changed = enumerate(case.told) if not before else ((n, now) for n, now in enumerate(case.told) if now != before[n])
    return CaseUpdated(
        event_id=cause.id_for("CaseUpdated", str(case.revision)),
        case_id=case.case_id,
        revision=case.revision,
        status=case.status,
        at=cause.at,
        lines=tuple(LineState(check_id=case.definition.lines[n].check_id, answer=answer) for n, answer in changed),
    )


def report_issued(case: Case, cause: Cause, report: IssuedReport, body: str) -> ReportIssued:
    """The report or amendment itself."""
    return ReportIssued(
        event_id=cause.id_for("ReportIssued", f"{report.kind}/{report.number}"),
        case_id=case.case_id,
        revision=case.revision,
        kind=report.kind,
        at=report.issued_at,
        body=body,
    )


def report_superseded(case: Case, cause: Cause, earlier: IssuedReport, changes: tuple[Change, ...]) -> ReportIssued:
    """Tells whoever holds an earlier report that a newer one, the case's last, says something else."""
    newest = case.reports[-1]
    body = {
        "case_id": case.case_id,
        "number": earlier.number,
        "verification_code": earlier.verification_code,
        "status": earlier.status,
        "superseded_by": {"number": newest.number, "verification_code": newest.verification_code},
        "changes": changes,
    }
    return ReportIssued(
        event_id=cause.id_for("ReportIssued", f"superseded/{earlier.number}/{newest.number}"),
        case_id=case.case_id,
        revision=case.revision,
        kind="superseded",
        at=newest.issued_at,
        body=msgspec.json.encode(body, order="sorted").decode(),
    )


def _assignment(case: Case, cause: Cause, part: Part, *, question: str, reviewed: bool) -> TaskAssigned:
    task_id = task_id_of(case.case_id, *part_key(part))
    return TaskAssigned(
        event_id=cause.id_for("TaskAssigned", task_id),
        case_id=case.case_id,
        task_id=task_id,
        department=part.department,
        bundle=case.definition.bundle,
        check_id=part.check_id,
        subject=part.subject,
        question=question,
        since=case.since,
        until=case.request.requested_at,
        territory=case.request.territory,
        purpose=case.request.purpose,
        assigned_at=cause.at,
        due_at=case.request.deadline_at,
        handled_and_reviewed=reviewed,
    )
