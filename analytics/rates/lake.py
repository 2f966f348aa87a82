"""The lake as rates read it: with roll-ups in place of rows where there are any, or raw."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import duckdb

from analytics.lake.tables import TABLES, UNDECODED
from analytics.rates.blocks import load_blocks, needed_blocks
from analytics.rates.reconciled import FOUND, NEWEST, SUMMED, Reconciled
from analytics.rates.rollups import Lister, RollUps, Session, digest_of_names

_READ: Final = tuple(name for name in TABLES if name != UNDECODED)


class Opened(NamedTuple):
    """A connection over the lake, and the blocks that stand as tables in it."""

    connection: duckdb.DuckDBPyConnection
    kept: frozenset[str]


class RateLake:
    """Opens the lake for one query of a rate; safe to call from several threads."""

    def __init__(self, session: Session, lister: Lister, folder: Path, fresh_s: float = 0.0) -> None:
        """Read through this session; roll-ups are kept in the folder, which its connections may read.

        For ``fresh_s`` after somebody looked, the lake's days are taken to be what they were: a lake that is written
        to changes with every commit, and figures of a day that is not over need not follow each of them.
        """
        blocks = load_blocks()
        self._session, self._lister, self._fresh_s = session, lister, fresh_s
        self._looked: dict[date, tuple[float, str]] = {}
        self.roll_ups = RollUps(folder, blocks, lister, session)
        self._reconciled = Reconciled(folder, blocks)

    @contextmanager
    def opened(self, sql: str, as_of: date, *, raw: bool = False) -> Iterator[Opened]:
        """Open the lake for this SQL as of a day, for the length of a block.

        Raises:
            analytics.lake.absent_files.LakeFilesAbsent: files of the lake that the query needs are not there.
        """
        blocks = load_blocks()
        needed = () if raw else needed_blocks(sql, blocks)
        if FOUND in needed:
            needed = (*needed, *needed_blocks(f"FROM {SUMMED}", blocks))
        files = {name: self.roll_ups.files(name, as_of) for name in needed if name in self.roll_ups.names}
        with self._session.reading() as connection:
            for name, paths in files.items():
                if paths:
                    _view(connection, name, paths)
            kept = frozenset(name for name, paths in files.items() if paths)
            if FOUND in needed:
                connection.register(FOUND, self._reconciled.table(connection, as_of, kept))
                kept |= {FOUND, NEWEST}
            yield Opened(connection, kept)

    def identity(self, as_of: date) -> str:
        """What the lake's rows up to a day are known by: it changes when files of those days do."""
        at, known = self._looked.get(as_of, (-math.inf, ""))
        if time.monotonic() - at >= self._fresh_s:
            known = self._identity(as_of)
            self._looked[as_of] = time.monotonic(), known
        return known

    def _identity(self, as_of: date) -> str:
        digest = sha256()
        for table in _READ:
            by_day = self._lister.files(table).by_day
            for day in sorted(day for day in by_day if day <= as_of):
                digest.update(f"{table} {day} {digest_of_names(by_day[day])}\n".encode())
        return digest.hexdigest()[:16]

    def days(self) -> tuple[date, ...]:
        """The days of which the lake has rows."""
        return tuple(sorted({day for table in _READ for day in self._lister.files(table).by_day}))


def _view(connection: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path]) -> None:
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet([{listed}])")  # noqa: S608  paths of our own
