"""A lake in memory as rates read it, and rows as the parts of the hub would have left them there."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from analytics.rates.counting import Counting
from analytics.rates.definition import Definitions, load_definitions
from analytics.rates.figures import Figures, Rule
from analytics.rates.forecast import load_rule
from analytics.rates.lake import RateLake
from analytics.rates.targets import load_targets
from tests.analytics.lake_tables import lake

NUMBERS = count(1)
Row = dict[str, Any]


def noon(day: date) -> datetime:
    """Noon in China."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def us(day: date) -> int:
    """Noon in China, µs."""
    return int(noon(day).timestamp()) * 1_000_000


def change(entity: str, entity_id: str, version: int, day: date, state: Mapping[str, Any], action: str = "") -> Row:
    return {
        "topic": "catalog.changes",
        "entity": entity,
        "entity_id": entity_id,
        "version": version,
        "action": action or str(state.get("state", "declared")),
        "state": json.dumps(state, ensure_ascii=False),
        "known_at": noon(day),
        "event_id": next(NUMBERS).to_bytes(16, "big"),
    }


def organisation(code: str, level: str, day: date, **more: Any) -> Row:
    return change(
        "organisation", code, 1, day, {"code": code, "name": f"{code} 局", "level": level, "kind": "department"} | more
    )


def resource(code: str, day: date, version: int = 1, **more: Any) -> Row:
    state = {
        "code": code,
        "name": f"{code} 信息",
        "provider": code.partition(".")[0],
        "state": "published",
        "catalogue_code": "301001",
        "update_cycle_days": 7,
        "sharing_class": "conditional",
        "sharing_means": [],
        "legal_basis": [],
        "withheld_reason": "",
        "topic": f"registration.{code.partition('.')[0]}",
        "schema_name": "onething.registration.RegistrationRecorded",
        "level": "city",
        "theme": "unstated",
        "system": None,
    }
    return change("resource", code, version, day, state | more)


def fact(code: str, day: date, offset: int, record: str, **more: Any) -> Row:
    department = code.partition(".")[0]
    return {
        "topic": f"registration.{department}",
        "partition": 0,
        "offset": offset,
        "department": department,
        "resource": code,
        "subject": f"enterprise:{record}",
        "record_type": "record",
        "record_id": record,
        "version": offset + 1,
        "known_at": noon(day),
    } | more


def coverage(code: str, day: date, span: tuple[int, int], messages: int, **more: Any) -> Row:
    department = code.partition(".")[0]
    ranges = [{"topic": f"registration.{department}", "partition": 0, "from_offset": span[0], "to_offset": span[1]}]
    return {
        "topic": f"coverage.{department}",
        "department": department,
        "resource": code,
        "subject": f"resource:{code}",
        "version": us(day),
        "complete_until": noon(day),
        "ranges": ranges,
        "message_count": messages,
        "known_at": noon(day) + timedelta(hours=1),
    } | more


def read(reader: str, code: str, day: date, **more: Any) -> Row:
    return {
        "topic": "access.reads",
        "reader": reader,
        "purpose": "核对",
        "resources": [code] if code else [],
        "record_count": 1,
        "known_at": noon(day),
    } | more


def grant(grant_id: str, resources: list[str], since: date, until: date, **more: Any) -> Row:
    state = {
        "id": grant_id,
        "demand": f"D-{grant_id}",
        "resources": resources,
        "since": us(since),
        "until": us(until),
        "state": "issued",
        "ended_at": None,
    }
    return change("grant", grant_id, 1, since, state | more)


class MemoryLake:
    """Session and lister over tables in memory; a day's files are named by the events in it."""

    def __init__(self, **rows: list[Row]) -> None:
        self.connection: duckdb.DuckDBPyConnection = lake(**rows)

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self.connection.cursor()
        cursor.execute("SET TimeZone = 'Asia/Shanghai'")
        try:
            yield cursor
        finally:
            cursor.close()

    def files(self, table: str) -> Any:
        identity = "reasons" if table == "undecoded" else "event_id"
        named = f"md5(string_agg({identity}::VARCHAR, ',' ORDER BY {identity}))"
        sql = f"SELECT day, {named} FROM {table} GROUP BY day"  # noqa: S608  names of the lake's own tables
        with self.reading() as connection:
            found = connection.execute(sql).fetchall()
        return SimpleNamespace(by_day={day: (f"{table}/day={day}/{name}.parquet",) for day, name in found})


def figures(found: MemoryLake, folder: Path, definitions: Definitions | None = None) -> Figures:
    counting = Counting(RateLake(found, found, folder))
    return Figures(counting, Rule(definitions or load_definitions(), load_targets(), load_rule()), dict)
