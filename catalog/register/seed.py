"""What the hub's own definitions declare for the register: entered once, where nothing stands yet.

What an operator made of an entity since is never overwritten: only entities that are missing are declared.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from catalog.form_fields import load_form_fields
from catalog.organisations import load_organisations
from catalog.register.canonical import plain
from catalog.register.changes import DECLARED, LICENCE_TYPE, ORGANISATION, RESOURCE, Command, Entity
from catalog.register.folder import read_declarations
from catalog.register.model import DataItem, DataItemType, Level, LicenceType, Resource
from catalog.resources import Resource as DeclaredResource
from catalog.resources import load_resources
from topics.schemas import newest_schemas

DECLARATION: Final = "declaration"
"""Who declares what the hub's definitions say."""

SHIPPED: Final = Path(__file__).parent.parent / "declared"
"""Systems, licence types and legal bases that ship with the hub, in the format of ``catalog.register.folder``."""

_ENVELOPE: Final = frozenset(
    ("event_id", "source", "resource", "subject", "record_type", "record_id", "version", "valid_at", "case_id")
)
"""Fields that every fact has; they say where a record comes from, and nothing of its subject."""

_CHINESE: Final = re.compile(r"[^\x00-\x7f]*")
"""A field's Chinese name, with which its description begins."""

_TYPES: Final[Mapping[str, DataItemType]] = MappingProxyType(
    {"string": "text", "bytes": "text", "int": "number", "long": "number", "boolean": "boolean"}
)
_LOGICAL_TYPES: Final[Mapping[str, DataItemType]] = MappingProxyType({"date": "date", "timestamp-micros": "instant"})


def seed_commands(at: int) -> tuple[Command, ...]:
    """Return a declaration for every entity that ships with the hub, dated ``at`` (µs UTC)."""
    return tuple(
        Command(
            entity=entity,
            entity_id=entity_id,
            action=DECLARED,
            actor=DECLARATION,
            at=at,
            command_id=f"{DECLARATION}/{entity}/{entity_id}",
            payload=payload,
        )
        for entity, entity_id, payload in _declared()
    )


def _declared() -> Iterator[tuple[Entity, str, dict[str, object]]]:
    for organisation in load_organisations().all:
        yield ORGANISATION, organisation.code, plain(organisation)
    for each in read_declarations(SHIPPED):
        yield each.entity, each.entity_id, dict(each.content)
    for record_type in load_resources().record_types.values():
        if record_type.family == "licence":
            licence = LicenceType(code=record_type.code, name=record_type.name)
            yield LICENCE_TYPE, record_type.code, plain(licence)
    levels = {organisation.code: organisation.level for organisation in load_organisations().all}
    for resource in load_resources().all:
        yield RESOURCE, resource.code, plain(_entry(resource, levels[resource.department]))


def _entry(resource: DeclaredResource, level: Level) -> Resource:
    return Resource(
        code=resource.code,
        name=resource.name,
        provider=resource.department,
        data_items=_data_items(resource),
        update_cycle_days=resource.update_cycle_days,
        level=level,
        record_type=resource.record_type,
        topic=resource.topic,
        schema_name=resource.schemas[0],
    )


def _data_items(resource: DeclaredResource) -> tuple[DataItem, ...]:
    """The fields of its records' schema, named as forms name what they fill from them; types are the schema's own."""
    named = {
        field.fill.content: field.name
        for field in load_form_fields().values()
        if field.fill is not None and field.fill.resource == resource.code
    }
    schema = newest_schemas()[resource.schemas[0].rpartition(".")[2]]
    return tuple(
        _data_item(field, named.get(field["name"]))
        for field in schema.definition["fields"]
        if field["name"] not in _ENVELOPE
    )


def _data_item(field: dict[str, Any], name: str | None) -> DataItem:
    """A schema's field as a data item: its class is a guess wherever the schema does not say that it is personal."""
    doc = str(field.get("doc", ""))
    chinese = _CHINESE.match(doc)
    personal = field.get("class") == "personal"
    return DataItem(
        name=name or (chinese and chinese[0]) or field["name"],
        field=field["name"],
        type=_type(field["type"]),
        item_class="personal" if personal else "ordinary",
        guessed=not personal,
        note=doc,
    )


def _type(avro: Any) -> DataItemType:
    """The type as which a field is read; what is sealed is text to those who may open it."""
    if isinstance(avro, list):
        return _type(next(each for each in avro if each != "null"))
    if isinstance(avro, dict):
        return _LOGICAL_TYPES.get(avro.get("logicalType", ""), "unstated")
    return _TYPES.get(avro, "unstated")
