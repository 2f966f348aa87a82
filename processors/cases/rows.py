"""Between frozen records and rows."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from processors.cases.tables import VERIFICATION
from processors.cases.views import TaskView, task_views
from processors.domain.case import Case
from topics.events import PartAnswer, ReportIssued, TaskHandled

_STATES: Final = msgspec.json.Decoder(Case)
_HANDLED: Final = msgspec.json.Decoder(TaskHandled)
_ANSWERS: Final = msgspec.json.Decoder(PartAnswer)
_JSON: Final = msgspec.json.Encoder()
_AS_JSON: Final = ("proposed", "answer")

Row = dict[str, Any]


def case_of(state: bytes) -> Case:
    """The case of a row's state."""
    return _STATES.decode(state)


def departments_of(case: Case) -> tuple[str, ...]:
    """Who takes part in a case, its lead first."""
    definition = case.definition
    answerers = (each.department for line in definition.lines for each in line.answerers)
    return tuple(dict.fromkeys((definition.lead, *answerers)))


def case_row(case: Case, partition: int) -> Row:
    """A case's row."""
    request = case.request
    return {
        "case_id": case.case_id,
        "revision": case.revision,
        "bundle": case.definition.bundle,
        "subject": request.subjects[0],
        "requested_by": request.requested_by,
        "status": case.status,
        "requested_at": request.requested_at,
        "deadline_at": request.deadline_at,
        "due_at": None if case.concluded else request.deadline_at,
        "partition": partition,
        "kind": VERIFICATION,
        "lead": case.definition.lead,
        "ended_at": case.reports[0].issued_at if case.reports else None,
        "state": _JSON.encode(case),
    }


def taking_part(case: Case) -> Iterator[Row]:
    """A row for each department that takes part in a case."""
    for department in departments_of(case):
        yield {"department": department, "requested_at": case.request.requested_at, "case_id": case.case_id}


def task_rows(case: Case) -> Iterator[Row]:
    """A row for each of a case's tasks."""
    for view in task_views(case):
        row = {name: getattr(view, name) for name in view.__struct_fields__}
        yield {**row, **{name: _encoded(row[name]) for name in _AS_JSON}}


def task_view(row: Row) -> TaskView:
    """The view that a row was made of."""
    proposed, answer = row["proposed"], row["answer"]
    decoded = {
        "proposed": None if proposed is None else _HANDLED.decode(proposed),
        "answer": None if answer is None else _ANSWERS.decode(answer),
    }
    return TaskView(**{**row, **decoded})


def report_row(case: Case, issued: ReportIssued) -> Row:
    """The row of the report, or amendment, that a step has just issued."""
    report = case.reports[-1]
    return {
        "case_id": case.case_id,
        "number": report.number,
        "kind": report.kind,
        "status": report.status,
        "issued_at": report.issued_at,
        "verification_code": report.verification_code,
        "body": issued.body.encode(),
    }


def _encoded(value: object) -> bytes | None:
    return None if value is None else _JSON.encode(value)
