"""A year of a city's lake in files, made by DuckDB: what rates are measured over.

Facts are drawn by a hash of their number, so the same size is the same lake. Offsets are that number: a topic's own
have gaps, as those of a log do that several resources share.
"""

# The SQL is put together of our own numbers only.
# ruff: noqa: S608

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.dataset as pads

from analytics.lake.tables import TABLES

FIRST_DAY: Final = date(2025, 7, 1)
DAYS: Final = 365
LAST_DAY: Final = FIRST_DAY + timedelta(days=DAYS - 1)
DEPARTMENTS: Final = 40
FED: Final = 1_200
"""Resources of which there are facts; ``ENTRIES`` are in the catalogue."""
ENTRIES: Final = 5_000
PARTITIONS: Final = 6
TOTALS: Final = 60
"""Resources whose source states how many records it holds."""


@dataclass(frozen=True)
class Listed:
    """The files of one table, as a session and the roll-ups ask for them."""

    paths: tuple[str, ...]
    version: int = 0

    @cached_property
    def by_day(self) -> Mapping[date, Sequence[str]]:
        """Day → paths."""
        days: dict[date, list[str]] = {}
        for path in self.paths:
            days.setdefault(date.fromisoformat(path.split("day=")[1][:10]), []).append(path)
        return days


class VolumeLister:
    """Lists the files of a folder written by ``make_lake``."""

    def __init__(self, folder: Path) -> None:
        """List them once: nothing is added while it is measured."""
        self._listed = {
            name: Listed(tuple(map(str, sorted((folder / name).glob("day=*/*.parquet"))))) for name in TABLES
        }

    def files(self, table: str) -> Listed:
        """The files of a table."""
        return self._listed[table]

    def dataset(self, table: str) -> pads.Dataset:
        """Never asked: the files are this machine's."""
        raise LookupError(table)

    def missing(self, table: str) -> Sequence[Any]:
        """Never asked either."""
        raise LookupError(table)


def make_lake(folder: Path, facts: int, reads: int, applications: int, threads: int = 2) -> None:
    """Write the lake into an empty folder: facts, coverages, reads, cases and the register's changes."""
    connection = duckdb.connect(config={"threads": threads})
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    for at in range(DAYS):
        _write(connection, folder, "facts", at, _facts(at, facts))
        _write(connection, folder, "reads", at, _reads(at, reads))
        _write(connection, folder, "cases", at, _cases(at, applications))
        if at:
            _write(connection, folder, "coverages", at, _coverages(folder, at, facts))
    for at, sql in enumerate((_register(), _demands(), _duties())):
        _write(connection, folder, "catalog_changes", 10 + at, sql)
    _write(connection, folder, "catalog_changes", 20, _duties_ended())
    _state_totals(connection, folder)


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, table: str, at: int, sql: str) -> None:
    day = FIRST_DAY + timedelta(days=at)
    place = folder / table / f"day={day}"
    place.mkdir(parents=True, exist_ok=True)
    schema = TABLES[table].schema
    given = {each[0] for each in connection.sql(sql).description}
    columns = ", ".join(
        f'"{field.name}"' if field.name in given else f'{_absent(field)} AS "{field.name}"'
        for field in schema
        if field.name != "day"
    )
    order = ", ".join(f'"{name}"' for name in TABLES[table].sort)
    statement = f"COPY (SELECT {columns} FROM ({sql}) ORDER BY {order}) TO '{place}/part-0.parquet' (COMPRESSION zstd)"
    connection.execute(statement)


def _absent(field: pa.Field) -> str:
    """What a column that is not told holds: null, or a value that stands for any where it must hold one."""
    if pa.types.is_list(field.type):
        return "[]" if pa.types.is_string(field.type.value_type) else "NULL"
    kind = _type(field.type)
    if field.nullable:
        return f"NULL::{kind}"
    fillers = {"VARCHAR": "''", "BOOLEAN": "false", "TIMESTAMPTZ": "TIMESTAMPTZ '2026-01-01'"}
    return f"{fillers.get(kind, '0')}::{kind}"


