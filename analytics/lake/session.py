"""A DuckDB over the lake as it stands: the files of one version of each table, and nothing else of the machine."""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import duckdb
import pyarrow.dataset as pads

from analytics.lake.absent_files import AbsentFile, LakeFilesAbsent, absent_among, named_in
from analytics.lake.sql_views import VIEWS
from analytics.lake.table_views import TableViews, is_vanished, listed
from analytics.lake.tables import TABLES

CITY_ZONE: Final = "Asia/Shanghai"
REMOTE_LOOK_S: Final = 1.0
"""How long what an object store listed is taken for true: each look is a request for every table."""


class ListedFiles(Protocol):
    """The data files of one version of a table."""

    @property
    def version(self) -> int: ...  # noqa: D102
    @property
    def paths(self) -> Sequence[str]: ...  # noqa: D102


class DataFile(Protocol):
    """One data file of a table."""

    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def day(self) -> date: ...  # noqa: D102


class FileLister(Protocol):
    """What tells the data files of the lake's tables."""

    def files(self, table: str, /) -> ListedFiles:
        """The files of the table as last committed; asked before every query, so it must be cheap."""

    def dataset(self, table: str, /) -> pads.Dataset:
        """The same rows for Arrow; asked only where the files are not this machine's."""

    def missing(self, table: str, /) -> Sequence[DataFile]:
        """The listed files that are not there; asked only where the files are not this machine's."""


@dataclass(frozen=True)
class SessionLimits:
    """What the queries of one session may take together.

    Attributes:
        memory_mb: of the engine's memory; a query that needs more spills to ``temp_mb`` of disk, then fails.
        threads: cores.
        temp_mb: disk for what does not fit in memory.
    """

    memory_mb: int = 1024
    threads: int = 2
    temp_mb: int = 4096


@dataclass(frozen=True)
class Snapshot:
    """What a connection reads: the version of each table, and the listed files that are not there."""

    versions: Mapping[str, int]
    absent: tuple[AbsentFile, ...] = ()


@dataclass(frozen=True)
class _Opened:
    """An engine over one version of the tables; ``remote`` holds those whose files lie in an object store.

    The engine cannot reach a store without an extension that would have to be downloaded, so Arrow reads for it.
    """

    snapshot: Snapshot
    connection: duckdb.DuckDBPyConnection = field(compare=False)
    remote: Mapping[str, pads.Dataset] = field(default_factory=dict, compare=False)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self.connection.cursor()
        for name, dataset in self.remote.items():
            cursor.register(name, dataset)
        for name, select in VIEWS.items() if self.remote else ():
            cursor.execute(f"CREATE TEMP VIEW {name} AS {select}")
        return cursor


