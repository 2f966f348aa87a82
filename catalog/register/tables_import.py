"""Tables of departments (a row a field: table, table_zh, field, field_zh, type) as draft entries, ready for review.

Who provides a table is a guess by the letters in its name; classes of fields are guesses by their Chinese names. What
the tables do not say, such as summary, sharing class and update cycle, stays unstated for the provider to fill in.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from catalog.register.codes import FIELD
from catalog.register.entry_import import NO_FIELD
from catalog.register.excel import Sheet, cell_name
from catalog.register.item_guess import guessed_class, guessed_type
from catalog.register.sheet_entries import CellFault, SheetEntry, SheetItem

HEADER: Final = ("table", "table_zh", "field", "field_zh", "type")
FORMAT: Final = "数据库"

PROVIDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "scjdgl": "market-regulation",
        "sw": "tax",
        "swbgxx": "tax",
        "rlsb": "human-resources",
        "kj": "science",
        "jt": "transport",
        "fzgg": "development-and-reform",
        "js": "housing-fund",
        "sl": "water",
        "zhzf": "urban-management",
        "ybj": "financial-regulation",
        "dsj": "data-bureau",
        "sgzw": "market-regulation",
        "hywlqyxydjxx": "transport",
        "gjzyjszwrzzgzsxx": "human-resources",
        "grwlxsxcpxx": "court",
        "qywlxsxcpxx": "court",
        "qyhjxwxypjxx": "ecology",
        "sgsxzxk": "development-and-reform",
        "tyshxydmxxgjxf": "market-regulation",
    }
)
"""Letters in a table's name → the organisation that keeps such data here: ours, a guess by the letters' pinyin."""

_NO_LETTER: Final = re.compile(r"[^A-Za-z0-9_]+")


def is_tables(sheet: Sheet) -> bool:
    """Whether the sheet is such a list of tables."""
    return bool(sheet.rows) and tuple(sheet.rows[0][: len(HEADER)]) == HEADER


def table_entries(sheet: Sheet) -> tuple[SheetEntry, ...]:
    """Return one draft entry a table, in the order in which the tables first stand."""
    tables: dict[str, list[int]] = {}
    for number, row in enumerate(sheet.rows[1:], 1):
        if any(row):
            tables.setdefault(row[0], []).append(number)
    return tuple(_entry(sheet, table, numbers) for table, numbers in tables.items())


def _entry(sheet: Sheet, table: str, numbers: list[int]) -> SheetEntry:
    cells = [_cells(sheet.rows[number]) for number in numbers]
    provider = next((PROVIDERS[each] for each in table.split("_") if each in PROVIDERS), "")
    faults = tuple(_faults(sheet, table, provider, numbers))
    name = _line(cells[0][1])
    slug = re.sub(r"[^a-z0-9]+", "-", table.lower()).strip("-")
    stated: dict[str, Any] = {"format": FORMAT}
    items = tuple(_items(cells))
    return SheetEntry(cell_name(sheet.name, numbers[0], 0), name, provider, f"{provider}.{slug}", stated, items, faults)


def _items(rows: list[tuple[str, ...]]) -> Iterator[SheetItem]:
    taken: set[str] = set()
    for number, (_, _, written, name, kind) in enumerate(rows, 1):
        field, note = _field(written, number)
        if field in taken:
            field, note = f"{field}_{number}", f"来源的字段名“{field}”重复"
        taken.add(field)
        plain = _line(name) or field
        yield SheetItem(
            plain,
            {
                "field": field,
                "type": guessed_type(kind, plain),
                "item_class": guessed_class(plain),
                "guessed": True,
                "note": note,
            },
        )


def _field(written: str, number: int) -> tuple[str, str]:
    """A name that records can carry, and what was done to the one that stands there."""
    if FIELD.fullmatch(written):
        return written, ""
    if not written:
        return f"item_{number}", NO_FIELD
    mended = _NO_LETTER.sub("_", written).strip("_")
    field = mended if FIELD.fullmatch(mended) else f"item_{number}"
    return field, f"来源的字段名为“{_line(written)}”"


def _faults(sheet: Sheet, table: str, provider: str, numbers: list[int]) -> Iterator[CellFault]:
    if not provider:
        yield CellFault(
            cell_name(sheet.name, numbers[0], 0),
            "table",
            f"从表名“{table}”看不出提供方",
            f"the name {table!r} tells no provider",
            "在表名中写明提供方的字母缩写，或改用编制指南的表头",
            "use a table name with a known provider's letters, or the guideline's header",
        )
    for number in numbers:
        if len(sheet.rows[number]) != len(HEADER):
            yield CellFault(
                cell_name(sheet.name, number, 0),
                "table",
                f"该行有 {len(sheet.rows[number])} 列，应为 {len(HEADER)} 列",
                f"{len(sheet.rows[number])} cells, {len(HEADER)} are due",
                "补齐或删去多余的列",
                "give the row its five cells",
            )


def _cells(row: tuple[str, ...]) -> tuple[str, ...]:
    return (*row, *("" for _ in HEADER))[: len(HEADER)]


def _line(text: str) -> str:
    return " ".join(text.split())