def _type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMPTZ"
    if pa.types.is_date(kind):
        return "DATE"
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_int32(kind):
        return "INTEGER"
    if pa.types.is_integer(kind):
        return "BIGINT"
    return "BLOB" if pa.types.is_fixed_size_binary(kind) else "VARCHAR"


def _share(at: int, whole: int) -> tuple[int, int]:
    return at * whole // DAYS, (at + 1) * whole // DAYS


def _at(at: int) -> str:
    day = FIRST_DAY + timedelta(days=at)
    return f"TIMESTAMPTZ '{day} 00:00:00+08' + to_microseconds((1 + hash(i, 'at') % 86399999999)::BIGINT)"


_EVENT_ID: Final = "unhex(printf('%016x%016x', hash(i, 'a'), hash(i, 'b')))"


def _facts(at: int, facts: int) -> str:
    low, high = _share(at, facts)
    return f"""
        SELECT
            'registration.d' || (hash(i) % {DEPARTMENTS}) AS topic,
                ((hash(i) // 64) % {PARTITIONS})::INTEGER AS partition,
            i AS "offset", {_at(at)} AS known_at, 'RegistrationRecorded' AS event, {_EVENT_ID} AS event_id,
            'registration' AS family, 'd' || (hash(i) % {DEPARTMENTS}) AS department,
            printf('d%d.r%d', hash(i) % {DEPARTMENTS}, (hash(i) // 4096) % {FED // DEPARTMENTS}) AS resource,
            printf('enterprise:9161%014d', record) AS subject, 'record' AS record_type,
            printf('R%09d', record) AS record_id, i AS version, {_at(at)} AS valid_at, 'enterprise' AS subject_kind,
            hash(i, 'w') % 33 = 0 AS withdrawn, '610100' AS territory, 'valid' AS status
        FROM (SELECT i, hash(i, 'r') % {max(1, facts * 3 // 10)} AS record FROM range({low}, {high}) t(i))
    """


def _reads(at: int, reads: int) -> str:
    low, high = _share(at, reads)
    return f"""
        SELECT
            'access.reads' AS topic, 0 AS partition, i AS "offset", {_at(at)} AS known_at, 'ArchiveRead' AS event,
            {_EVENT_ID} AS event_id, printf('d%d:a%d', hash(i) % {DEPARTMENTS}, hash(i, 'u') % 50) AS reader,
            '核对' AS purpose, 'G' || (hash(i, 'g') % 20000) AS grant_id, ['enterprise:' || i] AS subjects,
            [printf('d%d.r%d', hash(i, 'd') % {DEPARTMENTS}, hash(i, 'e') % {FED // DEPARTMENTS})] AS resources,
            1 AS record_count, {_at(at)} AS "at"
        FROM range({low}, {high}) t(i)
    """


def _cases(at: int, applications: int) -> str:
    low, high = _share(at, applications)
    body = (
        'printf(\'{"channel":"%s","fields_filled":%d,"fields_shareable":%d,"fields_total":40,'
        '"handled_at":{"code":"610100","level":"city"},"mode":"%s",'
        '"received_at":{"code":"6101%02d","level":"district"}}\','
        " CASE WHEN i % 3 = 0 THEN 'counter' ELSE 'online' END, i % 30, i % 4,"
        " CASE WHEN i % 5 = 0 THEN 'joint-places' ELSE 'one-place' END, 2 + i % 3)"
    )
    return f"""
        SELECT
            'case.requests' AS topic, (i % {PARTITIONS})::INTEGER AS partition, i AS "offset", {_at(at)} AS known_at,
            'ApplicationSubmitted' AS event, {_EVENT_ID} AS event_id, 'C' || i AS case_id, NULL AS item,
                NULL AS department,
            'bundle-' || (i % 41) AS bundle, CASE WHEN i % 9 = 0 THEN 'p' || (i % 7) END AS policy, NULL AS kind,
            {_at(at)} AS "at", {body} AS body
        FROM range({low}, {high}) t(i)
        UNION ALL
        SELECT
            'case.tasks.d' || (i % {DEPARTMENTS}), (i % {PARTITIONS})::INTEGER, i * 3 + part, {_at(at)},
                'ItemDispatched',
            unhex(printf('%016x%016x', hash(i, part, 'a'), hash(i, part, 'b'))), 'C' || i,
            printf('61%09dY', (i * 3 + part) % 400), 'd' || (i % {DEPARTMENTS}), 'bundle-' || (i % 41), NULL, NULL,
            {_at(at)}, '{{"text":"事项"}}'
        FROM range({low}, {high}) t(i), range(3) p(part)
    """


