"""Every event of the lake's topics becomes one row; nothing sealed does; what is at fault is kept aside by name."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.lake.data_files import as_arrow, file_schema
from analytics.lake.decode import Decoded, body_text, city_day, column_types, decode
from analytics.lake.tables import TABLES, UNDECODED, table_of
from tests.analytics.lake.log import CODEC, COMPANY, IDS, LICENCES, READS, LoggedMessage, licence, logged, reading
from topics.codec import WireSchema, encode_body, frame
from topics.declarations import topic_patterns
from topics.events import ValueDisputed
from topics.schemas import published_schemas

SEALED = b"sealed-content"
EVENT_ID = b"0123456789abcdef"
SAMPLES = [
    (pattern.name.format(department="tax"), schema)
    for pattern in topic_patterns()
    if table_of(pattern.name.format(department="tax"))
    for schema in published_schemas()
    if schema.name in pattern.schemas
]
"""Every version of every schema, on the topic that carries it."""


NAMED: dict[str, Any] = {}
"""Records that a schema defines once and names again."""


def sample(avro_type: Any, name: str = "") -> Any:
    """Some value of a type; everything that can be present is."""
    if isinstance(avro_type, list):
        return sample(avro_type[1], name)
    if isinstance(avro_type, dict):
        return _of_kind(avro_type, name)
    if "." in avro_type:
        return sample(NAMED[avro_type.rsplit(".", 1)[-1]], name)
    told = {"source": "tax", "subject": COMPANY, "resource": "tax.permit"}
    return {"string": told.get(name, name), "long": 7, "int": 7, "boolean": True, "bytes": SEALED}[avro_type]


def _of_kind(avro_type: dict[str, Any], name: str) -> Any:
    kind = avro_type["type"]
    if kind == "record":
        NAMED[avro_type["name"]] = avro_type
        return {each["name"]: sample(each["type"], each["name"]) for each in avro_type["fields"]}
    if kind == "array":
        return [sample(avro_type["items"], name)]
    if kind == "fixed":
        return EVENT_ID if avro_type["size"] == len(EVENT_ID) else bytes(avro_type["size"])
    return {"long": 1_790_000_000_000_000, "int": 20_000}.get(kind) or sample(kind, name)


@pytest.mark.parametrize(
    ("topic", "schema"), SAMPLES, ids=lambda each: each if isinstance(each, str) else each.text[:0]
)
def test_every_published_schema_becomes_a_row_of_its_topics_table(topic: str, schema: Any) -> None:
    wire = WireSchema(_id_of(schema.text), schema.text)
    body = encode_body(wire, {each["name"]: sample(each["type"], each["name"]) for each in wire.definition["fields"]})
    message = LoggedMessage(topic, 3, 17, frame(wire.schema_id, body))
    decoded = decode([message], ALL_IDS)
    assert not decoded.undecoded, decoded.frames[UNDECODED][0].rows(named=True)
    ((name, (rows,)),) = decoded.frames.items()
    table = TABLES[name]
    assert table == table_of(topic)
    row = rows.row(0, named=True)
    assert (row["topic"], row["partition"], row["offset"], row["event"]) == (topic, 3, 17, schema.name)
    assert row["event_id"] == EVENT_ID
    assert row["known_at"] == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert row["day"] == date(2026, 9, 21)
    assert "sealed" not in repr(row).replace("sealed'", "")
    required = [field.name for field in table.schema if not field.nullable]
    assert not [column for column in required if row[column] is None]
    assert as_arrow(table, rows).schema == file_schema(table)


def test_facts_hold_what_the_event_says() -> None:
    event = licence(4, valid_to=21_000, state_reason="换证", case_id="C1")
    (rows,) = decode([logged(event, LICENCES, 9)], IDS).frames["facts"]
    row = rows.row(0, named=True)
    same = (
        "resource",
        "subject",
        "record_type",
        "record_id",
        "version",
        "case_id",
        "state",
        "state_reason",
        "territory",
    )
    assert {name: row[name] for name in same} == {name: getattr(event, name) for name in same}
    assert (row["family"], row["department"], row["subject_kind"], row["withdrawn"]) == (
        "licence",
        "tax",
        "enterprise",
        False,
    )
    assert row["valid_to"] == date(2027, 7, 1)
    assert "holder_name" not in row


def test_a_mark_has_its_own_record_id() -> None:
    mark = ValueDisputed(
        event_id=EVENT_ID,
        source="court",
        resource="tax.permit",
        subject=COMPANY,
        record_type="dispute",
        record_id="d1",
        version=1,
        valid_at=1,
        disputed_resource="tax.permit",
        disputed_record_type="permit",
        disputed_record_id="1",
        reason="与判决书不符",
    )
    (rows,) = decode([logged(mark, ("correction.court", 0), 0)], IDS).frames["marks"]
    assert rows.select("department", "resource", "record_id", "reason").row(0) == (
        "court",
        "tax.permit",
        "d1",
        "与判决书不符",
    )


CULPRITS = {
    "no message": (logged(None, LICENCES, 1), "bad-header"),
    "nothing": (LoggedMessage(*LICENCES, 1, None), "tombstone"),
    "an unknown schema": (LoggedMessage(*LICENCES, 1, frame(9_999, b"x")), "unknown-schema"),
    "another's topic": (logged(reading(1), ("reports", 0), 1), "wrong-topic"),
    "another family's topic": (logged(licence(1), ("registration.tax", 0), 1), "wrong-topic"),
    "another department's source": (logged(licence(1), ("licence.health", 0), 1), "wrong-source"),
    "another subject's key": (logged(licence(1), LICENCES, 1, key_bytes=b"x"), "wrong-key"),
    "truncated": (LoggedMessage(*READS, 1, CODEC.encode(reading(1))[:-1]), "undecodable"),
    "with a second record": (LoggedMessage(*READS, 1, CODEC.encode(reading(1)) * 2), "trailing-bytes"),
}


@pytest.mark.parametrize("culprit", CULPRITS)
def test_the_culprit_is_kept_aside_with_its_reason_and_all_others_are_rows(culprit: str) -> None:
    bad, reason = CULPRITS[culprit]
    good = [logged(licence(number), LICENCES, 10 + number) for number in range(3)]
    read = [logged(reading(number), READS, 10 + number) for number in range(3)]
    decoded = decode([*good[:2], *read[:1], bad, *read[1:], good[2]], IDS)
    (aside,) = decoded.frames[UNDECODED]
    assert aside.select("offset", "reason", "size_bytes").rows() == [(1, reason, len(bad.body or b""))]
    assert (_count(decoded, "facts"), _count(decoded, "reads"), decoded.undecoded) == (3, 3, 1)


def test_a_body_is_canonical_and_leaves_out_what_is_sealed() -> None:
    record = {"b": 1, "a": {"sealed": SEALED, "fact_event_id": EVENT_ID, "kept": [SEALED, "x"]}, "event_id": EVENT_ID}
    assert body_text(record) == '{"a":{"fact_event_id":"30313233343536373839616263646566","kept":["x"]},"b":1}'


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001  naive ones are shifted below
def test_the_day_is_the_citys(local: datetime) -> None:
    instant_us = round((local - datetime(1970, 1, 1)).total_seconds() * 1e6) - 8 * 3_600_000_000  # noqa: DTZ001
    assert city_day(instant_us) == (local.date() - date(1970, 1, 1)).days


@settings(deadline=None, max_examples=40)
@given(st.lists(st.builds(licence, st.integers(0, 10**6), state=st.text(st.characters(exclude_categories=["Cs"])))))
def test_columns_and_single_messages_give_the_same_rows(events: list[Any]) -> None:
    messages = [logged(event, LICENCES, number) for number, event in enumerate(events)]
    doubtful = logged(None, LICENCES, 99_999)
    together = decode(messages, IDS).frames.get("facts", [])
    # A body cut short sends its whole schema's messages the way of rows.
    cut = LoggedMessage(*LICENCES, 88_888, CODEC.encode(licence(1))[:-1])
    alone = decode([*messages, cut, doubtful], IDS).frames.get("facts", [])
    assert [frame.rows() for frame in together] == [frame.rows() for frame in alone]


def _count(decoded: Decoded, table: str) -> int:
    return sum(frame.height for frame in decoded.frames.get(table, []))


def test_the_types_of_frames_are_the_tables() -> None:
    for table in TABLES.values():
        frame = pl.DataFrame(schema=column_types(table))
        assert as_arrow(table, frame).schema == file_schema(table)


ALL_IDS = type(IDS)({number: schema.text for number, schema in enumerate(published_schemas(), start=1)})


def _id_of(text: str) -> int:
    return next(number for number, schema in enumerate(published_schemas(), start=1) if schema.text == text)
