"""Compatibility: the verdict is Apache Avro's, the places and reasons are the registry's."""

import json
from typing import Any

import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.registry.compatibility import (
    TEXT_LIMIT,
    Level,
    SchemaInvalid,
    compatibility_faults,
    parsed,
    reading_faults,
)
from topics.schemas import published_schemas

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


def record(*fields: dict[str, Any], name: str = "R") -> str:
    return json.dumps({"type": "record", "name": name, "fields": list(fields)})


def field(name: str, avro_type: Any = "string", **rest: Any) -> dict[str, Any]:
    return {"name": name, "type": avro_type, **rest}


ONE = record(field("a"))
WITH_DEFAULT = record(field("a"), field("b", default=""))
WITHOUT_DEFAULT = record(field("a"), field("b"))


@pytest.mark.parametrize(
    ("level", "old", "new", "kinds"),
    [
        (Level.BACKWARD, ONE, WITH_DEFAULT, []),
        (Level.BACKWARD, ONE, WITHOUT_DEFAULT, ["reader_field_missing_default_value"]),
        (Level.BACKWARD, WITHOUT_DEFAULT, ONE, []),
        (Level.FORWARD, ONE, WITHOUT_DEFAULT, []),
        (Level.FORWARD, WITHOUT_DEFAULT, ONE, ["reader_field_missing_default_value"]),
        (Level.FULL, ONE, WITH_DEFAULT, []),
        (Level.FULL, ONE, WITHOUT_DEFAULT, ["reader_field_missing_default_value"]),
        (Level.FULL, WITHOUT_DEFAULT, ONE, ["reader_field_missing_default_value"]),
        (Level.NONE, ONE, record(field("a", "int")), []),
    ],
)
def test_each_level_asks_its_own_direction(level: Level, old: str, new: str, kinds: list[str]) -> None:
    assert [fault.kind for fault in compatibility_faults(level, new, [(1, old)])] == kinds


@pytest.mark.parametrize("family", ["BACKWARD", "FORWARD", "FULL"])
def test_only_transitive_levels_ask_every_version(family: str) -> None:
    first, second, third = record(field("a", "int")), record(field("b", default="")), record(field("a", default=""))
    history = [(1, first), (2, second)]
    assert compatibility_faults(Level(family), third, history) == []
    faults = compatibility_faults(Level(f"{family}_TRANSITIVE"), third, history)
    assert {fault.kind for fault in faults} == {"type_mismatch"}
    assert {fault.reader + fault.writer for fault in faults} <= {"newversion 1", "version 1new"}


@pytest.mark.parametrize(
    ("reader", "writer", "kind", "place"),
    [
        (record(field("a", "int")), ONE, "type_mismatch", "/fields/0/type"),
        (record(field("x"), field("a")), ONE, "reader_field_missing_default_value", "/fields/0"),
        (record(field("a", ["null", "int"])), record(field("a", ["null", "string"])), "missing_union_branch", "type"),
        (
            record(field("a", {"type": "array", "items": "int"})),
            record(field("a", {"type": "array", "items": "string"})),
            "type_mismatch",
            "/fields/0/type/items",
        ),
        (
            record(field("a", {"type": "map", "values": "int"})),
            record(field("a", {"type": "map", "values": "string"})),
            "type_mismatch",
            "/fields/0/type/values",
        ),
        (
            record(field("a", {"type": "fixed", "name": "F", "size": 16})),
            record(field("a", {"type": "fixed", "name": "F", "size": 8})),
            "fixed_size_mismatch",
            "/fields/0/type",
        ),
        (
            record(field("a", {"type": "enum", "name": "E", "symbols": ["X"]})),
            record(field("a", {"type": "enum", "name": "E", "symbols": ["X", "Y"]})),
            "missing_enum_symbols",
            "/fields/0/type",
        ),
        (record(field("a"), name="S"), ONE, "name_mismatch", "/name"),
        (
            record(field("a", ["null", json.loads(record(field("n", "int"), name="I"))])),
            record(field("a", ["null", json.loads(record(field("n", "string"), name="I"))])),
            "type_mismatch",
            "/fields/0/type/1/fields/0/type",
        ),
    ],
)
def test_a_fault_names_its_place(reader: str, writer: str, kind: str, place: str) -> None:
    faults = reading_faults(parsed(reader), parsed(writer))
    assert [each[0] for each in faults] == [kind]
    assert faults[0][1].endswith(place)
    assert faults[0][2]


