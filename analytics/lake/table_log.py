"""One table's log of commits (Delta): which files are its rows, and up to where the topics are in them.

A commit adds files and moves positions in one step, or does neither: it is the creation of the log's next entry, which
only one writer can make. Positions are Delta's application transactions, ``<topic>/<partition>`` → next offset, so
whoever reads the table by any Delta reader reads rows and positions of one moment.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import pyarrow as pa
import structlog
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, CommitProperties, RemoveAction, Transaction

from analytics.lake.location import LakeUnreachable, Location
from analytics.lake.positions import Place, PositionLog, app_id
from analytics.lake.tables import Table

Moves = Mapping[Place, tuple[int, int]]
"""Where positions stood when the rows were read, and where they stand with them: (from, to), offsets."""

DAY: Final = "day"
ATTEMPTS: Final = 8
_PROPERTIES: Final = {
    "delta.logRetentionDuration": "interval 1 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
    "delta.checkpointInterval": "50",
}

log = structlog.get_logger(__name__)


class PositionsMovedError(Exception):
    """Another writer moved the positions that rows were read from; these rows must not be written."""

    def __init__(self, table: str, places: Iterable[Place]) -> None:
        self.places = frozenset(places)
        shown = ", ".join(f"{topic}/{partition}" for topic, partition in sorted(self.places))
        super().__init__(f"positions of {table} were moved by another writer: {shown}")


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of a table.

    Attributes:
        path: below the table's folder.
        day: the day whose rows it holds.
        rows: how many.
        size_bytes: of the file.
        stats: lowest and highest values as Delta keeps them (JSON).
        written_ms: when the commit that added it was prepared (ms since 1970), 0 before.
    """

    path: str
    day: date
    rows: int
    size_bytes: int
    stats: str = "{}"
    written_ms: int = 0


class TableLog:
    """The log of one table; for one thread."""

    def __init__(self, location: Location, table: Table) -> None:
        """Open the table, which is made when it is not there."""
        self.table = table
        self._location = location
        self._opened = _open_or_create(location, table)
        self._positions = PositionLog(location, table.name)

    @property
    def version(self) -> int:
        """The newest commit seen."""
        return int(self._opened.version())

    def refresh(self) -> int:
        """See what others committed; the newest commit's number.

        Raises:
            LakeUnreachable: the place does not answer.
        """
        updated(self._opened, self._location)
        return self.version

    def files(self) -> tuple[DataFile, ...]:
        """The files whose rows are the table's as of the newest commit seen."""
        return data_files(self._opened)

    def position(self, place: Place) -> int | None:
        """The next offset to read of a partition, None when none of it is in the table."""
        return self._positions.at(self.version).get(place)

    def committed_at(self) -> datetime:
        """When the newest commit seen was made."""
        return committed_at(self._opened)

    def append(self, files: Sequence[DataFile], moves: Moves) -> bool:
        """Add files and move positions, in one commit; False when another writer had added the very same rows.

        Raises:
            PositionsMovedError: the positions are no longer where the rows were read from; nothing was written.
            LakeUnreachable: the store did not take it.
        """
        actions = [_added(each, is_news=True) for each in files]
        news = {place: to for place, (_, to) in moves.items()}
        self.refresh()
        for _ in range(ATTEMPTS):
            if self._is_done(moves):
                return {each.path for each in files} <= {each.path for each in self.files()}
            if self._commits(actions, news):
                return True
        raise TimeoutError(f"{self.table.name}: {ATTEMPTS} commits in a row lost against other writers'")

    def replace(self, old: Sequence[DataFile], new: Sequence[DataFile], *, same_rows: bool) -> bool:
        """Put new files in the place of old ones; False when an old one is no longer the table's.

        ``same_rows`` tells followers of the table that nothing in it has changed.
        """
        self.refresh()
        if not {each.path for each in old} <= {each.path for each in self.files()}:
            return False
        actions = [_added(each, is_news=not same_rows) for each in new]
        return self._commits([*actions, *(_removed(each, is_news=not same_rows) for each in old)], {})

    def vacuum(self, retention_h: int) -> int:
        """Delete files that no commit names and that are older than this, and entries of the log past theirs.

        Returns how many data files were deleted.
        """
        deleted = self._opened.vacuum(
            retention_hours=retention_h, dry_run=False, enforce_retention_duration=False, full=True
        )
        # What older entries say must be in a checkpoint before any of them goes.
        self.refresh()
        self._opened.create_checkpoint()
        self._opened.cleanup_metadata()
        return len(deleted)

    def _is_done(self, moves: Moves) -> bool:
        """Whether the positions stand where these moves lead, as after a commit whose answer was lost.

        Raises:
            PositionsMovedError: they stand neither there nor where the moves begin.
        """
        found = {place: self.position(place) or 0 for place in moves}
        if moves and all(found[place] == to for place, (_, to) in moves.items()):
            return True
        if strayed := [place for place, (since, _) in moves.items() if found[place] != since]:
            raise PositionsMovedError(self.table.name, strayed)
        return False

    def _commits(self, actions: Sequence[AddAction | RemoveAction], news: Mapping[Place, int]) -> bool:
        transactions = [Transaction(app_id(place), to) for place, to in news.items()]
        try:
            self._opened.create_write_transaction(
                list(actions),
                mode="append",
                schema=self.table.schema,
                partition_by=[DAY],
                # Anybody else's commit must be seen before this one is tried again.
                commit_properties=CommitProperties(max_commit_retries=0, app_transactions=transactions),
            )
        except (DeltaError, OSError) as fault:
            before = self.version
            if self.refresh() == before:
                # Nobody was first: it is the store that did not take it.
                raise LakeUnreachable(self._location.url, fault) from fault
            log.warning("commit lost", table=self.table.name, version=before, reason=str(fault))
            return False
        before = self.version
        if self.refresh() == before + 1:
            self._positions.moved(self.version, news)
        return True


