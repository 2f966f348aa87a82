"""Messages of the log as rows of the lake's tables: facts in whole columns, everything else one by one.

What is not one well-formed message of its topic becomes a row of ``undecoded`` with the reason; it stops nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import msgspec
import polars as pl
import pyarrow as pa

from analytics.lake.tables import (
    COVERAGES,
    EVENT_ID_BYTES,
    FACTS,
    MARKS,
    UNDECODED,
    UNDECODED_TABLE,
    Table,
    family_of,
    table_of,
)
from topics.codec import HEADER_LENGTH, CodecFault, SchemaIds, WireSchema, decode_body, schema_id_of, upcast
from topics.declarations import topic_patterns
from topics.judgement import CORRECTION_PREFIX, FactColumns, Judged, Message, Refused, judge
from topics.schemas import newest_schemas

CITY_UTC_OFFSET_US: Final = 8 * 3_600_000_000
"""Asia/Shanghai keeps one offset all year; the log is younger than the summer times of 1986 to 1991."""
DAY_US: Final = 86_400_000_000

_JUDGED: Final = frozenset((FACTS.name, MARKS.name, COVERAGES.name))
_WITHDRAWN: Final = "Withdrawn"
_AT: Final = ("at", "requested_at", "submitted_at", "answered_at", "assigned_at", "dispatched_at", "paid_at")
_DUE_AT: Final = ("due_at", "deadline_at")

Record = Mapping[str, Any]


@dataclass
class Decoded:
    """The rows of some messages.

    Attributes:
        frames: table → frames of its rows; columns that a frame lacks are null.
        undecoded: how many messages are rows of ``undecoded``.
    """

    frames: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    undecoded: int = 0

    def add(self, table: str, frame: pl.DataFrame) -> None:
        """Take in rows of a table."""
        self.frames.setdefault(table, []).append(frame)


def decode(messages: Sequence[Message], ids: SchemaIds) -> Decoded:
    """The rows of a micro-batch; every message becomes one row, of its topic's table or of ``undecoded``."""
    decoded = Decoded()
    refused: list[Refused] = []
    for table, group in _by_table(messages).items():
        if table.name in _JUDGED:
            judged = judge(group, ids)
            _add_judged(judged, decoded)
            refused += judged.refused
        else:
            refused += _add_rows(table, group, ids, decoded)
    if refused:
        decoded.add(UNDECODED, _frame(UNDECODED_TABLE, [_undecoded_row(each) for each in refused]))
        decoded.undecoded = len(refused)
    return decoded


def city_day(instant_us: int) -> int:
    """The city's day of an instant, in days since 1970."""
    return (instant_us + CITY_UTC_OFFSET_US) // DAY_US


def _by_table(messages: Sequence[Message]) -> dict[Table, list[Message]]:
    by_topic: dict[str, list[Message]] = {}
    for message in messages:
        by_topic.setdefault(message.topic(), []).append(message)
    groups: dict[str, tuple[Table, list[Message]]] = {}
    for topic, group in by_topic.items():
        table = table_of(topic)
        if table is None:
            raise LookupError(f"topic {topic} is not of the lake")
        # Facts, marks and statements are judged together: one pass a schema.
        groups.setdefault("judged" if table.name in _JUDGED else table.name, (table, []))[1].extend(group)
    return dict(groups.values())


# Facts


def _add_judged(judged: Judged, decoded: Decoded) -> None:
    for columns in judged.columns:
        family = newest_schemas()[columns.schema.name].family
        if family == "correction":
            decoded.add(MARKS.name, _shaped(MARKS, columns, _OWN_RECORD_ID))
        elif family != "coverage":
            decoded.add(FACTS.name, _shaped(FACTS, columns, _of_fact(columns.schema.name, family)))
    if judged.statements:
        rows = [_row(COVERAGES, message, "CoverageStated", record) for message, record in judged.statements]
        decoded.add(COVERAGES.name, _frame(COVERAGES, rows))


_OWN_RECORD_ID: Final = {"record_id": pl.col("record_id").str.strip_prefix(CORRECTION_PREFIX)}


def _of_fact(event: str, family: str) -> dict[str, pl.Expr]:
    return {
        "family": pl.lit(family),
        "subject_kind": pl.col("subject").str.extract("^([^:]*)"),
        "withdrawn": pl.lit(event.endswith(_WITHDRAWN)),
    }


