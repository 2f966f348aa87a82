"""Lists as sheets in the layout that officials know: the list itself, how it came about, what differs from the last."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from catalog.register.excel import Sheet
from catalog.register.http_views import iso
from catalog.register.list_refusals import STATES
from catalog.register.list_rows import COLUMNS, KEY, WORDED, WORDS, ListKind, Row, row_differences
from catalog.register.lists import DrawnList

NUMBER: Final = "序号"
CHANGES: Final[Mapping[str, str]] = {"added": "新增", "removed": "删除", "changed": "变更"}


def list_sheets(drawn: DrawnList, last: DrawnList | None = None) -> tuple[Sheet, ...]:
    """Return the sheets of a list; ``last`` is the list that it is compared with, for the rows that are gone."""
    return (
        Sheet(drawn.title, (header(drawn.kind), *body(drawn.kind, drawn.rows))),
        Sheet("编制说明", (("项目", "内容"), *_about(drawn))),
        Sheet("与上期差异", tuple(_differences(drawn, last))),
    )


def header(kind: ListKind) -> tuple[str, ...]:
    """Return the headings of a kind of list, the number first."""
    return (NUMBER, *COLUMNS[kind].values())


def body(kind: ListKind, rows: Iterable[Row]) -> Iterator[tuple[str, ...]]:
    """Yield the rows under the headings, code words as officials read them."""
    for number, row in enumerate(rows, 1):
        yield (str(number), *(worded(name, row.get(name)) for name in COLUMNS[kind]))


def worded(column: str, value: str | int | None) -> str:
    """Return a cell as officials read it; "" where there is nothing."""
    if value is None:
        return ""
    text = str(value)
    if column not in WORDED:
        return text
    return "、".join(WORDS.get(word, word) for word in text.split("、"))


def difference_rows(earlier: DrawnList | None, later: DrawnList) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield change, key, column, before and after, one row for each column that differs."""
    before: dict[str, Mapping[str, Any]] = {} if earlier is None else {str(row[KEY]): row for row in earlier.rows}
    after = {str(row[KEY]): row for row in later.rows}
    found = row_differences(before.values(), after.values())
    yield from ((CHANGES["added"], key, "", "", _named(after[key])) for key in found.added)
    yield from ((CHANGES["removed"], key, "", _named(before[key]), "") for key in found.removed)
    headings = COLUMNS[later.kind]
    for key, columns in found.changed:
        for column in columns:
            sides = (worded(column, before[key].get(column)), worded(column, after[key].get(column)))
            yield (CHANGES["changed"], key, headings.get(column, column), *sides)


def _named(row: Mapping[str, Any]) -> str:
    return str(row.get("name") or row.get("resources") or "")


def _about(drawn: DrawnList) -> Iterator[tuple[str, str]]:
    yield "名称", drawn.title
    yield "期次", drawn.period
    yield "范围", drawn.department or "全部部门"
    yield "状态", STATES[drawn.state]
    yield "条数", str(drawn.row_count)
    yield "编制", f"{drawn.drawn_up_by}，{iso(drawn.drawn_up_at)}（数据截至该时刻）"
    if drawn.as_of:
        yield "统计截至", f"{drawn.as_of}，口径第 {drawn.rule_version} 版"
    yield "审签", f"{drawn.signed_off_by}，{iso(drawn.signed_off_at)}" if drawn.signed_off_by else "尚未审签"
    yield "发布", f"{drawn.published_by}，{iso(drawn.published_at)}" if drawn.published_by else "尚未发布"
    yield "对照", drawn.compared_with or "无上期清单"
    yield "校验值", drawn.digest


def _differences(drawn: DrawnList, last: DrawnList | None) -> Iterator[tuple[str, ...]]:
    yield ("变化", "标识", "栏目", "上期", "本期")
    if drawn.compared_with and last is not None:
        yield from difference_rows(last, drawn)
