"""Whether what an entry promises may follow what it promised before; faults with place and reason in two languages.

Faults of Avro are told by the kinds of Apache Avro's own checker, in ``catalog.registry.compatibility``.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from catalog.register.changes import Refusal
from catalog.register.codes import FIELD
from catalog.register.life_binding import Bindings
from catalog.register.model import DataItemType, Resource
from catalog.registry.compatibility import CompatibilityFault, Level, SchemaInvalid, compatibility_faults

_AVRO: Final[Mapping[DataItemType, Any]] = MappingProxyType(
    {
        "text": "string",
        "choice": "string",
        "number": "double",
        "date": {"type": "int", "logicalType": "date"},
        "instant": {"type": "long", "logicalType": "timestamp-micros"},
        "boolean": "boolean",
        "file": "bytes",
    }
)
_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name_mismatch": "记录名称不同",
        "fixed_size_mismatch": "定长字段的长度不同",
        "missing_enum_symbols": "枚举缺少已写入的值",
        "reader_field_missing_default_value": "新增字段没有默认值，早先的记录中没有该字段",
        "type_mismatch": "类型不同，无法读取",
        "missing_union_branch": "联合类型缺少已写入的类型",
    }
)
_POINTED_FIELD: Final = re.compile(r"/fields/(\d+)")


def change_faults(before: Resource, after: Resource, bindings: Bindings) -> tuple[Refusal, ...]:
    """Why a published entry may not become this one: data items whose type differs, a record schema that cannot follow.

    A data item that vanishes is no fault here: who reads it is listed by ``catalog.register.trial``.
    """
    return (*_item_faults(before, after), *_binding_faults(before, after, bindings))


def schema_refusals(level: Level, text: str, earlier: Sequence[tuple[int, str]]) -> tuple[Refusal, ...]:
    """Why an Avro schema may not follow the ``(version, text)`` pairs, oldest first; empty when it may."""
    if names := tuple(name_refusals(text)):
        return names
    try:
        return tuple(_explained(text, fault) for fault in compatibility_faults(level, text, earlier))
    except SchemaInvalid as invalid:
        return (_not_a_schema(str(invalid)),)


def name_refusals(text: str) -> Iterator[Refusal]:
    """Yield each name in a schema's text that is not ASCII: Chinese goes into ``doc``."""
    try:
        definition = json.loads(text)
    except (ValueError, RecursionError) as broken:
        yield _not_a_schema(str(broken))
        return
    for place, name in _names(definition, ""):
        if FIELD.fullmatch(name) is None:
            yield Refusal(
                field=place,
                reason=f"“{name}”不能作名称：名称只含英文字母、数字和下划线",
                reason_en=f"{name!r} cannot be a name: letters, digits and underscores are due",
                remedy="名称用英文，中文写入 doc",
                remedy_en="name it in ASCII and put the Chinese into doc",
            )


def entry_schema(entry: Resource) -> str:
    """The Avro schema that an entry's data items promise: each may be absent, its Chinese name stands in ``doc``."""
    fields = [
        {"name": item.field, "type": ["null", _AVRO[item.type]], "default": None, "doc": item.name}
        for item in entry.data_items
        if item.type in _AVRO
    ]
    # One name for all versions of one entry: a code's dot and hyphens are no part of an Avro name.
    name = re.sub(r"[^a-z0-9]", "_", entry.code)
    return json.dumps({"type": "record", "name": name, "doc": entry.name, "fields": fields}, ensure_ascii=False)


def _item_faults(before: Resource, after: Resource) -> Iterator[Refusal]:
    faults = compatibility_faults(Level.FULL, entry_schema(after), [(before.version, entry_schema(before))])
    old = {item.field: item for item in before.data_items}
    told: set[str] = set()
    for fault in faults:
        field = _field_at(entry_schema(after if fault.reader == "new" else before), fault.place)
        if field is None or field in told or field not in old:
            continue
        told.add(field)
        new = next(item for item in after.data_items if item.field == field)
        yield Refusal(
            field=f"data_items[{field}].type",
            reason=f"信息项“{new.name}”由 {old[field].type} 改为 {new.type}，已发布版本的读者无法读取",
            reason_en=f"{field!r} turns from {old[field].type} into {new.type}: readers of the published version fail",
            remedy="保留原信息项，另增一个新类型的信息项",
            remedy_en="keep the data item, and add another one of the new type",
        )


def _binding_faults(before: Resource, after: Resource, bindings: Bindings) -> Iterator[Refusal]:
    old, new = bindings.schemas.get(before.schema_name), bindings.schemas.get(after.schema_name)
    if before.schema_name != after.schema_name and old is not None and new is not None:
        for each in schema_refusals(Level.BACKWARD, new, [(before.version, old)]):
            yield Refusal(
                field=f"schema_name{each.field}",
                reason=each.reason,
                reason_en=each.reason_en,
                remedy="保留原记录结构，或另立一条目录",
                remedy_en="keep the record schema, or make another entry",
            )


def _explained(text: str, fault: CompatibilityFault) -> Refusal:
    kinds = "；".join(_KINDS.get(each, each) for each in fault.kind.split(", "))
    field = _field_at(text, fault.place) if fault.reader == "new" else None
    named = f"字段“{field}”：" if field else ""
    return Refusal(
        field=fault.place or "/",
        reason=f"{named}{kinds}（{_side(fault.reader)}读取{_side(fault.writer)}的记录）",
        reason_en=str(fault),
        remedy="新增字段给出默认值；不改类型，不改名称" if field else "使新旧两版都能读取对方的记录",
        remedy_en="give new fields a default; keep types and names",
    )


def _side(name: str) -> str:
    return "新版" if name == "new" else f"第 {name.removeprefix('version ')} 版"


def _field_at(text: str, place: str) -> str | None:
    """The name of the outermost field that a JSON pointer into a schema goes through."""
    match = _POINTED_FIELD.match(place)
    return str(json.loads(text)["fields"][int(match[1])]["name"]) if match else None


def _names(node: Any, place: str) -> Iterator[tuple[str, str]]:
    """Names of records, enums, fixed types and fields, each with its JSON pointer."""
    if isinstance(node, list):
        for number, each in enumerate(node):
            yield from _names(each, f"{place}/{number}")
    elif isinstance(node, dict):
        if isinstance(node.get("name"), str):
            yield f"{place}/name", node["name"].rpartition(".")[2]
        for key in ("fields", "type", "items", "values"):
            if isinstance(node.get(key), (dict, list)):
                yield from _names(node[key], f"{place}/{key}")


def _not_a_schema(said: str) -> Refusal:
    return Refusal(
        field="/",
        reason=f"不是 Avro 记录结构：{said}",
        reason_en=f"not an Avro schema: {said}",
        remedy="按 Avro 规范更正",
        remedy_en="correct it as Apache Avro's specification has it",
    )
