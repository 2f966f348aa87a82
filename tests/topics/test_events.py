"""Events, schemas and topics say the same: field for field, name for name."""

from typing import Any, get_args, get_origin

import msgspec
import pytest

from topics.codec import CodecFault, RowCodec, SchemaIds, WireSchema, encode_body
from topics.codec.columns import is_columnar
from topics.declarations import FACT_FAMILIES, declared_topics, topic_patterns
from topics.events import EVENT_TYPES, CaseEvent, Fact, LicenceWithdrawn
from topics.schemas import newest_schemas, published_schemas

PYTHON_OF_AVRO = {"string": str, "long": int, "int": int, "bytes": bytes, "boolean": bool}
WITHDRAWN = LicenceWithdrawn(
    event_id=bytes(16),
    source="s",
    resource="s.r",
    subject="enterprise:x",
    record_type="r",
    record_id="1",
    version=1,
    valid_at=0,
    reason="x",
)


def test_every_schema_has_its_event_and_every_event_its_schema() -> None:
    assert set(EVENT_TYPES) == set(newest_schemas())
    assert set(EVENT_TYPES) == {name for pattern in topic_patterns() for name in pattern.schemas}


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_an_event_is_its_schema_field_for_field(name: str) -> None:
    assert shape_of_schema(newest_schemas()[name].definition) == shape_of_type(EVENT_TYPES[name])


def shape_of_schema(definition: dict[str, Any], named: dict[str, Any] | None = None) -> dict[str, Any]:
    """Field name → (Python type or nested shape, whether it may be missing), in the schema's order.

    A record that stands in a schema more than once is named there after its first place.
    """
    named = {} if named is None else named
    shape = {field["name"]: (_of_avro(field["type"], named), "default" in field) for field in definition["fields"]}
    named[f"{definition['namespace']}.{definition['name']}"] = shape
    return shape


def _of_avro(avro_type: Any, named: dict[str, Any]) -> Any:
    if isinstance(avro_type, list):
        assert avro_type[0] == "null"
        return ("nullable", _of_avro(avro_type[1], named))
    if isinstance(avro_type, str):
        return named[avro_type] if avro_type in named else PYTHON_OF_AVRO[avro_type]
    match avro_type["type"]:
        case "fixed":
            return bytes
        case "array":
            return ("many", _of_avro(avro_type["items"], named))
        case "record":
            return shape_of_schema(avro_type, named)
    return _of_avro(avro_type["type"], named)


def shape_of_type(event_type: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        field.name: (_of_python(field.type), field.default is not msgspec.NODEFAULT)
        for field in msgspec.structs.fields(event_type)
    }


def _of_python(python_type: Any) -> Any:
    arguments = get_args(python_type)
    if type(None) in arguments:
        (inner,) = [each for each in arguments if each is not type(None)]
        return ("nullable", _of_python(inner))
    if get_origin(python_type) is tuple:
        assert arguments[1] is ...
        return ("many", _of_python(arguments[0]))
    if isinstance(python_type, type) and issubclass(python_type, msgspec.Struct):
        return shape_of_type(python_type)
    return python_type


def test_the_common_fields_of_facts_come_first_and_in_one_order() -> None:
    common = [field.name for field in msgspec.structs.fields(Fact)]
    for schema in published_schemas():
        if schema.family in FACT_FAMILIES:
            assert [field["name"] for field in schema.definition["fields"]][: len(common)] == common
            assert issubclass(EVENT_TYPES[schema.name], Fact)
        else:
            assert not issubclass(EVENT_TYPES[schema.name], Fact)


def test_facts_are_columnar_but_the_one_with_ranges() -> None:
    facts = [schema for schema in published_schemas() if schema.family in FACT_FAMILIES]
    assert {schema.name for schema in facts if not is_columnar(schema.text)} == {"CoverageStated"}


def test_fact_schemas_stand_on_topics_of_their_own_family() -> None:
    for topic in declared_topics({"tax": {"licence", "registration", "verification"}}):
        families = {newest_schemas()[name].family for name in topic.schemas}
        assert (topic.kind == "fact") == bool(families & set(FACT_FAMILIES))
        if topic.kind == "fact":
            assert families == {topic.family}


def test_optional_fields_are_null_by_default_so_that_rows_and_columns_default_alike() -> None:
    """A default of bytes or of a number would come as text or as a narrow column."""
    for schema in published_schemas():
        for field in schema.definition["fields"]:
            assert field.get("default") is None
            assert ("default" in field) == isinstance(field["type"], list)


def test_case_events_carry_their_case() -> None:
    for name, event_type in EVENT_TYPES.items():
        if issubclass(event_type, CaseEvent):
            assert newest_schemas()[name].definition["fields"][1]["name"] == "case_id"


def test_versions_of_a_name_are_numbered_without_gaps() -> None:
    for name in newest_schemas():
        found = [schema.version for schema in published_schemas() if schema.name == name]
        assert found == list(range(1, len(found) + 1))
        assert len({schema.full_name for schema in published_schemas() if schema.name == name}) == 1


def test_a_message_is_its_event_again() -> None:
    codec = RowCodec(SchemaIds.published())
    message = codec.encode(WITHDRAWN)
    assert codec.event(message) == WITHDRAWN
    assert codec.decode_trusted(message) == codec.decode(message)


def test_a_value_that_the_event_does_not_have_is_a_fault_without_the_value() -> None:
    """A writer's own, compatible version of the schema allowed null where the event has a text."""
    published = newest_schemas()["LicenceWithdrawn"]
    fields = [
        field | {"type": ["null", "string"]} if field["name"] == "reason" else field
        for field in published.definition["fields"]
    ]
    text = msgspec.json.encode(published.definition | {"fields": fields}).decode()
    codec = RowCodec(SchemaIds({1: text}))
    message = b"\x00\x00\x00\x00\x01" + encode_body(WireSchema(1, text), WITHDRAWN.record() | {"reason": None})
    with pytest.raises(CodecFault, match=r"not-the-event: .*\$.reason"):
        codec.event(message)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (None, "tombstone"),
        (b"", "bad-header"),
        (b"\x00\x00\x00\x00", "bad-header"),
        (b"\x01\x00\x00\x00\x01x", "bad-header"),
        (b"\x00\xff\xff\xff\xffx", "unknown-schema"),
        (b"\x00\x00\x00\x00\x01", "undecodable"),
    ],
)
def test_what_is_no_message_is_told_by_its_code(message: bytes | None, code: str) -> None:
    with pytest.raises(CodecFault) as fault:
        RowCodec(SchemaIds.published()).decode(message)
    assert fault.value.code == code
