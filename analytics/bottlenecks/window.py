"""Which days a figure is about, and as of which day: days of China, the last one included."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8))
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2199, 12, 31)


@dataclass(frozen=True)
class Window:
    """The days from ``first`` to ``last``, as the log knew them at the end of ``as_of``; none lasts beyond ``now``."""

    first: date
    last: date
    as_of: date
    now: datetime | None = None

    @property
    def since(self) -> datetime:
        """The first instant."""
        return _start(self.first)

    @property
    def until(self) -> datetime:
        """The first instant after the last day, or after ``as_of`` where that is earlier; never later than ``now``."""
        end = _start(min(self.last, self.as_of) + timedelta(days=1))
        return end if self.now is None else max(self.since, min(end, self.now))

    @property
    def known_before(self) -> datetime:
        """What the log knew before this instant counts."""
        return _start(self.as_of + timedelta(days=1))

    def described(self) -> dict[str, str]:
        """The days as texts."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), "as_of": self.as_of.isoformat()}


@dataclass(frozen=True)
class WindowFault:
    """What is wrong with a day that was asked for: field, stable code, reason in Chinese and English."""

    field: str
    code: str
    reason: str


def window_of(begin: str, end: str, as_of: str, now: datetime) -> Window | tuple[WindowFault, ...]:
    """The window asked for, or every fault of it.

    Args:
        begin: first day, ISO 8601; the first of the last day's month when empty.
        end: last day; ``as_of`` when empty.
        as_of: today in China when empty.
        now: what time it is.
    """
    days = {"from": _day(begin), "to": _day(end), "as_of": _day(as_of)}
    asked = {"from": begin, "to": end, "as_of": as_of}
    faults = tuple(_unreadable(name) for name, day in days.items() if asked[name] and day is None)
    if faults:
        return faults
    # A period that is over is told as it is known now: late news of it count.
    today = now.astimezone(CHINA).date()
    seen = days["as_of"] or today
    last = days["to"] or seen
    window = Window(days["from"] or last.replace(day=1), last, seen, now)
    return tuple(_faults(window, today)) or window


def month_window(year: int, month: int, as_of: date, now: datetime | None = None) -> Window:
    """The days of a month."""
    first = date(year, month, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Window(first, following - timedelta(days=1), as_of, now)


def us_of(instant: datetime) -> int:
    """µs UTC."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def instant_of(us: int) -> datetime:
    """The instant of µs UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


def _faults(window: Window, today: date) -> Iterator[WindowFault]:
    if window.first > window.last:
        yield WindowFault("from", "after-the-end", "起始日晚于终止日 / from lies after to")
    if window.as_of > today:
        yield WindowFault("as_of", "in-the-future", "时点尚未到来 / as_of lies ahead")
    if window.first > window.as_of:
        yield WindowFault("as_of", "before-the-period", "时点早于起始日 / as_of lies before from")


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def _unreadable(field: str) -> WindowFault:
    return WindowFault(field, "not-a-day", "应为 YYYY-MM-DD / a day such as 2026-10-31 is due")


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)
