"""Rows of a sheet as catalogue entries, and every cell that cannot be read, by its name."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from catalog.name_likeness import normalised
from catalog.register import sheet_columns as column
from catalog.register.codes import ENTRY_CODE, FIELD, CodeFault, read_code
from catalog.register.excel import Sheet, cell_name
from catalog.register.guideline_words import ITEM_CLASSES, ITEM_TYPES, SHARING_CLASSES, cycle_days
from catalog.register.item_guess import guessed_type

GUESSED: Final = "（推测）"
"""Behind an item's class: it was derived from the name, and nobody confirmed it."""


class CellFault(msgspec.Struct, frozen=True):
    """A cell that cannot be taken, in Chinese and in English, and what to do."""

    cell: str
    column: str
    reason: str
    reason_en: str
    remedy: str
    remedy_en: str


class SheetItem(msgspec.Struct, frozen=True):
    """One data item as its row states it; what is not stated is missing in ``stated``."""

    name: str
    stated: Mapping[str, Any]


class SheetEntry(msgspec.Struct, frozen=True):
    """One entry as its rows state it.

    Attributes:
        cell: of its name.
        code: as stated or derived; ``""`` where it is found by its name.
        stated: fields of ``catalog.register.model.Resource`` that the rows state.
        notes: what the rows state that the register does not keep.
    """

    cell: str
    name: str
    provider: str
    code: str
    stated: Mapping[str, Any]
    items: tuple[SheetItem, ...]
    faults: tuple[CellFault, ...] = ()
    notes: tuple[str, ...] = ()


class _Row(msgspec.Struct, frozen=True):
    sheet: str
    number: int
    cells: Mapping[str, tuple[int, str]]

    def text(self, name: str) -> str:
        return self.cells.get(name, (0, ""))[1]

    def cell(self, name: str) -> str:
        return cell_name(self.sheet, self.number, self.cells.get(name, (0, ""))[0])


def sheet_entries(
    sheets: Iterable[Sheet], organisations: Mapping[str, str]
) -> tuple[tuple[SheetEntry, ...], tuple[CellFault, ...]]:
    """Return the entries of all sheets, and the faults that concern a sheet as a whole.

    Args:
        sheets: those without the guideline's header are passed over, unless none has it.
        organisations: code, name, full name or alias → code of an organisation.
    """
    found: list[SheetEntry] = []
    faults: list[CellFault] = []
    headed = 0
    for sheet in sheets:
        header = column.header_of(sheet.rows)
        if header is None:
            continue
        headed += 1
        start, places = header
        if column.PROVIDER not in places.values() and column.PROVIDER_CODE not in places.values():
            faults.append(_no_provider_column(sheet.name, start))
            continue
        groups = _grouped(_rows(sheet, start, places))
        found += [_entry(rows, organisations) for rows in groups]
    if not headed:
        faults.append(_no_header())
    return tuple(found), tuple(faults)


def derived_code(provider: str, catalogue_code: str, name: str) -> str:
    """The hub's code of an entry that states none: from its catalogue code, else from its name; always the same."""
    digits = catalogue_code.replace("/", "-")
    return f"{provider}.r{digits or blake2b(normalised(name).encode(), digest_size=5).hexdigest()}"


def _rows(sheet: Sheet, start: int, places: Mapping[int, str]) -> Iterator[_Row]:
    for number, row in enumerate(sheet.rows[start:], start):
        cells = {name: (place, row[place].strip() if place < len(row) else "") for place, name in places.items()}
        if any(text for _, text in cells.values()):
            yield _Row(sheet.name, number, cells)


