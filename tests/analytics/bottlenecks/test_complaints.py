"""What complaints are linked to: what was stated, else what only one thing can be meant by; nothing is guessed."""

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


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def work(case: str, number: int, begin: int, end: int | None = None, department: str = "tax") -> list[dict[str, Any]]:
    """An item of a case that a department had from a day on, until another."""
    common = {"topic": "case.tasks.tax", "case_id": case, "bundle": "b", "item": f"item-{number}", "number": number}
    given = {
        **common,
        "event": "ItemDispatched",
        "department": department,
        "assignment_id": f"{case}-{number}",
        "kind": "item",
        "at": day(begin),
        "known_at": day(begin),
    }
    ended = {
        **common,
        "event": "ApprovalSynchronised",
        "department": department,
        "decision": "approve",
        "at": day(end or 0),
        "known_at": day(end or 0),
    }
    return [given] if end is None else [given, ended]


def complaint(id_: str, at: int, **stated: Any) -> dict[str, Any]:
    return {
        "topic": "hotline",
        "event": "HotlineComplaintReceived",
        "complaint_id": id_,
        "received_at": day(at),
        "known_at": day(at),
        "channel": "12345",
        "category": "over-time",
        "body": '{"kind":"complaint","made_up":false}',
        **stated,
    }


def closing(id_: str, at: int, **found: Any) -> dict[str, Any]:
    body = '{"outcome":"resolved","satisfied":true}'
    base = {"topic": "hotline", "event": "HotlineComplaintClosed", "complaint_id": id_, "body": body}
    return {**base, "closed_at": day(at), "known_at": day(at), **found}


def linked(cases: list[dict[str, Any]], *complaints: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    reading = asked(cases, *complaints)
    rows = reading.rows("SELECT complaint_id, link, case_id, item, department FROM complaint_links", {})
    return {row["complaint_id"]: tuple(row.values())[1:] for row in rows}


def asked(cases: list[dict[str, Any]], *complaints: dict[str, Any]) -> BottleneckReading:
    connection = lake(cases=cases, complaints=list(complaints))
    return BottleneckReading(connection, JUNE, load_bottleneck_rule(), known_catalogue())


def test_what_is_stated_stands() -> None:
    found = linked(
        work("c1", 1, 0),
        complaint("case", 5, case_id="c9", department="tax"),
        complaint("item", 5, item="item-7", department="tax"),
        complaint("nothing", 5),
    )
    assert found == {
        "case": ("case", "c9", None, "tax"),
        "item": ("item", None, "item-7", "tax"),
        "nothing": ("none", None, None, None),
    }


def test_one_candidate_is_inferred_and_marked_so() -> None:
    assert linked(work("c1", 1, 0, 3), complaint("x", 5, department="tax")) == {
        "x": ("inferred", "c1", "item-1", "tax")
    }


@pytest.mark.parametrize(("begin", "end", "at"), [(6, None, 5), (0, 1, 40)])
def test_work_of_another_time_is_no_candidate(begin: int, end: int | None, at: int) -> None:
    window_end = min(at, 29)
    assert linked(work("c1", 1, begin, end), complaint("x", window_end, department="tax"))["x"][0] in (
        ("department",) if begin > window_end else ("department", "inferred")
    )


def test_work_that_ended_long_ago_is_no_candidate() -> None:
    long_ago = work("c1", 1, -60, -40)
    assert linked(long_ago, complaint("x", 5, department="tax"))["x"] == ("department", None, None, "tax")


def test_of_several_items_none_is_chosen() -> None:
    both = [*work("c1", 1, 0), *work("c1", 2, 0)]
    assert linked(both, complaint("x", 5, department="tax"))["x"] == ("department", None, None, "tax")


def test_several_cases_of_one_item_are_about_the_item_only() -> None:
    both = [*work("c1", 1, 0), *work("c2", 1, 0)]
    assert linked(both, complaint("x", 5, department="tax"))["x"] == ("inferred", None, "item-1", "tax")


def test_another_departments_work_is_no_candidate() -> None:
    assert linked(work("c1", 1, 0, department="customs"), complaint("x", 5, department="tax"))["x"][0] == "department"


def test_what_handling_found_goes_before_what_was_taken_down() -> None:
    found = linked([], complaint("x", 5, department="tax", item="item-1"), closing("x", 8, department="customs"))
    assert found["x"] == ("item", None, "item-1", "customs")


def test_a_complaint_that_is_corrected_counts_once_as_it_was_last_stated() -> None:
    reading = asked([], complaint("x", 5, department="tax"), complaint("x", 6, department="customs", known_at=day(7)))
    (row,) = reading.rows("SELECT department, outcome FROM complaint_links", {})
    assert (row["department"], row["outcome"]) == ("customs", None)


def test_what_was_not_known_by_then_does_not_count() -> None:
    assert linked([], complaint("x", 5, known_at=datetime(2026, 7, 20, tzinfo=UTC))) == {}


def test_only_grievances_count_where_cases_wait() -> None:
    praise = '{"kind":"praise","made_up":false}'
    reading = asked(
        work("c1", 1, 0), complaint("x", 5, department="tax"), complaint("y", 6, department="tax", body=praise)
    )
    (wait,) = reading.waits("department")
    assert (wait.key, wait.complaints, wait.complaints_inferred) == ("tax", 1, 1)
