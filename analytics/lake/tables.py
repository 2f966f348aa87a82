"""The lake's tables: which families of topics each holds, and its columns.

A row is one event. Every table begins with where the event stands in the log and when the log came to know it.
Personal and sealed content never enters the lake; free text in which a person may be named does not either, except in
``body`` of cases, which holds what the event says outside its sealed fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pyarrow as pa

INSTANT: Final = pa.timestamp("us", tz="UTC")
EVENT_ID_BYTES: Final = 16
UNDECODED: Final = "undecoded"
"""The table of the records that could not be read; they come from every topic."""

_ORIGIN: Final = (
    pa.field("topic", pa.string(), nullable=False),
    pa.field("partition", pa.int32(), nullable=False),
    pa.field("offset", pa.int64(), nullable=False),
    pa.field("known_at", INSTANT, nullable=False),
    pa.field("day", pa.date32(), nullable=False),
    pa.field("event", pa.string(), nullable=False),
    pa.field("event_id", pa.binary(EVENT_ID_BYTES), nullable=False),
)
_RECORD: Final = (
    pa.field("department", pa.string(), nullable=False),
    pa.field("resource", pa.string(), nullable=False),
    pa.field("subject", pa.string(), nullable=False),
    pa.field("record_type", pa.string(), nullable=False),
    pa.field("record_id", pa.string(), nullable=False),
    pa.field("version", pa.int64(), nullable=False),
    pa.field("valid_at", INSTANT, nullable=False),
    pa.field("case_id", pa.string()),
)


@dataclass(frozen=True)
class Table:
    """One table of the lake.

    Attributes:
        name: as SQL says it.
        families: families of topics whose events are its rows; a topic of such a family belongs to it whenever it
            appears.
        schema: its columns in their order.
        sort: the columns by which the rows of a file are ordered, so that readers skip what they do not ask for.
    """

    name: str
    families: tuple[str, ...]
    schema: pa.Schema
    sort: tuple[str, ...]


def _table(name: str, families: tuple[str, ...], columns: tuple[pa.Field, ...], sort: tuple[str, ...]) -> Table:
    return Table(name, families, pa.schema([*_ORIGIN, *columns]), sort)


def _text(*names: str) -> tuple[pa.Field, ...]:
    return tuple(pa.field(name, pa.string()) for name in names)


def _whole(*names: str) -> tuple[pa.Field, ...]:
    return tuple(pa.field(name, pa.int64()) for name in names)


def _date(*names: str) -> tuple[pa.Field, ...]:
    return tuple(pa.field(name, pa.date32()) for name in names)


def _instant(*names: str) -> tuple[pa.Field, ...]:
    return tuple(pa.field(name, INSTANT) for name in names)


_TEXTS: Final = pa.list_(pa.string())
_RANGES: Final = pa.list_(
    pa.struct(
        [
            pa.field("topic", pa.string()),
            pa.field("partition", pa.int32()),
            pa.field("from_offset", pa.int64()),
            pa.field("to_offset", pa.int64()),
        ]
    )
)

FACTS: Final = _table(
    "facts",
    ("licence", "registration", "verification"),
    (
        pa.field("family", pa.string(), nullable=False),
        *_RECORD,
        pa.field("subject_kind", pa.string(), nullable=False),
        pa.field("withdrawn", pa.bool_(), nullable=False),
        *_text("territory", "state", "status", "outcome"),
        *_text("licence_type", "issuer_name", "state_reason"),
        *_date("issued_on", "valid_from", "valid_to"),
        *_text("enterprise_type", "province", "district"),
        *_whole("registered_capital_yuan"),
        *_date("established_on", "closed_on"),
        *_text("category", "penalty_kind", "domain", "item"),
        *_whole("amount_fen", "count"),
        *_instant("decided_at", "repaired_at"),
        *_date("period_from", "period_to"),
    ),
    ("subject", "resource", "record_id", "version"),
)
COVERAGES: Final = _table(
    "coverages",
    ("coverage",),
    (
        *_RECORD,
        pa.field("complete_until", INSTANT, nullable=False),
        pa.field("ranges", _RANGES, nullable=False),
        pa.field("message_count", pa.int64(), nullable=False),
        *_whole("source_total"),
    ),
    ("resource", "known_at", "partition", "offset"),
)
MARKS: Final = _table(
    "marks",
    ("correction",),
    (
        *_RECORD,
        *_text("disputed_resource", "disputed_record_type", "disputed_record_id", "field", "outcome", "reason"),
    ),
    ("subject", "known_at", "partition", "offset"),
)
CASES: Final = _table(
    "cases",
    (
        "case.requests",
        "case.updates",
        "case.tasks",
        "case.answers",
        "case.notices",
        "case.payments",
        "supervision",
        "reports",
    ),
    (
        pa.field("case_id", pa.string(), nullable=False),
        *_text("bundle", "item"),
        *_whole("number"),
        *_text("department", "subject", "assignment_id", "kind", "status", "decision"),
        *_whole("stars"),
        *_text("policy"),
        pa.field("at", INSTANT, nullable=False),
        *_instant("due_at"),
        pa.field("body", pa.string(), nullable=False),
    ),
    ("case_id", "known_at", "partition", "offset"),
)
READS: Final = _table(
    "reads",
    ("access.reads",),
    (
        pa.field("reader", pa.string(), nullable=False),
        pa.field("purpose", pa.string(), nullable=False),
        *_text("case_id", "grant_id"),
        pa.field("subjects", _TEXTS, nullable=False),
        pa.field("resources", _TEXTS, nullable=False),
        pa.field("record_count", pa.int64(), nullable=False),
        *_instant("as_of"),
        pa.field("at", INSTANT, nullable=False),
        *_text("refused_reason"),
    ),
    ("known_at", "partition", "offset"),
)
CATALOG_CHANGES: Final = _table(
    "catalog_changes",
    ("catalog.changes",),
    (
        pa.field("entity", pa.string(), nullable=False),
        pa.field("entity_id", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("actor", pa.string(), nullable=False),
        pa.field("at", INSTANT, nullable=False),
        *_text("reason"),
        pa.field("state", pa.string(), nullable=False),
    ),
    ("entity", "entity_id", "known_at", "offset"),
)
REFUSALS: Final = _table(
    "refusals",
    ("rejected", "refusals.settled"),
    (
        pa.field("department", pa.string(), nullable=False),
        # Of RecordRefused:
        *_text("door"),
        pa.field("reasons", _TEXTS),
        *_instant("received_at"),
        *_text("origin", "content_type"),
        pa.field("sealed", pa.bool_()),
        *_whole("size_bytes"),
        # Of RefusalSettled:
        *_text("refused_id", "outcome", "became", "receipt", "reason", "settled_by"),
        *_instant("at"),
    ),
    ("department", "known_at", "partition", "offset"),
)
COMPLAINTS: Final = _table(
    "complaints",
    ("hotline",),
    (
        pa.field("complaint_id", pa.string(), nullable=False),
        *_text("case_id", "item", "bundle", "department", "district", "category", "channel", "kind", "outcome"),
        *_instant("received_at", "closed_at"),
        pa.field("made_up", pa.bool_()),
        pa.field("body", pa.string(), nullable=False),
    ),
    ("department", "known_at", "partition", "offset"),
)
UNDECODED_TABLE: Final = Table(
    UNDECODED,
    (),
    pa.schema(
        [
            *_ORIGIN[:5],
            pa.field("reason", pa.string(), nullable=False),
            pa.field("detail", pa.string(), nullable=False),
            pa.field("size_bytes", pa.int64(), nullable=False),
        ]
    ),
    ("topic", "partition", "offset"),
)

TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        table.name: table
        for table in (
            FACTS,
            COVERAGES,
            MARKS,
            CASES,
            READS,
            CATALOG_CHANGES,
            REFUSALS,
            COMPLAINTS,
            UNDECODED_TABLE,
        )
    }
)

_OF_FAMILY: Final = {family: table for table in TABLES.values() for family in table.families}


def family_of(topic: str) -> str:
    """The family of a topic's name: ``licence`` of ``licence.tax``, ``case.tasks`` of ``case.tasks.tax``.

    The longest family of the lake that the name is, or begins with before a dot; else the name itself.
    """
    parts = topic.split(".")
    heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((head for head in heads if head in _OF_FAMILY), topic)


def table_of(topic: str) -> Table | None:
    """The table whose rows a topic's events are; None for a topic that the lake does not keep."""
    return _OF_FAMILY.get(family_of(topic))