def test_all_faults_are_named_at_once() -> None:
    faults = compatibility_faults(Level.BACKWARD, record(field("a", "int"), field("b"), field("c")), [(1, ONE)])
    assert [fault.place for fault in faults] == ["/fields/0/type", "/fields/1", "/fields/2"]


def test_a_schema_that_holds_itself_ends() -> None:
    tree = record(field("children", {"type": "array", "items": "R"}))
    assert reading_faults(parsed(tree), parsed(tree)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '"nothing"',
        "null",
        "1",
        '{"type":"record"}',
        '{"type":"record","name":"R","fields":[{"name":"a"}]}',
        '{"type":"record","name":"R","fields":[{"name":"a","type":"Missing"}]}',
        '{"type":"record","name":"1","fields":[]}',
        "[" * 100_000,
        '"' + "x" * TEXT_LIMIT + '"',
    ],
)
def test_what_is_no_schema_is_told_so(text: str) -> None:
    with pytest.raises(SchemaInvalid):
        parsed(text)


def test_every_published_version_may_follow_the_one_before() -> None:
    by_name: dict[str, list[tuple[int, str]]] = {}
    for schema in published_schemas():
        history = by_name.setdefault(schema.name, [])
        assert compatibility_faults(Level.BACKWARD_TRANSITIVE, schema.text, history) == []
        history.append((schema.version, schema.text))


def schemas(depth: int) -> st.SearchStrategy[Any]:
    """Avro schemas without names that could clash: every named type has one of its own or a shared one."""
    leaves = st.one_of(
        st.sampled_from(PRIMITIVES),
        st.builds(lambda size: {"type": "fixed", "name": f"F{size}", "size": 4}, st.integers(1, 2)),
    )
    if depth == 0:
        return leaves
    inner = schemas(depth - 1)
    return st.one_of(
        leaves,
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda values: {"type": "map", "values": values}, inner),
        st.lists(st.sampled_from(PRIMITIVES), min_size=1, max_size=3, unique=True),
        st.builds(lambda branch: ["null", branch], inner.filter(lambda branch: branch != "null")),
        records(inner),
    )


def records(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.lists(st.sampled_from("abcd"), max_size=3, unique=True)
    return st.builds(
        lambda found, types, number, defaults: {
            "type": "record",
            "name": f"R{number}",
            "fields": [
                field(name, types[i], **({"default": 7} if defaults[i] and types[i] == "int" else {}))
                for i, name in enumerate(found)
            ],
        },
        names,
        st.tuples(inner, inner, inner),
        st.integers(1, 3),
        st.tuples(st.booleans(), st.booleans(), st.booleans()),
    )


def _parses(node: Any) -> Any | None:
    try:
        return avro.schema.parse(json.dumps(node))
    except avro.errors.AvroException:
        return None


def changed(schema: Any, other: Any) -> Any:
    """The schema with its last part replaced: near enough that many pairs are compatible."""
    if isinstance(schema, dict) and schema.get("fields"):
        *kept, last = schema["fields"]
        return schema | {"fields": [*kept, last | {"type": changed(last["type"], other)}]}
    if isinstance(schema, dict) and schema["type"] in ("array", "map"):
        inner = "items" if schema["type"] == "array" else "values"
        return schema | {inner: changed(schema[inner], other)}
    return other


@settings(max_examples=400, deadline=None)
@given(schemas(2), schemas(2), st.data())
def test_the_verdict_is_that_of_apache_avro(reader: Any, other: Any, data: st.DataObject) -> None:
    writer = data.draw(st.sampled_from([other, reader, changed(reader, other)]))
    parsed_reader, parsed_writer = _parses(reader), _parses(writer)
    if parsed_reader is None or parsed_writer is None:
        return
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    verdict = checker.get_compatibility(parsed_reader, parsed_writer)
    is_compatible = verdict.compatibility is SchemaCompatibilityType.compatible
    assert (reading_faults(parsed_reader, parsed_writer) == []) == is_compatible
