"""The lake's SQL against the rules where anybody does anything: supplements handed on, pauses at once, joint items."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from analytics.bottlenecks.asked import BottleneckReading
from analytics.bottlenecks.known import known_catalogue
from analytics.bottlenecks.rule import load_bottleneck_rule
from analytics.bottlenecks.window import Window
from processors.domain.handling.state import Assignment
from tests.analytics.case_rows import case_rows, instant
from tests.analytics.lake_tables import lake
from tests.analytics.wild_cases import wild_cases

WHOLE = Window(date(2026, 9, 1), date(2027, 12, 31), date(2027, 12, 31))
UNTIL_US = 1_830_268_800_000_000
SEEDS = range(400)


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Assignment, dict[str, Any]]]:
    """Each assignment as the rules kept it, beside its row."""
    played = list(wild_cases(SEEDS))
    rows = [
        row | {"event_id": number.to_bytes(16, "big")}
        for number, row in enumerate(case_rows(event for _, log in played for event in log))
    ]
    reading = BottleneckReading(lake(cases=rows), WHOLE, load_bottleneck_rule(), known_catalogue())
    told = {row["assignment_id"]: row for row in reading.rows("SELECT * FROM assignments WHERE kind = 'item'", {})}
    kept = {each.assignment_id: each for case, _ in played for each in case.assignments if each.kind == "item"}
    assert told.keys() == kept.keys()
    return [(each, told[id_]) for id_, each in kept.items()]


def test_every_clock_stood_as_long_as_the_rules_let_it(pairs: list[tuple[Assignment, dict[str, Any]]]) -> None:
    for each, row in pairs:
        lasting = UNTIL_US - each.paused_since if each.paused_since is not None else 0
        assert row["paused_us"] == each.paused_us + lasting, (each, row)


def test_every_end_is_the_rules_own(pairs: list[tuple[Assignment, dict[str, Any]]]) -> None:
    for each, row in pairs:
        assert (row["ended_at"] is None) == each.is_active, (each, row)
        if each.decided is not None:
            assert row["ended_at"] == instant(each.decided.at), (each, row)
        if not each.is_active and each.due_at is not None:
            assert row["due_at"] == instant(each.due_at), (each, row)


def test_the_cases_are_wild_enough(pairs: list[tuple[Assignment, dict[str, Any]]]) -> None:
    outcomes = Counter(row["outcome"] for _, row in pairs)
    assert outcomes.keys() >= {"approve", "refuse", "pass-on", "return", "open"}
    assert sum(each.joint and each.paused_us > 0 for each, _ in pairs) > 10
    assert sum(len(each.paused_for) > 1 for each, _ in pairs) > 3
