"""Working days (工作日), in which terms are counted, after the State Council's yearly arrangement of holidays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import ConfigDict

from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition, repeated

WORKING_DAYS_FILE: Final = Path(__file__).parent / "working_days.toml"

_US_PER_DAY: Final = 86_400_000_000
# All of China keeps UTC+8; summer time ended in 1991.
_CHINA_OFFSET_US: Final = 8 * 3_600_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are working days, and terms counted in them; instants are µs UTC, days those of China.

    ``arranged`` holds the days of known years that differ from a plain week: True works, False is off. ``years`` are
    the years whose arrangement is known; any other day counts as of a plain week and ``is_provisional``.
    """

    arranged: Mapping[date, bool]
    years: frozenset[int]

    @property
    def last_day(self) -> date:
        """The last day of the last year that is known: the calendar ends with it."""
        return date(max(self.years), 12, 31)

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work that day."""
        return self.arranged.get(day, day.isoweekday() <= 5)  # noqa: PLR2004 - Monday to Friday

    def is_provisional(self, day: date) -> bool:
        """Tell whether that day's year is not arranged: whether it works may yet change."""
        return day.year not in self.years

    def is_provisional_term(self, due_us: int) -> bool:
        """Tell whether a term that ends at this instant lasts beyond the years that are known."""
        return self.is_provisional(_last_day_before(due_us))

    def due_at(self, from_us: int, working_days: int) -> int:
        """Return the end (24:00) of the n-th working day after the day of receipt, which is not counted.

        Nought working days is done at once (即办): by the end of the day of receipt, or of the next working day when
        none works on it.

        Raises:
            ValueError: the number of days is negative.
        """
        if working_days < 0:
            raise ValueError(f"a term of {working_days} working days; at least 0 is due")
        received = _day_of(from_us)
        days = self._working_days_from(received if working_days == 0 else received + timedelta(days=1))
        return _end_of(next(islice(days, max(working_days - 1, 0), None)))

    def working_days_between(self, from_us: int, until_us: int) -> int:
        """Return how many working days lie after the day of ``from_us`` and begin before ``until_us``; never below 0.

        It is the converse of :meth:`due_at`: from receipt until a term's end there are as many as the term has.
        """
        first, last = _day_of(from_us).toordinal() + 1, _last_day_before(until_us).toordinal()
        return sum(self.is_working_day(date.fromordinal(day)) for day in range(first, last + 1))

    def _working_days_from(self, first: date) -> Iterator[date]:
        days = map(date.fromordinal, count(first.toordinal()))
        return filter(self.is_working_day, days)


@dataclass(frozen=True)
class _Holiday:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    name: str
    first: date
    last: date

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(map(date.fromordinal, range(self.first.toordinal(), self.last.toordinal() + 1)))


@dataclass(frozen=True)
class _Year:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    document: str
    number: str
    holidays: tuple[_Holiday, ...]
    workdays: tuple[date, ...]

    @property
    def days_off(self) -> tuple[date, ...]:
        return tuple(day for holiday in self.holidays for day in holiday.days)


@read_from(WORKING_DAYS_FILE.name)
def load_calendar(path: Path) -> WorkingCalendar:
    """Return the calendar of the file's years.

    Raises:
        DefinitionFaultsError: no year is given, years leave a gap, a holiday ends before it begins, a day stands twice
            or in another year's table, or a make-up day is none of a weekend.
    """
    years = read_definition(path, dict[str, _Year])
    demand_none(Fault(path.name, place, reason) for place, reason in _faults(years))
    arranged = {day: False for year in years.values() for day in year.days_off}
    arranged |= {day: True for year in years.values() for day in year.workdays}
    return WorkingCalendar(MappingProxyType(arranged), frozenset(map(int, years)))


def _faults(years: Mapping[str, _Year]) -> Iterator[tuple[str, str]]:
    if not years:
        yield "text", "no year is arranged"
    known = {int(year) for year in years if year.isdecimal()}
    for gap in sorted(set(range(min(known, default=0), max(known, default=0))) - known):
        yield str(gap), "the year is missing between others that are arranged"
    for year, arrangement in years.items():
        yield from ((year, reason) for reason in _year_faults(year, arrangement))


def _year_faults(year: str, arrangement: _Year) -> Iterator[str]:
    if not year.isdecimal():
        yield "is no year"
        return
    for holiday in arrangement.holidays:
        if holiday.last < holiday.first:
            yield f"{holiday.name} ends {holiday.last}, before it begins {holiday.first}"
    days = (*arrangement.days_off, *arrangement.workdays)
    for day in days:
        if not _belongs(day, int(year)):
            yield f"{day} is no day of {year}"
    for day in arrangement.workdays:
        if day.isoweekday() <= 5:  # noqa: PLR2004 - Monday to Friday
            yield f"{day} is no Saturday or Sunday: it works anyway"
    yield from (f"{day} stands more than once" for day in repeated(map(str, days)))


def _belongs(day: date, year: int) -> bool:
    """New Year's holiday may begin in the last days of the old year, as that of 2023 did."""
    return day.year == year or (day.year == year - 1 and day.month == 12)  # noqa: PLR2004 - December


def _day_of(instant_us: int) -> date:
    return date.fromordinal(_EPOCH + (instant_us + _CHINA_OFFSET_US) // _US_PER_DAY)


def _last_day_before(instant_us: int) -> date:
    return _day_of(instant_us - 1)


def _end_of(day: date) -> int:
    return (day.toordinal() + 1 - _EPOCH) * _US_PER_DAY - _CHINA_OFFSET_US
