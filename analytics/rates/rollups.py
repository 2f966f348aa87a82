"""Roll-ups: what a day's rows of one table come to, kept as files beside the lake and never more than a copy of it.

A file is named by its day and by the digest of the names of the lake's files that it sums up, so that one that no
longer fits them is known by its name. Whatever is missing is made again; what is stale is removed.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Protocol

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics.rates.blocks import Block

_DIGEST_CHARACTERS: Final = 24
_DAYS_AT_ONCE: Final = 31
STALE_GRACE_S: Final = 300.0


class Session(Protocol):
    """Opens connections over the lake, as ``analytics.lake.session.LakeSession`` does."""

    def reading(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection for the length of a block, over one version of every table."""
        ...


class DayFiles(Protocol):
    """The files of one table by day, as ``analytics.lake.reading.LakeFiles`` has them."""

    @property
    def by_day(self) -> Mapping[date, Sequence[str]]:
        """Day → the paths of its files."""
        ...


class Lister(Protocol):
    """Tells the files of each table, as ``analytics.lake.reading.LakeReader`` does."""

    def files(self, table: str, /) -> Any:
        """The table's files, a ``DayFiles``."""
        ...


def digest_of_names(paths: Iterable[str]) -> str:
    """Return what a set of files is known by: a digest of their names, in whatever order and wherever they lie."""
    names = sorted(path.rsplit("/", 1)[-1] for path in paths)
    return sha256("\n".join(names).encode()).hexdigest()[:_DIGEST_CHARACTERS]


class RollUps:
    """The roll-ups of a lake in a folder; safe to call from several threads, and to delete at any time."""

    def __init__(
        self,
        folder: Path,
        blocks: Mapping[str, Block],
        lister: Lister,
        session: Session,
        grace_s: float = STALE_GRACE_S,
    ) -> None:
        """Keep roll-ups of these blocks in the folder, which the session's connections may read.

        Stale files younger than ``grace_s`` stay: a query that was started on them may still run.
        """
        self._folder, self._grace_s = folder, grace_s
        self._rolled = {block.name: block for block in blocks.values() if block.rolls}
        self._lister, self._session = lister, session
        self._lock = threading.Lock()

    @property
    def names(self) -> frozenset[str]:
        """The blocks that are kept."""
        return frozenset(self._rolled)

    def refresh(self, ended: Callable[[], bool] = lambda: False) -> Mapping[str, int]:
        """Make what is missing, remove what is stale; block → how many days were made.

        ``ended`` is asked between one month of days and the next: whether to leave the rest for another time.
        """
        made = {}
        for name, block in self._rolled.items():
            with self._lock:
                missing = sum(not path.exists() for path in self._due(block).values())
                due = self._refreshed(block, ended)
                made[name] = missing - sum(not path.exists() for path in due.values())
        return made

    def files(self, name: str, until: date) -> tuple[Path, ...]:
        """The files of a block for all days up to one, that included; days without rows have none."""
        block = self._rolled[name]
        due = self._due(block)
        if any(day <= until and not path.exists() for day, path in due.items()):
            with self._lock:
                # The lake may have moved on meanwhile: these are the files that were made.
                due = self._refreshed(block)
        return tuple(path for day, path in sorted(due.items()) if day <= until)

    def _due(self, block: Block) -> dict[date, Path]:
        digest = sha256(block.sql.encode()).hexdigest()[:8]
        folder = self._folder / f"{block.name}-{digest}"
        by_day = self._lister.files(block.rolls).by_day
        return {day: folder / f"{day}.{digest_of_names(paths)}.parquet" for day, paths in by_day.items()}

    def _refreshed(self, block: Block, ended: Callable[[], bool] = lambda: False) -> dict[date, Path]:
        due = self._due(block)
        missing = sorted(day for day, path in due.items() if not path.exists())
        for days in _runs(missing):
            if ended():
                return due
            self._make(block, {day: due[day] for day in days})
        self._sweep(block, frozenset(due.values()))
        return due

    def _make(self, block: Block, due: Mapping[date, Path]) -> None:
        statement = f"SELECT * FROM ({block.sql}) WHERE day BETWEEN $first AND $last"  # noqa: S608  blocks are our own SQL
        with self._session.reading() as connection:
            found = arrow_rows(connection, statement, {"first": min(due), "last": max(due)})
        for day, path in due.items():
            write_rows(path, found.filter(pc.equal(found["day"], pa.scalar(day))))

    def _sweep(self, block: Block, due: frozenset[Path]) -> None:
        earliest = time.time() - self._grace_s
        for path in self._folder.glob(f"{block.name}-*/*.parquet"):
            if path not in due and path.stat().st_mtime < earliest:
                path.unlink(missing_ok=True)


def _runs(days: Sequence[date]) -> Iterator[tuple[date, ...]]:
    """Days without a gap between them, so that one query makes them all and reads nothing else."""
    for _, run in groupby(enumerate(days), key=lambda each: each[1] - timedelta(days=each[0])):
        found = [day for _, day in run]
        for start in range(0, len(found), _DAYS_AT_ONCE):
            yield tuple(found[start : start + _DAYS_AT_ONCE])


def arrow_rows(
    connection: duckdb.DuckDBPyConnection, statement: str, values: Mapping[str, object] | None = None
) -> pa.Table:
    """The rows of a query as one Arrow table."""
    found: Any = connection.sql(statement, params=dict(values or {})).to_arrow_table()
    return found


def write_rows(path: Path, rows: pa.Table) -> None:
    """Write a Parquet file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
    pq.write_table(rows, partial, compression="zstd")
    partial.replace(path)
