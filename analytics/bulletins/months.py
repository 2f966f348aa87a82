"""Months of bulletins, as their names: ``2026-10``."""

import re
from datetime import date, timedelta
from typing import Final

_MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


def first_of(month: str) -> date | None:
    """The first day of a month by its name; None where it is no month."""
    found = _MONTH.fullmatch(month)
    return date(int(found[1]), int(found[2]), 1) if found else None


def last_of(first: date) -> date:
    """The last day of the month that begins on this day."""
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def name_of(day: date) -> str:
    """The name of a day's month."""
    return f"{day:%Y-%m}"


def months_between(first: date, last: date) -> tuple[str, ...]:
    """The names of the months from that of the first day to that of the last, the newest first."""
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return tuple(f"{number // 12}-{number % 12 + 1:02d}" for number in range(end, begin - 1, -1))


def written(day: date) -> str:
    """A day as officials write it."""
    return f"{day.year}年{day.month}月{day.day}日"
