"""Periods of the ledger: ten days (旬), month, quarter, year; each is made up of the next smaller ones.

Written ``2026-11-T1`` (上旬, days 1-10; T2 中旬, 11-20; T3 下旬, the rest), ``2026-11``, ``2026-Q4``, ``2026``.
``2026-H2`` is a half-year: things may be wanted every half-year, but goals are not set by it.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

PeriodKind = Literal["ten-days", "month", "quarter", "year"]
CycleKind = Literal["month", "quarter", "half-year", "year"]

PERIOD_KINDS: Final[tuple[PeriodKind, ...]] = ("ten-days", "month", "quarter", "year")
KIND_NAMES: Final = {"ten-days": "旬", "month": "月", "quarter": "季", "half-year": "半年", "year": "年"}

_WRITTEN: Final = re.compile(
    r"(?P<year>20\d\d)(?:-(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<month>0[1-9]|1[0-2])(?:-T(?P<third>[1-3]))?))?"
)
_MONTHS: Final = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_SMALLER: Final[dict[str, PeriodKind]] = {"month": "ten-days", "quarter": "month", "year": "quarter"}
_LARGER: Final[dict[str, PeriodKind]] = {"ten-days": "month", "month": "quarter", "quarter": "year"}
_DAY: Final = timedelta(days=1)
_THIRDS: Final = "上中下"
_LAST_THIRD: Final = 2
_ORDINALS: Final = "一二三四"


class Period(msgspec.Struct, frozen=True, order=True):
    """A period, from its first day to its last, both included."""

    first: date
    last: date
    kind: Literal["ten-days", "month", "quarter", "half-year", "year"]
    id: str

    @property
    def name(self) -> str:
        """Its name as officials write it."""
        year, month = self.first.year, self.first.month
        if self.kind == "ten-days":
            return f"{year}年{month}月{_THIRDS[(self.first.day - 1) // 10]}旬"
        if self.kind == "month":
            return f"{year}年{month}月"
        if self.kind == "quarter":
            return f"{year}年第{_ORDINALS[(month - 1) // 3]}季度"
        half = "上" if month == 1 else "下"
        return f"{year}年{half}半年" if self.kind == "half-year" else f"{year}年"

    @property
    def day_count(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def holds(self, day: date) -> bool:
        """Tell whether the day is in it."""
        return self.first <= day <= self.last


def period_of(kind: PeriodKind | CycleKind, day: date) -> Period:
    """Return the period of a kind in which a day is."""
    if kind == "ten-days":
        return _ten_days(day.year, day.month, min((day.day - 1) // 10, _LAST_THIRD))
    months = _MONTHS[kind]
    return _months(kind, day.year, (day.month - 1) // months * months + 1)


def period_named(written: str) -> Period | None:
    """Return the period of this id; ``None``: it is none."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    year = int(found["year"])
    if found["third"]:
        return _ten_days(year, int(found["month"]), int(found["third"]) - 1)
    if found["month"]:
        return _months("month", year, int(found["month"]))
    if found["quarter"]:
        return _months("quarter", year, int(found["quarter"]) * 3 - 2)
    return _months("half-year", year, int(found["half"]) * 6 - 5) if found["half"] else _months("year", year, 1)


def parts(period: Period) -> tuple[Period, ...]:
    """Return the periods of the next smaller kind of which it is made up; ten days have none."""
    smaller = _SMALLER.get(period.kind)
    return () if smaller is None else tuple(periods_between(smaller, period.first, period.last))


def whole(period: Period) -> Period | None:
    """Return the period of the next larger kind that it is part of; a year has none."""
    larger = _LARGER.get(period.kind)
    return None if larger is None else period_of(larger, period.first)


def previous(period: Period) -> Period:
    """Return the period before it, of its kind."""
    return period_of(period.kind, period.first - _DAY)


def periods_between(kind: PeriodKind | CycleKind, first: date, last: date) -> Iterator[Period]:
    """Yield every period of a kind that has a day between these, both included, in their order."""
    day = first
    while day <= last:
        found = period_of(kind, day)
        yield found
        day = found.last + _DAY


def _ten_days(year: int, month: int, third: int) -> Period:
    first = date(year, month, third * 10 + 1)
    last = _months("month", year, month).last if third == _LAST_THIRD else first + 9 * _DAY
    return Period(first, last, "ten-days", f"{year}-{month:02}-T{third + 1}")


def _months(kind: CycleKind, year: int, month: int) -> Period:
    beyond = month + _MONTHS[kind]
    last = date(year + (beyond - 1) // 12, (beyond - 1) % 12 + 1, 1) - _DAY
    return Period(date(year, month, 1), last, kind, _id(kind, year, month))


def _id(kind: CycleKind, year: int, month: int) -> str:
    match kind:
        case "month":
            return f"{year}-{month:02}"
        case "quarter":
            return f"{year}-Q{(month + 2) // 3}"
        case "half-year":
            return f"{year}-H{(month + 5) // 6}"
    return str(year)
