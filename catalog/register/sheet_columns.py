"""Columns of a catalogue's sheet: those of 政务信息资源目录编制指南, and our own behind them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from catalog.name_likeness import normalised

CLASS: Final = "信息资源分类"
NAME: Final = "信息资源名称"
CATALOGUE_CODE: Final = "信息资源代码"
PROVIDER: Final = "信息资源提供方"
PROVIDER_CODE: Final = "提供方代码"
SUMMARY: Final = "信息资源摘要"
FORMAT: Final = "信息资源格式"
ITEM_NAME: Final = "信息项名称"
ITEM_TYPE: Final = "数据类型"
ITEM_LENGTH: Final = "数据长度"
SHARING_CLASS: Final = "共享类型"
CONDITIONS: Final = "共享条件"
MEANS: Final = "共享方式"
IS_OPEN: Final = "是否向社会开放"
OPEN_CONDITIONS: Final = "开放条件"
CYCLE: Final = "更新周期"
PUBLISHED_ON: Final = "发布日期"
RELATED: Final = "关联资源代码"

CODE: Final = "资源标识"
FIELD: Final = "字段名"
ITEM_CLASS: Final = "信息项类别"
SCOPE: Final = "使用范围"
LEGAL_BASIS: Final = "依据"
WITHHELD_REASON: Final = "不予共享理由"
CLASSIFICATION: Final = "分类分级"

GUIDELINE: Final = (
    CLASS,
    NAME,
    CATALOGUE_CODE,
    PROVIDER,
    PROVIDER_CODE,
    SUMMARY,
    FORMAT,
    ITEM_NAME,
    ITEM_TYPE,
    ITEM_LENGTH,
    SHARING_CLASS,
    CONDITIONS,
    MEANS,
    IS_OPEN,
    OPEN_CONDITIONS,
    CYCLE,
    PUBLISHED_ON,
    RELATED,
)
OURS: Final = (CODE, FIELD, ITEM_CLASS, SCOPE, LEGAL_BASIS, WITHHELD_REASON, CLASSIFICATION)
COLUMNS: Final = (*GUIDELINE, *OURS)
NOT_KEPT: Final = (IS_OPEN, OPEN_CONDITIONS, PUBLISHED_ON, RELATED)
"""Columns of the guideline for which the register has no field, or whose value follows from the entry's life."""

_ALSO: Final[Mapping[str, str]] = MappingProxyType(
    {
        "资源名称": NAME,
        "资源代码": CATALOGUE_CODE,
        "资源提供方": PROVIDER,
        "提供方": PROVIDER,
        "资源提供方代码": PROVIDER_CODE,
        "信息资源提供方代码": PROVIDER_CODE,
        "资源摘要": SUMMARY,
        "资源格式": FORMAT,
        "信息项": ITEM_NAME,
        "信息项数据类型": ITEM_TYPE,
        "信息项类型": ITEM_TYPE,
        "类型": ITEM_TYPE,
        "长度": ITEM_LENGTH,
        "信息项长度": ITEM_LENGTH,
        "名称": ITEM_NAME,
        "共享属性": SHARING_CLASS,
        "条件": CONDITIONS,
        "方式": MEANS,
        "开放属性": IS_OPEN,
        "资源分类": CLASS,
    }
)
_KNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {**{normalised(each): each for each in COLUMNS}, **{normalised(also): name for also, name in _ALSO.items()}}
)


def column_of(header: str) -> str | None:
    """The column that a heading names, whatever its blanks and brackets; ``None``: it names none."""
    return _KNOWN.get(normalised(header))


def header_of(rows: Sequence[Sequence[str]]) -> tuple[int, dict[int, str]] | None:
    """Where the content begins, and which column stands at which place; ``None``: no row is a header.

    A header takes one row, or two where headings such as 信息项信息 stand above others.
    """
    for number, row in enumerate(rows[:20]):
        named = {place: column for place, cell in enumerate(row) if (column := column_of(cell))}
        if NAME not in named.values():
            continue
        below = rows[number + 1] if number + 1 < len(rows) else ()
        inner = {place: column for place, cell in enumerate(below) if (column := column_of(cell))}
        if ITEM_NAME in inner.values():
            return number + 2, {**named, **inner}
        return number + 1, named
    return None
