"""Rows of an answer as people or programs read them: a table, JSON or YAML."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, TypeAlias
from unicodedata import east_asian_width

import typer

Cell: TypeAlias = str | int | bool | None
Row: TypeAlias = Mapping[str, Cell]


class Form(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


FormOption = Annotated[Form, typer.Option("--output", "-o", help="table, or json or yaml for programs")]


def written(rows: Sequence[Row], form: Form) -> str:
    """The rows in a form; no rows are an empty list, and no line at all in a table."""
    if form is Form.JSON:
        return json.dumps([dict(row) for row in rows], ensure_ascii=False)
    if form is Form.YAML:
        return "\n".join(_yaml(row) for row in rows) or "[]"
    return _table(rows)


def _table(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    lines = [[*rows[0]], *([_shown(cell) for cell in row.values()] for row in rows)]
    widths = [max(_columns(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _columns(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _yaml(row: Row) -> str:
    # JSON scalars are YAML scalars, so every text is quoted and none is taken for a number or a date.
    members = [f"{name}: {json.dumps(cell, ensure_ascii=False)}" for name, cell in row.items()]
    return "- " + "\n  ".join(members)


def _shown(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _columns(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
