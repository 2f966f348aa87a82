"""Whatever happens to writers, every message of the log is one row of the lake: none is missing, none is doubled."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from deltalake.exceptions import CommitFailedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.lake.location import LakeUnreachable, Location
from analytics.lake.reading import LakeReader
from analytics.lake.table_log import PositionsMovedError
from analytics.lake.tables import TABLES, UNDECODED
from analytics.lake.writer import LakeWriter
from tests.analytics.lake.log import IDS, LICENCES, MORE_LICENCES, READS, LoggedMessage, Place, small_log

LOG = small_log(bad_every=3)


class Crash(Exception):  # noqa: N818  the name is the fact
    """The process ends here."""


@dataclass
class Process:
    """One writer of the lake; what it gathered dies with it."""

    location: Location
    writer: LakeWriter = field(init=False)
    at: dict[Place, int] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.writer = LakeWriter(self.location)
        self.begin()

    def begin(self) -> None:
        self.writer.forget()
        self.at = self.writer.begin(LOG)

    def read(self, place: Place, count: int) -> None:
        messages = LOG[place][self.at[place] : self.at[place] + count]
        if messages:
            self.writer.take(messages, IDS)
            self.at[place] += len(messages)

    def commit(self, crash_at: int | None = None, *, after: bool = False) -> None:
        """Commit; ``crash_at`` counts the commits of tables, before or after the crash."""
        restore = _crashing(self.writer, crash_at, after=after)
        try:
            self.writer.commit(self.writer.handed_over())
        except PositionsMovedError:
            self.begin()
        except Crash:
            self.start()
        finally:
            restore()

    def finish(self) -> None:
        self.start()
        for place in LOG:
            self.read(place, len(LOG[place]))
        self.commit()


def _crashing(writer: LakeWriter, crash_at: int | None, *, after: bool) -> Callable[[], None]:
    passed = iter(range(100))
    originals = {log: log.append for log in writer._logs.values()}

    def wrapped(original: Callable[..., bool]) -> Callable[..., bool]:
        def append(*arguments: Any) -> bool:
            number = next(passed)
            if number == crash_at and not after:
                raise Crash
            result = original(*arguments)
            if number == crash_at:
                raise Crash
            return result

        return append

    for log, original in originals.items():
        log.append = wrapped(original)  # type: ignore[method-assign]

    def restore() -> None:
        for log, original in originals.items():
            log.append = original  # type: ignore[method-assign]

    return restore


PLACES = st.sampled_from(sorted(LOG))
WRITERS = st.integers(0, 1)
STEPS = st.one_of(
    st.tuples(st.just("read"), WRITERS, st.sets(PLACES, min_size=1), st.integers(1, 9)),
    st.tuples(st.just("commit"), WRITERS),
    st.tuples(st.just("crash before"), WRITERS, st.integers(0, 2)),
    st.tuples(st.just("crash after"), WRITERS, st.integers(0, 2)),
    st.tuples(st.just("begin"), WRITERS),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=3, max_size=14))
def test_every_message_is_one_row_whatever_happens_to_two_writers(steps: list[tuple[Any, ...]]) -> None:
    """Both believe that every partition is theirs: one of them is a process that was taken for dead."""
    with TemporaryDirectory() as folder:
        location = Location(folder)
        processes = [Process(location), Process(location)]
        for name, which, *rest in steps:
            process = processes[which]
            if name == "read":
                places, count = rest
                for place in sorted(places):
                    process.read(place, count)
            elif name == "begin":
                process.begin()
            else:
                process.commit(rest[0] if rest else None, after=name == "crash after")
        processes[0].finish()
        assert _rows(location) == {place: Counter(range(len(messages))) for place, messages in LOG.items()}
        assert LakeReader(location).files(UNDECODED).rows == _bad(LOG.values())


def test_a_writer_that_was_taken_for_dead_is_refused(tmp_path: Path) -> None:
    location = Location(str(tmp_path))
    dead, alive = Process(location), Process(location)
    dead.read(LICENCES, 4)
    alive.read(LICENCES, 5)
    alive.writer.commit(alive.writer.handed_over())
    with pytest.raises(PositionsMovedError, match=r"licence\.tax/0"):
        dead.writer.commit(dead.writer.handed_over())
    assert _rows(location) == {LICENCES: Counter(range(5))}


@pytest.mark.parametrize("count", [4, 5, 6])
def test_files_of_a_refused_commit_are_deleted(tmp_path: Path, count: int) -> None:
    location = Location(str(tmp_path))
    dead, alive = Process(location), Process(location)
    alive.read(LICENCES, 5)
    dead.read(LICENCES, count)
    alive.commit()
    dead.commit()
    assert len(list(tmp_path.glob("facts/*/*.parquet"))) == 1


def test_a_commit_whose_answer_was_lost_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store took the commit and the connection broke: the same rows must not be added a second time."""
    location = Location(str(tmp_path))
    process = Process(location)
    process.read(LICENCES, 5)
    own = process.writer._logs["facts"]
    original = own._commits

    def lost(*arguments: Any) -> bool:
        original(*arguments)
        return False

    monkeypatch.setattr(own, "_commits", lost)
    process.commit()
    assert _rows(location) == {LICENCES: Counter(range(5))}


