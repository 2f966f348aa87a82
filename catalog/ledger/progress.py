"""How much of a milestone is done by a day, from what was reported and which meetings were held."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from catalog.ledger.model import Entry, Milestone, Progress
from catalog.ledger.periods import Period, period_of, periods_between

WHOLE_PERCENT: Final = 100.0
"""The target of a milestone of which the source states no quantity: progress is told in percent of the work."""


def target_of(milestone: Milestone) -> float:
    """Return how much is wanted in all, or in each period of one that is wanted again and again."""
    return WHOLE_PERCENT if milestone.target is None else milestone.target


def unit_of(milestone: Milestone) -> str:
    """Return the unit in which it is counted."""
    return "%" if milestone.target is None else milestone.unit


def reports(entry: Entry, milestone: str) -> tuple[Progress, ...]:
    """Return what was reported of a milestone, by day, and within a day as it was reported."""
    return tuple(sorted((each for each in entry.progress if each.milestone == milestone), key=_when))


def done_by(entry: Entry, milestone: Milestone, day: date) -> float | None:
    """Return what is done by the end of a day; ``None``: nothing was reported by then.

    Of one that is wanted again and again: how often it was done in all.
    """
    told = [each for each in reports(entry, milestone.id) if each.on <= day]
    if not milestone.every:
        return told[-1].done if told else None
    counts = [each.done for each in told] + [1.0 for on in meeting_days(entry, milestone) if on <= day]
    return sum(counts) if counts else None


def done_within(entry: Entry, milestone: Milestone, period: Period) -> float:
    """Return how often something that is wanted again and again was done in a period."""
    told = [each.done for each in reports(entry, milestone.id) if period.holds(each.on)]
    return sum(told) + sum(period.holds(on) for on in meeting_days(entry, milestone))


def meeting_days(entry: Entry, milestone: Milestone) -> tuple[date, ...]:
    """Return the days of the meetings that count for a milestone."""
    if not milestone.meeting:
        return ()
    return tuple(sorted(each.on for each in entry.meetings if each.kind == milestone.meeting))


def cycles_ended(milestone: Milestone, begins: date, day: date) -> Iterator[Period]:
    """Yield the whole periods in which it was wanted, that begin on ``begins`` or later and have ended by a day."""
    if milestone.every:
        for period in periods_between(milestone.every, begins, day):
            if period.first >= begins and period.last <= day:
                yield period


def cycle_running(milestone: Milestone, day: date) -> Period | None:
    """Return the period in which it is wanted on a day."""
    return period_of(milestone.every, day) if milestone.every else None


def is_reached(entry: Entry, milestone: Milestone, day: date) -> bool:
    """Tell whether the target is reached by a day; one that is wanted again and again never is for good."""
    done = None if milestone.every else done_by(entry, milestone, day)
    return done is not None and done >= target_of(milestone)


def _when(progress: Progress) -> tuple[date, int]:
    return progress.on, progress.at
