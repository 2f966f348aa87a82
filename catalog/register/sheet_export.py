"""Catalogue entries as a sheet in the guideline's columns, one row a data item; reading it back changes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from catalog.register import sheet_columns as column
from catalog.register.excel import Sheet
from catalog.register.guideline_words import ITEM_CLASSES, ITEM_TYPES, SHARING_CLASSES, cycle_words
from catalog.register.model import UNSTATED
from catalog.register.sheet_entries import GUESSED

SHEET: Final = "政务信息资源目录"

_SHARING: Final = {word: name for name, word in SHARING_CLASSES.items()}
_ITEM_CLASS: Final = {word: name for name, word in ITEM_CLASSES.items()}
_ITEM_TYPE: Final = {word: name for name, word in ITEM_TYPES.items()}


def entries_sheet(
    contents: Iterable[Mapping[str, Any]], names: Mapping[str, str], published_on: Mapping[str, str]
) -> Sheet:
    """Return the sheet of these entries.

    Args:
        contents: fields of ``catalog.register.model.Resource``.
        names: code → name of each organisation.
        published_on: code → the day of the entry's publication, ``YYYY-MM-DD``; missing where it was never.
    """
    rows = [row for content in contents for row in _rows(content, names, published_on)]
    cells = tuple(tuple(row.get(name, "") for name in column.COLUMNS) for row in rows)
    return Sheet(SHEET, (column.COLUMNS, *cells))


def _rows(
    content: Mapping[str, Any], names: Mapping[str, str], published_on: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    head = _head(content, names, published_on)
    for number, item in enumerate(content["data_items"]):
        yield {**head, **_item(item)} if number == 0 else _item(item)
    if not content["data_items"]:
        yield head


def _head(content: Mapping[str, Any], names: Mapping[str, str], published_on: Mapping[str, str]) -> dict[str, str]:
    return {
        column.CLASS: content["catalogue_code"].partition("/")[0],
        column.NAME: content["name"],
        column.CATALOGUE_CODE: content["catalogue_code"],
        column.PROVIDER: names.get(content["provider"], content["provider"]),
        column.PROVIDER_CODE: content["provider"],
        column.SUMMARY: content["summary"],
        column.FORMAT: _stated(content["format"]),
        column.SHARING_CLASS: _SHARING.get(content["sharing_class"], ""),
        column.CONDITIONS: content["conditions_of_use"],
        column.MEANS: "、".join(content["sharing_means"]),
        column.CYCLE: cycle_words(content["update_cycle_days"]),
        column.PUBLISHED_ON: published_on.get(content["code"], ""),
        column.CODE: content["code"],
        column.SCOPE: content["scope_of_use"],
        column.LEGAL_BASIS: "、".join(content["legal_basis"]),
        column.WITHHELD_REASON: content["withheld_reason"],
        column.CLASSIFICATION: _stated(content["classification"]),
    }


def _item(item: Mapping[str, Any]) -> dict[str, str]:
    return {
        column.ITEM_NAME: item["name"],
        column.ITEM_TYPE: _ITEM_TYPE.get(item["type"], ""),
        column.ITEM_LENGTH: "" if item["length"] is None else str(item["length"]),
        column.FIELD: item["field"],
        column.ITEM_CLASS: _ITEM_CLASS[item["item_class"]] + (GUESSED if item["guessed"] else ""),
    }


def _stated(text: str) -> str:
    return "" if text == UNSTATED else text
