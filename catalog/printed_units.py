"""Responsible units as a source prints them: cells with stars, 等, blanks, and the organisations that they mean."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from catalog.organisations import Organisations

STAR: Final = "★"
OPEN_END: Final = "等"

_BETWEEN: Final = re.compile(r"[、及\s]+")


def printed_units(text: str) -> tuple[str, ...]:
    """Return the units of a cell in its order, without the star of the lead and without 等 (and others)."""
    return tuple(word.removeprefix(STAR).removesuffix(OPEN_END) for word in _words(text))


def printed_leads(text: str) -> tuple[str, ...]:
    """Return the leads of a cell: the starred units where a star is printed, else every unit."""
    starred = tuple(word.removeprefix(STAR) for word in _words(text) if word.startswith(STAR))
    return starred or printed_units(text)


def codes_of(units: Iterable[str], source: str, organisations: Organisations) -> tuple[str | None, ...]:
    """Return the organisation that each unit means in this source, None for one that is not known."""
    found = (organisations.mentioned(source, unit) for unit in units)
    return tuple(None if each is None else each.code for each in found)


def carried_down(texts: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """Yield the cell that holds for each row of (cell, whether it is carried down from the row above)."""
    above = ""
    for text, from_above in texts:
        above = text or (above if from_above else "")
        yield above


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN.split(text) if word]
