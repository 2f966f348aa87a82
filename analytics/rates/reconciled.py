"""Statements of coverage held against the facts: each once, because a statement speaks of what was known before it.

What is kept follows from the lake alone and can be deleted at any time. Only statements that agree are kept: one that
does not may be waiting for facts that the lake has not taken in yet.
"""

import threading
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.rates.blocks import Block, needed_blocks, parameters, with_blocks
from analytics.rates.rollups import arrow_rows, write_rows

FOUND: Final = "coverage_found"
SUMMED: Final = "coverage_summed"
"""Yields the rows of ``coverage_found`` from roll-ups."""
_ASKED: Final = "coverage_asked"
_EDGES: Final = "coverage_edges"
_AT_EDGES: Final = "facts_at_edges"
NEWEST: Final = "coverage_newest"
_MOST_FILES: Final = 32
_SCHEMA: Final = pa.schema([("event_id", pa.binary()), ("messages", pa.int64()), ("records", pa.int64())])


class Reconciled:
    """What statements of coverage were found to hold, in a folder; safe to call from several threads."""

    def __init__(self, folder: Path, blocks: Mapping[str, Block]) -> None:
        """Keep it in the folder, under the digest of the SQL by which it is found."""
        self._blocks = blocks
        texts = [blocks[name].sql for name in (*needed_blocks(f"FROM {FOUND}", blocks), SUMMED)]
        self._folder = folder / f"{FOUND}-{sha256(''.join(texts).encode()).hexdigest()[:8]}"
        self._lock = threading.Lock()

    def table(self, connection: duckdb.DuckDBPyConnection, as_of: date, kept: frozenset[str]) -> pa.Table:
        """Return the rows of the block ``coverage_found`` as of a day; facts are looked at for what is new.

        ``kept`` are the blocks that stand as tables in the connection; ``coverage_newest`` does so, too, from then on.
        """
        with self._lock:
            known = self._known()
            self._put(connection, NEWEST, f"SELECT * FROM {NEWEST}", as_of, frozenset())  # noqa: S608  our own names
            if self._asked(connection, as_of, known) == 0:
                return known
            found = self._found(connection, as_of, kept)
            self._keep(connection, known, found)
        return pa.concat_tables([known, found])

    def _asked(self, connection: duckdb.DuckDBPyConnection, as_of: date, known: pa.Table) -> int:
        """Put the newest statements that are not known into the table ``coverage_asked``; how many they are."""
        connection.register("coverage_kept", known)
        new = f"SELECT * FROM {NEWEST} WHERE event_id NOT IN (SELECT event_id FROM coverage_kept)"  # noqa: S608
        self._put(connection, _ASKED, new, as_of, frozenset((NEWEST,)))
        ((count,),) = connection.execute(f"SELECT count(*) FROM {_ASKED}").fetchall()  # noqa: S608
        return int(count)

    def _found(self, connection: duckdb.DuckDBPyConnection, as_of: date, kept: frozenset[str]) -> pa.Table:
        """What the statements asked hold: sums of days, and the rows of those days that lie at a range's edge."""
        self._put(connection, _EDGES, f"SELECT * FROM {_EDGES}", as_of, kept | {_ASKED})  # noqa: S608
        days = [str(day) for (day,) in connection.execute(f"SELECT DISTINCT day FROM {_EDGES}").fetchall()]  # noqa: S608
        among = ", ".join(f"DATE '{day}'" for day in days) or "NULL"
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {_AT_EDGES} AS SELECT * FROM facts WHERE day IN ({among})")  # noqa: S608
        statement = with_blocks(f"SELECT * FROM {SUMMED}", self._blocks, kept | {_ASKED, _EDGES})  # noqa: S608
        return arrow_rows(connection, statement, parameters(statement, as_of, as_of)).cast(_SCHEMA)

    def _put(
        self, connection: duckdb.DuckDBPyConnection, name: str, sql: str, as_of: date, kept: frozenset[str]
    ) -> None:
        statement = f"CREATE OR REPLACE TEMP TABLE {name} AS {with_blocks(sql, self._blocks, kept)}"
        connection.execute(statement, parameters(statement, as_of, as_of))

    def _keep(self, connection: duckdb.DuckDBPyConnection, known: pa.Table, found: pa.Table) -> None:
        connection.register("coverage_new", found)
        statement = (
            f"SELECT n.* FROM coverage_new n JOIN {_ASKED} a ON a.event_id = n.event_id"  # noqa: S608
            " WHERE n.messages = a.message_count AND (a.source_total IS NULL OR a.source_total = n.records)"
        )
        agreed = arrow_rows(connection, statement).cast(_SCHEMA)
        if agreed.num_rows == 0:
            return
        files = sorted(self._folder.glob("*.parquet"))
        whole = len(files) >= _MOST_FILES
        merged = pa.concat_tables([known, agreed]) if whole else agreed
        name = sha256(b"".join(sorted(merged["event_id"].to_pylist()))).hexdigest()[:24]
        write_rows(self._folder / f"{name}.parquet", merged)
        for path in files if whole else ():
            path.unlink(missing_ok=True)

    def _known(self) -> pa.Table:
        files = sorted(self._folder.glob("*.parquet"))
        return pa.concat_tables([_SCHEMA.empty_table(), *(pq.read_table(path, schema=_SCHEMA) for path in files)])