def test_another_writer_of_other_partitions_is_no_hindrance(tmp_path: Path) -> None:
    location = Location(str(tmp_path))
    one, other = Process(location), Process(location)
    one.read(LICENCES, 5)
    other.read(MORE_LICENCES, 4)
    one.writer.commit(one.writer.handed_over())
    other.writer.commit(other.writer.handed_over())
    assert _rows(location) == {LICENCES: Counter(range(5)), MORE_LICENCES: Counter(range(4))}


def test_a_file_holds_rows_of_one_day_sorted(tmp_path: Path) -> None:
    location = Location(str(tmp_path))
    Process(location).finish()
    listed = LakeReader(location).files("facts")
    assert len(listed.by_day) == 2
    for day, paths in listed.by_day.items():
        for path in paths:
            rows = pq.read_table(path, partitioning=None).to_pylist()
            assert f"day={day}" in path
            assert rows == sorted(rows, key=lambda row: (row["subject"], row["resource"], row["record_id"]))


def test_positions_are_where_the_log_was_read_to(tmp_path: Path) -> None:
    from analytics.lake.claim import ClaimedTopic, claim  # noqa: PLC0415

    location = Location(str(tmp_path))
    claim(location, "cluster", {"licence.tax": ClaimedTopic("a", 2), "access.reads": ClaimedTopic("b", 1)})
    process = Process(location)
    process.read(LICENCES, 5)
    process.read(READS, 7)
    process.commit()
    assert LakeReader(location).positions() == {LICENCES: 5, READS: 7}


def test_a_store_that_fails_leaves_what_was_gathered_to_be_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = Location(str(tmp_path))
    process = Process(location)
    process.read(LICENCES, 5)
    own = process.writer._logs["facts"]

    def failing(*_: Any, **__: Any) -> None:
        raise CommitFailedError("the store is full")

    gathered = process.writer.handed_over()
    with monkeypatch.context() as patch:
        patch.setattr(type(own._opened), "create_write_transaction", failing)
        with pytest.raises(LakeUnreachable, match="full"):
            process.writer.commit(gathered)
    process.finish()
    assert _rows(location) == {place: Counter(range(len(messages))) for place, messages in LOG.items()}


def _rows(location: Location) -> dict[Place, Counter[int]]:
    """Place → how often each offset is a row, in whichever table."""
    found: dict[Place, Counter[int]] = {}
    for name in TABLES:
        for path in LakeReader(location).files(name).paths:
            rows = pq.read_table(path, columns=["topic", "partition", "offset"], partitioning=None).to_pylist()
            for row in rows:
                found.setdefault((row["topic"], row["partition"]), Counter())[row["offset"]] += 1
    return found


def _bad(partitions: Any) -> int:
    every: Sequence[LoggedMessage] = [each for messages in partitions for each in messages]
    return sum(each.body == b"not a message" for each in every)
