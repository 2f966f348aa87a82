"""Judging a micro-batch: which messages are facts, which are refused and why.

Columns first; a batch in doubt is judged message by message, so that one bad record never stops the good ones and
the culprit is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from topics.codec import HEADER_LENGTH, CodecFault, SchemaIds, WireSchema, decode_body, schema_id_of, upcast
from topics.codec.columns import column_types, decode_columns, is_columnar, upcast_columns
from topics.declarations import FACT_FAMILIES, department_of
from topics.schemas import newest_schemas

Numbers = npt.NDArray[np.int64]
CORRECTION_PREFIX = "correction/"
COMMON = ("event_id", "source", "resource", "subject", "record_type", "record_id", "version", "valid_at")


class Message(Protocol):
    """A consumed Kafka message, as confluent-kafka gives it."""

    def key(self) -> Any: ...  # noqa: D102
    def value(self) -> Any: ...  # noqa: D102
    def topic(self) -> Any: ...  # noqa: D102
    def partition(self) -> Any: ...  # noqa: D102
    def offset(self) -> Any: ...  # noqa: D102
    def timestamp(self) -> Any: ...  # noqa: D102


@dataclass(frozen=True)
class Refused:
    """A message that is not a fact, with the fault."""

    message: Message
    fault: CodecFault


@dataclass(frozen=True)
class FactColumns:
    """Facts of one schema, in columns, and row for row their messages.

    The frame has every field of the newest schema whose type is columnar, and the common ones first of all; times are
    microseconds, dates are days.
    """

    schema: WireSchema
    frame: pl.DataFrame
    messages: Sequence[Message]


@dataclass
class Judged:
    """The outcome of a micro-batch."""

    columns: list[FactColumns] = field(default_factory=list)
    statements: list[tuple[Message, dict[str, Any]]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def judge(messages: Sequence[Message], ids: SchemaIds) -> Judged:
    """Sort a micro-batch into facts in columns, coverage statements and refusals."""
    judged = Judged()
    for schema_id, group in _by_schema(messages, judged).items():
        try:
            schema = ids.schema(schema_id)
        except CodecFault as fault:
            judged.refused += [Refused(message, fault) for message in group]
            continue
        _judge_group(schema, group, judged)
    return judged


def _by_schema(messages: Sequence[Message], judged: Judged) -> dict[int, list[Message]]:
    by_header: dict[bytes | None, list[Message]] = {}
    for message in messages:
        value = message.value()
        by_header.setdefault(value and value[:HEADER_LENGTH], []).append(message)
    groups: dict[int, list[Message]] = {}
    for header, group in by_header.items():
        try:
            groups[schema_id_of(header)] = group
        except CodecFault:
            judged.refused += [Refused(message, _header_fault(message)) for message in group]
    return groups


def _header_fault(message: Message) -> CodecFault:
    try:
        schema_id_of(message.value())
    except CodecFault as fault:
        return fault
    raise AssertionError("only messages whose header is at fault come here")


def _judge_group(schema: WireSchema, group: list[Message], judged: Judged) -> None:
    if is_columnar(schema.text):
        try:
            judged.columns.append(FactColumns(schema, _columns(schema, group), group))
        except CodecFault:
            _judge_rows(schema, group, judged)
    else:
        _judge_rows(schema, group, judged)


def _columns(schema: WireSchema, group: list[Message]) -> pl.DataFrame:
    bodies = [message.value()[HEADER_LENGTH:] for message in group]
    lengths = np.fromiter(map(len, bodies), np.int64, len(bodies))
    frame = upcast_columns(schema, decode_columns(schema, bodies, lengths))
    topics = [message.topic() for message in group]
    for topic in set(topics):
        _check_topic(schema, topic)
    departments = {topic: department_of(topic) for topic in set(topics)}
    claims = pl.DataFrame(
        {"key": [message.key() or b"" for message in group], "department": [departments[topic] for topic in topics]},
        schema={"key": pl.Binary, "department": pl.String},
    )
    sound = _SOUND if _is_correction(schema) else _SOUND & _OWNED
    if not frame.hstack(claims).select(sound.all()).item():
        raise CodecFault("batch-in-doubt", "a key, source or identifier does not fit")
    return _apart(schema, frame)


_NUL = "\x00"
"""Stands between the parts of a key wherever facts are kept by their identifiers."""
_SOUND = pl.all_horizontal(
    pl.col("subject").cast(pl.Binary) == pl.col("key"),
    pl.col("subject") != "",
    pl.col("source") == pl.col("department"),
    pl.col("subject").str.contains(_NUL, literal=True).not_(),
    pl.col("resource").str.contains(_NUL, literal=True).not_(),
    pl.col("record_id").str.contains(_NUL, literal=True).not_(),
    pl.col("record_id").str.starts_with(CORRECTION_PREFIX).not_(),
)
_OWNED = pl.col("resource").str.starts_with(pl.col("source") + ".")


def _is_correction(schema: WireSchema) -> bool:
    """Whether facts of the schema speak about records, which may be another department's."""
    published = newest_schemas().get(schema.name)
    return published is not None and published.family == "correction"


def _apart(schema: WireSchema, frame: pl.DataFrame) -> pl.DataFrame:
    """Corrections are kept in an id space of their own, so that none can take the place of the record it disputes."""
    if not _is_correction(schema):
        return frame
    return frame.with_columns(record_id=pl.lit(CORRECTION_PREFIX) + pl.col("record_id"))


def _judge_rows(schema: WireSchema, group: list[Message], judged: Judged) -> None:
    good, rows = [], []
    for message in group:
        try:
            record = upcast(schema, decode_body(schema, message.value()[HEADER_LENGTH:]))
            _check_row(schema, message, record)
        except CodecFault as fault:
            judged.refused.append(Refused(message, fault))
            continue
        good.append(message)
        rows.append(record)
    if schema.name == "CoverageStated":
        judged.statements += zip(good, rows, strict=True)
    if good:
        types = column_types(newest_schemas()[schema.name].text)
        plain = [{name: record[name] for name in types} for record in rows]
        judged.columns.append(FactColumns(schema, _apart(schema, pl.DataFrame(plain, schema=types)), good))


def _check_topic(schema: WireSchema, topic: str) -> None:
    family = topic.split(".", 1)[0]
    published = newest_schemas().get(schema.name)
    if published is None or published.full_name != schema.full_name or published.family not in FACT_FAMILIES:
        raise CodecFault("not-a-fact", f"{schema.full_name} is not a schema of facts")
    if published.family != family:
        raise CodecFault("wrong-topic", f"{schema.name} belongs on {published.family}.<department>, not on {topic}")


def _check_row(schema: WireSchema, message: Message, record: dict[str, Any]) -> None:
    topic = message.topic()
    _check_topic(schema, topic)
    if record["source"] != department_of(topic):
        raise CodecFault("wrong-source", f"the record's source is not {department_of(topic)}, whose topic this is")
    if record["record_id"].startswith(CORRECTION_PREFIX):
        raise CodecFault("bad-identifier", f"record ids do not start with {CORRECTION_PREFIX}")
    if not _is_correction(schema) and not record["resource"].startswith(record["source"] + "."):
        raise CodecFault("wrong-resource", "the resource does not belong to the record's source")
    if not record["subject"] or message.key() != record["subject"].encode():
        raise CodecFault("wrong-key", "the Kafka key is not the record's subject")
    if any(_NUL in record[name] for name in ("subject", "resource", "record_id")):
        raise CodecFault("bad-identifier", "an identifier contains byte 0")
