"""A table that holds one page of rows; the hub pages, sorts and filters, so that 100,000 rows stay quick."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from nicegui import ui

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
        self._body.clear()
        self._body.props(remove="aria-busy")
        self._choose([])
        with self._body:
            if isinstance(found, HubFault):
                refusal(found, self.load)
            elif not found.rows and self._paging.number == 1:
                self._show_nothing()
            else:
                self._table(found)
                self._pager(found)
                self._announcer.say(self._position(found))

    def _show_nothing(self) -> None:
        if self._wanted.filters:
            empty(self._nothing, t("请放宽筛选条件再试。", "Try wider filters."))
        else:
            empty(self._nothing, *self._next)
        self._announcer.say(self._nothing)

    def _table(self, found: Rows) -> None:
        with box("table-scroll"), ui.element("table").classes("rows"):
            text(self._caption, "caption", "visually-hidden")
            with ui.element("thead"), ui.element("tr"):
                if self._select:
                    self._all_box(found.rows)
                for column in self._columns:
                    self._heading(column)
            self._boxes: list[tuple[Row, ui.checkbox]] = []
            if not self._select:
                table_body([self._cells(row) for row in found.rows])
                return
            with ui.element("tbody"):
                for row in found.rows:
                    with ui.element("tr"):
                        self._row_box(row)
                        draw_cells(self._cells(row))

    def _heading(self, column: Column) -> None:
        cell = ui.element("th").props("scope=col").classes(column.align)
        with cell:
            if not column.sortable:
                text(column.label)
                return
            state = aria_sort(self._wanted.sort, column.name)
            cell.props(f"aria-sort={state}")
            arrow = {"ascending": " ▲", "descending": " ▼"}.get(state, " ↕")
            button(column.label + arrow, lambda: self._sort(column.name), "quiet")

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

    def _all_box(self, rows: Sequence[Row]) -> None:
        with ui.element("th").props("scope=col").classes("tick"):
            mark = ui.checkbox().props("dense")
            mark.props["aria-label"] = t("选择本页全部", "select all on this page")

            def ticked() -> None:
                for _, each in self._boxes:
                    each.value = mark.value
                self._choose(list(rows) if mark.value else [])

            mark.on_value_change(ticked)

    def _choose(self, rows: list[Row]) -> None:
        self.selected = rows
        if self._on_select is not None:
            self._on_select(rows)

    def _pager(self, found: Rows) -> None:
        with ui.element("nav").classes("pager") as pager:
            pager.props["aria-label"] = t("翻页", "Pages of") + f" {self._caption}"
            text(self._position(found), classes="position")
            back = button(t("上一页", "Previous"), self._back)
            forth = button(t("下一页", "Next"), lambda: self._forth(found.next_after))
            for each, usable in ((back, self._paging.number > 1), (forth, found.next_after is not None)):
                if not usable:
                    each.props("disabled")
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

    async def _back(self) -> None:
        self._paging = self._paging.back()
        await self.load()

    async def _forth(self, after: str | None) -> None:
        if after is not None:
            self._paging = self._paging.forth(after)
            await self.load()

    async def _resize(self, limit: int) -> None:
        await self._restart(replace(self._wanted, limit=limit))


async def server_table(columns: Sequence[Column], fetch: Fetch, *, caption: str, **how: Any) -> ServerTable:
    """Draw a table here and show its first page; see ``ServerTable``."""
    table = ServerTable(columns, fetch, caption=caption, **how)
    await done(table.load)
    return table


def _filter_field(wanted: Filter) -> Any:
    if wanted.options is None:
        return text_field(wanted.label, wanted.value)
    return choice_field(wanted.label, {"": t("全部", "All"), **wanted.options}, wanted.value)
