import time
from collections.abc import Iterable

import pytest

from connectors.counting import Tally
from processors.archive.counting import FactCounts
from processors.archive.coverage import Coverage, segment_rows
from topics.events import CountsTold

TOPICS = ["licence.tax", "correction.ecology"]


def segments(resources: Iterable[tuple[str, int]]) -> list[tuple[bytes, bytes]]:
    rows = list(resources)
    offsets = list(range(len(rows)))
    names, topics = [name for name, _ in rows], [topic for _, topic in rows]
    return list(segment_rows(names, topics, [0] * len(rows), offsets, [bytes(16)] * len(rows)))


def counted(appended_at: int) -> dict[tuple[str, str | None, str | None], int]:
    tally = Tally("archive-0")
    batch = segments([("tax.paid", 0), ("tax.paid", 0), ("tax.owed", 0), ("tax.paid", 1)])
    FactCounts(tally).kept(batch, lambda number: TOPICS[number], appended_at)
    (told,) = tally.take()
    return {(each.figure, each.department, each.label): each.count for each in told.counts}


def test_facts_count_by_who_published_them_and_their_resource() -> None:
    assert counted(time.time_ns() // 1000) == {
        ("facts-kept", "tax", "tax.paid"): 2,
        ("facts-kept", "tax", "tax.owed"): 1,
        # A correction is told by who disputes, about another's record.
        ("facts-kept", "ecology", "tax.paid"): 1,
    }


def test_what_was_appended_long_ago_is_no_publishing() -> None:
    assert {figure for figure, _, _ in counted(0)} == {"facts-replayed"}


@pytest.mark.parametrize("until", [None, 5])
def test_a_resource_is_covered_once_a_statement_holds(until: int | None) -> None:
    tally = Tally("archive-0")
    FactCounts(tally).covered(Coverage(resource="tax.paid", complete_until=until))
    told: tuple[CountsTold, ...] = tally.take()
    gauges = [(each.department, each.label, each.value) for message in told for each in message.gauges]
    assert gauges == ([] if until is None else [("tax", "tax.paid", until)])
