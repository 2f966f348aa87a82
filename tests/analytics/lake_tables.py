"""Small lakes in memory: the contract's tables on a DuckDB connection, for tests of SQL."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from analytics.lake.tables import EVENT_ID_BYTES, TABLES, Table

CITY = ZoneInfo("Asia/Shanghai")
KNOWN_AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""When the log came to know a row that does not say it."""


def lake(**rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    """A connection with every table of the lake and the view ``duties``; the named tables hold these rows.

    What a row leaves out is filled in: ``known_at`` with ``KNOWN_AT``, ``day`` with the city's day of ``known_at``,
    ``offset`` and ``event_id`` with numbers of their own, ``subject_kind`` and ``family`` from subject and topic; other
    columns that must hold a value with that of ``stand_in``, the rest with null.
    """
    unknown = rows.keys() - TABLES.keys()
    if unknown:
        raise LookupError(f"the lake has no table {', '.join(sorted(unknown))}")
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    numbers = count()
    for table in TABLES.values():
        whole = [_whole_row(table, row, next(numbers)) for row in rows.get(table.name, [])]
        connection.from_arrow(pa.Table.from_pylist(whole, schema=table.schema)).create(table.name)
    connection.execute("CREATE VIEW duties AS SELECT * FROM catalog_changes WHERE entity = 'duty'")
    return connection


def stand_in(field: pa.Field) -> Any:
    """The value that stands where a row does not say one; None where a column may be null."""
    if field.nullable:
        return None
    if pa.types.is_timestamp(field.type):
        return KNOWN_AT
    if pa.types.is_list(field.type):
        return []
    if pa.types.is_boolean(field.type):
        return False
    return 0 if pa.types.is_integer(field.type) else "{}" if field.name in ("body", "state") else field.name


def _whole_row(table: Table, row: Mapping[str, Any], number: int) -> dict[str, Any]:
    unknown = row.keys() - set(table.schema.names)
    if unknown:
        raise LookupError(f"table {table.name} has no column {', '.join(sorted(unknown))}")
    filled = {field.name: row.get(field.name, stand_in(field)) for field in table.schema}
    derived = _derived(filled, number)
    return filled | {name: value for name, value in derived.items() if name in filled and name not in row}


def _derived(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    topic = str(row["topic"])
    return {
        "offset": number,
        "day": _city_day(row["known_at"]),
        "event_id": number.to_bytes(EVENT_ID_BYTES, "big"),
        "family": topic.rsplit(".", 1)[0],
        "subject_kind": str(row.get("subject")).split(":", 1)[0],
    }


def _city_day(known_at: datetime) -> date:
    return known_at.astimezone(CITY).date()
