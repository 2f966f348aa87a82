"""Entries of a sheet against the register: what each would change, row by row, and the commands that do it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from catalog.name_likeness import normalised
from catalog.register.canonical import plain
from catalog.register.changes import RESOURCE, Refusal, State
from catalog.register.checker_items import field_faults
from catalog.register.declared import content_of, read_declaration
from catalog.register.folder import Declaration
from catalog.register.item_guess import guessed_class
from catalog.register.life import content_in_preparation
from catalog.register.model import DataItem, Resource
from catalog.register.plan import PlannedChange, Standing, planned
from catalog.register.sheet_entries import CellFault, SheetEntry, SheetItem, derived_code

Outcome = Literal["new", "changed", "same", "refused"]
NO_FIELD: Final = "来源没有字段名，按序号暂定"


class RowResult(msgspec.Struct, frozen=True):
    """What becomes of one entry of a sheet: by its cell, and why it is refused where it is."""

    cell: str
    code: str
    name: str
    outcome: Outcome
    change: PlannedChange | None = None
    faults: tuple[CellFault, ...] = ()
    notes: tuple[str, ...] = ()


def import_results(entries: Sequence[SheetEntry], register: Mapping[str, Standing]) -> tuple[RowResult, ...]:
    """Return what each entry would change; ``register`` holds the entries that stand, by their code."""
    found = _Found(register)
    coded = [(entry, found.code_of(entry)) for entry in entries]
    times = Counter(code for _, code in coded if code)
    return tuple(_result(entry, code, register.get(code), times[code]) for entry, code in coded)


def commands_of(results: Sequence[RowResult]) -> list[dict[str, Any]]:
    """The commands that do what was planned, as the register's door takes them."""
    return [
        {
            "entity": RESOURCE,
            "entity_id": result.change.entity_id,
            "action": result.change.action,
            "payload": dict(result.change.payload),
            "expected_version": result.change.expected_version,
            "reason": None,
        }
        for result in results
        if result.change is not None
    ]


class _Found:
    """Entries that stand, by what a sheet may know of them."""

    def __init__(self, register: Mapping[str, Standing]) -> None:
        contents = {code: content_in_preparation(each.state) for code, each in register.items()}
        self._by_catalogue_code = {
            content["catalogue_code"]: code for code, content in contents.items() if "/" in content["catalogue_code"]
        }
        self._by_name = {(each["provider"], normalised(each["name"])): code for code, each in contents.items()}

    def code_of(self, entry: SheetEntry) -> str:
        """The entry's code: as stated, as registered under its catalogue code or name, else derived."""
        catalogue_code = str(entry.stated.get("catalogue_code", ""))
        return (
            entry.code
            or self._by_catalogue_code.get(catalogue_code, "")
            or self._by_name.get((entry.provider, normalised(entry.name)), "")
            or derived_code(entry.provider, catalogue_code if "/" in catalogue_code else "", entry.name)
        )


def _result(entry: SheetEntry, code: str, standing: Standing | None, times: int) -> RowResult:
    refused = RowResult(entry.cell, code, entry.name, "refused", None, entry.faults, entry.notes)
    if entry.faults:
        return refused
    if times > 1:
        return msgspec.structs.replace(refused, faults=(_repeated(entry, code, times),))
    content = _content(entry, code, None if standing is None else content_in_preparation(standing.state))
    faults = _faults(entry, content)
    if faults:
        return msgspec.structs.replace(refused, faults=faults)
    declaration = Declaration(RESOURCE, code, content, "", entry.cell)
    register: dict[Any, Standing] = {}
    if standing is not None:
        register[RESOURCE, code] = standing
    changes = planned([declaration], register)
    if not changes:
        return RowResult(entry.cell, code, entry.name, "same", notes=entry.notes)
    outcome: Outcome = "new" if changes[0].kind == "add" else "changed"
    return RowResult(entry.cell, code, entry.name, outcome, changes[0], (), entry.notes)


def _content(entry: SheetEntry, code: str, before: State | None) -> State:
    """What the rows state, over what stands; a cell that is empty says nothing."""
    named = {"code": code, "name": entry.name, "provider": entry.provider}
    standing = dict(
        before or content_of(RESOURCE, plain(Resource(code=code, name=entry.name, provider=entry.provider)))
    )
    merged = {**standing, **named, **entry.stated}
    if _is_numbered(standing.get("catalogue_code", ""), merged["catalogue_code"]):
        # The sheet names the class of a code whose sequence was given since.
        merged["catalogue_code"] = standing["catalogue_code"]
    if entry.items:
        merged["data_items"] = _items(entry.items, standing["data_items"])
    return content_of(RESOURCE, plain(msgspec.convert(merged, Resource)))


def _items(items: Sequence[SheetItem], before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    by_field = {each["field"]: each for each in before}
    by_name = {each["name"]: each for each in reversed(before)}
    return [
        _item(item, number, by_field.get(item.stated.get("field", "")) or by_name.get(item.name) or {})
        for number, item in enumerate(items, 1)
    ]


def _item(item: SheetItem, number: int, standing: Mapping[str, Any]) -> dict[str, Any]:
    derived: dict[str, Any] = {"name": item.name}
    if "field" not in item.stated and not standing:
        derived |= {"field": f"item_{number}", "note": NO_FIELD}
    if "item_class" not in item.stated and not standing:
        derived |= {"item_class": guessed_class(item.name), "guessed": True}
    stated = item.stated
    if stated.get("guessed") and standing and not standing["guessed"]:
        # A guess does not stand against what a reviewer confirmed.
        stated = {name: value for name, value in stated.items() if name not in ("type", "item_class", "guessed")}
    whole = {**standing, **derived, **stated}
    return plain(msgspec.convert(whole, DataItem))


def _is_numbered(standing: str, stated: str) -> bool:
    return "/" not in stated and standing.startswith(f"{stated}/")


def _faults(entry: SheetEntry, content: State) -> tuple[CellFault, ...]:
    read = read_declaration(RESOURCE, content)
    refusals = (read,) if isinstance(read, Refusal) else tuple(field_faults(msgspec.convert(read, Resource)))
    return tuple(
        CellFault(entry.cell, each.field, each.reason, each.reason_en, each.remedy, each.remedy_en) for each in refusals
    )


def _repeated(entry: SheetEntry, code: str, times: int) -> CellFault:
    return CellFault(
        entry.cell,
        "资源标识",
        f"“{code}”在文件中出现 {times} 次",
        f"{code!r} stands {times} times in the file",
        "每个资源只列一次，信息项逐行接续",
        "list each entry once, its data items row by row",
    )
