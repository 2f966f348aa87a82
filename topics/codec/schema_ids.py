"""Which schema an id on the wire stands for, and which id a schema has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from topics.codec.wire import CodecFault
from topics.schemas import newest_schemas


@dataclass(frozen=True)
class WireSchema:
    """A schema as registered: its id and text.

    Logical types are dropped for reading: times stay microseconds and dates stay days, in rows and columns alike.
    """

    schema_id: int
    text: str

    @cached_property
    def definition(self) -> dict[str, Any]:
        """Parsed JSON, logical types included."""
        return dict(json.loads(self.text))

    @cached_property
    def full_name(self) -> str:
        """Avro full name of the record."""
        definition = self.definition
        name = str(definition["name"])
        return name if "." in name else f"{definition.get('namespace', '')}.{name}".lstrip(".")

    @cached_property
    def name(self) -> str:
        """Short name of the record."""
        return self.full_name.rsplit(".", 1)[-1]

    @cached_property
    def parsed(self) -> Any:
        """The schema as fastavro wants it."""
        import fastavro  # noqa: PLC0415  heavy import, needed by codecs only

        return fastavro.parse_schema(_without_logical_types(self.definition))


class SchemaIds:
    """An immutable view of the registered schemas: id → schema, and the id under which each name is written."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        """Take the registered schema texts by id."""
        self._by_id = {schema_id: WireSchema(schema_id, text) for schema_id, text in texts.items()}
        by_text = {_canonical(schema.text): schema for schema in self._by_id.values()}
        self._newest = {
            name: by_text[key]
            for name, published in newest_schemas().items()
            if (key := _canonical(published.text)) in by_text
        }

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, schema_id: int) -> bool:
        return schema_id in self._by_id

    def schema(self, schema_id: int) -> WireSchema:
        """The schema of an id.

        Raises:
            CodecFault: ``unknown-schema`` if nothing was registered under it.
        """
        found = self._by_id.get(schema_id)
        if found is None:
            raise CodecFault("unknown-schema", f"no schema is registered under id {schema_id}")
        return found

    def newest(self, name: str) -> WireSchema:
        """The schema under which this release writes events of this name.

        Raises:
            LookupError: it is not registered yet; apply the topics first.
        """
        try:
            return self._newest[name]
        except KeyError:
            raise LookupError(f"schema {name} is not registered; run: onething topic apply") from None

    @classmethod
    def published(cls) -> "SchemaIds":
        """Ids 1, 2, … over the newest published schemas: for rules and tests that need no registry."""
        return cls({number: schema.text for number, schema in enumerate(newest_schemas().values(), start=1)})


def _canonical(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def _without_logical_types(node: Any) -> Any:
    if isinstance(node, dict):
        rest = {key: _without_logical_types(value) for key, value in node.items() if key != "logicalType"}
        return rest["type"] if rest.keys() == {"type"} else rest
    if isinstance(node, list):
        return [_without_logical_types(each) for each in node]
    return node
