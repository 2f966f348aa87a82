"""A table that holds one page of rows; the hub pages, sorts and filters, so that 100,000 rows stay quick."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from onething.console.elements import box, button, choice_field, done, text, text_field
from onething.console.hub import HubFault
from onething.console.language import t
from onething.console.states import Announcer, announcer, empty, loading, refusal
from onething.console.tables import Cell, draw_cells, table_body

Row = Mapping[str, Any]

PAGE_SIZES: Final = (20, 50, 100)


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: the row's member, and the name by which the hub sorts.
        label: its heading.
        value: what a cell shows: text, markup, or a function that draws it, which costs the most; the row's member
            when left out.
        sortable: whether the hub sorts by it.
        align: figures stand at the end.
    """

    name: str
    label: str
    value: Callable[[Row], object] | None = None
    sortable: bool = False
    align: Literal["start", "end"] = "start"

    def of(self, row: Row) -> object:
        """What the cell of this row shows."""
        return row.get(self.name) if self.value is None else self.value(row)


@dataclass(frozen=True)
class Filter:
    """A field above the table: free text, or one of some options by value and words."""

    name: str
    label: str
    options: Mapping[str, str] | None = None
    value: str = ""


@dataclass(frozen=True)
class Wanted:
    """The page of rows that is asked for.

    Attributes:
        after: the mark by which the page before named this one; empty for the first.
        limit: rows on a page.
        sort: a column's name, with ``-`` before it for descending; empty for the hub's own order.
        filters: what the fields above the table say, empty ones left out.
    """

    after: str = ""
    limit: int = PAGE_SIZES[0]
    sort: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)

    def query(self) -> dict[str, object]:
        """As the hub's lists take it."""
        return {**self.filters, "after": self.after, "limit": self.limit, "sort": self.sort}


@dataclass(frozen=True)
class Rows:
    """One page: its rows, the mark of the next one (None at the end), and how many rows there are, where known."""

    rows: Sequence[Row]
    next_after: str | None = None
    total: int | None = None


@dataclass(frozen=True)
class Paging:
    """Where a reader is: the marks of all pages up to this one, the last being the page that is shown."""

    marks: tuple[str, ...] = ("",)

    @property
    def number(self) -> int:
        """This page's number, the first being 1."""
        return len(self.marks)

    def forth(self, after: str) -> "Paging":
        """On the page that bears this mark."""
        return Paging((*self.marks, after))

    def back(self) -> "Paging":
        """On the page before; the first stays the first."""
        return Paging(self.marks[:-1] or ("",))


def turned(sort: str, column: str) -> str:
    """The order after a heading was pressed: ascending, descending, then the hub's own."""
    return {column: f"-{column}", f"-{column}": ""}.get(sort, column)


def aria_sort(sort: str, column: str) -> str:
    """How a heading tells the order."""
    return {column: "ascending", f"-{column}": "descending"}.get(sort, "none")


Fetch = Callable[[Wanted], Awaitable[Rows]]


