"""One table's files as a view of the engine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.lake.absent_files import AbsentFile, day_of, stand_in
from analytics.lake.tables import Table

MOST_KNOWN: Final = 10_000
_NO_DAY: Final = "day=1970-01-01"
_UNEVEN: Final = re.compile(r"schema mismatch in glob: .*not be found in file \"([^\"]+)\"", re.DOTALL)


@dataclass(frozen=True)
class TableView:
    """The files that a view reads, and the statement that makes it."""

    paths: tuple[str, ...]
    sql: str


class TableViews:
    """Makes views; it remembers which files lack columns that later releases added."""

    def __init__(self, scratch: Path) -> None:
        """Files that stand in for others go to this folder."""
        self._scratch = scratch
        self._whole: dict[str, bool] = {}

    def view(self, table: Table, paths: Sequence[str], absent: Sequence[AbsentFile]) -> TableView:
        """The view over a table's files, with stand-ins for those that are not there.

        Columns and the guess of how many rows there are come from the first file: it must be a real one. Where a file
        lacks a column, columns are looked up by name in every file, which costs opening all; what is lacking is null.
        """
        gone = {each.path: each for each in absent}
        by_day = all(map(day_of, paths))
        there = [path for path in paths if path not in gone]
        lost = [stand_in(self._scratch, gone[path]) for path in paths if path in gone]
        uneven = bool(there) and not all(self._is_whole(table, path) for path in self._looked_at(there))
        added = [self._without_rows(table, by_day=by_day)] if uneven or not there else []
        return _view(table, (*there, *added, *lost), by_day=by_day, by_name=uneven)

    def learn(self, message: str) -> bool:
        """Whether an engine's message says that a file lacks a column; the next view of its table allows for it."""
        found = _UNEVEN.search(message)
        if found is None:
            return False
        self._whole[found[1]] = False
        return True

    def _looked_at(self, there: Sequence[str]) -> set[str]:
        """The oldest and the newest file, and those that are known to lack a column."""
        return {there[0], there[-1], *(path for path in there if not self._whole.get(path, True))}

    def _is_whole(self, table: Table, path: str) -> bool:
        if len(self._whole) > MOST_KNOWN:
            self._whole = {each: False for each, whole in self._whole.items() if not whole}
        if path not in self._whole:
            # What is not there, or cannot be read, is told by the engine once it is asked for.
            try:
                self._whole[path] = set(_schema(table, by_day=day_of(path) is not None).names) <= set(_names(path))
            except (OSError, pa.ArrowInvalid):
                return True
        return self._whole[path]

    def _without_rows(self, table: Table, *, by_day: bool) -> str:
        """A file with the table's columns and no row."""
        folder = self._scratch / "empty" / table.name / (_NO_DAY if by_day else "")
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(_schema(table, by_day=by_day).empty_table(), folder / "no-rows.parquet")
        return str(folder / "no-rows.parquet")


def listed(texts: Sequence[str]) -> str:
    """Texts as a list of the engine's SQL."""
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"


def is_vanished(error: duckdb.Error) -> bool:
    """Whether the engine did not find a file that was there when the session looked.

    It then takes the path for a folder, into which it may not look.
    """
    return isinstance(error, duckdb.IOException | duckdb.PermissionException) and (
        "No files found" in str(error) or "/**/*.parquet" in str(error)
    )


def is_uneven(error: duckdb.Error) -> bool:
    """Whether a file lacks a column that the first one has."""
    return _UNEVEN.search(str(error)) is not None


def _names(path: str) -> list[str]:
    names: list[str] = pq.read_schema(path).names
    return names


def _schema(table: Table, *, by_day: bool) -> pa.Schema:
    """The columns that files hold; the day may be in their paths instead."""
    return table.schema.remove(table.schema.get_field_index("day")) if by_day else table.schema


def _view(table: Table, paths: tuple[str, ...], *, by_day: bool, by_name: bool) -> TableView:
    columns = ", ".join(f'"{name}"' for name in table.schema.names)
    options = "hive_partitioning = true, hive_types = {'day': DATE}" if by_day else "hive_partitioning = false"
    read = f"read_parquet({listed(paths)}, {options}, union_by_name = {str(by_name).lower()})"
    return TableView(paths, f"CREATE VIEW {table.name} AS SELECT {columns} FROM {read}")  # noqa: S608  names of our own
