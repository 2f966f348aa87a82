"""Small tables whose rows are all there: the same looks as those that the hub pages."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nicegui import ui
from nicegui.element import Element

from onething.console.elements import box, draw, text

PlainColumn = tuple[str, Callable[[Any], object]]


def plain_table(
    caption: str, columns: Sequence[PlainColumn], rows: Iterable[Any], figures: Sequence[int] = ()
) -> Element:
    """A table of (heading, what a cell shows) columns; ``figures`` are the columns that stand at the end."""
    with box("table-scroll") as shown, ui.element("table").classes("rows"):
        text(caption, "caption", "visually-hidden")
        with ui.element("thead"), ui.element("tr"):
            for place, (label, _) in enumerate(columns):
                text(label, "th", "end" if place in figures else "").props("scope=col")
        with ui.element("tbody"):
            for row in rows:
                _row(columns, row, figures)
    return shown


def _row(columns: Sequence[PlainColumn], row: Any, figures: Sequence[int]) -> None:
    with ui.element("tr"):
        for place, (label, value) in enumerate(columns):
            cell = ui.element("td").classes("end" if place in figures else "")
            cell.props["data-label"] = label
            with cell:
                draw(value(row))
