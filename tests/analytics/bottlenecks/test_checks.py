"""Questions that only a department could answer: who answers them ends them, and nothing else does."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.bottlenecks.asked import BottleneckReading
from analytics.bottlenecks.known import known_catalogue
from analytics.bottlenecks.rule import load_bottleneck_rule
from analytics.bottlenecks.window import Window
from tests.analytics.lake_tables import lake

JUNE = Window(date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 10))
FIRST = datetime(2026, 6, 1, 1, tzinfo=UTC)
BUNDLE = "listing-compliance"
CHECK, DEPARTMENT = next((check, who) for bundle, check, who in known_catalogue().reads if bundle == BUNDLE)
PART = {"check_id": CHECK, "department": DEPARTMENT, "subject": "enterprise:x"}


def event(name: str, hour: int, body: dict[str, Any], **columns: Any) -> dict[str, Any]:
    at = FIRST + timedelta(hours=hour)
    return {
        "topic": "case.tasks.x",
        "event": name,
        "case_id": "c1",
        "at": at,
        "known_at": at,
        "body": json.dumps(body),
    } | columns


def assigned(*, reviewed: bool = False) -> dict[str, Any]:
    due = FIRST + timedelta(hours=24)
    columns = {"assignment_id": "t1", "department": DEPARTMENT, "bundle": BUNDLE, "due_at": due}
    return event("TaskAssigned", 0, {**PART, "handled_and_reviewed": reviewed}, **columns)


def handled(hour: int, department: str = DEPARTMENT) -> dict[str, Any]:
    return event("TaskHandled", hour, {}, assignment_id="t1", department=department)


def reviewed(hour: int, *, approved: bool) -> dict[str, Any]:
    return event("TaskReviewed", hour, {"approved": approved}, assignment_id="t1", department=DEPARTMENT)


def answered(hour: int, by: str, word: str, **other: str) -> dict[str, Any]:
    return event(
        "ChecksAnswered", hour, {"answered_by": by, "answers": [{**PART, "answer": word, "coverage": [], **other}]}
    )


@pytest.mark.parametrize(
    ("events", "ended_hour"),
    [
        ([handled(5)], 5),
        ([handled(5, "nobody")], None),
        ([answered(7, DEPARTMENT, "clear")], 7),
        ([answered(7, "hub", "clear")], 7),
        ([answered(7, "hub", "source-behind")], None),
        ([answered(7, "hub", "clear", subject="enterprise:y")], None),
        ([answered(7, DEPARTMENT, "clear", check_id="other")], None),
        ([handled(9), answered(7, DEPARTMENT, "clear")], 7),
        ([], None),
    ],
)
def test_who_answers_ends_it(events: list[dict[str, Any]], ended_hour: int | None) -> None:
    (row,) = rows([assigned(), *events])
    assert row["ended_at"] == (None if ended_hour is None else FIRST + timedelta(hours=ended_hour))
    assert (row["kind"], row["overdue"]) == ("check", ended_hour is None)


def test_an_answer_that_wants_a_review_ends_with_its_approval() -> None:
    (row,) = rows(
        [assigned(reviewed=True), handled(2), reviewed(3, approved=False), handled(4), reviewed(30, approved=True)]
    )
    assert row["ended_at"] == FIRST + timedelta(hours=30)
    assert (row["reviews_returned"], row["first_act_at"], row["overdue"]) == (1, FIRST + timedelta(hours=2), True)
    (unhandled,) = rows([assigned(reviewed=True), reviewed(3, approved=True)])
    assert unhandled["ended_at"] is None


def test_it_counts_where_its_department_and_item_wait() -> None:
    connection = lake(cases=[assigned(), handled(5)])
    reading = BottleneckReading(connection, JUNE, load_bottleneck_rule(), known_catalogue())
    (wait,) = reading.waits("department")
    assert (wait.key, wait.ended, wait.with_limit, wait.overdue) == (DEPARTMENT, 1, 1, 0)
    (item,) = reading.waits("item")
    assert known_catalogue().items[item.key]


def rows(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    reading = BottleneckReading(lake(cases=cases), JUNE, load_bottleneck_rule(), known_catalogue())
    return list(reading.rows("SELECT * FROM assignments", {}))
