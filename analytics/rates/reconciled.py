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

from analytics.rates.blocks import Block, parameters, with_blocks
from analytics.rates.rollups import arrow_rows, write_rows

FOUND: Final = "coverage_found"
ASKED: Final = "coverage_asked"
_NEWEST: Final = "coverage_newest"
_MOST_FILES: Final = 32
_SCHEMA: Final = pa.schema([("event_id", pa.binary()), ("messages", pa.int64()), ("records", pa.int64())])


class Reconciled:
    """What statements of coverage were found to hold, in a folder; safe to call from several threads."""

    def __init__(self, folder: Path, blocks: Mapping[str, Block]) -> None:
        """Keep it in the folder, under the digest of the SQL by which it is found."""
        self._blocks = blocks
        self._folder = folder / f"{FOUND}-{sha256(blocks[FOUND].sql.encode()).hexdigest()[:8]}"
        self._lock = threading.Lock()

    def table(self, connection: duckdb.DuckDBPyConnection, as_of: date) -> pa.Table:
        """Return the rows of the block ``coverage_found`` as of a day; facts are looked at for what is new."""
        with self._lock:
            kept = self._kept()
            asked = self._asked(connection, as_of, kept)
            if asked == 0:
                return kept
            found = self._found(connection, as_of)
            self._keep(connection, kept, found)
        return pa.concat_tables([kept, found])

    def _asked(self, connection: duckdb.DuckDBPyConnection, as_of: date, kept: pa.Table) -> int:
        """Put the newest statements that are not known into the table ``coverage_asked``; how many they are."""
        connection.register("coverage_kept", kept)
        newest = with_blocks(
            f"SELECT * FROM {_NEWEST} WHERE event_id NOT IN (SELECT event_id FROM coverage_kept)",  # noqa: S608  our own names
            self._blocks,
        )
        statement = f"CREATE OR REPLACE TEMP TABLE {ASKED} AS {newest}"
        connection.execute(statement, parameters(statement, as_of, as_of))
        ((count,),) = connection.execute(f"SELECT count(*) FROM {ASKED}").fetchall()  # noqa: S608
        return int(count)

    def _found(self, connection: duckdb.DuckDBPyConnection, as_of: date) -> pa.Table:
        statement = with_blocks(f"SELECT * FROM {FOUND}", self._blocks, (ASKED,))  # noqa: S608
        return arrow_rows(connection, statement, parameters(statement, as_of, as_of)).cast(_SCHEMA)

    def _keep(self, connection: duckdb.DuckDBPyConnection, kept: pa.Table, found: pa.Table) -> None:
        connection.register("coverage_new", found)
        statement = (
            f"SELECT n.* FROM coverage_new n JOIN {ASKED} a ON a.event_id = n.event_id"  # noqa: S608
            " WHERE n.messages = a.message_count AND (a.source_total IS NULL OR a.source_total = n.records)"
        )
        agreed = arrow_rows(connection, statement).cast(_SCHEMA)
        if agreed.num_rows == 0:
            return
        files = sorted(self._folder.glob("*.parquet"))
        merged = pa.concat_tables([kept, agreed]) if len(files) >= _MOST_FILES else agreed
        name = sha256(b"".join(sorted(merged["event_id"].to_pylist()))).hexdigest()[:24]
        write_rows(self._folder / f"{name}.parquet", merged)
        for path in files if len(files) >= _MOST_FILES else ():
            path.unlink(missing_ok=True)

    def _kept(self) -> pa.Table:
        files = sorted(self._folder.glob("*.parquet"))
        return pa.concat_tables([_SCHEMA.empty_table(), *(pq.read_table(path, schema=_SCHEMA) for path in files)])
