"""The writer of the lake: rows gathered from the log, and committed together with the positions they move.

Crash anywhere: what was not committed was not moved past either, and is read again. A second writer of the same
partitions, or one that was taken for dead, moves the positions first or loses: its commit is refused, never doubled.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl
import structlog

from analytics.lake.data_files import delete_files, write_files
from analytics.lake.decode import Decoded, decode
from analytics.lake.location import Location
from analytics.lake.positions import Place
from analytics.lake.table_log import Moves, PositionsMovedError, TableLog
from analytics.lake.tables import TABLES, UNDECODED, table_of
from topics.codec import SchemaIds
from topics.judgement import Message

log = structlog.get_logger(__name__)

_ORDER: Final = (UNDECODED, *(name for name in TABLES if name != UNDECODED))
"""What could not be read is kept first: its topic's position, once moved, promises that it is."""


@dataclass
class Gathered:
    """Rows that were read and are not committed yet.

    Attributes:
        frames: table → frames of its rows.
        moves: where each partition stood before the first of them, and stands after the last.
        messages: how many.
        since_s: when the first of them came (monotonic seconds).
    """

    frames: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    moves: dict[Place, tuple[int, int]] = field(default_factory=dict)
    messages: int = 0
    since_s: float = 0.0

    def take(self, frames: Mapping[str, list[pl.DataFrame]], next_offsets: Mapping[Place, int]) -> None:
        """Take in rows, and the offsets that follow them."""
        for table, fresh in frames.items():
            self.frames.setdefault(table, []).extend(fresh)
        for place, to in next_offsets.items():
            self.moves[place] = (self.moves[place][0], to)


@dataclass
class Committed:
    """What a writer has committed since it began."""

    rows: dict[str, int] = field(default_factory=dict)
    commits: int = 0
    last_s: float | None = None


class LakeWriter:
    """Gathers and commits. ``take`` belongs to one thread, ``commit`` to one, which may be another."""

    def __init__(self, location: Location, clock: Callable[[], float] = time.monotonic) -> None:
        """Write to the lake at this place; its tables are made when they are not there."""
        self._location = location
        self._clock = clock
        self._logs = {name: TableLog(location, table) for name, table in TABLES.items()}
        self._undecoded: dict[Place, int] = {}
        self._read: dict[Place, int] = {}
        self._gathered = Gathered()
        self.committed = Committed()

    @property
    def gathered(self) -> int:
        """Messages that wait for a commit."""
        return self._gathered.messages

    @property
    def waited_s(self) -> float:
        """How long the oldest of them has waited."""
        return self._clock() - self._gathered.since_s if self._gathered.messages else 0.0

    def read_to(self, place: Place) -> int:
        """The next offset of a partition that was begun, 0 for another."""
        return self._read.get(place, 0)

    def begin(self, places: Iterable[Place]) -> dict[Place, int]:
        """The offsets from which to read these partitions: those that the lake itself names, 0 where it names none.

        Called before the first message of a partition, and again after the writer lost it to another.
        """
        found: dict[Place, int] = {}
        refreshed: set[str] = set()
        for place in places:
            own = self._log_of(place)
            for each in (own, self._logs[UNDECODED]):
                if each.table.name not in refreshed:
                    each.refresh()
                    refreshed.add(each.table.name)
            found[place] = own.position(place) or 0
            self._undecoded[place] = self._logs[UNDECODED].position(place) or 0
        self._read.update(found)
        return found

    def end(self, places: Iterable[Place]) -> None:
        """Partitions that are another's now."""
        for place in places:
            self._read.pop(place, None)

    def take(self, messages: Sequence[Message], ids: SchemaIds) -> None:
        """Gather messages of partitions that were begun, in the order of their offsets."""
        if not messages:
            return
        decoded = decode(messages, ids)
        news = next_offsets(decoded)
        if not self._gathered.messages:
            self._gathered.since_s = self._clock()
        for place in news:
            self._gathered.moves.setdefault(place, (self._read[place], self._read[place]))
        self._gathered.take(decoded.frames, news)
        self._gathered.messages += len(messages)
        self._read.update(news)

    def forget(self) -> None:
        """Drop what is gathered; whoever calls this begins again at the lake's positions."""
        self._gathered = Gathered()

    def handed_over(self) -> Gathered:
        """What is gathered, for ``commit``; gathering begins anew."""
        gathered, self._gathered = self._gathered, Gathered()
        return gathered

    def commit(self, gathered: Gathered) -> None:
        """Commit rows with their positions, table by table; what is in a table is never in it again.

        Raises:
            PositionsMovedError: another writer has these partitions; none of their rows was doubled.
        """
        for name in _ORDER:
            moves = self._undecoded_moves(gathered) if name == UNDECODED else _moves_of(name, gathered.moves)
            if moves:
                self._commit_table(name, self._fresh(name, gathered), moves)
        self.committed.commits += 1
        self.committed.last_s = self._clock()

    def _commit_table(self, name: str, frames: Sequence[pl.DataFrame], moves: Moves) -> None:
        own = self._logs[name]
        files = write_files(self._location, own.table, frames) if frames else []
        try:
            is_ours = own.append(files, moves)
        except PositionsMovedError:
            delete_files(self._location, own.table, files)
            raise
        if not is_ours:
            delete_files(self._location, own.table, files)
            files = []
        if name == UNDECODED:
            self._undecoded.update({place: to for place, (_, to) in moves.items()})
        self.committed.rows[name] = self.committed.rows.get(name, 0) + sum(each.rows for each in files)

    def _fresh(self, name: str, gathered: Gathered) -> list[pl.DataFrame]:
        frames = gathered.frames.get(name, [])
        if name != UNDECODED:
            return frames
        # After a crash between this table's commit and the topic's own, the same records come again.
        return [frame for each in frames if (frame := self._beyond(each)).height]

    def _beyond(self, frame: pl.DataFrame) -> pl.DataFrame:
        known = [self._undecoded.get(place, 0) for place in frame.select("topic", "partition").iter_rows()]
        return frame.filter(pl.col("offset") >= pl.Series(known, dtype=pl.Int64))

    def _undecoded_moves(self, gathered: Gathered) -> dict[Place, tuple[int, int]]:
        found: dict[Place, tuple[int, int]] = {}
        for frame in self._fresh(UNDECODED, gathered):
            for place in frame.select("topic", "partition").unique().iter_rows():
                found[place] = (self._undecoded.get(place, 0), gathered.moves[place][1])
        return found

    def _log_of(self, place: Place) -> TableLog:
        table = table_of(place[0])
        if table is None:
            raise LookupError(f"topic {place[0]} is not of the lake")
        return self._logs[table.name]


def next_offsets(decoded: Decoded) -> dict[Place, int]:
    """Partition → the offset behind its last message: every message is a row, of whichever table."""
    places = [frame.select("topic", "partition", "offset") for frames in decoded.frames.values() for frame in frames]
    last = pl.concat(places).group_by("topic", "partition").agg(pl.col("offset").max())
    return {(topic, partition): offset + 1 for topic, partition, offset in last.iter_rows()}


def _moves_of(table: str, moves: Moves) -> dict[Place, tuple[int, int]]:
    return {place: move for place, move in moves.items() if _is_of(table, place[0])}


def _is_of(table: str, topic: str) -> bool:
    own = table_of(topic)
    return own is not None and own.name == table
