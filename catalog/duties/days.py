"""The calendar as tables: which working day a day is, and which day a working day is, each by one look-up."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate
from typing import Final

from catalog.working_days import WorkingCalendar, load_calendar

DAY_US: Final = 86_400_000_000
# All of China keeps UTC+8; summer time ended in 1991.
CHINA_OFFSET_US: Final = 8 * 3_600_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
FIRST_YEAR: Final = 2015
LAST_YEAR: Final = 2080


@dataclass(frozen=True, slots=True)
class DayTables:
    """A calendar between two years; days are counted from 1970-01-01 in China, instants are µs UTC.

    ``counts`` holds for each day how many working days there were up to and including it, ``working`` the day of each
    working day. Days outside ``known`` (first, last) lie in years without an arrangement and count as of plain weeks.
    """

    first: int
    counts: tuple[int, ...]
    working: tuple[int, ...]
    known: tuple[int, int]

    def covers(self, instant_us: int) -> bool:
        """Tell whether terms can be counted from this instant; the last three years are left for their length."""
        return self.first < day_of(instant_us) < self.first + len(self.counts) - 3 * 366

    def count(self, day: int) -> int:
        """Return how many working days there were up to and including this day."""
        return self.counts[day - self.first]

    def due_day(self, received: int, working_days: int) -> int:
        """Return the n-th working day after the day of receipt; nought: that day, or the next that works."""
        if working_days:
            return self.working[self.count(received) + working_days - 1]
        return self.working_day_from(received)

    def working_day_from(self, day: int) -> int:
        """Return this day when it works, else the next that does."""
        return self.working[self.count(day - 1)]

    def first_of_last(self, due: int, working_days: int) -> int:
        """Return the day on which the last so many working days before and including the due day begin."""
        return self.working[self.count(due) - working_days]

    def is_provisional(self, day: int) -> bool:
        """Tell whether that day's year is not arranged: whether it works may yet change."""
        return not self.known[0] <= day <= self.known[1]


@cache
def load_days() -> DayTables:
    """Return the tables of the calendar in force, made once."""
    return day_tables(load_calendar())


def day_tables(calendar: WorkingCalendar) -> DayTables:
    """Return the tables of a calendar."""
    first, last = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()
    works = [calendar.is_working_day(date.fromordinal(day)) for day in range(first, last + 1)]
    return DayTables(
        first - _EPOCH,
        tuple(accumulate(works)),
        tuple(day for day, worked in enumerate(works, first - _EPOCH) if worked),
        (day_number(date(min(calendar.years), 1, 1)), day_number(calendar.last_day)),
    )


def day_number(day: date) -> int:
    """Return the day counted from 1970-01-01."""
    return day.toordinal() - _EPOCH


def date_of(day: int) -> date:
    """Return the date of a day counted from 1970-01-01."""
    return date.fromordinal(day + _EPOCH)


def day_of(instant_us: int) -> int:
    """Return the day in China of an instant."""
    return (instant_us + CHINA_OFFSET_US) // DAY_US


def start_us(day: int) -> int:
    """Return when a day begins (00:00 in China)."""
    return day * DAY_US - CHINA_OFFSET_US


def end_us(day: int) -> int:
    """Return when a day ends (24:00 in China)."""
    return start_us(day + 1)