class ServerTable:
    """The table on a page: filters, headings that sort, rows, a pager; every state designed, all of it by keyboard.

    ``select`` gives every row a box to tick; ``selected`` holds the rows ticked on this page.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        fetch: Fetch,
        *,
        caption: str,
        filters: Sequence[Filter] = (),
        nothing: str = "",
        next_step: str = "",
        next_href: str = "",
        sort: str = "",
        limit: int = PAGE_SIZES[0],
        select: bool = False,
        key: str = "id",
        on_select: Callable[[list[Row]], object] | None = None,
    ) -> None:
        self._columns, self._fetch, self._caption = columns, fetch, caption
        self._nothing = nothing or t("没有记录", "Nothing here")
        self._next = (next_step, next_href)
        self._select, self._key, self._on_select = select, key, on_select
        self._paging = Paging()
        given = {each.name: each.value for each in filters if each.value}
        self._wanted = Wanted(limit=limit, sort=sort, filters=given)
        self._asked = 0
        self._table: Element | None = None
        self._found = Rows(())
        self.selected: list[Row] = []
        with box("table-block") as self.place:
            self._announcer: Announcer = announcer()
            if filters:
                self._filter_fields(filters)
            self._body = box("table-body")
        with self._body:
            loading()

    async def load(self) -> None:
        """Ask for the page again, and show it."""
        self._asked += 1
        mine = self._asked
        self._body.props("aria-busy=true")
        wanted = replace(self._wanted, after=self._paging.marks[-1])
        try:
            found: Rows | HubFault = await self._fetch(wanted)
        except HubFault as fault:
            found = fault
        if mine == self._asked and not self._body.is_deleted:
            self._show(found)

    async def narrow(self, **filters: str) -> None:
        """Ask with other filters, from the first page; an empty value takes one away."""
        merged = {**self._wanted.filters, **filters}
        kept = {name: value for name, value in merged.items() if value}
        await self._restart(replace(self._wanted, filters=kept))

    async def _restart(self, wanted: Wanted) -> None:
        self._wanted, self._paging = wanted, Paging()
        await self.load()

    def _filter_fields(self, filters: Sequence[Filter]) -> None:
        form = ui.element("form").classes("filters").props("role=search")
        form.props["aria-label"] = t("筛选", "Filter") + f" {self._caption}"
        with form:
            fields = {each.name: _filter_field(each) for each in filters}

            async def searched() -> None:
                await self.narrow(**{name: str(each.value or "").strip() for name, each in fields.items()})

            for each in filters:
                if each.options is not None:
                    fields[each.name].on_value_change(searched)
            text(t("查询", "Search"), "button", "button primary").props("type=submit")
        form.on("submit", searched, js_handler="(e) => { e.preventDefault(); emit(); }")

    def _show(self, found: Rows | HubFault) -> None:
        self._body.props(remove="aria-busy")
        self._choose([])
        if isinstance(found, HubFault):
            self._replaced(lambda: refusal(found, self.load))
        elif not found.rows and self._paging.number == 1:
            self._replaced(self._show_nothing)
        else:
            if self._table is None:
                self._replaced(self._draw_table)
            self._fill(found)
            self._announcer.say(self._position(found))

    def _replaced(self, drawn: Callable[[], object]) -> None:
        """Draw something else in the table's place."""
        self._body.clear()
        self._table = None
        with self._body:
            drawn()

    def _show_nothing(self) -> None:
        if self._wanted.filters:
            empty(self._nothing, t("请放宽筛选条件再试。", "Try wider filters."))
        else:
            empty(self._nothing, *self._next)
        self._announcer.say(self._nothing)

    def _draw_table(self) -> None:
        """Draw what stays while rows come and go, so that who pressed a heading or turned a page keeps the focus."""
        with box("table-scroll"), ui.element("table").classes("rows") as self._table:
            text(self._caption, "caption", "visually-hidden")
            with ui.element("thead"), ui.element("tr"):
                if self._select:
                    self._all_box()
                self._headings = {each.name: self._heading(each) for each in self._columns}
            self._tbody = ui.element("tbody")
        self._draw_pager()

    def _fill(self, found: Rows) -> None:
        assert self._table is not None  # noqa: S101  it was drawn before
        self._found = found
        self._boxes: list[tuple[Row, ui.checkbox]] = []
        self._tbody.delete()
        with self._table:
            self._tbody = self._draw_rows(found.rows)
        for name, heading in self._headings.items():
            heading.show(self._wanted.sort, name)
        self._position_shown.set_text(self._position(found))
        for turn, usable in ((self._back, self._paging.number > 1), (self._forth, found.next_after is not None)):
            turn.props(remove="aria-disabled") if usable else turn.props("aria-disabled=true")

    def _draw_rows(self, rows: Sequence[Row]) -> Element:
        if not self._select:
            return table_body([self._cells(row) for row in rows])
        self._all.value = False
        with ui.element("tbody") as body:
            for row in rows:
                with ui.element("tr"):
                    self._row_box(row)
                    draw_cells(self._cells(row))
        return body

    def _heading(self, column: Column) -> "_Heading":
        cell = ui.element("th").props("scope=col").classes(column.align)
        with cell:
            if not column.sortable:
                text(column.label)
                return _Heading(column, cell, None)
            return _Heading(column, cell, button(column.label, lambda: self._sort(column.name), "quiet"))

    async def _sort(self, column: str) -> None:
        await self._restart(replace(self._wanted, sort=turned(self._wanted.sort, column)))

    def _cells(self, row: Row) -> list[Cell]:
        return [(each.label, each.of(row), "end" if each.align == "end" else "") for each in self._columns]

    def _row_box(self, row: Row) -> None:
        with ui.element("td").classes("tick"):
            mark = ui.checkbox().props("dense")
            mark.props["aria-label"] = t("选择", "select") + f" {row.get(self._key, '')}"
            self._boxes.append((row, mark))
            mark.on_value_change(lambda: self._choose([each for each, ticked in self._boxes if ticked.value]))

    def _all_box(self) -> None:
        with ui.element("th").props("scope=col").classes("tick"):
            self._all = ui.checkbox().props("dense")
            self._all.props["aria-label"] = t("选择本页全部", "select all on this page")
            self._all.on("update:model-value", self._tick_all)

    def _tick_all(self) -> None:
        for _, each in self._boxes:
            each.value = self._all.value
        self._choose([row for row, _ in self._boxes] if self._all.value else [])

    def _choose(self, rows: list[Row]) -> None:
        self.selected = rows
        if self._on_select is not None:
            self._on_select(rows)

    def _draw_pager(self) -> None:
        with ui.element("nav").classes("pager") as pager:
            pager.props["aria-label"] = t("翻页", "Pages of") + f" {self._caption}"
            self._position_shown = text("", classes="position")
            self._back = button(t("上一页", "Previous"), self._turn_back)
            self._forth = button(t("下一页", "Next"), self._turn_forth)
            sizes = choice_field(t("每页", "Rows"), {size: str(size) for size in PAGE_SIZES}, self._wanted.limit)
            sizes.on_value_change(lambda: self._resize(sizes.value))

    def _position(self, found: Rows) -> str:
        number, shown = self._paging.number, len(found.rows)
        if found.total is None:
            return t(f"第 {number} 页，本页 {shown} 条", f"Page {number}, {shown} rows")
        pages = max(1, -(-found.total // self._wanted.limit))
        return t(
            f"共 {found.total:,} 条，第 {number} / {pages:,} 页", f"{found.total:,} rows, page {number} of {pages:,}"
        )

    async def _turn_back(self) -> None:
        if self._paging.number > 1:
            self._paging = self._paging.back()
            await self.load()

    async def _turn_forth(self) -> None:
        if self._found.next_after is not None:
            self._paging = self._paging.forth(self._found.next_after)
            await self.load()

    async def _resize(self, limit: int) -> None:
        await self._restart(replace(self._wanted, limit=limit))


class _Heading:
    """A heading, and the button by which it sorts, if it does."""

    def __init__(self, column: Column, cell: Element, pressed: TextElement | None) -> None:
        self._column, self._cell, self._pressed = column, cell, pressed

    def show(self, sort: str, name: str) -> None:
        """Tell the order."""
        if self._pressed is not None:
            state = aria_sort(sort, name)
            self._cell.props(f"aria-sort={state}")
            self._pressed.set_text(self._column.label + {"ascending": " ▲", "descending": " ▼"}.get(state, " ↕"))


async def server_table(columns: Sequence[Column], fetch: Fetch, *, caption: str, **how: Any) -> ServerTable:
    """Draw a table here and show its first page; see ``ServerTable``."""
    table = ServerTable(columns, fetch, caption=caption, **how)
    await done(table.load)
    return table


def _filter_field(wanted: Filter) -> Any:
    if wanted.options is None:
        return text_field(wanted.label, wanted.value)
    return choice_field(wanted.label, {"": t("全部", "All"), **wanted.options}, wanted.value)
