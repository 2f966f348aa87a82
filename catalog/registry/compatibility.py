"""Whether a schema may follow earlier ones, and at which place it may not. The rules are those of Apache Avro."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import avro.schema
import fastavro
from avro.compatibility import (
    ReaderWriterCompatibilityChecker,
    SchemaCompatibilityType,
    check_schema_names,
    lookup_writer_field,
)
from avro.errors import AvroException
from fastavro.schema import SchemaParseException

TEXT_LIMIT = 500_000
"""Characters of one schema: it must fit one message of the log."""

_NULLABLE = 2


class Level(StrEnum):
    """What a new version owes to the earlier ones; the transitive ones mean all of them, the others the newest."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def is_transitive(self) -> bool:
        """Whether every earlier version counts."""
        return self.endswith("_TRANSITIVE")

    @property
    def new_reads_old(self) -> bool:
        """Whether the new schema must read what earlier ones wrote."""
        return self.startswith(("BACKWARD", "FULL"))

    @property
    def old_reads_new(self) -> bool:
        """Whether earlier schemas must read what the new one writes."""
        return self.startswith(("FORWARD", "FULL"))


class SchemaInvalid(Exception):  # noqa: N818  the name is the fact
    """A text that is not an Avro schema that both readers of the hub understand."""


@dataclass(frozen=True)
class CompatibilityFault:
    """One reason why one schema cannot read what another wrote.

    Attributes:
        kind: name of the fault in Apache Avro, e.g. ``reader_field_missing_default_value``.
        place: JSON pointer into the reading schema, as if names were replaced by what they name.
        reason: what was expected and found.
        reader: ``new``, or ``version N``.
        writer: ``version N``, or ``new``.
    """

    kind: str
    place: str
    reason: str
    reader: str
    writer: str

    def __str__(self) -> str:
        """The fault as one line."""
        return f"{self.kind} at {self.place or '/'} of {self.reader}, reading {self.writer}: {self.reason}"


def compatibility_faults(level: Level, text: str, earlier: Sequence[tuple[int, str]]) -> list[CompatibilityFault]:
    """Why ``text`` may not follow the ``(version, text)`` pairs, oldest first; empty when it may.

    Raises:
        SchemaInvalid: a text is no schema.
    """
    counted = earlier if level.is_transitive else earlier[-1:]
    new = parsed(text)
    faults: list[CompatibilityFault] = []
    for version, old_text in counted:
        old, name = parsed(old_text), f"version {version}"
        if level.new_reads_old:
            faults += [CompatibilityFault(*each, "new", name) for each in reading_faults(new, old)]
        if level.old_reads_new:
            faults += [CompatibilityFault(*each, name, "new") for each in reading_faults(old, new)]
    return faults


def reading_faults(reader: Any, writer: Any) -> list[tuple[str, str, str]]:
    """(kind, place in the reader, reason) of everything that keeps ``reader`` from reading what ``writer`` writes."""
    return list(_faults(reader, writer, "", set()))


@lru_cache(maxsize=1024)
def parsed(text: str) -> Any:
    """The text as Apache Avro's schema.

    Raises:
        SchemaInvalid: with the reason.
    """
    if len(text) > TEXT_LIMIT:
        raise SchemaInvalid(f"{len(text)} characters, at most {TEXT_LIMIT} are taken")
    try:
        definition = json.loads(text)
        # Logical types have no part in compatibility, and avro warns of each one that it does not know.
        plain = _without_logical_types(definition)
        fastavro.parse_schema(plain)
        return avro.schema.parse(json.dumps(plain))
    except (AvroException, SchemaParseException, ValueError, TypeError, KeyError, AttributeError) as fault:
        raise SchemaInvalid(f"not an Avro schema: {_told(fault)}") from fault
    except RecursionError:
        raise SchemaInvalid("not an Avro schema: nested too deeply") from None


def _faults(reader: Any, writer: Any, place: str, seen: set[tuple[int, int]]) -> Iterator[tuple[str, str, str]]:
    if (id(reader), id(writer)) in seen:
        return
    seen.add((id(reader), id(writer)))
    kinds = (reader.type, writer.type)
    if kinds == ("record", "record"):
        yield from _record_faults(reader, writer, place, seen)
    elif kinds == ("array", "array"):
        yield from _faults(reader.items, writer.items, f"{place}/items", seen)
    elif kinds == ("map", "map"):
        yield from _faults(reader.values, writer.values, f"{place}/values", seen)
    elif (branches := _same_nullable(reader, writer)) is not None:
        position, inner_reader, inner_writer = branches
        yield from _faults(inner_reader, inner_writer, f"{place}/{position}", seen)
    else:
        yield from _leaf_faults(reader, writer, place)


def _record_faults(reader: Any, writer: Any, place: str, seen: set[tuple[int, int]]) -> Iterator[tuple[str, str, str]]:
    if check_schema_names(reader, writer, []).compatibility is SchemaCompatibilityType.incompatible:
        yield "name_mismatch", f"{place}/name", f"expected {writer.fullname}, found {reader.fullname}"
    for number, field in enumerate(reader.fields):
        at = f"{place}/fields/{number}"
        written_field = lookup_writer_field(writer_schema=writer, reader_field=field)
        if written_field is not None:
            yield from _faults(field.type, written_field.type, f"{at}/type", seen)
        elif not field.has_default:
            reason = f"field {field.name} has no default and is not in the schema that was written with"
            yield "reader_field_missing_default_value", at, reason


def _same_nullable(reader: Any, writer: Any) -> tuple[int, Any, Any] | None:
    """Where both are a union of null and one type of the same kind: that type's position and both of it."""
    inner_reader, inner_writer = _nullable(reader), _nullable(writer)
    if inner_reader is None or inner_writer is None or inner_reader[1].type != inner_writer[1].type:
        return None
    return inner_reader[0], inner_reader[1], inner_writer[1]


def _nullable(schema: Any) -> tuple[int, Any] | None:
    if schema.type != "union" or len(schema.schemas) != _NULLABLE:
        return None
    others = [(number, branch) for number, branch in enumerate(schema.schemas) if branch.type != "null"]
    return others[0] if len(others) == 1 else None


def _leaf_faults(reader: Any, writer: Any, place: str) -> Iterator[tuple[str, str, str]]:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    result = checker.get_compatibility(reader, writer)
    if result.compatibility is SchemaCompatibilityType.incompatible:
        kinds = list(dict.fromkeys(kind.value for kind in result.incompatibilities))
        yield ", ".join(kinds), place, "; ".join(sorted(result.messages))


def _without_logical_types(node: Any) -> Any:
    if isinstance(node, dict):
        is_type = isinstance(node.get("logicalType"), str) and "type" in node
        return {
            key: _without_logical_types(value) for key, value in node.items() if not (is_type and key == "logicalType")
        }
    return [_without_logical_types(each) for each in node] if isinstance(node, list) else node


def _told(fault: Exception) -> str:
    first = str(fault).partition("\n")[0] or type(fault).__name__
    return first if len(first) <= 300 else first[:300] + " …"  # noqa: PLR2004  a schema's text can be in the message
