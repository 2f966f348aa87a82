"""The tables of a page of a bulletin, the same for XLSX and PDF: cells as values, and how each is written."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from analytics.bulletins.content import (
    CITY,
    Bulletin,
    DutyLine,
    EntryLine,
    EvaluationLine,
    Page,
    RateLine,
    ReductionLine,
    ResourceLine,
    StepLine,
    WaitLine,
)

Form: TypeAlias = Literal["text", "count", "share", "change", "number"]
Cell: TypeAlias = str | int | float | None
UNSTATED: Final = "未载明"


class Column(msgspec.Struct, frozen=True):
    """A column: its heading, how its cells are written, and its part of the page's width."""

    heading: str
    form: Form = "text"
    width: float = 1


class BulletinTable(msgspec.Struct, frozen=True):
    """A table: ``note`` stands under it; ``most`` rows are printed, a sheet has all; ``nothing`` stands for no row."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    most: int
    nothing: str
    note: str = ""


def tables_of(page: Page) -> tuple[BulletinTable, ...]:
    """The tables of a page, in their order; the city's has more of them than a department's."""
    return tuple(_city_tables(page) if page.code == CITY else _department_tables(page))


def footing_tables(bulletin: Bulletin) -> tuple[BulletinTable, ...]:
    """What the figures rest on: definitions with their versions, and the places of the log."""
    footing = bulletin.footing
    return (
        _table("口径版本", [Column("项目"), Column("口径")], footing.definitions, 30, "—"),
        _table(
            "数据位置",
            [Column("主题", width=3), Column("分区", "count"), Column("下一位置", "count")],
            footing.positions,
            0,
            "截至该日湖中没有数据",
            f"共{len(footing.positions)}处，摘要{footing.positions_digest}",
        ),
    )


def written(cell: Cell, form: Form) -> str:
    """A cell as text; nothing is a dash."""
    if cell is None:
        return "—"
    if isinstance(cell, str):
        return cell
    match form:
        case "share":
            return f"{cell:.1%}"
        case "change":
            return f"{cell * 100:+.1f}"
        case "number":
            return f"{cell:.1f}".removesuffix(".0")
        case _:
            return f"{cell:,}"


def _city_tables(page: Page) -> Iterator[BulletinTable]:
    yield _rates(page.rates, city=True)
    yield _entries(page.entries, 16, with_lead=True)
    yield _duties(page.duties, 12, with_department=True)
    yield _waits("办件等待与办理：按部门", "部门", page.departments, 15)
    yield _waits("办件等待与办理：按事项", "事项", page.items, 15)
    yield _steps(page.steps, 15)
    yield _resources(page.resources)
    yield _evaluations(page.evaluations)
    yield _reductions(page.reductions, 15)


def _department_tables(page: Page) -> Iterator[BulletinTable]:
    yield _rates(page.rates, city=False)
    yield _entries(page.entries, 7, with_lead=False)
    yield _duties(page.duties, 5, with_department=False)
    yield _waits("办件等待与办理", "事项", page.items, 7)
    yield _reductions(page.reductions, 5)


def _rates(lines: Sequence[RateLine], *, city: bool) -> BulletinTable:
    columns = [
        Column("指标", width=2.6),
        Column("本期", "share"),
        Column("计入", "count"),
        Column("应计", "count"),
        Column("较上月（百分点）", "change", 1.2),
        *(() if city else (Column("全市", "share"),)),
        Column("目标", "share"),
        Column("期限", width=1.3),
        Column("达标", width=0.8),
        *((Column("对照", width=3.2),) if city else ()),
    ]
    rows = [
        (
            each.name,
            _why(each) if each.value is None else each.value,
            _whole(each.numerator),
            _whole(each.denominator),
            each.change,
            *(() if city else (each.city,)),
            each.target,
            each.target_by,
            {True: "是", False: "否", None: "—"}[each.met],
            *((_twin(each),) if city else ()),
        )
        for each in lines
    ]
    return _table("数据共享指标", columns, rows, 20, "本期没有应计的指标")


def _why(line: RateLine) -> str:
    return "无应计" if not line.denominator else "未能计算"


def _twin(line: RateLine) -> str:
    if line.twin is None:
        return ""
    return f"{line.twin} {written(line.twin_value, 'share')}"


def _entries(lines: Sequence[EntryLine], most: int, *, with_lead: bool) -> BulletinTable:
    columns = [
        Column("类别", width=0.9),
        Column("序号", "count", 0.6),
        Column("内容", width=4.4),
        *((Column("牵头单位", width=2),) if with_lead else ()),
        Column("期限", width=1.2),
        Column("计划", "share", 0.8),
        Column("完成", "share", 0.8),
        Column("状态", width=0.9),
        Column("逾期（天）", "count", 0.9),
    ]
    rows = [
        (
            each.kind_name,
            each.number,
            each.name,
            *((each.leads or UNSTATED,) if with_lead else ()),
            each.due or UNSTATED,
            each.planned,
            each.done,
            each.state_name,
            each.days_late or None,
        )
        for each in lines
    ]
    return _table("工作台账（逾期、滞后在前，区级文件列后）", columns, rows, most, "没有牵头的条目")


def _duties(lines: Sequence[DutyLine], most: int, *, with_department: bool) -> BulletinTable:
    columns = [
        Column("义务", width=2),
        Column("对象", width=3),
        *((Column("责任部门", width=2),) if with_department else ()),
        Column("期限", width=1.3),
        Column("逾期（工作日）", "count", 1.2),
    ]
    rows = [
        (
            each.kind_name,
            each.about,
            *((each.department_name,) if with_department else ()),
            each.due,
            each.working_days_late,
        )
        for each in lines
    ]
    return _table("法定时限逾期未办", columns, rows, most, "期末没有逾期未办事项")


def _waits(title: str, of: str, lines: Sequence[WaitLine], most: int) -> BulletinTable:
    columns = [
        Column(of, width=3.2),
        Column("办结", "count", 0.8),
        Column("在办", "count", 0.8),
        Column("等待中位（时）", "number", 1.1),
        Column("办理中位（工作日）", "number", 1.2),
        Column("办理九成位（工作日）", "number", 1.3),
        Column("逾期率", "share"),
        Column("补正", "count", 0.8),
        Column("转退", "count", 0.8),
        Column("不予", "count", 0.8),
        Column("差评", "count", 0.8),
        Column("诉求", "count", 0.8),
    ]
    rows = [
        (
            each.name,
            each.ended,
            each.open,
            each.waiting_hours_p50,
            each.working_days_p50,
            each.working_days_p90,
            each.overdue_share,
            each.supplements,
            each.passed_on,
            each.refused,
            each.bad,
            each.complaints,
        )
        for each in lines
    ]
    return _table(title, columns, rows, most, "期内没有分派办理的事项")


def _steps(lines: Sequence[StepLine], most: int) -> BulletinTable:
    columns = [
        Column("一件事", width=2.4),
        Column("牵头单位", width=2),
        Column("办结", "count", 0.8),
        Column("历时中位（日）", "number", 1.2),
        Column("最慢环节", width=2.4),
        Column("环节中位（日）", "number", 1.2),
        Column("占全程", "share"),
    ]
    rows = [
        (
            each.name,
            each.lead_name or UNSTATED,
            each.cases,
            each.median_days,
            each.step,
            each.step_median_days,
            each.share,
        )
        for each in lines
    ]
    return _table("各件事最慢环节", columns, rows, most, "期内没有办结的一件事")


def _resources(lines: Sequence[ResourceLine]) -> BulletinTable:
    columns = [
        Column("数据资源", width=2.4),
        Column("数源部门", width=2),
        Column("依次补齐可多办成", "count", 1.4),
        Column("单独补齐可多办成", "count", 1.4),
        Column("涉及办件", "count"),
        Column("原因", width=2.6),
    ]
    rows = [
        (each.name, each.department_name or UNSTATED, each.gain, each.alone, each.touched, each.causes)
        for each in lines
    ]
    note = "依次补齐：在列于其上各项已补齐的前提下，再补齐该项可多办成的件数。"
    return _table("最需补齐的数据资源", columns, rows, 10, "期内没有因数据缺失或滞后受阻的办件", note if rows else "")


def _evaluations(lines: Sequence[EvaluationLine]) -> BulletinTable:
    columns = [
        Column("牵头单位", width=2.4),
        Column("评价", "count"),
        Column("平均星级", "number"),
        Column("好评率", "share"),
        Column("差评", "count"),
        Column("按期整改", "count"),
        Column("逾期未整改", "count", 1.2),
    ]
    rows = [
        (
            each.name,
            each.count,
            each.mean_stars,
            each.good_share,
            each.bad,
            each.answered_in_time,
            each.overdue,
        )
        for each in lines
    ]
    return _table("好差评", columns, rows, 15, "期内没有好差评")


def _reductions(lines: Sequence[ReductionLine], most: int) -> BulletinTable:
    columns = [
        Column("一件事", width=2.6),
        Column("办结", "count", 0.8),
        Column("环节（个）", width=1.3),
        Column("时间（工作日）", width=1.4),
        Column("材料（份）", width=1.3),
        Column("跑动（次）", width=1.3),
    ]
    rows: list[tuple[Cell, ...]] = [
        (each.name, each.count, *(_reduced(pair) for pair in (each.steps, each.days, each.materials, each.trips)))
        for each in lines
    ]
    after = "“→”后为期内办结办件的中位数。"
    before = "“→”前为改革前分别办理的数，由平台估计，非来源文件所载；" if any(map(_is_estimated, lines)) else ""
    note = before + after if rows else ""
    return _table("四减", columns, rows, most, "期内没有办结办件", note)


def _is_estimated(line: ReductionLine) -> bool:
    return any(before is not None for before, _ in (line.steps, line.days, line.materials, line.trips))


def _reduced(pair: tuple[int | None, float]) -> str:
    before, median = pair
    return f"{UNSTATED if before is None else before} → {median:g}"


def _whole(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number


def _table(
    title: str, columns: Iterable[Column], rows: Iterable[Sequence[Cell]], most: int, nothing: str, note: str = ""
) -> BulletinTable:
    return BulletinTable(title, tuple(columns), tuple(map(tuple, rows)), most, nothing, note)
