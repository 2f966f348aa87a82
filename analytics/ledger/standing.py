"""How a milestone and an entry stand on a day: planned, done, how far behind, and when it gets there. Pure."""

from bisect import bisect_left
from datetime import date, timedelta
from math import ceil
from typing import Final, Literal

import msgspec

from analytics.ledger.rule import LedgerRule, StateName
from catalog.ledger.goals import covered_by_parts, planned_by, planned_in
from catalog.ledger.model import Entry, Milestone, Plan
from catalog.ledger.periods import Period
from catalog.ledger.progress import cycles_ended, done_by, done_within, is_reached, reports, target_of, unit_of

_DAY: Final = timedelta(days=1)
_PLACES: Final = 4
_WORST_FIRST: Final[tuple[StateName, ...]] = ("overdue", "slipping", "on-time", "undated")

HowPlanned = Literal["goals", "linear", "cycles", "none"]


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """On which day the target is reached at the present pace, or why no day is told."""

    reaches_on: date | None = None
    why: str = ""


class InPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """Planned and done within a period; ``covered`` is what the stated goals of its ``parts`` parts come to."""

    planned: float | None
    done: float | None
    covered: float
    parts_stated: int
    parts: int


class MilestoneStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone on a day.

    Attributes:
        planned, done: reached by the end of the day, in ``unit``; of one that is wanted again and again, how often so
            far. ``None``: nothing says what is expected, or nothing was reported.
        how_planned: goals by period; ``linear``: by the time that has passed, ours; ``cycles``; none.
        slippage: planned less done, never below 0; ``None`` where one of them is unknown and nothing is due.
        days_late: days since the due day, or since the plan passed what is done.
        missed: periods that have ended without what was wanted in them.
        goals_short: what the goals lack of the target by the due day.
    """

    milestone: Milestone
    target: float
    unit: str
    planned: float | None
    how_planned: HowPlanned
    done: float | None
    slippage: float | None
    days_late: int
    state: StateName
    reached: bool
    period: InPeriod
    forecast: Forecast
    missed: int = 0
    goals_short: float = 0.0

    @property
    def done_share(self) -> float:
        """What is done as a part of the target, at most 1."""
        return min(1.0, (self.done or 0.0) / self.target) if self.target else 1.0

    @property
    def planned_share(self) -> float | None:
        """What is planned as a part of the target, at most 1."""
        return None if self.planned is None else min(1.0, self.planned / self.target)


def milestone_standing(
    entry: Entry, milestone: Milestone, day: date, period: Period, rule: LedgerRule
) -> MilestoneStanding:
    """Return how a milestone stands at the end of a day, and what a period plans and brought until that day."""
    if milestone.every:
        return _repeated(entry, milestone, day, period)
    return _single(entry, milestone, day, period, rule)


def entry_state(entry: Entry, standings: tuple[MilestoneStanding, ...]) -> StateName:
    """Return how an entry stands: closed, else as the worst of its milestones."""
    if entry.state == "closed":
        return "closed"
    found = {each.state for each in standings}
    return next((each for each in _WORST_FIRST if each in found), "undated")


def planned_level(entry: Entry, milestone: Milestone, day: date, rule: LedgerRule) -> tuple[float | None, HowPlanned]:
    """Return what is to be reached by the end of a day, and by what it is planned; never less on a later day."""
    plan = entry.plans.get(milestone.id, Plan())
    if (added := planned_by(plan.goals, day)) is not None:
        # Goals that come later than the due day, or to less, do not put it off.
        owed = target_of(milestone) if milestone.due is not None and day >= milestone.due else 0.0
        return max(owed, _exact(plan.standing + added)), "goals"
    if milestone.due is None or rule.without_goals == "nothing":
        return (None, "none") if milestone.due is None else _by_due(milestone, day)
    begins = _begins(entry, milestone)
    whole = (milestone.due - begins).days
    passed = (day - begins).days
    share = 1.0 if passed >= whole or whole <= 0 else max(0.0, passed / whole)
    return _exact(target_of(milestone) * (share if day >= begins else 0.0)), "linear"


def _by_due(milestone: Milestone, day: date) -> tuple[float | None, HowPlanned]:
    assert milestone.due is not None  # noqa: S101  the caller has looked
    return (target_of(milestone) if day >= milestone.due else 0.0), "none"


def _single(entry: Entry, milestone: Milestone, day: date, period: Period, rule: LedgerRule) -> MilestoneStanding:
    target = target_of(milestone)
    planned, how = planned_level(entry, milestone, day, rule)
    done = done_by(entry, milestone, day)
    reached = is_reached(entry, milestone, day)
    slippage = None if planned is None else max(0.0, _exact(min(planned, target) - (done or 0.0)))
    state = _state(milestone, day, reached=reached, slippage=slippage, rule=rule)
    late = _days_late(entry, milestone, day, rule) if state in ("overdue", "slipping") else 0
    return MilestoneStanding(
        milestone=milestone,
        target=target,
        unit=unit_of(milestone),
        planned=planned,
        how_planned=how,
        done=done,
        slippage=slippage,
        days_late=late,
        state=state,
        reached=reached,
        period=_in_period(entry, milestone, day, period, rule),
        forecast=_forecast(entry, milestone, day, rule),
        goals_short=_goals_short(entry, milestone),
    )


def _state(milestone: Milestone, day: date, *, reached: bool, slippage: float | None, rule: LedgerRule) -> StateName:
    if reached:
        return "on-time"
    if milestone.due is not None and day > milestone.due:
        return "overdue"
    if slippage is None:
        return "undated"
    return "slipping" if slippage > rule.slips_above * target_of(milestone) else "on-time"


def _days_late(entry: Entry, milestone: Milestone, day: date, rule: LedgerRule) -> int:
    """Days since the due day, else since the last day on which no more was planned than is done."""
    if milestone.due is not None and day > milestone.due:
        return (day - milestone.due).days
    done = done_by(entry, milestone, day) or 0.0
    begins = min(_begins(entry, milestone), day)

    def is_ahead(passed: int) -> bool:
        planned, _ = planned_level(entry, milestone, begins + passed * _DAY, rule)
        return planned is not None and planned > done

    # The plan never falls: the first day on which it was ahead of what is done is found by halving.
    length = (day - begins).days
    first = bisect_left(range(length + 1), True, key=is_ahead)
    return length - first + 1 if first <= length else 0


def _in_period(entry: Entry, milestone: Milestone, day: date, period: Period, rule: LedgerRule) -> InPeriod:
    goals = entry.plans.get(milestone.id, Plan()).goals
    planned = planned_in(goals, period)
    if planned is None and not goals:
        planned = _difference(
            planned_level(entry, milestone, period.first - _DAY, rule)[0],
            planned_level(entry, milestone, period.last, rule)[0],
        )
    covered, stated, parts = covered_by_parts(goals, period)
    done = None
    if any(period.first <= each.on <= min(period.last, day) for each in reports(entry, milestone.id)):
        before = done_by(entry, milestone, period.first - _DAY)
        standing = entry.plans.get(milestone.id, Plan()).standing
        done = _difference(standing if before is None else before, done_by(entry, milestone, min(period.last, day)))
    return InPeriod(planned=planned, done=done, covered=covered, parts_stated=stated, parts=parts)


def _forecast(entry: Entry, milestone: Milestone, day: date, rule: LedgerRule) -> Forecast:
    target, done = target_of(milestone), done_by(entry, milestone, day)
    if done is None:
        return Forecast(why="没有填报进展，无从推算")
    if done >= target:
        first = next(each.on for each in reports(entry, milestone.id) if each.done >= target)
        return Forecast(reaches_on=first)
    begins = max(day - rule.pace_days * _DAY, min(_begins(entry, milestone), day - _DAY))
    gained = done - (done_by(entry, milestone, begins) or 0.0)
    if gained <= 0:
        return Forecast(why=f"近 {rule.pace_days} 天没有进展，按此进度无法完成")
    days = ceil((target - done) * (day - begins).days / gained)
    if days > rule.horizon_days:
        return Forecast(why=f"按此进度 {rule.horizon_days // 365} 年内不能完成")
    return Forecast(reaches_on=day + days * _DAY)


def _goals_short(entry: Entry, milestone: Milestone) -> float:
    """What all goals together lack of the target, where there are goals and a due day."""
    plan = entry.plans.get(milestone.id, Plan())
    if not plan.goals or milestone.due is None:
        return 0.0
    return max(0.0, _exact(target_of(milestone) - plan.standing - (planned_by(plan.goals, milestone.due) or 0.0)))


def _repeated(entry: Entry, milestone: Milestone, day: date, period: Period) -> MilestoneStanding:
    """One that is wanted every period: overdue while the last period that ended lacks what was wanted in it."""
    target = target_of(milestone)
    ended = tuple(cycles_ended(milestone, _begins(entry, milestone), day))
    brought = [done_within(entry, milestone, each) for each in ended]
    missed = sum(each < target for each in brought)
    lacking = max(0.0, target - brought[-1]) if ended else 0.0
    inside = [each for each in ended if period.holds(each.last)]
    return MilestoneStanding(
        milestone=milestone,
        target=target,
        unit=unit_of(milestone),
        planned=target * len(ended),
        how_planned="cycles",
        done=done_by(entry, milestone, day),
        slippage=lacking,
        days_late=(day - ended[-1].last).days if lacking else 0,
        state="overdue" if lacking else "on-time",
        reached=False,
        period=InPeriod(
            planned=target * len(inside),
            done=done_within(entry, milestone, period),
            covered=0.0,
            parts_stated=0,
            parts=0,
        ),
        forecast=Forecast(why="按期重复的工作，不推算完成日"),
        missed=missed,
    )


def _begins(entry: Entry, milestone: Milestone) -> date:
    return milestone.begins or entry.declared.issued


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else _exact(after - before)


def _exact(amount: float) -> float:
    return round(amount, _PLACES)
