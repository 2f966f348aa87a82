"""How a milestone stands on a day: planned, done, late, foretold."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ledger.rule import load_rule
from analytics.ledger.standing import MilestoneStanding, entry_state, milestone_standing, planned_level
from catalog.ledger.model import Entry, Milestone
from catalog.ledger.periods import PeriodKind, period_of
from tests.catalog.ledger.ledgering import AT, DISPATCH, MAP, STATIONS, TRAINING, after, declared, entry

RULE = load_rule()
LEAD: dict[str, Any] = {"organisation": "admin-approval"}
ISSUED = date(2026, 1, 1)
DAY = timedelta(days=1)


def reported(of: Entry, milestone: str, *told: tuple[date, float]) -> Entry:
    for on, done in told:
        of = after(
            of, "progress-reported", **LEAD, milestone=milestone, done=done, on=str(on), at=AT + 10**14, reason="填报"
        )
    return of


def planned(of: Entry, milestone: str, standing: float = 0, **goals: float) -> Entry:
    written = {f"20{name[1:].replace('_', '-')}": amount for name, amount in goals.items()}
    return after(of, "goals-planned", **LEAD, milestone=milestone, goals=written, standing=standing)


def stands(of: Entry, milestone: Milestone, day: date, kind: PeriodKind = "month") -> MilestoneStanding:
    return milestone_standing(of, milestone, day, period_of(kind, day), RULE)


def test_without_goals_a_dated_milestone_is_expected_by_the_time_that_has_passed() -> None:
    found = stands(entry(), STATIONS, date(2026, 7, 2))
    assert (found.planned, found.how_planned, found.done) == (16.0, "linear", None)
    assert (found.slippage, found.state) == (16.0, "slipping")
    assert stands(entry(), STATIONS, ISSUED).planned == 0
    assert stands(entry(), STATIONS, date(2027, 3, 1)).planned == 32


def test_goals_say_what_is_expected_where_there_are_any() -> None:
    of = planned(entry(), "stations", 4, y26_11=6, y26_11_T1=1, y26_11_T2=2, y26_12=22)
    found = stands(reported(of, "stations", (date(2026, 11, 15), 5)), STATIONS, date(2026, 11, 20), "ten-days")
    assert (found.planned, found.how_planned, found.done, found.slippage) == (7.0, "goals", 5.0, 2.0)
    assert found.state == "slipping"
    assert (found.period.planned, found.period.done) == (2.0, 1.0)
    assert found.goals_short == 0


def test_goals_that_come_to_less_than_the_target_say_so() -> None:
    assert stands(planned(entry(), "stations", 4, y26_12=20), STATIONS, date(2026, 12, 1)).goals_short == 8


def test_goals_later_than_the_due_day_do_not_put_it_off() -> None:
    of = reported(planned(entry(), "stations", y27=32), "stations", (date(2026, 12, 31), 10))
    found = stands(of, STATIONS, date(2027, 2, 1))
    assert (found.planned, found.slippage, found.state, found.days_late) == (32.0, 22.0, "overdue", 32)


def test_days_late_are_counted_from_where_the_plan_passed_what_is_done() -> None:
    of = reported(planned(entry(), "stations", y26_10=10, y26_11=10), "stations", (date(2026, 10, 20), 10))
    found = stands(of, STATIONS, date(2026, 11, 20))
    assert (found.state, found.days_late) == ("slipping", 20)
    assert stands(of, STATIONS, date(2026, 10, 31)).days_late == 0


@settings(deadline=None)
@given(st.integers(0, 32), st.integers(0, 400), st.dictionaries(st.integers(1, 12), st.integers(0, 9), max_size=12))
def test_days_late_are_those_on_which_more_was_planned_than_is_done(
    done: int, passed: int, by_month: dict[int, int]
) -> None:
    """The oracle looks at every day; the goals of past months stay planned."""
    goals = {f"y26_{month:02}": float(amount) for month, amount in by_month.items()}
    of = reported(planned(entry(), "stations", **goals), "stations", (ISSUED, done))
    day = ISSUED + passed * DAY
    found = stands(of, STATIONS, day)
    if found.state == "slipping":
        ahead = [n for n in range(passed + 1) if (planned_level(of, STATIONS, ISSUED + n * DAY, RULE)[0] or 0) > done]
        assert found.days_late == passed - ahead[0] + 1
    assert (found.state == "overdue") == (day > date(2026, 12, 31) and done < 32)


def test_a_little_behind_is_on_time_by_the_rule() -> None:
    of = planned(entry(), "stations", y26_11=10)
    assert stands(reported(of, "stations", (date(2026, 11, 30), 8.5)), STATIONS, date(2026, 11, 30)).state == "on-time"
    assert stands(reported(of, "stations", (date(2026, 11, 30), 8)), STATIONS, date(2026, 11, 30)).state == "slipping"


def test_what_no_source_and_no_plan_dates_is_undated_until_a_goal_is_set() -> None:
    whole = Milestone(id="whole", name="一项工作", quote="一项工作")
    of = entry(declared(milestones=(whole,)))
    assert stands(of, whole, date(2026, 11, 1)).state == "undated"
    assert stands(of, whole, date(2026, 11, 1)).planned is None
    assert stands(planned(of, "whole", y26_10=50), whole, date(2026, 11, 1)).state == "slipping"


def test_a_reached_milestone_is_on_time_and_says_when() -> None:
    of = reported(entry(), "map", (date(2026, 5, 1), 40), (date(2026, 6, 1), 100))
    found = stands(of, MAP, date(2027, 6, 1))
    assert (found.reached, found.state, found.forecast.reaches_on) == (True, "on-time", date(2026, 6, 1))
    assert (found.unit, found.target) == ("%", 100.0)


def test_the_forecast_draws_the_pace_of_the_last_days_on() -> None:
    of = reported(entry(), "stations", (date(2026, 8, 1), 2), (date(2026, 10, 30), 11))
    found = stands(of, STATIONS, date(2026, 10, 30))
    assert found.forecast.reaches_on == date(2026, 10, 30) + 210 * DAY
    later = stands(of, STATIONS, date(2027, 6, 1))
    assert (later.forecast.reaches_on, "没有进展" in later.forecast.why) == (None, True)
    assert "没有填报" in stands(entry(), STATIONS, date(2026, 10, 30)).forecast.why


def test_a_period_counts_what_was_reported_in_it() -> None:
    of = reported(entry(), "stations", (date(2026, 10, 20), 5), (date(2026, 11, 5), 8), (date(2026, 11, 15), 9))
    assert stands(of, STATIONS, date(2026, 11, 10)).period.done == 3
    assert stands(of, STATIONS, date(2026, 11, 30)).period.done == 4
    assert stands(of, STATIONS, date(2026, 11, 30), "quarter").period.done == 9
    assert stands(of, STATIONS, date(2026, 12, 30)).period.done is None


@pytest.mark.parametrize(
    ("day", "state", "missed", "late"),
    [
        (date(2026, 6, 29), "on-time", 0, 0),
        (date(2026, 7, 1), "overdue", 1, 1),
        (date(2026, 12, 30), "overdue", 1, 183),
    ],
)
def test_what_is_wanted_every_half_year_is_overdue_once_one_passed_without(
    day: date, state: str, missed: int, late: int
) -> None:
    of = entry(declared(milestones=(TRAINING,)))
    found = stands(of, TRAINING, day)
    assert (found.state, found.missed, found.days_late) == (state, missed, late)


def test_more_in_one_period_does_not_make_up_for_another() -> None:
    of = reported(entry(declared(milestones=(TRAINING,))), "training", (date(2026, 8, 1), 1), (date(2026, 9, 1), 1))
    found = stands(of, TRAINING, date(2027, 1, 5), "year")
    assert (found.missed, found.state, found.done) == (1, "on-time", 2.0)


def test_meetings_count_for_what_wants_them() -> None:
    of = entry(declared(milestones=(DISPATCH,)))
    held = after(of, "meeting-held", **LEAD, kind="monthly", on="2026-10-20", subject="10月调度")
    other = after(of, "meeting-held", **LEAD, kind="quarterly", on="2026-10-20", subject="专题会议")
    assert stands(held, DISPATCH, date(2026, 11, 20)).state == "on-time"
    assert stands(held, DISPATCH, date(2026, 11, 20)).missed == 9
    assert stands(other, DISPATCH, date(2026, 11, 20)).state == "overdue"


def test_an_entry_stands_as_the_worst_of_its_milestones() -> None:
    def state_of(of: Entry, day: date) -> str:
        return entry_state(of, tuple(stands(of, each, day) for each in of.milestones))

    of = reported(entry(), "map", (date(2026, 6, 1), 100))
    assert state_of(of, date(2026, 11, 1)) == "slipping"
    assert state_of(of, date(2027, 1, 1)) == "overdue"
    assert state_of(reported(of, "stations", (date(2026, 6, 1), 32)), date(2027, 1, 1)) == "on-time"
    assert entry_state(entry(), ()) == "undated"
