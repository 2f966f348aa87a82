"""A definition's SQL tried on a lake without rows: whether it can be run, and yields the columns that are due."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from types import MappingProxyType
from typing import Final

import duckdb
import pyarrow as pa

from analytics.lake.tables import TABLES
from analytics.rates.blocks import load_blocks, parameters, with_blocks

EVIDENCE: Final = 'STRUCT("table" VARCHAR, event_id VARCHAR, "day" DATE)[]'
COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unit": "VARCHAR",
        "unit_name": "VARCHAR",
        "department": "VARCHAR",
        "district": "VARCHAR",
        "level": "VARCHAR",
        "class": "VARCHAR",
        "theme": "VARCHAR",
        "counts": "BIGINT",
        "out_of": "BIGINT",
        "unstated": "BOOLEAN",
        "why": "VARCHAR",
        "twins": "VARCHAR[]",
        "evidence": EVIDENCE,
    }
)
"""What a definition's SQL yields, in this order, and as which type of DuckDB it is taken.

``counts`` and ``out_of`` are what the unit adds to numerator and denominator; ``unstated``: a source leaves open what
would decide; ``why``: a code for why it does not count; ``evidence``: the events of the lake that decide, by table, id
(hexadecimal) and day.
"""


def sql_faults(sql: str, lake: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield what is wrong with a definition's SQL: it cannot be run, or its columns are not those that are due."""
    statement = with_blocks(f"SELECT * FROM (\n{sql}\n) LIMIT 0", load_blocks())  # noqa: S608  definitions are SQL
    days = parameters(statement, date(2026, 1, 1), date(2026, 1, 1))
    try:
        described = lake.execute(statement, days)
    except duckdb.Error as broken:
        yield str(broken).splitlines()[0]
        return
    found = [column[0] for column in described.description]
    if found != list(COLUMNS):
        yield f"its columns are {', '.join(found)}; due are {', '.join(COLUMNS)}"


@contextmanager
def empty_lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection over the lake's tables without a row in them, for the length of a block."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    for table in TABLES.values():
        connection.from_arrow(pa.Table.from_pylist([], schema=table.schema)).create(table.name)
    try:
        yield connection
    finally:
        connection.close()
