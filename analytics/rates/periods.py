"""Days, months and periods of figures, as days of China. Pure."""

from datetime import date, timedelta
from typing import Final, Literal

Period = Literal["month", "quarter", "year"]
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


def first_day(as_of: date, period: Period) -> date:
    """The first day of the calendar period in which a day lies."""
    months = _MONTHS[period]
    return date(as_of.year, (as_of.month - 1) // months * months + 1, 1)


def month_of(day: date) -> str:
    """``YYYY-MM``."""
    return f"{day:%Y-%m}"


def month_end_before(day: date) -> date:
    """The last day of the month before."""
    return day.replace(day=1) - timedelta(days=1)


def month_ends(as_of: date, count: int) -> tuple[date, ...]:
    """The last days of so many months before that of ``as_of``, and ``as_of`` itself; the earliest first."""
    days = [as_of]
    for _ in range(count):
        days.append(month_end_before(days[-1]))
    return tuple(reversed(days))
