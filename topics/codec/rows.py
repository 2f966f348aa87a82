"""One message at a time: strict in both directions."""

from io import BytesIO
from typing import Any, Final

import fastavro
import msgspec

from topics.codec.schema_ids import SchemaIds, WireSchema
from topics.codec.wire import HEADER_LENGTH, CodecFault, frame, schema_id_of
from topics.events import EVENT_TYPES, Event
from topics.schemas import newest_schemas

_INT_LIMIT = 2**31
MISSING: Final = object()
"""Where a field has no default."""


class RowCodec:
    """Encodes events and decodes messages, one at a time."""

    def __init__(self, ids: SchemaIds) -> None:
        """Use these registered schemas."""
        self._ids = ids

    @property
    def ids(self) -> SchemaIds:
        """The registered schemas in use."""
        return self._ids

    def encode(self, event: Event) -> bytes:
        """The event as one message under the newest schema of its name."""
        return self.encode_record(self._ids.newest(type(event).__name__), event.record())

    def encode_record(self, schema: WireSchema, record: dict[str, Any]) -> bytes:
        """A plain record as one message under this schema.

        Raises:
            CodecFault: ``not-encodable`` when the record does not fit the schema.
        """
        return frame(schema.schema_id, encode_body(schema, record))

    def decode(self, message: bytes | None) -> tuple[WireSchema, dict[str, Any]]:
        """The schema and record of one message, which must be exactly one canonical record.

        Raises:
            CodecFault: bad header, unknown schema, truncated or trailing or non-canonical bytes.
        """
        schema = self._ids.schema(schema_id_of(message))
        assert message is not None  # noqa: S101  schema_id_of refuses None
        return schema, decode_body(schema, message[HEADER_LENGTH:])

    def decode_trusted(self, message: bytes) -> tuple[WireSchema, dict[str, Any]]:
        """As ``decode`` for bytes that were judged before: no second proof of canonical form."""
        schema = self._ids.schema(schema_id_of(message))
        record = fastavro.schemaless_reader(BytesIO(memoryview(message)[HEADER_LENGTH:]), schema.parsed, None)
        return schema, upcast(schema, record)  # type: ignore[arg-type]

    def event(self, message: bytes | None) -> Event:
        """The typed event of one message, in the newest version of its type.

        Raises:
            CodecFault: as ``decode``; ``unknown-event`` for a schema that this release has no type for;
                ``not-the-event`` for a value that the type does not have.
        """
        schema, record = self.decode(message)
        event_type = EVENT_TYPES.get(schema.name)
        if event_type is None:
            raise CodecFault("unknown-event", f"no event type is named {schema.name}")
        try:
            return msgspec.convert(upcast(schema, record), event_type, builtin_types=(bytes,))
        except msgspec.ValidationError as fault:
            # A writer's own version of the schema may allow what the event does not, e.g. null.
            raise CodecFault("not-the-event", f"{schema.name}: {fault}") from fault


def encode_body(schema: WireSchema, record: dict[str, Any]) -> bytes:
    """The Avro body of a record under a schema."""
    buffer = BytesIO()
    try:
        fastavro.schemaless_writer(buffer, schema.parsed, record, strict=True)
    except (ValueError, TypeError, OverflowError, KeyError, AttributeError) as fault:
        raise CodecFault(
            "not-encodable", f"the record does not fit schema {schema.name}: {type(fault).__name__}"
        ) from fault
    return buffer.getvalue()


def decode_body(schema: WireSchema, body: bytes) -> dict[str, Any]:
    """The record of an Avro body that must hold exactly one record in canonical form.

    Canonical form is what makes the row's length a function of its values, which the columnar decoder relies on.
    """
    buffer = BytesIO(body)
    try:
        record = fastavro.schemaless_reader(buffer, schema.parsed, None)
    except (EOFError, ValueError, IndexError, TypeError, OverflowError, MemoryError) as fault:
        raise CodecFault("undecodable", f"not a record of {schema.name}: {type(fault).__name__}") from fault
    if buffer.tell() != len(body):
        raise CodecFault("trailing-bytes", f"{len(body) - buffer.tell()} bytes follow the record")
    _check_canonical(schema, record, body)
    return record  # type: ignore[return-value]


def upcast(schema: WireSchema, record: dict[str, Any]) -> dict[str, Any]:
    """The record in the newest published version of its schema: fields added since take their defaults."""
    published = newest_schemas().get(schema.name)
    if published is None or published.full_name != schema.full_name:
        return record
    fields = newest_fields(schema.name)
    if record.keys() == fields.keys():
        return record
    resolved = {name: record.get(name, default) for name, default in fields.items()}
    missing = [name for name, value in resolved.items() if value is MISSING]
    if missing:
        raise CodecFault("cannot-upcast", f"{schema.name} lacks {', '.join(missing)}, which have no default")
    return resolved


def newest_fields(name: str) -> dict[str, Any]:
    """Field name → default of the newest published schema of this name; a sentinel where there is no default."""
    fields = _FIELDS.get(name)
    if fields is None:
        definition = newest_schemas()[name].definition
        fields = _FIELDS[name] = {field["name"]: field.get("default", MISSING) for field in definition["fields"]}
    return fields


_FIELDS: dict[str, dict[str, Any]] = {}


def _check_canonical(schema: WireSchema, record: Any, body: bytes) -> None:
    for field in schema.parsed["fields"]:
        value = record[field["name"]]
        if field["type"] in ("int", ["null", "int"]) and value is not None and not -_INT_LIMIT <= value < _INT_LIMIT:
            raise CodecFault("int-out-of-range", f"{field['name']} does not fit 32 bits")
    if encode_body(schema, record) != body:
        raise CodecFault("not-canonical", "the bytes are not the shortest encoding of their values")
