"""A case as the HTTP door shows it: what was asked, each line as far as it is answered, the reports so far."""

from typing import Any, Final

import msgspec

from processors.domain.answers import Settled, line_answer
from processors.domain.case import Case, settled, task_statuses
from processors.domain.definition import CheckLine
from processors.domain.requests import moment

_MILLISECOND_US: Final = 1000


def case_view(case: Case, report: bytes | None) -> dict[str, Any]:
    """The case as a JSON-ready document; times are ISO 8601 in China's time.

    Args:
        case: as its row holds it.
        report: the newest report's JSON, None before the first.
    """
    lines = settled(case)
    tasks = {(each.part.check_id, each.part.department, each.part.subject): each.task_id for each in case.tasks}
    statuses = {**task_statuses(case)}
    return {
        **case_head(case),
        "lines": [_line(case, line, lines[line.check_id], tasks, statuses) for line in case.definition.lines],
        "reports": [{**msgspec.to_builtins(each), "issued_at": iso(each.issued_at)} for each in case.reports],
        "report": None if report is None else msgspec.Raw(report),
        "links": case_links(case.case_id),
    }


def case_head(case: Case) -> dict[str, Any]:
    """What was asked, and how far the case is."""
    request, definition = case.request, case.definition
    return {
        "case_id": case.case_id,
        "bundle": {"id": definition.bundle, "version": definition.version, "name": definition.name},
        "status": case.status,
        "revision": case.revision,
        "subjects": request.subjects,
        "related": case.related,
        "purpose": request.purpose,
        "requested_by": request.requested_by,
        "look_back_years": request.look_back_years,
        "territory": request.territory,
        "include_related": request.include_related,
        "requested_at": iso(request.requested_at),
        "deadline_at": iso(request.deadline_at),
    }


def iso(instant_us: int) -> str:
    """An instant in µs UTC as people in China read it."""
    return moment(instant_us).isoformat(timespec="milliseconds")


def _line(
    case: Case,
    line: CheckLine,
    parts: tuple[Settled, ...],
    tasks: dict[tuple[str, str, str], str],
    statuses: dict[str, Any],
) -> dict[str, Any]:
    answer = line_answer(parts)
    at = max((each.answered_at for each in parts if each.answered_at is not None), default=None)
    names = case.definition.names
    return {
        "number": line.number,
        "check_id": line.check_id,
        "text": line.text,
        "departments": [{"code": each.department, "name": names[each.department]} for each in line.answerers],
        "answer": answer,
        "answered_at": None if at is None else iso(at),
        "elapsed_ms": None if at is None or answer is None else (at - case.request.requested_at) // _MILLISECOND_US,
        "parts": [_part(each, tasks, statuses) for each in parts],
    }


def _part(part: Settled, tasks: dict[tuple[str, str, str], str], statuses: dict[str, Any]) -> dict[str, Any]:
    key = (part.part.check_id, part.part.department, part.part.subject)
    task_id = tasks.get(key)
    return {
        "department": part.part.department,
        "subject": part.part.subject,
        "answer": part.answer,
        "evidence": part.evidence,
        "note": part.note,
        "task": None if task_id is None else {"task_id": task_id, "status": statuses[task_id]},
    }


def case_links(case_id: str) -> dict[str, str]:
    """Where to read on."""
    own = f"/v1/verifications/{case_id}"
    return {"self": own, "report": f"{own}/report", "events": f"{own}/events"}
