"""The map of what could be filled from where, as rows for a table, sheets and JSON."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from catalog.recollection.comparison import Compared, Supply
from catalog.recollection.figures import Rate
from catalog.register.excel import Sheet
from catalog.register.list_rows import WORDS

HOW: Final[Mapping[str, str]] = MappingProxyType(
    {
        "mapped": "已预填（映射）",
        "blocked": "有映射，不能预填",
        "identifier": "标识，须填一次",
        "technical": "技术字段",
        "same-name": "同名（推测）",
        "synonym": "同义（推测）",
        "alike": "名称相近（推测）",
        "none": "只能由申请人填写",
    }
)
KINDS: Final[Mapping[str, str]] = MappingProxyType({"field": "字段", "material": "材料"})

HEADER: Final = (
    "表单",
    "表单名称",
    "类别",
    "标识",
    "名称",
    "结论",
    "把握（%）",
    "可由资源",
    "资源名称",
    "提供部门",
    "信息项",
    "共享属性",
    "其他来源",
    "说明",
)


def map_rows(lines: Iterable[Compared], names: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each field and material under ``HEADER``; ``names`` are the organisations' by their codes."""
    return (_row(line, names) for line in lines)


def map_sheets(lines: Iterable[Compared], rates: Iterable[Rate], names: Mapping[str, str]) -> tuple[Sheet, Sheet]:
    """Return the map and its figures as sheets."""
    figures = ((each.name, str(each.count), str(each.of), _percent(each), each.definition) for each in rates)
    return (
        Sheet("可由共享填写对照表", (HEADER, *map_rows(lines, names))),
        Sheet("重复收集率", (("指标", "分子", "分母", "百分比", "口径"), *figures)),
    )


def map_document(lines: Iterable[Compared], rates: Iterable[Rate]) -> dict[str, Any]:
    """Return the map and its figures as one JSON value."""
    return {"lines": [_line(each) for each in lines], "rates": [rate_row(each) for each in rates]}


def rate_row(rate: Rate) -> dict[str, str | int | None]:
    """Return a rate with its numerator, denominator and definition."""
    percent = None if rate.percent is None else _percent(rate)
    return {
        "code": rate.code,
        "name": rate.name,
        "count": rate.count,
        "of": rate.of,
        "percent": percent,
        "definition": rate.definition,
    }


def _row(line: Compared, names: Mapping[str, str]) -> tuple[str, ...]:
    asked = line.asked
    return (
        asked.form,
        asked.form_name,
        KINDS[asked.kind],
        asked.id,
        asked.name,
        HOW[line.how],
        *(_first(line.supplies[0], names) if line.supplies else ("",) * 6),
        "、".join(each.resource for each in line.supplies[1:]),
        line.note,
    )


def _first(supply: Supply, names: Mapping[str, str]) -> tuple[str, ...]:
    return (
        str(supply.confidence),
        supply.resource,
        supply.resource_name,
        names.get(supply.provider, supply.provider),
        supply.name,
        WORDS.get(supply.sharing_class, supply.sharing_class),
    )


def _line(line: Compared) -> dict[str, Any]:
    return {
        "form": line.asked.form,
        "form_name": line.asked.form_name,
        "kind": line.asked.kind,
        "id": line.asked.id,
        "name": line.asked.name,
        "how": line.how,
        "guessed": line.guessed,
        "note": line.note,
        "supplies": [{name: getattr(each, name) for name in each.__struct_fields__} for each in line.supplies],
    }


def _percent(rate: Rate) -> str:
    return "—" if rate.percent is None else f"{rate.percent:.1f}"
