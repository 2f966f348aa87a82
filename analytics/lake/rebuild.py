"""A table, or one day of it, read from the log anew: for rows whose files somebody removed.

What is read is exactly what the table's own positions say that it holds, so rows that the writer adds meanwhile are
neither lost nor doubled. Until the one commit at the end readers see what there was before.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import polars as pl
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from analytics.lake.claim import Claim, read_claim
from analytics.lake.data_files import delete_files, write_files
from analytics.lake.decode import CITY_UTC_OFFSET_US, decode
from analytics.lake.location import Location
from analytics.lake.positions import Place
from analytics.lake.table_log import DAY, DataFile, TableLog
from analytics.lake.tables import TABLES, UNDECODED, Table, table_of
from catalog.registry import LiveSchemaIds
from connectors.kafka import KafkaOptions, consumer

ROWS_A_FILE: Final = 1_000_000
BATCH_MESSAGES: Final = 20_000
STALLED_S: Final = 60.0
TRIES: Final = 3

Range = tuple[int, int]
"""First offset, and the one behind the last."""
Progress = Callable[[int, int], None]
"""Hears how many messages of how many were read."""


class RebuildFailed(Exception):  # noqa: N818  named for the fact
    """The table is as it was; ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild came to: the files that it took the place of, and those that it made."""

    table: str
    day: date | None
    messages: int
    files_before: int
    rows_before: int
    files: int
    rows: int


def rebuild(
    options: KafkaOptions,
    location: Location,
    table: str,
    day: date | None = None,
    progress: Progress = lambda _read, _of: None,
) -> Rebuilt:
    """Read a table's rows, or those of one day, from the log again and put them in the place of its files.

    Args:
        options: the cluster that the lake was filled from.
        location: of the lake; its writer may run on.
        table: its name.
        day: the city's day of ``known_at``; None: every day.
        progress: told now and then.

    Raises:
        LookupError: no such table.
        RebuildFailed: the lake is empty, the log does not answer, or the table changed again and again meanwhile.
    """
    claim = read_claim(location)
    if table not in TABLES:
        raise LookupError(f"数据湖没有表 {table} (the lake has no table {table}; it has: {', '.join(TABLES)})")
    if claim is None:
        raise RebuildFailed("数据湖尚为空 (the lake is empty yet)", "start its writer: onething run lake")
    reading = consumer(options, "onething-lake-rebuild", enable_auto_offset_store=False, fetch_queue_backoff_ms=5)
    try:
        return _Rebuild(reading, LiveSchemaIds(options), location, claim, TABLES[table], day).run(progress)
    except KafkaException as fault:
        raise RebuildFailed(
            f"日志无应答 (the log does not answer): {fault}", "see what runs: onething doctor"
        ) from fault
    finally:
        reading.close()


class _Rebuild:
    def __init__(
        self,
        reading: Consumer,
        schemas: LiveSchemaIds,
        location: Location,
        claim: Claim,
        table: Table,
        day: date | None,
    ) -> None:
        self._reading, self._schemas, self._location, self._day = reading, schemas, location, day
        self._table = table
        self._own = TableLog(location, table)
        self._logs = {UNDECODED: self._own, table.name: self._own}
        self._places = [
            (topic, number)
            for topic, each in claim.topics.items()
            if table.name == UNDECODED or table_of(topic) == table
            for number in range(each.partitions)
        ]

    def run(self, progress: Progress) -> Rebuilt:
        for _ in range(TRIES):
            self._own.refresh()
            old = [each for each in self._own.files() if self._day in (None, each.day)]
            ranges = self._ranges()
            fresh = self._written(ranges, progress)
            if not (old or fresh) or self._own.replace(old, fresh, same_rows=False):
                return self._told(old, fresh, ranges)
            # Its files were merged meanwhile, and rows may have come to them.
            delete_files(self._location, self._table, fresh)
        raise RebuildFailed(
            f"{self._table.name} 在重建时不断变化 (the table changed again and again meanwhile)",
            "stop its writer and try again",
        )

    def _told(self, old: list[DataFile], fresh: list[DataFile], ranges: Mapping[Place, Range]) -> Rebuilt:
        messages = sum(end - begin for begin, end in ranges.values())
        before, after = sum(each.rows for each in old), sum(each.rows for each in fresh)
        return Rebuilt(self._table.name, self._day, messages, len(old), before, len(fresh), after)

    def _ranges(self) -> dict[Place, Range]:
        """What the table holds of each partition, of the one day where one was asked for."""
        whole = {place: (0, self._end(place)) for place in self._places}
        if self._day is None:
            return {place: each for place, each in whole.items() if each[1]}
        begins, ends = self._offsets_at(self._day), self._offsets_at(self._day + timedelta(days=1))
        cut = {place: (begins[place], min(end, ends[place])) for place, (_, end) in whole.items()}
        return {place: each for place, each in cut.items() if each[0] < each[1]}

    def _end(self, place: Place) -> int:
        if self._table.name != UNDECODED:
            return self._own.position(place) or 0
        table = table_of(place[0])
        if table is None:
            return 0
        log = self._logs.setdefault(table.name, TableLog(self._location, table))
        return max(self._own.position(place) or 0, log.position(place) or 0)

    def _offsets_at(self, day: date) -> dict[Place, int]:
        """The first offset of each partition that the log knows since the day began in the city."""
        midnight_us = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1e6) - CITY_UTC_OFFSET_US
        asked = [TopicPartition(*place, midnight_us // 1000) for place in self._places]
        found = self._reading.offsets_for_times(asked, timeout=STALLED_S)
        # A negative offset stands for the end: nothing came since.
        return {(each.topic, each.partition): each.offset if each.offset >= 0 else 1 << 62 for each in found}

    def _written(self, ranges: Mapping[Place, Range], progress: Progress) -> list[DataFile]:
        files: list[DataFile] = []
        gathered: list[pl.DataFrame] = []
        total, read = sum(end - begin for begin, end in ranges.values()), 0
        for messages in self._messages(ranges):
            read += len(messages)
            gathered += self._rows(messages)
            progress(read, total)
            if sum(each.height for each in gathered) >= ROWS_A_FILE:
                files += write_files(self._location, self._table, gathered)
                gathered = []
        return files + (write_files(self._location, self._table, gathered) if gathered else [])

    def _rows(self, messages: list[Message]) -> list[pl.DataFrame]:
        frames = decode(messages, self._schemas.ids).frames.get(self._table.name, [])
        kept = [frame if self._day is None else frame.filter(pl.col(DAY) == self._day) for frame in frames]
        return [frame for frame in kept if frame.height]

    def _messages(self, ranges: Mapping[Place, Range]) -> Iterator[list[Message]]:
        """The messages of these ranges, batch by batch."""
        left = dict(ranges)
        self._reading.assign([TopicPartition(*place, begin) for place, (begin, _) in ranges.items()])
        heard_s = time.monotonic()
        while left:
            found = [each for each in self._reading.consume(BATCH_MESSAGES, 0.05) if each.error() is None]
            if found:
                heard_s = time.monotonic()
                yield [each for each in found if each.offset() < ranges[each.topic(), each.partition()][1]]  # type: ignore[index,operator]
            elif time.monotonic() - heard_s > STALLED_S:
                raise RebuildFailed(
                    f"日志 {STALLED_S:.0f} 秒无新内容 (nothing came from the log)", "see what runs: onething doctor"
                )
            # A partition's own place in the log counts: its last message need not be an event.
            for each in self._reading.position([TopicPartition(*place) for place in left]):
                if each.offset >= left[each.topic, each.partition][1]:
                    del left[each.topic, each.partition]
        self._reading.unassign()
