"""Faults of an entry's data items: their names, fields, types and classes."""

from collections import Counter
from collections.abc import Iterator

from catalog.register.codes import FIELD
from catalog.register.entry_fault import EntryFault, error, warning
from catalog.register.item_guess import guessed_class
from catalog.register.model import DataItem, Resource

NAMED_AT_MOST = 5


def field_faults(entry: Resource) -> Iterator[EntryFault]:
    """Yield what no state of an entry may have: field names that records cannot carry, and the same field twice."""
    for item in entry.data_items:
        if FIELD.fullmatch(item.field) is None:
            yield _not_a_field(item)
    for field, times in Counter(item.field for item in entry.data_items).items():
        if times > 1:
            yield error(
                f"data_items[{field}].field",
                f"字段名“{field}”重复 {times} 次",
                f"the field {field!r} stands {times} times",
                "每个信息项使用不同的字段名",
                "give each data item a field of its own",
            )


def item_faults(entry: Resource) -> Iterator[EntryFault]:
    """Yield every fault of the data items."""
    yield from field_faults(entry)
    for name, times in Counter(item.name for item in entry.data_items).items():
        if times > 1:
            yield warning(
                f"data_items[{name}]",
                f"信息项名称“{name}”重复 {times} 次",
                f"the data item {name!r} stands {times} times",
                "核对是否为同一信息项，或以名称区分",
                "see whether they are one, or tell them apart by their names",
            )
    for item in entry.data_items:
        yield from _class_faults(item)
    yield from _summed(entry)


def _not_a_field(item: DataItem) -> EntryFault:
    if item.field.isascii():
        return error(
            f"data_items[{item.name}].field",
            f"字段名“{item.field}”应以字母或下划线开头，只含字母、数字和下划线",
            f"the field {item.field!r} is not letters, digits and underscores, beginning with no digit",
            "更正字段名",
            "correct the field's name",
        )
    return error(
        f"data_items[{item.name}].field",
        f"字段名“{item.field}”含有中文或其他非 ASCII 字符",
        f"the field {item.field!r} is not ASCII",
        "字段名使用英文字母、数字和下划线；中文名称写入名称，记录结构中写入 doc",
        "name the field in ASCII; its Chinese name goes into name, and into doc in the record schema",
    )


def _class_faults(item: DataItem) -> Iterator[EntryFault]:
    looks = guessed_class(item.name)
    place = f"data_items[{item.field}].item_class"
    if item.item_class != "ordinary" or item.guessed or looks == "ordinary":
        return
    if looks == "trade-secret":
        yield warning(
            place,
            f"信息项“{item.name}”可能涉及商业秘密，却列为一般",
            f"the data item {item.name!r} may be a trade secret and is classed as ordinary",
            "核对类别，或在备注中说明",
            "see to its class, or say why in its note",
        )
    elif not item.note.strip():
        yield error(
            place,
            f"信息项“{item.name}”像是个人信息，却没有定级",
            f"the data item {item.name!r} looks personal and has no class",
            "定为个人信息或敏感个人信息；确非个人信息的，在备注中说明",
            "class it as personal or sensitive-personal; where it is not, say why in its note",
        )


def _summed(entry: Resource) -> Iterator[EntryFault]:
    """What many items share is said once."""
    guessed = [item for item in entry.data_items if item.guessed]
    untyped = [item for item in entry.data_items if item.type == "unstated"]
    if guessed:
        yield warning(
            "data_items.guessed",
            f"{len(guessed)} 个信息项的类型和类别为推测：{_some(guessed)}",
            f"type and class of {len(guessed)} data items are guesses",
            "由审核人逐项确认",
            "have the reviewer confirm them",
        )
    if untyped:
        yield warning(
            "data_items.type",
            f"{len(untyped)} 个信息项没有数据类型：{_some(untyped)}",
            f"{len(untyped)} data items have no type",
            "填写数据类型",
            "state their types",
        )
    sensitive = [item for item in entry.data_items if item.item_class in ("sensitive-personal", "state-restricted")]
    if sensitive and entry.sharing_class == "unconditional":
        yield error(
            "sharing_class",
            f"无条件共享的资源含有敏感个人信息或国家限制信息：{_some(sensitive)}",
            f"an entry shared unconditionally has {len(sensitive)} sensitive or state-restricted data items",
            "改为有条件共享，或移除这些信息项",
            "share it on conditions, or take these items out",
        )


def _some(items: list[DataItem]) -> str:
    shown = "、".join(item.name for item in items[:NAMED_AT_MOST])
    return shown if len(items) <= NAMED_AT_MOST else f"{shown} 等"
