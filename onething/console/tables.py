"""Small tables whose rows are all there: the same looks as those that the hub pages."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from nicegui import context, events, ui
from nicegui.element import Element

from onething.console.elements import box, draw, markup, text
from onething.console.language import t
from onething.console.markup import Markup, cells_markup

PlainColumn = tuple[str, Callable[[Any], object]]
Cell = tuple[str, object, str]

SHOWN: Final = 20
"""Rows of a folded table that are seen at once."""


def plain_table(
    caption: str, columns: Sequence[PlainColumn], rows: Iterable[Any], figures: Sequence[int] = ()
) -> Element:
    """A table of (heading, what a cell shows) columns; ``figures`` are the columns that stand at the end."""
    aligned = ["end" if place in figures else "" for place in range(len(columns))]
    with box("table-scroll") as shown, ui.element("table").classes("rows"):
        text(caption, "caption", "visually-hidden")
        with ui.element("thead"), ui.element("tr"):
            for (label, _), align in zip(columns, aligned, strict=True):
                text(label, "th", align).props("scope=col")
        table_body(
            [
                [(label, value(row), align) for (label, value), align in zip(columns, aligned, strict=True)]
                for row in rows
            ]
        )
    return shown


def folded_table(
    caption: str,
    columns: Sequence[PlainColumn],
    rows: Sequence[Any],
    figures: Sequence[int] = (),
    *,
    shown: int = SHOWN,
) -> None:
    """Such a table whose first rows are seen and whose others unfold; whoever asks puts what matters most in front.

    What a reader unfolded stays so when the table is drawn anew.
    """
    plain_table(caption, columns, rows[:shown], figures)
    if len(rows) > shown:
        with _fold(f"fold {caption}"):
            rest = len(rows) - shown
            text(t(f"展开其余 {rest} 行", f"Show the other {rest} rows"), "summary")
            plain_table(caption, columns, rows[shown:], figures)


def _fold(name: str) -> Element:
    kept = context.client.storage
    fold = ui.element("details").classes("fold")
    if kept.get(name):
        fold.props("open")

    def turned(event: events.GenericEventArguments) -> None:
        kept[name] = bool(event.args)

    return fold.on("toggle", turned, js_handler="(e) => emit(e.target.open)")


def table_body(rows: Sequence[Sequence[Cell]]) -> Element:
    """The rows of a table, of (heading, content, ``end`` for figures) cells.

    Rows of text and markup are one element together; cells that functions draw are elements of their own.
    """
    if not any(callable(content) for row in rows for _, content, _ in row):
        return markup(Markup("".join(map(cells_markup, rows))), "tbody")
    with ui.element("tbody") as body:
        for row in rows:
            with ui.element("tr"):
                draw_cells(row)
    return body


def draw_cells(cells: Iterable[Cell]) -> None:
    """The cells of one row, each an element."""
    for label, content, align in cells:
        cell = ui.element("td").classes(align)
        cell.props["data-label"] = label
        with cell:
            draw(content)
