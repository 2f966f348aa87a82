"""Days and instants of the city: whole days since 1970-01-01, instants in µs UTC, read in Asia/Shanghai."""

from datetime import UTC, date, datetime
from functools import cache
from random import Random
from typing import Final

DAY_US: Final = 86_400_000_000
HOUR_US: Final = 3_600_000_000
EPOCH: Final = date(1970, 1, 1).toordinal()
# Without daylight saving time, which China knew from 1986 to 1991: no event of the city is as old as that.
SHANGHAI_US: Final = 8 * HOUR_US
OFFICE_OPENS_S: Final = 9 * 3600
OFFICE_CLOSES_S: Final = 17 * 3600


def day_of(when: date) -> int:
    """The day's number."""
    return when.toordinal() - EPOCH


def midnight(day: int) -> int:
    """The instant at which the day begins in Asia/Shanghai."""
    return day * DAY_US - SHANGHAI_US


def office_hour(stream: Random, day: int) -> int:
    """Some instant of the day between nine and five in Asia/Shanghai."""
    return midnight(day) + stream.randrange(OFFICE_OPENS_S, OFFICE_CLOSES_S) * 1_000_000


def day_at(instant: int) -> int:
    """The day in Asia/Shanghai at an instant."""
    return (instant + SHANGHAI_US) // DAY_US


@cache
def written(day: int) -> str:
    """The day as ``YYYY-MM-DD``."""
    return date.fromordinal(day + EPOCH).isoformat()


def year_of(day: int) -> int:
    """The day's calendar year."""
    return date.fromordinal(day + EPOCH).year


def instant_of(text: str) -> int:
    """The instant of an ISO 8601 text with its offset."""
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1_000_000)