def _coverages(folder: Path, at: int, facts: int) -> str:
    """Each resource's statement about the day before, as the next begins."""
    low, high = _share(at - 1, facts)
    day, before = FIRST_DAY + timedelta(days=at), FIRST_DAY + timedelta(days=at - 1)
    return f"""
        SELECT
            'coverage.' || department AS topic, 0 AS partition,
                {at * FED} + row_number() OVER (ORDER BY resource) AS "offset",
            TIMESTAMPTZ '{day} 00:00:00+08' AS known_at, 'CoverageStated' AS event,
            unhex(md5(resource || '{day}')) AS event_id, department, resource, 'resource:' || resource AS subject,
            'coverage' AS record_type, resource AS record_id, {at} AS version,
                TIMESTAMPTZ '{day} 00:00:00+08' AS valid_at,
            TIMESTAMPTZ '{day} 00:00:00+08' AS complete_until,
            list_transform(range({PARTITIONS}), lambda p: {{
                'topic': 'registration.' || department, 'partition': p::INTEGER,
                'from_offset': {low}::BIGINT, 'to_offset': {high}::BIGINT}}) AS ranges,
            count(*) AS message_count, NULL::BIGINT AS source_total
        FROM read_parquet('{folder}/facts/day={before}/*.parquet', hive_partitioning = false)
        GROUP BY department, resource
    """


def _register() -> str:
    """Organisations, systems and three versions of every entry."""
    entry = json.dumps(
        {
            "state": "published",
            "catalogue_code": "301001/000001",
            "update_cycle_days": 7,
            "sharing_means": ["interface"],
            "legal_basis": ["order-809-13"],
            "withheld_reason": "",
            "schema_name": "onething.registration.RegistrationRecorded",
            "level": "city",
            "theme": "unstated",
            "data_items": [{"name": f"信息项{each}", "field": f"field_{each}", "type": "text"} for each in range(12)],
        },
        ensure_ascii=False,
    ).replace("'", "''")
    return f"""
        SELECT {_CHANGE}, 'resource' AS entity, printf('d%d.r%d', i % {DEPARTMENTS}, i // {DEPARTMENTS}) AS entity_id,
            v AS version, 'published' AS action,
            json_merge_patch('{entry}',
                printf('{{"code":"d%d.r%d","name":"资源%d","provider":"d%d","topic":"registration.d%d",'
                || '"sharing_class":"%s","system":"s%d"}}', i % {DEPARTMENTS}, i // {DEPARTMENTS}, i, i % {DEPARTMENTS},
                i % {DEPARTMENTS},
                    CASE i % 10 WHEN 0 THEN 'withheld' WHEN 1 THEN 'unstated' ELSE 'conditional' END, i % 400)
            )::VARCHAR AS state
        FROM range({ENTRIES}) t(i), range(1, 4) u(v)
        UNION ALL
        SELECT {_CHANGE}, 'organisation', 'd' || i, 1, 'declared', printf('{{"name":"部门%d","level":"%s"}}', i,
            CASE WHEN i % 3 = 0 THEN 'district' ELSE 'city' END)
        FROM range({DEPARTMENTS}) t(i), range(1) u(v)
        UNION ALL
        SELECT {_CHANGE}, 'system', 's' || i, 1, 'declared', printf('{{"name":"系统%d","owner":"d%d","level":"city",'
            || '"state":"%s"}}', i, i % {DEPARTMENTS},
                CASE i % 3 WHEN 0 THEN 'migrated' WHEN 1 THEN 'connected' ELSE 'own' END)
        FROM range(400) t(i), range(1) u(v)
    """


