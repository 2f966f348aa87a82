"""Rows and columns must tell the same: equal on what is well-formed, and no forgery passes by columns alone."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from topics.codec import CodecFault, WireSchema, decode_body, encode_body, upcast
from topics.codec.columns import decode_columns, is_columnar, upcast_columns
from topics.schemas import PublishedSchema, published_schemas

Record = dict[str, Any]

COLUMNAR = [schema for schema in published_schemas() if is_columnar(schema.text)]
TRUSTED_INT = (1 << 26) - 1
TRUSTED_LONG = (1 << 62) - 1
EXTRA = {"name": "added_later", "type": ["null", "string"], "default": None}

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.sampled_from(["市场监管", "", "x" * 64, "é" * 4096]),
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXTS,
    "bytes": st.binary(max_size=80),
    "long": st.integers(-TRUSTED_LONG, TRUSTED_LONG) | st.integers(-70, 70),
    "int": st.integers(-TRUSTED_INT, TRUSTED_INT) | st.integers(-70, 70),
}


def values(avro_type: Any) -> st.SearchStrategy[Any]:
    if isinstance(avro_type, list):
        return st.none() | values(avro_type[1])
    if isinstance(avro_type, dict):
        return st.binary(min_size=avro_type["size"], max_size=avro_type["size"])
    return VALUES[avro_type]


def records(schema: WireSchema) -> st.SearchStrategy[Record]:
    return st.fixed_dictionaries({field["name"]: values(field["type"]) for field in schema.parsed["fields"]})


@st.composite
def versions(draw: st.DrawFn, published: PublishedSchema) -> WireSchema:
    """An earlier version, without some fields that have defaults; the published one; a later one with a field more."""
    definition = published.definition
    kept = [field for field in definition["fields"] if "default" not in field or draw(st.booleans())]
    fields = draw(st.sampled_from([definition["fields"], kept, [*definition["fields"], EXTRA]]))
    return WireSchema(1, json.dumps(definition | {"fields": fields}))


@st.composite
def flat_schemas(draw: st.DrawFn) -> WireSchema:
    """Any schema that can be read in columns."""
    leaf = st.one_of(
        st.sampled_from(["string", "bytes", "long", "int"]),
        st.sampled_from(
            [
                {"type": "long", "logicalType": "timestamp-micros"},
                {"type": "int", "logicalType": "date"},
                {"type": "fixed", "name": "Sixteen", "size": 16},
            ]
        ),
    )
    types = draw(st.lists(leaf | leaf.map(lambda each: ["null", each]), min_size=1, max_size=6))
    named = [each if _is_first_fixed(types, position) else "bytes" for position, each in enumerate(types)]
    fields = [{"name": f"f{position}", "type": each} for position, each in enumerate(named)]
    return WireSchema(1, json.dumps({"type": "record", "name": "Flat", "fields": fields}))


def _is_first_fixed(types: Sequence[Any], position: int) -> bool:
    """A named type is defined once in a schema."""
    return "Sixteen" not in str(types[position]) or "Sixteen" not in str(types[:position])


def by_rows(schema: WireSchema, bodies: Sequence[bytes]) -> list[Record]:
    return [upcast(schema, decode_body(schema, body)) for body in bodies]


def by_columns(schema: WireSchema, bodies: Sequence[bytes]) -> list[Record]:
    lengths = np.array([len(body) for body in bodies], dtype=np.int64)
    return upcast_columns(schema, decode_columns(schema, bodies, lengths)).rows(named=True)


@pytest.mark.parametrize("published", COLUMNAR, ids=lambda published: published.name)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_generated_events_of_mixed_versions_read_the_same(published: PublishedSchema, data: st.DataObject) -> None:
    rows, columns = [], []
    for _ in range(data.draw(st.integers(1, 3), label="versions")):
        schema = data.draw(versions(published))
        bodies = [encode_body(schema, each) for each in data.draw(st.lists(records(schema), min_size=1, max_size=8))]
        rows += by_rows(schema, bodies)
        columns += by_columns(schema, bodies)
    assert columns == rows
    assert {tuple(sorted(row)) for row in rows} == {tuple(sorted(f["name"] for f in published.definition["fields"]))}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_flat_schema_reads_the_same(data: st.DataObject) -> None:
    schema = data.draw(flat_schemas())
    written = data.draw(st.lists(records(schema), min_size=1, max_size=20))
    bodies = [encode_body(schema, each) for each in written]
    assert by_rows(schema, bodies) == written
    assert by_columns(schema, bodies) == written


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1)), min_size=1, max_size=4))
def test_numbers_at_the_edge_of_their_range_are_read_right_or_left_to_rows(numbers: list[tuple[int, int]]) -> None:
    bodies = [encode_body(ATTACKED, ONE | {"version": version, "on": on}) for version, on in numbers]
    assert [(row["version"], row["on"]) for row in by_rows(ATTACKED, bodies)] == numbers
    _agree(ATTACKED, bodies)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["string", "bytes"]))
def test_lengths_around_each_step_of_the_varint_read_the_same(data: st.DataObject, kind: str) -> None:
    text = json.dumps({"type": "record", "name": "One", "fields": [{"name": "f", "type": ["null", kind]}]})
    schema = WireSchema(1, text)
    sizes = data.draw(st.lists(st.sampled_from([0, 1, 63, 64, 65, 8191, 8192, 8193, 1_048_575, 1_048_576]), min_size=1))
    written = [{"f": "x" * size if kind == "string" else b"x" * size} for size in sizes]
    assert by_columns(schema, [encode_body(schema, each) for each in written]) == written


# --- attacks ---------------------------------------------------------------------------------------------------------

ATTACKED = WireSchema(
    1,
    json.dumps(
        {
            "type": "record",
            "name": "Attacked",
            "fields": [
                {"name": "id", "type": {"type": "fixed", "name": "Four", "size": 4}},
                {"name": "subject", "type": "string"},
                {"name": "version", "type": "long"},
                {"name": "on", "type": {"type": "int", "logicalType": "date"}},
                {"name": "sealed", "type": ["null", "bytes"]},
                {"name": "count", "type": ["null", "long"]},
                {"name": "until", "type": ["null", {"type": "int", "logicalType": "date"}]},
            ],
        }
    ),
)
ONE = {"id": b"abcd", "subject": "e:1", "version": 5, "on": 3, "sealed": b"\x01\x02", "count": 7, "until": None}
GOOD = encode_body(ATTACKED, ONE)
PARTS = {
    "id": b"abcd",
    "subject": b"\x06e:1",
    "version": b"\x0a",
    "on": b"\x06",
    "sealed": b"\x02\x04\x01\x02",
    "count": b"\x02\x0e",
    "until": b"\x00",
}


def forged(**parts: bytes) -> bytes:
    return b"".join((PARTS | parts).values())


def zigzag(number: int, padding: int = 0) -> bytes:
    """A varint of any width, with so many needless bytes."""
    rest, out = number * 2 if number >= 0 else -number * 2 - 1, bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    for _ in range(padding):
        out[-1] |= 0x80
        out.append(0)
    return bytes(out)


FORGERIES = {
    "second record appended": GOOD + GOOD,
    "one byte appended": GOOD + b"\x00",
    "truncated": GOOD[:-1],
    "truncated in a text": GOOD[:6],
    "empty": b"",
    "overlong long": forged(version=zigzag(5, 1)),
    "overlong length": forged(subject=zigzag(3, 1) + b"e:1"),
    "overlong branch": forged(count=zigzag(1, 1) + b"\x0e"),
    "overlong null": forged(until=zigzag(0, 1)),
    "eleven bytes of a long": forged(version=zigzag(5, 10)),
    "70 bits in a long": forged(version=bytes([0x81, *[0x80] * 8, 0x03])),
    "77 bits in a long": forged(version=bytes([0x81, *[0x80] * 9, 0x01])),
    "70 bits in a nullable long": forged(count=b"\x02" + bytes([0x81, *[0x80] * 8, 0x7F])),
    "35 bits in a date": forged(on=zigzag(2**33 + 3)),
    "33 bits in a date": forged(on=zigzag(2**31)),
    "35 bits in a nullable date": forged(until=b"\x02" + zigzag(2**34 + 1)),
    "a branch that is not there": forged(count=b"\x04\x0e"),
    "a negative branch": forged(count=b"\x01\x0e"),
    "a negative length": forged(subject=b"\x01e:1"),
    "a length beyond everything": forged(subject=zigzag(2**61) + b"e:1"),
    "a length of 2^63": forged(sealed=b"\x02" + bytes([0xFE, *[0xFF] * 8, 0x01]) + b"\x01"),
    "not UTF-8": forged(subject=b"\x06e:\xff"),
    "half a character": forged(subject=b"\x06e:\xe5"),
    "a surrogate": forged(subject=b"\x06\xed\xa0\x80"),
    "an overlong character": forged(subject=b"\x04\xc0\x80"),
    "all ones": b"\xff" * len(GOOD),
}


def test_the_parts_make_the_good_body() -> None:
    assert forged() == GOOD
    assert by_columns(ATTACKED, [GOOD] * 3) == by_rows(ATTACKED, [GOOD] * 3) == [ONE] * 3


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_is_refused_by_rows_and_puts_its_batch_in_doubt(forgery: bytes) -> None:
    with pytest.raises(CodecFault):
        decode_body(ATTACKED, forgery)
    for batch in ([forgery], [GOOD, forgery], [forgery, GOOD], [GOOD, GOOD, forgery, GOOD]):
        with pytest.raises(CodecFault, match="batch-in-doubt"):
            by_columns(ATTACKED, batch)


def test_a_neighbour_cannot_lend_its_bytes() -> None:
    """A second record behind a body and a neighbour of no bytes: the count of rows is right, the owner is not."""
    other = encode_body(ATTACKED, ONE | {"subject": "e:2"})
    for batch in (
        [GOOD + other, b""],
        [b"", GOOD + other],
        [GOOD[:-1], GOOD[-1:] + other],
        [GOOD + other[:1], other[1:]],
    ):
        with pytest.raises(CodecFault, match="batch-in-doubt"):
            by_columns(ATTACKED, batch)


def mutations(bodies: list[bytes]) -> st.SearchStrategy[list[bytes]]:
    """The bodies after a few bit flips, cuts, insertions and moved boundaries."""
    step = st.tuples(
        st.sampled_from(["flip", "cut", "insert", "boundary", "copy"]), st.integers(0, 10**6), st.integers(0, 255)
    )
    return st.lists(step, min_size=1, max_size=3).map(lambda steps: _mutated(bodies, steps))


def _mutated(bodies: list[bytes], steps: Sequence[tuple[str, int, int]]) -> list[bytes]:
    found = list(bodies)
    for kind, where, what in steps:
        position = where % len(found)
        body = found[position]
        at = (where // len(found)) % (len(body) + 1)
        match kind:
            case "flip" if at < len(body):
                found[position] = body[:at] + bytes([body[at] ^ (1 << what % 8)]) + body[at + 1 :]
            case "cut":
                found[position] = body[:at] + body[at + 1 + what % 4 :]
            case "insert":
                found[position] = body[:at] + bytes([what]) + body[at:]
            case "boundary" if position + 1 < len(found):
                joined = body + found[position + 1]
                at = (where // len(found)) % (len(joined) + 1)
                found[position : position + 2] = [joined[:at], joined[at:]]
            case "copy":
                found[position] = body[: what % (len(body) + 1)] + body[at:]
    return found


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_columns_never_accept_what_rows_refuse(data: st.DataObject) -> None:
    written = data.draw(st.lists(records(ATTACKED), min_size=1, max_size=4))
    bodies = data.draw(mutations([encode_body(ATTACKED, each) for each in written]))
    _agree(ATTACKED, bodies)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=3))
def test_random_bytes_are_refused_by_name(bodies: list[bytes]) -> None:
    _agree(ATTACKED, bodies)


@pytest.mark.parametrize("position", range(len(GOOD) * 8))
def test_every_single_bit_flip(position: int) -> None:
    flipped = bytearray(GOOD)
    flipped[position // 8] ^= 1 << position % 8
    _agree(ATTACKED, [GOOD, bytes(flipped), GOOD])


def _agree(schema: WireSchema, bodies: list[bytes]) -> None:
    """Columns are refused, or tell exactly what rows tell; each refusal is a fault of the codec and nothing else."""
    try:
        columns = by_columns(schema, bodies)
    except CodecFault:
        for body in bodies:
            _judged(schema, body)
        return
    assert columns == by_rows(schema, bodies)


def _judged(schema: WireSchema, body: bytes) -> bool:
    try:
        decode_body(schema, body)
    except CodecFault:
        return False
    return True


# --- versions that cannot be read ------------------------------------------------------------------------------------


def test_a_version_without_a_field_that_has_no_default_is_refused_by_both() -> None:
    published = next(schema for schema in COLUMNAR if schema.name == "LicenceWithdrawn")
    fields = [field for field in published.definition["fields"] if field["name"] != "reason"]
    schema = WireSchema(1, json.dumps(published.definition | {"fields": fields}))
    record = {"event_id": bytes(16), "version": 1, "valid_at": 2, "case_id": None}
    texts = {field["name"]: "x" for field in fields if field["type"] == "string"}
    body = encode_body(schema, texts | record)
    with pytest.raises(CodecFault, match="cannot-upcast"):
        by_rows(schema, [body])
    with pytest.raises(CodecFault, match="cannot-upcast"):
        by_columns(schema, [body])
