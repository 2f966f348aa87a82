"""Events of cases as rows of the lake, for tests of SQL: each column takes the event's field of its name."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from analytics.lake.tables import TABLES
from topics.events import Event

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = ("at", "submitted_at", "requested_at", "dispatched_at", "assigned_at", "answered_at", "paid_at")
DUE = ("due_at", "deadline_at")


def instant(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)


def case_row(event: Event, topic: str = "case.requests") -> dict[str, Any]:
    """The row of an event of a case; the log knew it when it happened."""
    fields = event.record()
    columns = TABLES["cases"].schema.names
    row = {name: value for name, value in fields.items() if name in columns}
    at = next(fields[name] for name in INSTANTS if isinstance(fields.get(name), int))
    due = next((fields[name] for name in DUE if isinstance(fields.get(name), int)), None)
    body = msgspec.json.encode(_without_bytes(fields), order="sorted").decode()
    return row | {
        "topic": topic,
        "event": type(event).__name__,
        "known_at": instant(at),
        "at": instant(at),
        "due_at": None if due is None else instant(due),
        "assignment_id": fields.get("assignment_id") or fields.get("task_id"),
        "body": body,
    }


def case_rows(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The rows of events, in their order."""
    return [case_row(event) for event in events]


def _without_bytes(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_bytes(each) for name, each in value.items() if not isinstance(each, bytes)}
    if isinstance(value, list | tuple):
        return [_without_bytes(each) for each in value if not isinstance(each, bytes)]
    return value