class LakeSession:
    """Connections over the lake; each sees the files of one version of every table for as long as it is open.

    A connection can read the listed files and the folders that the session was given, and nothing else: no other
    file, no network, no extension, no change of its settings. Its time zone is the city's. Every thread may connect.
    """

    def __init__(
        self,
        reader: FileLister,
        limits: SessionLimits | None = None,
        folders: Sequence[Path] = (),
        scratch: Path | None = None,
    ) -> None:
        """Take what lists the files; nothing is read yet.

        Args:
            reader: lists the files of each table.
            limits: what all queries of this session may take together.
            folders: further folders that queries may read, and write to: for those who keep files of their own.
            scratch: where what does not fit in memory goes; the machine's temporary folder when not given.
        """
        self._reader = reader
        self._limits = limits or SessionLimits()
        self._folders = tuple(folders)
        self._scratch = Path(tempfile.mkdtemp(prefix="onething-lake-", dir=scratch))
        self._views = TableViews(self._scratch)
        self._opened: _Opened | None = None
        self._lock = threading.Lock()
        self._count = 0
        self._looked_s = 0.0

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection over the lake as last committed; the caller closes it."""
        return self.current()[1]

    def current(self) -> tuple[Snapshot, duckdb.DuckDBPyConnection]:
        """What a new connection reads, and the connection."""
        with self._lock:
            opened = self._refreshed()
            return opened.snapshot, opened.cursor()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for the length of a block.

        Raises:
            LakeFilesAbsent: a query of the block needs data files that are not there.
        """
        snapshot, connection = self.current()
        try:
            yield connection
        except duckdb.Error as error:
            if absent := self.absent_for(error, snapshot):
                raise LakeFilesAbsent(absent) from error
            raise
        finally:
            connection.close()

    def absent_for(self, error: duckdb.Error, snapshot: Snapshot) -> list[AbsentFile]:
        """The absent files that made a query fail; none when it failed for another reason.

        When it failed because the files are not what they were, the same query is answered when it is asked again.
        """
        if self._views.learn(str(error)):
            self.forget()
        if is_vanished(error):
            return self._vanished(str(error))
        if self._opened and self._opened.remote and isinstance(error, duckdb.InvalidInputException):
            return [AbsentFile(name, each.path, each.day) for name in TABLES for each in self._reader.missing(name)]
        return named_in(str(error), snapshot.absent)

    def _vanished(self, message: str) -> list[AbsentFile]:
        """The files of the lake as it is now that a message names and that are not there."""
        self.forget()
        now, connection = self.current()
        connection.close()
        return [each for each in now.absent if each.path in message]

    def forget(self) -> None:
        """Look at the files anew at the next connection, whether or not their version has moved."""
        with self._lock:
            self._drop_opened()

    def close(self) -> None:
        """Give back what the session holds; connections that are open stay so."""
        self.forget()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _refreshed(self) -> _Opened:
        if self._opened and self._opened.remote and time.monotonic() - self._looked_s < REMOTE_LOOK_S:
            return self._opened
        self._looked_s = time.monotonic()
        files = {name: self._reader.files(name) for name in TABLES}
        versions = {name: each.version for name, each in files.items()}
        if self._opened is None or self._opened.snapshot.versions != versions:
            self._drop_opened()
            self._opened = self._open(files, versions)
        return self._opened

    def _drop_opened(self) -> None:
        # Not closed by hand: a connection counts as busy while another thread closes one that came of it.
        self._opened = None

    def _open(self, files: Mapping[str, ListedFiles], versions: Mapping[str, int]) -> _Opened:
        self._count += 1
        connection = duckdb.connect(config=self._config())
        connection.execute(f"SET GLOBAL TimeZone = '{CITY_ZONE}'")
        if any(_is_remote(path) for each in files.values() for path in each.paths):
            _lock_down(connection, (), self._folders)
            remote = {name: self._reader.dataset(name) for name in TABLES}
            return _Opened(Snapshot(MappingProxyType(dict(versions))), connection, remote)
        absent = [lost for name, each in files.items() for lost in absent_among(name, each.paths)]
        views = [self._views.view(TABLES[name], each.paths, absent) for name, each in files.items()]
        for view in views:
            connection.execute(view.sql)
        for name, select in VIEWS.items():
            connection.execute(f"CREATE VIEW {name} AS {select}")
        _lock_down(connection, [path for view in views for path in view.paths], self._folders)
        return _Opened(Snapshot(MappingProxyType(dict(versions)), tuple(absent)), connection)

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        return {
            "threads": self._limits.threads,
            "memory_limit": f"{self._limits.memory_mb}MB",
            "temp_directory": str(self._scratch / f"spill-{self._count}"),
            "max_temp_directory_size": f"{self._limits.temp_mb}MB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_persistent_secrets": False,
            # A table's name is never looked up among the variables of the program that asks.
            "python_enable_replacements": False,
        }


def _is_remote(path: str) -> bool:
    return "://" in path


def _lock_down(connection: duckdb.DuckDBPyConnection, paths: Sequence[str], folders: Sequence[Path]) -> None:
    connection.execute(f"SET allowed_paths = {listed(paths)}")
    connection.execute(f"SET allowed_directories = {listed([str(each) for each in folders])}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