def _grouped(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    """Rows of one entry: those that name no other one."""
    group: list[_Row] = []
    for row in rows:
        if group and _begins(row, group[0]):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _begins(row: _Row, first: _Row) -> bool:
    named = (column.CODE, column.CATALOGUE_CODE, column.NAME, column.PROVIDER, column.PROVIDER_CODE)
    return any(row.text(name) and row.text(name) != first.text(name) for name in named)


def _entry(rows: list[_Row], organisations: Mapping[str, str]) -> SheetEntry:
    first, faults = rows[0], list[CellFault]()
    provider = _provider(first, organisations, faults)
    catalogue_code = _catalogue_code(first, faults)
    stated = {field: value for field, value in _fields(first, faults) if value not in ("", (), None)}
    if catalogue_code:
        stated["catalogue_code"] = catalogue_code
    name, code = first.text(column.NAME), first.text(column.CODE)
    if not name:
        faults.append(_fault(first, column.NAME, "没有信息资源名称", "there is no name", "填写名称", "write the name"))
    if code and ENTRY_CODE.fullmatch(code) is None:
        faults.append(
            _fault(first, column.CODE, "不是“部门.名称”的形式", "not department.name", "更正标识", "correct it")
        )
    items = tuple(item for row in rows if (item := _item(row, faults)) is not None)
    notes = tuple(f"{row.cell(name)} {name}：未登记" for row in rows for name in column.NOT_KEPT if row.text(name))
    return SheetEntry(first.cell(column.NAME), name, provider, code, stated, items, tuple(faults), notes)


def _provider(row: _Row, organisations: Mapping[str, str], faults: list[CellFault]) -> str:
    for name in (column.PROVIDER_CODE, column.PROVIDER):
        if (text := row.text(name)) and (code := organisations.get(normalised(text))):
            return code
    where = column.PROVIDER if column.PROVIDER in row.cells else column.PROVIDER_CODE
    text = row.text(where) or row.text(column.PROVIDER_CODE)
    faults.append(
        _fault(
            row,
            where,
            f"没有登记机构“{text}”" if text else "没有信息资源提供方",
            f"no organisation {text!r} is registered" if text else "there is no provider",
            "填写已登记机构的名称或代码",
            "write the name or code of a registered organisation",
        )
    )
    return ""


def _catalogue_code(row: _Row, faults: list[CellFault]) -> str:
    """The code, or its classifying digits where only these are stated."""
    name = column.CATALOGUE_CODE if row.text(column.CATALOGUE_CODE) else column.CLASS
    text = row.text(name)
    if name == column.CLASS and not text.isdigit():
        return ""
    read = read_code(text)
    if isinstance(read, CodeFault):
        faults.append(_fault(row, name, read.reason, read.reason_en, "例如 301001/000001", "such as 301001/000001"))
        return ""
    return text


def _fields(row: _Row, faults: list[CellFault]) -> Iterator[tuple[str, Any]]:
    yield "summary", row.text(column.SUMMARY)
    yield "format", row.text(column.FORMAT)
    yield "sharing_class", _worded(row, column.SHARING_CLASS, SHARING_CLASSES, faults)
    yield "conditions_of_use", row.text(column.CONDITIONS)
    yield "sharing_means", _listed(row.text(column.MEANS))
    yield (
        "update_cycle_days",
        _read(row, column.CYCLE, cycle_days, "每日、每周、每月、每季度、每半年、每年，或N天", faults),
    )
    yield "scope_of_use", row.text(column.SCOPE)
    yield "legal_basis", _listed(row.text(column.LEGAL_BASIS))
    yield "withheld_reason", row.text(column.WITHHELD_REASON)
    yield "classification", row.text(column.CLASSIFICATION)


def _item(row: _Row, faults: list[CellFault]) -> SheetItem | None:
    name = row.text(column.ITEM_NAME)
    if not name:
        return None
    stated: dict[str, Any] = {}
    if field := row.text(column.FIELD):
        stated["field"] = field
        if FIELD.fullmatch(field) is None:
            faults.append(
                _fault(
                    row,
                    column.FIELD,
                    f"字段名“{field}”只能含英文字母、数字和下划线",
                    f"the field {field!r} is not letters, digits and underscores",
                    "字段名用英文，中文写入信息项名称",
                    "name it in ASCII; the Chinese is the data item's name",
                )
            )
    if written := row.text(column.ITEM_TYPE):
        stated["type"] = ITEM_TYPES.get(written) or _read(row, column.ITEM_TYPE, _type, "、".join(ITEM_TYPES), faults)
    if row.text(column.ITEM_LENGTH):
        stated["length"] = _read(row, column.ITEM_LENGTH, _length, "正整数", faults)
    if written := row.text(column.ITEM_CLASS):
        plain = written.removesuffix(GUESSED)
        stated["item_class"] = _word(row, column.ITEM_CLASS, plain, ITEM_CLASSES, faults)
        stated["guessed"] = plain != written
    return SheetItem(name, stated)


def _type(written: str) -> str:
    found = guessed_type(written, "")
    if found == "unstated" and written != "未载明":
        raise ValueError(written)
    return found


def _length(written: str) -> int:
    # A length of a decimal may be written as 18,2: its digits are meant.
    length = int(re.split("[,，]", written, maxsplit=1)[0])
    if length < 1:
        raise ValueError(written)
    return length


def _worded(row: _Row, name: str, words: Mapping[str, str], faults: list[CellFault]) -> str:
    text = row.text(name)
    return _word(row, name, text, words, faults) if text else ""


def _word(row: _Row, name: str, text: str, words: Mapping[str, str], faults: list[CellFault]) -> str:
    found = words.get(text) or words.get(f"{text}共享") or (text if text in words.values() else "")
    if not found:
        faults.append(_unread(row, name, "、".join(words)))
    return found


def _read(row: _Row, name: str, read: Callable[[str], Any], known: str, faults: list[CellFault]) -> Any:
    text = row.text(name)
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        faults.append(_unread(row, name, known))
        return None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each for part in text.replace("；", "、").replace(";", "、").split("、") if (each := part.strip()))


def _unread(row: _Row, name: str, known: str) -> CellFault:
    text = row.text(name)
    return _fault(
        row,
        name,
        f"“{text}”不是{name}",
        f"{text!r} is not what this column takes",
        f"填写：{known}",
        f"write one of: {known}",
    )


def _fault(row: _Row, name: str, reason: str, reason_en: str, remedy: str, remedy_en: str) -> CellFault:
    return CellFault(row.cell(name), name, reason, reason_en, remedy, remedy_en)


def _no_provider_column(sheet: str, start: int) -> CellFault:
    return CellFault(
        cell_name(sheet, start - 1, 0),
        column.PROVIDER,
        "没有“信息资源提供方”列",
        "there is no column of the provider",
        "按编制指南的表头填写",
        "use the guideline's header",
    )


def _no_header() -> CellFault:
    return CellFault(
        "",
        column.NAME,
        "没有“信息资源名称”列",
        "no sheet has a column 信息资源名称",
        "按编制指南的表头填写",
        "use the guideline's header",
    )


def names_of(organisations: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Code, name, full name and aliases of registered organisations → their code."""
    named: dict[str, str] = {}
    for each in organisations:
        for name in (*each.get("aliases", ()), each.get("full_name"), each["name"], each["code"]):
            if name:
                named[normalised(name)] = each["code"]
    return named
