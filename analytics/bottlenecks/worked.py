"""What was worked out of the lake and is asked for again: a page's next rows, another sorting, a drill-down."""

import threading
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from typing import Any, Final, Protocol

import duckdb
import pyarrow as pa

_KEPT: Final = 3


class Identity(Protocol):
    """Tells what the lake's rows until a day are known by: it changes when files of those days do."""

    def __call__(self, as_of: date, /) -> Hashable:
        """What they are known by; None where nobody can tell, so that nothing is kept."""


class Worked:
    """The last tables that were worked out, by what was asked and by what the lake held; safe for several threads."""

    def __init__(self) -> None:
        """Keep none yet."""
        self._kept: dict[Hashable, Mapping[str, pa.Table]] = {}
        self._lock = threading.Lock()

    def tables(
        self,
        key: Hashable,
        connection: duckdb.DuckDBPyConnection,
        names: tuple[str, ...],
        work: Callable[[], Any],
    ) -> None:
        """Make tables of these names stand in the connection: kept ones, else those that ``work`` makes in it.

        Without a key nothing is kept.
        """
        with self._lock:
            found = self._kept.get(key) if key is not None else None
        if found is not None:
            for name in names:
                connection.register(name, found[name])
            return
        work()
        if key is not None:
            self._keep(key, {name: connection.sql(f"SELECT * FROM {name}").to_arrow_table() for name in names})  # noqa: S608  names of our own

    def _keep(self, key: Hashable, tables: Mapping[str, pa.Table]) -> None:
        with self._lock:
            self._kept[key] = tables
            while len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
