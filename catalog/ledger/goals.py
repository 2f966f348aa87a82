"""Goals by period (以旬保月、以月保季、以季保年): what is planned by a day, and whether the parts cover the whole.

A period's goal is what is to be added in it. Where a period has no goal of its own, those of its parts are it; where
parts have none, what is left of the whole is theirs by their days. All of it is exact to four decimals.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import msgspec

from catalog.ledger.periods import Period, parts, period_named, period_of

Goals = Mapping[str, float]
"""Id of a period → what is to be added in it."""

_PLACES: Final = 4


class Uncovered(msgspec.Struct, frozen=True):
    """A period whose parts have goals that come to less than its own (不保)."""

    period: Period
    goal: float
    covered: float


def planned_in(goals: Goals, period: Period) -> float | None:
    """Return what is planned to be added in a period; ``None``: nothing is planned for it, nor for all of its parts.

    A period inside another that has a goal gets its part of it.
    """
    own = _own(goals, period)
    if own is not None:
        return own
    years = (period_of("year", period.first), period_of("year", period.last))
    if not any(_holds_goals(goals, year) for year in years):
        return None
    before = date.fromordinal(period.first.toordinal() - 1)
    return _exact(_reached(goals, period.last) - _reached(goals, before))


def planned_by(goals: Goals, day: date) -> float | None:
    """Return what is planned to be added from the first goal to the end of a day; ``None``: there are no goals."""
    return _exact(_reached(goals, day)) if goals else None


def span(goals: Goals) -> tuple[date, date] | None:
    """Return the first and the last day for which something is planned."""
    periods = [found for written in goals if (found := period_named(written)) is not None]
    return (min(each.first for each in periods), max(each.last for each in periods)) if periods else None


def uncovered(goals: Goals) -> Iterator[Uncovered]:
    """Yield the periods that have a goal which their parts, all of them stated, do not reach."""
    for written, goal in sorted(goals.items()):
        period = period_named(written)
        inner = parts(period) if period is not None else ()
        shares = [_own(goals, each) for each in inner]
        stated = [each for each in shares if each is not None]
        covered = _exact(sum(stated))
        if period is not None and inner and len(stated) == len(shares) and covered < _exact(goal):
            yield Uncovered(period, goal, covered)


def covered_by_parts(goals: Goals, period: Period) -> tuple[float, int, int]:
    """Return what the stated goals of a period's parts come to, how many are stated, and how many parts it has."""
    inner = parts(period)
    stated = [share for each in inner if (share := _own(goals, each)) is not None]
    return _exact(sum(stated)), len(stated), len(inner)


def _own(goals: Goals, period: Period) -> float | None:
    """The period's own goal, else what all its parts come to; ``None`` where neither is stated in full."""
    if period.id in goals:
        return float(goals[period.id])
    shares = [_own(goals, each) for each in parts(period)]
    stated = [each for each in shares if each is not None]
    return _exact(sum(stated)) if shares and len(stated) == len(shares) else None


def _holds_goals(goals: Goals, period: Period) -> bool:
    named = (period_named(written) for written in goals)
    return any(each is not None and period.first <= each.first and each.last <= period.last for each in named)


def _reached(goals: Goals, day: date) -> float:
    years = {found.first.year for written in goals if (found := period_named(written)) is not None}
    return sum(_within(goals, period_of("year", date(year, 1, 1)), None, day) for year in sorted(years))


def _within(goals: Goals, period: Period, given: float | None, day: date) -> float:
    """What is planned in a period until a day; ``given`` is its part of a whole where it has no goal of its own."""
    if day < period.first:
        return 0.0
    own = _own(goals, period)
    total = given if own is None else own
    inner = parts(period)
    if day >= period.last and total is not None:
        return total
    if not inner:
        return 0.0 if total is None else total * ((day - period.first).days + 1) / period.day_count
    reached = sum(_within(goals, each, share, day) for each, share in _shares(goals, inner, total))
    return reached if total is None else min(reached, total)


def _shares(goals: Goals, inner: tuple[Period, ...], total: float | None) -> Iterator[tuple[Period, float | None]]:
    """Each part with what it is given: of what the stated parts leave of the whole, its share by days."""
    stated = {each.id: _own(goals, each) for each in inner}
    open_days = sum(each.day_count for each in inner if stated[each.id] is None)
    left = None if total is None else max(0.0, total - sum(_stated_within(goals, each) for each in inner))
    for each in inner:
        own = stated[each.id]
        if own is not None or left is None:
            yield each, own
        else:
            yield each, _stated_within(goals, each) + left * each.day_count / open_days


def _stated_within(goals: Goals, period: Period) -> float:
    """What the goals inside a period come to, as far as there are any."""
    own = _own(goals, period)
    return sum(_stated_within(goals, each) for each in parts(period)) if own is None else own


def _exact(amount: float) -> float:
    return round(amount, _PLACES)
