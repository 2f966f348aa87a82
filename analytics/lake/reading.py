"""The lake as readers find it: which files are a table's rows at this moment, and up to where the log is in them."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.fs as pafs
from deltalake import DeltaTable

from analytics.lake.location import Location
from analytics.lake.positions import Place, PositionLog
from analytics.lake.table_log import DAY, DataFile, committed_at, data_files, opened, updated
from analytics.lake.tables import TABLES, UNDECODED


@dataclass(frozen=True)
class LakeFiles:
    """One table at one moment.

    Attributes:
        table: its name.
        version: number of the commit; -1 while the table does not exist.
        committed_at: when that commit was made, None while there is none.
        files: the data files, by day and path.
        paths: the same for programs: absolute paths of a folder, ``s3://…`` of a store; ``day=…`` is in each.
    """

    table: str
    version: int
    committed_at: datetime | None
    files: tuple[DataFile, ...]
    paths: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return sum(each.rows for each in self.files)

    @property
    def bytes(self) -> int:
        """What its files take."""
        return sum(each.size_bytes for each in self.files)

    @property
    def by_day(self) -> Mapping[date, tuple[str, ...]]:
        """Day → the paths of its files; days without rows lack."""
        days: dict[date, tuple[str, ...]] = {}
        for file, path in zip(self.files, self.paths, strict=True):
            days[file.day] = (*days.get(file.day, ()), path)
        return days


class LakeReader:
    """Reads what a lake consists of; safe to call from several threads. Rows are read by others, from the paths."""

    def __init__(self, location: Location) -> None:
        """Read the lake at this place, which need not exist yet."""
        self.location = location
        self._tables: dict[str, DeltaTable] = {}
        self._files: dict[str, LakeFiles] = {}
        self._positions = {name: PositionLog(location, name) for name in TABLES}
        self._lock = threading.RLock()

    def files(self, table: str) -> LakeFiles:
        """A table as of its newest commit: one consistent set of files.

        Raises:
            LookupError: the lake has no table of this name.
        """
        if table not in TABLES:
            raise LookupError(f"数据湖没有表 {table} (the lake has no table {table}; it has: {', '.join(TABLES)})")
        with self._lock:
            found = self._opened(table)
            if found is None:
                return LakeFiles(table, -1, None, (), ())
            known = self._files.get(table)
            if known is None or known.version != found.version():
                known = self._files[table] = self._listed(table, found)
            return known

    def positions(self) -> Mapping[Place, int]:
        """(topic, partition) → next offset that the lake does not have yet; partitions without rows lack."""
        with self._lock:
            found: dict[Place, int] = {}
            # Those of ``undecoded`` say up to where that table is filled, not up to where a topic was read.
            for name in TABLES.keys() - {UNDECODED}:
                table = self._opened(name)
                found.update({} if table is None else self._positions[name].at(int(table.version())))
            return found

    def missing(self, table: str) -> tuple[DataFile, ...]:
        """The data files that the table lists and that are not there: somebody removed them."""
        listed = self.files(table).files
        days = {each.day for each in listed}
        there = {path for day in days for path in self._there(table, f"{DAY}={day.isoformat()}")}
        return tuple(each for each in listed if each.path not in there)

    def dataset(self, table: str) -> pads.Dataset:
        """The table's rows for whoever reads through Arrow, wherever the lake lies; ``day`` comes from the paths."""
        listed = self.files(table)
        return pads.dataset(
            [self.location.path(table, each.path) for each in listed.files],
            schema=TABLES[table].schema,
            filesystem=self.location.files,
            partitioning=pads.partitioning(flavor="hive", schema=pa.schema([TABLES[table].schema.field(DAY)])),
        )

    def _opened(self, table: str) -> DeltaTable | None:
        found = self._tables.get(table)
        if found is None:
            found = opened(self.location, table)
            if found is not None:
                self._tables[table] = found
        else:
            updated(found, self.location)
        return found

    def _listed(self, table: str, found: DeltaTable) -> LakeFiles:
        files = tuple(sorted(data_files(found), key=lambda each: (each.day, each.path)))
        paths = tuple(self.location.uri(table, each.path) for each in files)
        return LakeFiles(table, int(found.version()), committed_at(found), files, paths)

    def _there(self, table: str, folder: str) -> list[str]:
        selector = pafs.FileSelector(self.location.path(table, folder), allow_not_found=True)
        return [f"{folder}/{each.base_name}" for each in self.location.files.get_file_info(selector)]
