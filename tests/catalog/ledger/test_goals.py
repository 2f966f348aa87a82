"""以旬保月、以月保季、以季保年: held against a plain count by days."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.ledger.goals import covered_by_parts, planned_by, planned_in, span, uncovered
from catalog.ledger.periods import Period, parts, period_named, period_of

YEAR = period_of("year", date(2026, 1, 1))
DAY = timedelta(days=1)


def periods_of(period: Period) -> list[Period]:
    return [period, *(inner for each in parts(period) for inner in periods_of(each))]


PERIODS = [each.id for each in periods_of(YEAR)]
TENS = [each for each in PERIODS if "-T" in each]
GOALS = st.dictionaries(st.sampled_from(PERIODS), st.integers(0, 60), max_size=14)
IN_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def named(written: str) -> Period:
    found = period_named(written)
    assert found is not None
    return found


def by_days(goals: dict[str, int], period: Period, given_: Fraction | None = None) -> dict[date, Fraction]:
    """The oracle: what each day gets, where every period's total is given out to its days in one pass."""
    inner = parts(period)
    own = stated(goals, period)
    total = given_ if own is None else own
    if not inner:
        days = [period.first + n * DAY for n in range(period.day_count)]
        return {day: (total or Fraction(0)) / period.day_count for day in days}
    told = {each.id: stated(goals, each) for each in inner}
    known = {each.id: inside(goals, each) for each in inner}
    open_days = sum(each.day_count for each in inner if told[each.id] is None)
    left = None if total is None else max(Fraction(0), total - sum(known.values()))
    found: dict[date, Fraction] = {}
    for each in inner:
        share = (
            None if left is None or told[each.id] is not None else known[each.id] + left * each.day_count / open_days
        )
        found |= by_days(goals, each, share)
    return found


def stated(goals: dict[str, int], period: Period) -> Fraction | None:
    if period.id in goals:
        return Fraction(goals[period.id])
    shares = [stated(goals, each) for each in parts(period)]
    if not shares or any(each is None for each in shares):
        return None
    return sum((each for each in shares if each is not None), Fraction(0))


def inside(goals: dict[str, int], period: Period) -> Fraction:
    own = stated(goals, period)
    return sum((inside(goals, each) for each in parts(period)), Fraction(0)) if own is None else own


def is_sound(goals: dict[str, int]) -> bool:
    """No part promises more than its whole, so that nothing has to be cut."""
    for written in PERIODS:
        own = stated(goals, named(written))
        if own is not None and sum(inside(goals, each) for each in parts(named(written))) > own:
            return False
    return True


@settings(deadline=None)
@given(GOALS, IN_2026)
def test_what_is_planned_by_a_day_is_the_sum_of_its_days(goals: dict[str, int], day: date) -> None:
    if not is_sound(goals):
        return
    expected = sum(amount for each, amount in by_days(goals, YEAR).items() if each <= day)
    found = planned_by(goals, day)
    assert (found is None) == (not goals)
    if found is not None:
        assert found == pytest.approx(float(expected), abs=1e-3)


@settings(deadline=None)
@given(GOALS, IN_2026, st.integers(1, 200))
def test_a_plan_never_falls(goals: dict[str, int], day: date, later: int) -> None:
    before, after = planned_by(goals, day), planned_by(goals, day + later * DAY)
    assert (before or 0) <= (after or 0) + 1e-6


@settings(deadline=None)
@given(GOALS)
def test_a_goal_that_is_stated_is_what_its_period_plans(goals: dict[str, int]) -> None:
    for written, amount in goals.items():
        assert planned_in(goals, named(written)) == amount


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(TENS), st.integers(0, 60), min_size=36, max_size=36))
def test_goals_of_all_tens_roll_up_to_the_year(goals: dict[str, int]) -> None:
    assert planned_in(goals, YEAR) == sum(goals.values())
    assert planned_by(goals, YEAR.last) == sum(goals.values())
    for written in PERIODS:
        period = named(written)
        inner = sum(amount for each, amount in goals.items() if period.first <= named(each).first <= period.last)
        assert planned_in(goals, period) == inner


@settings(deadline=None)
@given(GOALS)
def test_a_whole_is_uncovered_exactly_when_all_its_parts_are_stated_and_come_to_less(goals: dict[str, int]) -> None:
    expected = {
        written
        for written in goals
        if (shares := [stated(goals, each) for each in parts(named(written))])
        and all(each is not None for each in shares)
        and sum(each for each in shares if each is not None) < goals[written]
    }
    assert {each.period.id for each in uncovered(goals)} == expected


def test_a_month_is_kept_by_its_three_tens() -> None:
    goals = {"2026-11": 6.0, "2026-11-T1": 1.0, "2026-11-T2": 2.0}
    november = named("2026-11")
    assert list(uncovered(goals)) == []
    assert covered_by_parts(goals, november) == (3.0, 2, 3)
    assert planned_in(goals, named("2026-11-T3")) == 3.0
    (short,) = uncovered(goals | {"2026-11-T3": 2.5})
    assert (short.period, short.goal, short.covered) == (november, 6.0, 5.5)


def test_parts_may_promise_more_than_the_whole_needs() -> None:
    goals = {"2026-Q4": 6.0, "2026-10": 4.0, "2026-11": 4.0, "2026-12": 4.0}
    assert list(uncovered(goals)) == []
    assert planned_by(goals, date(2026, 12, 31)) == 6.0
    assert planned_by(goals, date(2026, 10, 31)) == 4.0


def test_nothing_is_planned_outside_the_years_that_have_goals() -> None:
    goals = {"2026": 12.0}
    assert planned_in(goals, named("2025-11")) is None
    assert planned_by(goals, date(2025, 6, 1)) == 0
    assert planned_by(goals, date(2028, 1, 1)) == 12
    assert planned_in({}, YEAR) is None
    assert planned_by({}, date(2026, 1, 1)) is None


def test_the_span_of_goals_is_from_the_first_to_the_last() -> None:
    assert span({"2026-11-T2": 1.0, "2027-Q1": 2.0}) == (date(2026, 11, 11), date(2027, 3, 31))
    assert span({}) is None