def _shaped(table: Table, columns: FactColumns, own: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """The columns of the table that these facts have."""
    frame = columns.frame.hstack(_origin(columns.messages))
    day = (pl.col("known_at") + CITY_UTC_OFFSET_US) // DAY_US
    named = {"event": pl.lit(columns.schema.name), "department": pl.col("source"), "day": day, **own}
    present = [name for name in table.schema.names if name in named or name in frame.columns]
    types = column_types(table)
    return frame.select([named.get(name, pl.col(name)).cast(types[name]).alias(name) for name in present])


def _origin(messages: Sequence[Message]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "topic": [each.topic() for each in messages],
            "partition": [each.partition() for each in messages],
            "offset": [each.offset() for each in messages],
            "known_at": [each.timestamp()[1] * 1000 for each in messages],
        },
        schema={"topic": pl.String, "partition": pl.Int32, "offset": pl.Int64, "known_at": pl.Int64},
    )


@cache
def column_types(table: Table) -> dict[str, pl.DataType]:
    """The types of a table's columns in polars."""
    return dict(_frame(table, []).schema)


# Everything else


def _add_rows(table: Table, group: Iterable[Message], ids: SchemaIds, decoded: Decoded) -> list[Refused]:
    rows, refused = [], []
    for message in group:
        try:
            schema, record = _read(message, ids)
        except CodecFault as fault:
            refused.append(Refused(message, fault))
        else:
            rows.append(_row(table, message, schema.name, record))
    if rows:
        decoded.add(table.name, _frame(table, rows))
    return refused


def _read(message: Message, ids: SchemaIds) -> tuple[WireSchema, Record]:
    value = message.value()
    schema = ids.schema(schema_id_of(value))
    if schema.name not in _schemas_of(family_of(message.topic())):
        raise CodecFault("wrong-topic", f"{schema.name} does not belong on {message.topic()}")
    published = newest_schemas().get(schema.name)
    if published is None or published.full_name != schema.full_name:
        raise CodecFault("unknown-event", f"no event type is named {schema.full_name}")
    return schema, upcast(schema, decode_body(schema, value[HEADER_LENGTH:]))


@cache
def _schemas_of(family: str) -> frozenset[str]:
    return frozenset(name for pattern in topic_patterns() if pattern.family == family for name in pattern.schemas)


def _row(table: Table, message: Message, event: str, record: Record) -> dict[str, Any]:
    own = _OWN[table.name](record) if table.name in _OWN else {}
    known_at = message.timestamp()[1] * 1000
    common = {
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "known_at": known_at,
        "day": city_day(known_at),
        "event": event,
    }
    return {name: record.get(name) for name in table.schema.names} | common | own


def _undecoded_row(refused: Refused) -> dict[str, Any]:
    message, value = refused.message, refused.message.value()
    known_at = message.timestamp()[1] * 1000
    return {
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "known_at": known_at,
        "day": city_day(known_at),
        "reason": refused.fault.code,
        "detail": refused.fault.detail,
        "size_bytes": len(value or b""),
    }


def _of_case(record: Record) -> dict[str, Any]:
    subjects = record.get("subjects") or []
    return {
        "subject": record.get("subject") or (subjects[0] if len(subjects) == 1 else None),
        "assignment_id": record.get("assignment_id") or record.get("task_id"),
        "at": _first(record, _AT),
        "due_at": _first(record, _DUE_AT),
        "body": body_text(record),
    }


def _of_statement(record: Record) -> dict[str, Any]:
    return {"department": record["source"]}


def _of_refusal(record: Record) -> dict[str, Any]:
    return {"size_bytes": len(record["body"]) if "body" in record else None}


def _of_complaint(record: Record) -> dict[str, Any]:
    return {"body": body_text(record)}


_OWN: Final[Mapping[str, Callable[[Record], dict[str, Any]]]] = {
    "cases": _of_case,
    "coverages": _of_statement,
    "refusals": _of_refusal,
    "complaints": _of_complaint,
}


def body_text(record: Record) -> str:
    """What an event says, as canonical JSON: keys sorted; sealed bytes left out, identifiers of events in hex."""
    return msgspec.json.encode(_clear(dict(record)), order="sorted").decode()


def _clear(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            name: each.hex() if _is_event_id(name, each) else _clear(each)
            for name, each in node.items()
            if name != "event_id" and (not isinstance(each, bytes) or _is_event_id(name, each))
        }
    if isinstance(node, list | tuple):
        return [_clear(each) for each in node if not isinstance(each, bytes)]
    return node


def _is_event_id(name: str, value: object) -> bool:
    return name.endswith("event_id") and isinstance(value, bytes) and len(value) == EVENT_ID_BYTES


def _first(record: Record, names: Sequence[str]) -> int | None:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _frame(table: Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    frame = pl.from_arrow(pa.Table.from_pylist(rows, schema=table.schema))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101  a table of Arrow is a frame
    return frame