def opened(location: Location, table: str) -> DeltaTable | None:
    """A table of the lake for reading, None when it is not there yet.

    Raises:
        LakeUnreachable: the place does not answer.
    """
    try:
        return DeltaTable(location.uri(table), storage_options=location.storage_options)
    except TableNotFoundError:
        return None
    except (OSError, DeltaError) as fault:
        raise LakeUnreachable(location.url, fault) from fault


def updated(table: DeltaTable, location: Location) -> DeltaTable:
    """The table as of its newest commit.

    Raises:
        LakeUnreachable: the place does not answer.
    """
    try:
        table.update_incremental()
    except (OSError, DeltaError) as fault:
        raise LakeUnreachable(location.url, fault) from fault
    return table


def data_files(table: DeltaTable) -> tuple[DataFile, ...]:
    """The files of the table as it was opened."""
    found = pa.table(table.get_add_actions(flatten=False)).to_pylist()
    return tuple(
        DataFile(
            each["path"], _day(each), each["num_records"] or 0, each["size_bytes"], written_ms=each["modification_time"]
        )
        for each in found
    )


def committed_at(table: DeltaTable) -> datetime:
    """When the newest commit of the table as it was opened was made."""
    return datetime.fromtimestamp(table.history(1)[0]["timestamp"] / 1000, UTC)


def _open_or_create(location: Location, table: Table) -> DeltaTable:
    found = opened(location, table.name)
    if found is not None:
        return _grown(found, table)
    try:
        return DeltaTable.create(
            location.uri(table.name),
            table.schema,
            mode="ignore",
            partition_by=[DAY],
            name=table.name,
            configuration=_PROPERTIES,
            storage_options=location.storage_options,
        )
    except (OSError, DeltaError) as fault:
        raise LakeUnreachable(location.url, fault) from fault


def _grown(found: DeltaTable, table: Table) -> DeltaTable:
    """The table with the columns that this release adds; in the rows that are there they are null."""
    known = {field.name for field in found.schema().fields}
    fresh = [field for field in Schema.from_arrow(table.schema).fields if field.name not in known]
    if fresh:
        log.warning(
            "a table has new columns; rows that are there lack them",
            table=table.name,
            columns=[field.name for field in fresh],
            remedy=f"onething lake rebuild {table.name}",
        )
        found.alter.add_columns(fresh)
    return found


def _day(action: Mapping[str, Any]) -> date:
    said = (action.get("partition") or action.get("partition_values") or {})[DAY]
    return said if isinstance(said, date) else date.fromisoformat(said)


def _added(file: DataFile, *, is_news: bool) -> AddAction:
    return AddAction(
        path=file.path,
        size=file.size_bytes,
        partition_values={DAY: file.day.isoformat()},
        modification_time=_now_ms(),
        data_change=is_news,
        stats=file.stats if file.stats != "{}" else json.dumps({"numRecords": file.rows}),
    )


def _removed(file: DataFile, *, is_news: bool) -> RemoveAction:
    return RemoveAction(
        path=file.path,
        data_change=is_news,
        deletion_timestamp=_now_ms(),
        size=file.size_bytes,
        partition_values={DAY: file.day.isoformat()},
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
