"""The lake's SQL against the cases that the real rules kept: every clock, every end, every count."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest

from analytics.bottlenecks.asked import BottleneckReading
from analytics.bottlenecks.known import known_catalogue
from analytics.bottlenecks.rule import load_bottleneck_rule
from analytics.bottlenecks.window import Window
from catalog.bundles import load_bundles
from catalog.savings import measured, savings
from catalog.working_days import load_calendar
from processors.domain.finished_cases import evaluated, finished_case
from processors.domain.handling import Handling
from processors.domain.handling.state import Assignment
from tests.analytics.case_rows import case_rows, instant
from tests.analytics.lake_tables import lake
from tests.analytics.played_cases import PlayedCase, handlings, played_city

WHOLE = Window(date(2026, 9, 1), date(2027, 12, 31), date(2027, 12, 31))
UNTIL_US = 1_830_268_800_000_000
"""2028-01-01 00:00 in China: the end of ``WHOLE``."""


@pytest.fixture(scope="module")
def plays() -> list[PlayedCase]:
    return played_city(6, 5)


@pytest.fixture(scope="module")
def tables(plays: list[PlayedCase]) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = lake(cases=case_rows(event for play in plays for event in play.log))
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def reading(tables: duckdb.DuckDBPyConnection) -> BottleneckReading:
    return BottleneckReading(tables, WHOLE, load_bottleneck_rule(), known_catalogue())


def of_items(cases: list[Handling]) -> dict[str, tuple[Handling, Assignment]]:
    return {each.assignment_id: (case, each) for case in cases for each in case.assignments if each.kind == "item"}


def paused_until(each: Assignment) -> int:
    """How long the clock stood, up to now where it still stands."""
    return each.paused_us + (UNTIL_US - each.paused_since if each.paused_since is not None else 0)


def test_every_assignment_is_told_as_the_rules_kept_it(plays: list[PlayedCase], reading: BottleneckReading) -> None:
    kept = of_items(handlings(plays))
    told = {row["assignment_id"]: row for row in reading.rows("SELECT * FROM assignments WHERE kind = 'item'", {})}
    assert told.keys() == kept.keys()
    assert len(told) > 300
    for id_, (case, each) in kept.items():
        row = told[id_]
        assert (row["case_id"], row["number"], row["department"]) == (case.case_id, each.number, each.department)
        assert row["dispatched_at"] == instant(each.dispatched_at)
        assert (row["ended_at"] is None) == each.is_active, (id_, each, row)
        assert row["paused_us"] == paused_until(each), (id_, each, row)
        if each.decided is not None:
            assert row["ended_at"] == instant(each.decided.at)
            assert row["outcome"] == each.decided.decision
        if not each.is_active and each.due_at is not None:
            assert row["due_at"] == instant(each.due_at)


def test_the_cases_cover_every_way_in_which_work_ends(reading: BottleneckReading) -> None:
    outcomes = Counter(row["outcome"] for row in reading.rows("SELECT outcome FROM assignments", {}))
    assert outcomes.keys() >= {"approve", "refuse", "pass-on", "return", "closed", "open"}
    (stood,) = reading.rows("SELECT count(*) FILTER (paused_us > 0) AS n FROM assignments", {})
    assert stood["n"] > 50


def test_working_days_are_those_of_the_calendar(reading: BottleneckReading) -> None:
    calendar = load_calendar()
    for row in reading.rows("SELECT *, epoch_us(dispatched_at) AS began FROM assignments", {}):
        expected = calendar.working_days_between(row["began"], row["began"] + row["handling_us"])
        assert row["handling_working_days"] == expected, row


def test_waits_add_up_to_the_assignments(reading: BottleneckReading) -> None:
    (every,) = reading.rows("SELECT count(*) AS n, count(ended_at) AS ended FROM assignments", {})
    for by in ("department", "item", "bundle"):
        waits = reading.waits(by)
        assert sum(each.ended + each.open for each in waits) == every["n"]
        assert sum(each.ended for each in waits) == every["ended"]
        assert all(each.waiting_us[0] <= each.waiting_us[1] <= each.waiting_us[2] for each in waits)


def test_bad_evaluations_are_those_of_the_cases(plays: list[PlayedCase], reading: BottleneckReading) -> None:
    bad = {each.case_id for each in handlings(plays) if each.evaluation and each.evaluation.stars <= 2}
    with_items = {case.case_id for case, _ in of_items(handlings(plays)).values()}
    assert {case for each in reading.waits("bundle") for case in each.bad_cases} == bad & with_items
    assert bad & with_items


def test_a_day_is_told_again_as_it_was(plays: list[PlayedCase], tables: duckdb.DuckDBPyConnection) -> None:
    """What came later changes nothing of what was known on a day."""
    day = date(2026, 9, 20)
    window = Window(date(2026, 9, 1), day, day)
    now = BottleneckReading(tables.cursor(), window, load_bottleneck_rule(), known_catalogue())
    earlier = [event for play in plays for event in play.log]
    then = lake(cases=[row for row in case_rows(earlier) if row["known_at"] < window.known_before])
    assert now.waits("item") == BottleneckReading(then, window, load_bottleneck_rule(), known_catalogue()).waits("item")
    assert sum(each.open for each in now.waits("item")) > 0
    then.close()


def test_what_is_delivered_twice_counts_once(plays: list[PlayedCase], reading: BottleneckReading) -> None:
    rows = case_rows(event for play in plays for event in play.log)
    twice = lake(cases=[*rows, *(row | {"known_at": row["known_at"] + timedelta(seconds=1)} for row in rows)])
    # The same event has the same id wherever it stands.
    again = BottleneckReading(twice, WHOLE, load_bottleneck_rule(), known_catalogue())
    assert again.waits("department") == reading.waits("department")
    assert list(again.runs()) == list(reading.runs())
    assert again.obstacles()[0] == reading.obstacles()[0]
    twice.close()


def test_runs_are_the_cases_that_were_delivered(plays: list[PlayedCase], reading: BottleneckReading) -> None:
    runs = {run.case_id: run for run in reading.runs()}
    delivered = {each.case_id: each for each in handlings(plays) if each.status == "delivered"}
    assert delivered.keys() <= runs.keys()
    for case_id, case in delivered.items():
        run = runs[case_id]
        assert (run.began_at, run.ended_at) == (case.application.submitted_at, case.ended_at)
        settled = {plan.item_id for plan, item in case.planned() if item.is_decided and item.state != "not-applicable"}
        assert run.settled_at.keys() <= settled | {plan.item_id for plan in case.plan.items}


def test_what_cases_took_is_what_the_gateway_tells(plays: list[PlayedCase], reading: BottleneckReading) -> None:
    """四减 from the lake and from the case store are one figure: the same cases, the same definition."""
    told = {each.case_id: each for each in reading.finished()}
    for case in handlings(plays):
        kept = finished_case(case)
        found = told.get(case.case_id)
        if kept is None or found is None:
            assert (kept, found) == (None, None)
            continue
        between = load_calendar().working_days_between
        assert measured(found, between) == measured(kept, between), (found, kept)
    before = {id_: bundle.baseline for id_, bundle in load_bundles().items()}
    kept_all = [each for case in handlings(plays) if (each := finished_case(case))]
    assert savings(told.values(), before, load_calendar().working_days_between) == savings(
        kept_all, before, load_calendar().working_days_between
    )


def test_evaluations_are_those_of_the_cases_with_their_answers(
    plays: list[PlayedCase], reading: BottleneckReading
) -> None:
    kept = {case.case_id: each for case in handlings(plays) if (each := evaluated(case))}
    told = {each.case_id: each for each in reading.evaluated()}
    assert told == kept
    assert kept


def test_questions_to_departments_end_as_the_rules_say(plays: list[PlayedCase], reading: BottleneckReading) -> None:
    kept = {task.task_id: task for case in handlings(plays) if case.checks for task in case.checks.tasks}
    told = {row["assignment_id"]: row for row in reading.rows("SELECT * FROM assignments WHERE kind = 'check'", {})}
    assert told.keys() == kept.keys()
    assert kept
    for id_, task in kept.items():
        row = told[id_]
        assert (row["department"], row["dispatched_at"]) == (task.part.department, instant(task.assigned_at))
        assert row["outcome"] == ("open" if task.answer is None else "answered")
        assert row["ended_at"] == (None if task.answer is None else instant(task.answer.answered_at))
        assert known_catalogue().items[row["item"]]