_CHANGE: Final = (
    "'catalog.changes' AS topic, 0 AS partition, i AS \"offset\", TIMESTAMPTZ '2025-07-15 12:00:00+08' AS known_at,"
    " 'CatalogChanged' AS event, unhex(printf('%016x%016x', hash(i, v, random()), hash(i, v, 'b'))) AS event_id,"
    " 'clerk' AS actor, TIMESTAMPTZ '2025-07-15 12:00:00+08' AS \"at\""
)


def _demands() -> str:
    """20,000 demands that came to a grant."""
    resource = f"printf('d%d.r%d', i % {DEPARTMENTS}, (i // {DEPARTMENTS}) % {FED // DEPARTMENTS})"
    return f"""
        SELECT {_CHANGE}, 'demand' AS entity, 'D' || i AS entity_id, v AS version, 'delivered' AS action,
            printf('{{"state":"%s","provider":"d%d","requester":"d%d","resources":["%s"],"purpose":"核对","grant":"G%d",'
                || '"delivery":%s,"uses":[]}}', CASE WHEN i % 4 = 0 THEN 'accepted' ELSE 'delivered' END,
                    i % {DEPARTMENTS},
                (i + 7) % {DEPARTMENTS}, {resource}, i, CASE WHEN i % 4 = 0 THEN 'null' ELSE '{{"at":1}}' END) AS state
        FROM range(20000) t(i), range(1, 4) u(v)
        UNION ALL
        SELECT {_CHANGE}, 'grant', 'G' || i, 1, 'issued', printf('{{"demand":"D%d","resources":["%s"],"since":0,'
            || '"until":4102444800000000,"state":"issued"}}', i, {resource})
        FROM range(20000) t(i), range(1) u(v)
    """


def _duties() -> str:
    return f"""
        SELECT {_CHANGE}, 'duty' AS entity, 'duty-' || i AS entity_id, v AS version, 'opened' AS action,
            printf('{{"kind":"%s","entity":"demand","entity_id":"D%d","department":"d%d","limit":"L","state":"running",'
                || '"due_at":1790000000000000,"facts":[{{"event_id":"demand/D%d/1","action":"opened","at":1}}]}}',
                CASE i % 3 WHEN 0 THEN 'correction' WHEN 1 THEN 'catalogue-change' ELSE 'delivery' END, i,
                    i % {DEPARTMENTS}, i)
            AS state
        FROM range(300000) t(i), range(1, 2) u(v)
    """


def _duties_ended() -> str:
    return (
        _duties()
        .replace('"state":"running"', '"state":"fulfilled","ended_at":1782500000000000')
        .replace("range(1, 2)", "range(2, 3)")
    )


def _state_totals(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Let some sources state, on the last day, how many records they hold."""
    last = folder / "coverages" / f"day={LAST_DAY}" / "part-0.parquet"
    connection.execute(
        f"""
        CREATE TEMP TABLE totals AS
        SELECT resource, count(*) FILTER (WHERE NOT withdrawn) AS records FROM (
            SELECT resource, arg_max(withdrawn, version) AS withdrawn
            FROM read_parquet('{folder}/facts/*/*.parquet', hive_types = {{'day': DATE}})
            WHERE department < 'd11' AND day < DATE '{LAST_DAY}' AND resource IN (
                SELECT DISTINCT resource FROM '{last}' ORDER BY resource LIMIT {TOTALS})
            GROUP BY resource, subject, record_type, record_id)
        GROUP BY resource
        """
    )
    connection.execute(
        f"COPY (SELECT c.* REPLACE (t.records AS source_total) FROM read_parquet('{last}', hive_partitioning = false) c"
        f" LEFT JOIN totals t ON t.resource = c.resource ORDER BY c.resource)"
        f" TO '{last}.new' (FORMAT parquet, COMPRESSION zstd)"
    )
    Path(f"{last}.new").replace(last)
