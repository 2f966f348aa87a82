"""An entry's binding: the topic and the record schema that carry its data, held against what the hub has."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import msgspec

from catalog.register.changes import Refusal
from catalog.register.model import DataItemType, Resource
from topics.declarations import PUBLISHED_FAMILIES, topic_patterns
from topics.schemas import newest_schemas

_TYPES: Final[Mapping[str, tuple[DataItemType, ...]]] = MappingProxyType(
    {
        "string": ("text", "choice"),
        "bytes": ("text", "file"),
        "int": ("number",),
        "long": ("number",),
        "float": ("number",),
        "double": ("number",),
        "boolean": ("boolean",),
        "date": ("date",),
        "timestamp-micros": ("instant",),
    }
)
"""Avro type, or logical type → the types of data items that it carries; others carry any."""


class Bindings(msgspec.Struct, frozen=True):
    """What an entry can be bound to.

    Attributes:
        families: topic family → short names of the schemas that its topics may carry.
        schemas: full name of a record schema → its text.
    """

    families: Mapping[str, tuple[str, ...]]
    schemas: Mapping[str, str]


@cache
def load_bindings() -> Bindings:
    """The topics and record schemas that ship with the hub."""
    families = {each.family: each.schemas for each in topic_patterns() if each.family in PUBLISHED_FAMILIES}
    return Bindings(families, {each.full_name: each.text for each in newest_schemas().values()})


def binding_faults(entry: Resource, bindings: Bindings) -> tuple[Refusal, ...]:
    """Why the entry is not bound to a topic and a record schema that carry its data items; empty when it is."""
    return tuple(_topic_faults(entry, bindings)) or tuple(_schema_faults(entry, bindings))


def _topic_faults(entry: Resource, bindings: Bindings) -> Iterator[Refusal]:
    family, _, department = entry.topic.partition(".")
    if family not in bindings.families or department != entry.provider:
        known = "、".join(f"{each}.{entry.provider}" for each in bindings.families)
        yield Refusal(
            field="topic",
            reason=f"主题“{entry.topic}”不是提供方发布数据的主题" if entry.topic else "没有绑定主题",
            reason_en=f"{entry.topic!r} is no topic on which the provider publishes",
            remedy=f"绑定其中之一：{known}",
            remedy_en=f"bind it to one of: {', '.join(f'{each}.{entry.provider}' for each in bindings.families)}",
        )
    elif entry.schema_name.rpartition(".")[2] not in bindings.families[family]:
        yield _schema_refusal(entry, ", ".join(bindings.families[family]))


def _schema_faults(entry: Resource, bindings: Bindings) -> Iterator[Refusal]:
    text = bindings.schemas.get(entry.schema_name)
    if text is None:
        yield _schema_refusal(entry, ", ".join(sorted(bindings.schemas)))
        return
    carried = {field["name"]: _avro_type(field["type"]) for field in msgspec.json.decode(text)["fields"]}
    for item in entry.data_items:
        if item.field not in carried:
            yield Refusal(
                field=f"data_items[{item.field}].field",
                reason=f"记录结构“{entry.schema_name}”没有字段“{item.field}”（{item.name}）",
                reason_en=f"the record schema {entry.schema_name} has no field {item.field!r}",
                remedy="更正字段名，或绑定含有该字段的记录结构",
                remedy_en="correct the field, or bind the entry to a record schema that has it",
            )
        elif item.type not in ("unstated", *_TYPES.get(carried[item.field], (item.type,))):
            yield Refusal(
                field=f"data_items[{item.field}].type",
                reason=f"信息项“{item.name}”的类型“{item.type}”与记录结构的“{carried[item.field]}”不符",
                reason_en=f"{item.field!r} is {item.type} here and {carried[item.field]} in {entry.schema_name}",
                remedy=f"改为：{'、'.join(_TYPES[carried[item.field]])}",
                remedy_en=f"make it one of: {', '.join(_TYPES[carried[item.field]])}",
            )


def _avro_type(avro: Any) -> str:
    """The logical type, else the type; of a union with null the other branch; else what stands there."""
    if isinstance(avro, list):
        others = [each for each in avro if each != "null"]
        return _avro_type(others[0]) if len(others) == 1 else "union"
    if isinstance(avro, dict):
        return str(avro.get("logicalType") or _avro_type(avro["type"]))
    return str(avro)


def _schema_refusal(entry: Resource, known: str) -> Refusal:
    return Refusal(
        field="schema_name",
        reason=f"主题“{entry.topic}”没有记录结构“{entry.schema_name}”",
        reason_en=f"the topic {entry.topic!r} carries no record schema {entry.schema_name!r}",
        remedy=f"绑定其中之一：{known}",
        remedy_en=f"bind it to one of: {known}",
    )
