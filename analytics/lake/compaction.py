"""Small files become large ones: the same rows, sorted again, in one commit that says that nothing has changed.

Files grow in steps: eight of a size make one of the next, so a row is written again only a few times however often the
writer commits. A day that has been quiet for a while becomes one file. Readers that opened the table before keep their
files until those have been out of the table for the retention time.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import log as logarithm
from typing import Final

import polars as pl
import pyarrow.parquet as pq
import structlog

from analytics.lake.data_files import delete_files, write_file
from analytics.lake.location import Location
from analytics.lake.table_log import DAY, DataFile, TableLog
from analytics.lake.tables import TABLES, Table

log = structlog.get_logger(__name__)

STEP: Final = 8
"""So many files of a size become one of the next."""
MOST_ROWS: Final = 1_000_000
"""A merged file's rows are sorted in memory, where a fact takes about 1 kB meanwhile: at most this many."""
QUIET_S: Final = 120.0
RETENTION_H: Final = 24
"""How long a file stays that no table names: longer than any query, and longer than a table takes to be built again,
whose files are named at the end."""


@dataclass(frozen=True)
class Merged:
    """One merge: how many files of a table and day became one, of how many rows and bytes."""

    table: str
    day: date
    files: int
    rows: int
    bytes_before: int
    bytes_after: int


def plan(files: Sequence[DataFile], now_ms: int, quiet_s: float = QUIET_S) -> list[tuple[DataFile, ...]]:
    """Which files to merge, each group of one day and of no more than ``MOST_ROWS`` rows; days in their order."""
    by_day: dict[date, list[DataFile]] = {}
    for each in files:
        if each.rows < MOST_ROWS // 2:
            by_day.setdefault(each.day, []).append(each)
    return [group for day in sorted(by_day) for group in _of_day(by_day[day], now_ms, quiet_s)]


def _of_day(files: list[DataFile], now_ms: int, quiet_s: float) -> list[tuple[DataFile, ...]]:
    if now_ms - max(each.written_ms for each in files) >= quiet_s * 1000:
        return _bounded(files)
    by_size: dict[int, list[DataFile]] = {}
    for each in files:
        by_size.setdefault(_size_of(each), []).append(each)
    return [group for size in by_size.values() if len(size) >= STEP for group in _bounded(size)]


def _size_of(file: DataFile) -> int:
    return int(logarithm(max(file.rows, 1), STEP))


def _bounded(files: list[DataFile]) -> list[tuple[DataFile, ...]]:
    groups: list[list[DataFile]] = [[]]
    for each in sorted(files, key=lambda each: each.rows):
        if sum(other.rows for other in groups[-1]) + each.rows > MOST_ROWS:
            groups.append([])
        groups[-1].append(each)
    return [tuple(group) for group in groups if len(group) > 1]


def compact(
    location: Location,
    tables: Sequence[str] = tuple(TABLES),
    quiet_s: float = QUIET_S,
    goes_on: Callable[[], bool] = lambda: True,
) -> list[Merged]:
    """Merge what there is to merge in these tables; safe beside the writer, readers and another compaction.

    Args:
        location: of the lake.
        tables: their names.
        quiet_s: a day to which nothing was added for so long becomes one file; 0: every day does.
        goes_on: asked before each merge; what is left is there the next time.
    """
    return [merged for name in tables for merged in _compacted(location, TABLES[name], quiet_s, goes_on)]


def _compacted(location: Location, table: Table, quiet_s: float, goes_on: Callable[[], bool]) -> list[Merged]:
    own = TableLog(location, table)
    found: list[Merged] = []
    for group in plan(own.files(), time.time_ns() // 1_000_000, quiet_s):
        if not goes_on():
            break
        merged = merge(location, own, group)
        if merged is not None:
            log.info("files merged", table=table.name, day=str(merged.day), files=merged.files, rows=merged.rows)
            found.append(merged)
    return found


def merge(location: Location, own: TableLog, group: Sequence[DataFile]) -> Merged | None:
    """Make one file of a group's; None when another was first, or one of them is not there any more."""
    table = own.table
    try:
        rows = pl.concat([read_file(location, table, each) for each in group]).sort(*table.sort)
    except FileNotFoundError:
        log.exception("a data file is missing", table=table.name, remedy=f"onething lake rebuild {table.name}")
        return None
    fresh = write_file(location, table, group[0].day, rows)
    if not own.replace(group, [fresh], same_rows=True):
        delete_files(location, table, [fresh])
        return None
    before = sum(each.size_bytes for each in group)
    return Merged(table.name, fresh.day, len(group), fresh.rows, before, fresh.size_bytes)


def read_file(location: Location, table: Table, file: DataFile) -> pl.DataFrame:
    """The rows of one data file, with their day.

    Raises:
        FileNotFoundError: somebody removed it.
    """
    found = pq.read_table(location.path(table.name, file.path), filesystem=location.files, partitioning=None)
    rows = pl.from_arrow(found)
    assert isinstance(rows, pl.DataFrame)  # noqa: S101  a table of Arrow is a frame
    return rows.with_columns(pl.lit(file.day).alias(DAY))


def vacuum(location: Location, tables: Sequence[str] = tuple(TABLES), retention_h: int = RETENTION_H) -> int:
    """Delete files that no table has named for so long, those of crashed writers too; how many."""
    return sum(TableLog(location, TABLES[name]).vacuum(retention_h) for name in tables)
