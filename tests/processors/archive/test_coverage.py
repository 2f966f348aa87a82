"""Coverage: a statement is believed when all it speaks for was read and is what it says, and not before."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kafka import KafkaOptions
from processors.archive.coverage import SUM_MODULUS, Coverage, Statement, accept, read_range, segment_rows
from processors.archive.store import ArchiveStore, Batch
from processors.archive.view import ArchiveView
from tests.processors.archive.facts import COMPANY, IDS, TOPIC, FakeMessage, filing, message, statement
from topics.codec import SchemaIds
from topics.judgement import Refused

RANGE = (TOPIC, 0, 0, 3)
NOWHERE = KafkaOptions("127.0.0.1:9")


def sum_of(event_ids: Iterable[bytes]) -> int:
    return sum(int.from_bytes(sha256(each).digest(), "big") for each in event_ids) % SUM_MODULUS


def stated(
    until: int, ranges: Iterable[tuple[str, int, int, int]] = (RANGE,), count: int = 3, total: int = 7
) -> Statement:
    return Statement(
        event_id=until.to_bytes(16, "big"),
        resource="tax.filing",
        complete_until=until,
        ranges=tuple(ranges),
        message_count=count,
        event_ids_sum=total.to_bytes(32, "big"),
        source_total=None,
    )


NOTHING_KNOWN = Coverage(resource="tax.filing")


def test_a_statement_waits_until_every_range_was_read() -> None:
    waiting = stated(5, [(TOPIC, 0, 0, 3), (TOPIC, 1, 2, 9)])
    assert not waiting.is_passed({(TOPIC, 0): 3})
    assert not waiting.is_passed({(TOPIC, 0): 3, (TOPIC, 1): 8})
    assert waiting.is_passed({(TOPIC, 0): 3, (TOPIC, 1): 9})


def test_a_statement_of_nothing_needs_nothing_read() -> None:
    assert stated(5, [], 0, 0).is_passed({})


def test_what_was_found_as_stated_is_believed() -> None:
    known = accept(NOTHING_KNOWN, stated(5), (3, 7))
    assert (known.complete_until, known.reconciled, known.fault) == (5, 3, None)
    assert known.position == "registration.tax/0/0-3"


@pytest.mark.parametrize("found", [(2, 7), (4, 7), (3, 8), (0, 0)])
def test_a_difference_is_not_believed_and_says_what_was_read(found: tuple[int, int]) -> None:
    known = accept(NOTHING_KNOWN, stated(5), found)
    assert known.complete_until is None
    assert known.fault == f"stated 3 messages, read {found[0]}"


def test_after_a_difference_nothing_later_is_believed_until_it_is_covered() -> None:
    broken = accept(accept(NOTHING_KNOWN, stated(5), (3, 7)), stated(6, [(TOPIC, 0, 3, 6)]), (2, 7))
    blocked = accept(broken, stated(7, [(TOPIC, 0, 6, 9)]), (3, 7))
    assert (blocked.complete_until, blocked.fault) == (5, "stated 3 messages, read 2")
    partly = accept(blocked, stated(8, [(TOPIC, 0, 4, 9)]), (3, 7))
    assert partly.complete_until == 5
    mended = accept(partly, stated(9, [(TOPIC, 0, 2, 9)]), (3, 7))
    assert (mended.complete_until, mended.fault) == (9, None)


def test_a_statement_about_an_earlier_time_takes_nothing_back() -> None:
    known = accept(accept(NOTHING_KNOWN, stated(9), (3, 7)), stated(5), (3, 7))
    assert known.complete_until == 9


BATCHES = st.lists(
    st.lists(
        st.tuples(st.sampled_from(("tax.filing", "tax.fil", "tax.filing2")), st.integers(0, 1), st.integers(0, 2)),
        min_size=1,
        max_size=8,
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(BATCHES, st.integers(0, 30), st.integers(0, 30))
def test_a_range_holds_what_a_plain_sum_over_the_log_finds(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, int, int]]], start: int, end: int
) -> None:
    store = ArchiveStore(tmp_path_factory.mktemp("store"), 16)
    log = list(_placed(batches))
    for batch in log:
        columns: tuple[list[Any], ...] = tuple(map(list, zip(*batch, strict=True)))
        numbers = [store.topic_number(topic) for topic in columns[1]]
        store.write(Batch(segments=list(segment_rows(columns[0], numbers, *columns[2:]))))
    for topic in ("registration.a", "registration.b"):
        for partition in range(3):
            ids = [
                event_id
                for batch in log
                for resource, t, p, offset, event_id in batch
                if (resource, t, p) == ("tax.filing", topic, partition) and start <= offset < end
            ]
            assert read_range(store, "tax.filing", topic, partition, start, end) == (len(ids), sum_of(ids))
    store.close()


def _placed(batches: list[list[tuple[str, int, int]]]) -> Iterator[list[tuple[str, str, int, int, bytes]]]:
    """Rows (resource, topic, partition, offset, event id): offsets of each partition follow each other, with gaps."""
    ends: dict[tuple[str, int], int] = {}
    for number, batch in enumerate(batches):
        rows = []
        for row, (resource, topic_number, partition) in enumerate(batch):
            where = f"registration.{'ab'[topic_number]}", partition
            ends[where] = ends.get(where, -1) + 1 + row % 2
            event_id = sha256(f"{number}/{row}".encode()).digest()[:16]
            rows.append((resource, *where, ends[where], event_id))
        yield rows


class KnownSchemas:
    """The registered schemas, without a log of them."""

    ids: SchemaIds = IDS

    def refresh(self) -> SchemaIds:
        return self.ids


class FoldedLog:
    """A view over a store that is fed by hand."""

    def __init__(self, path: Path) -> None:
        self.store = ArchiveStore(path, 16)
        self.refused: list[Refused] = []
        self.changed: list[set[str]] = []
        self.view = ArchiveView(NOWHERE, self.store, KnownSchemas(), self.refused.extend, self.changed.append)  # type: ignore[arg-type]

    def keep(self, *messages: FakeMessage) -> None:
        self.view._keep(list(messages))  # type: ignore[arg-type]

    def close(self) -> None:
        self.view._consumer.close()
        self.store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def log(path: Path) -> Iterator[FoldedLog]:
    opened = FoldedLog(path)
    yield opened
    opened.close()


FACTS = [message(filing(str(number)), offset_number=number) for number in range(3)]
IDS_SUM = sum_of(filing(str(number)).event_id for number in range(3))


def covers(until: int = 5, offset: int = 0, **told: Any) -> FakeMessage:
    given_: dict[str, Any] = {"ranges": [RANGE], "count": 3, "ids_sum": IDS_SUM} | told
    return message(statement(until, **given_), topic_name="coverage.tax", offset_number=offset)


def test_a_view_believes_a_statement_once_it_read_what_that_speaks_for(log: FoldedLog) -> None:
    log.keep(*FACTS[:2], covers())
    assert log.view.coverage("tax.filing").complete_until is None
    log.keep(FACTS[2])
    assert log.view.coverage("tax.filing") == Coverage(
        resource="tax.filing", complete_until=5, reconciled=3, position="registration.tax/0/0-3"
    )


def test_a_view_does_not_believe_a_statement_over_a_refused_record(log: FoldedLog) -> None:
    bad = message(filing("1", resource="customs.filing"), offset_number=1)
    log.keep(FACTS[0], bad, FACTS[2], covers())
    assert [each.message.offset() for each in log.refused] == [1]
    assert log.view.coverage("tax.filing").fault == "stated 3 messages, read 2"


def test_a_view_does_not_believe_a_statement_over_another_event(log: FoldedLog) -> None:
    other = message(filing("1", title="别的"), offset_number=1)
    log.keep(FACTS[0], other, FACTS[2], covers())
    assert log.view.coverage("tax.filing").complete_until is None


def test_facts_of_other_resources_in_the_range_are_not_counted(log: FoldedLog) -> None:
    other = message(filing("9", resource="tax.filings"), offset_number=1)
    two = {"ids_sum": sum_of(filing(each).event_id for each in "02"), "count": 2}
    log.keep(FACTS[0], other, FACTS[2], covers(**two))
    assert log.view.coverage("tax.filing").complete_until == 5


def test_a_repeated_statement_counts_once(log: FoldedLog) -> None:
    log.keep(*FACTS, covers())
    log.keep(covers(offset=1))
    log.keep(covers(offset=2), covers(offset=3))
    assert log.view.coverage("tax.filing").reconciled == 3


def test_the_subjects_of_a_batch_are_told_after_it_was_written(log: FoldedLog) -> None:
    log.keep(FACTS[0], covers())
    assert log.changed == [{COMPANY, "resource:tax.filing"}]


def test_a_killed_view_goes_on_where_it_was(path: Path) -> None:
    first = FoldedLog(path)
    first.keep(*FACTS[:2], covers())
    first.close()
    again = FoldedLog(path)
    assert again.view.positions == {(TOPIC, 0): 2, ("coverage.tax", 0): 1}
    again.keep(FACTS[2])
    assert again.view.coverage("tax.filing").complete_until == 5
    again.close()
    assert _reopened(path) == 5


def test_a_statement_that_a_killed_view_had_not_settled_is_settled_at_the_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch was written, the process died before the statement took effect, and no message came after it."""
    first = FoldedLog(path)
    with monkeypatch.context() as killed:
        killed.setattr(first.view, "_settle_statements", lambda: None)
        first.keep(*FACTS, covers())
    first.close()
    assert _reopened(path) == 5


def _reopened(path: Path) -> int | None:
    again = FoldedLog(path)
    again.view._look_for_topics = lambda: None  # type: ignore[method-assign]
    again.view.prepare()
    again.close()
    return again.view.coverage("tax.filing").complete_until
