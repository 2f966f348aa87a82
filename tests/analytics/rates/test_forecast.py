from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.rates.forecast import Forecast, forecast, load_rule
from analytics.rates.periods import first_day, month_end_before, month_ends, month_of

RULE = load_rule()
DAYS = month_ends(date(2026, 6, 30), 3)
BY = date(2026, 12, 31)


def told(*values: float | None, target: float = 1.0) -> Forecast:
    return forecast(list(zip(DAYS, values, strict=True)), target, BY, RULE)


def test_a_steady_pace_is_drawn_on() -> None:
    found = told(0.4, 0.5, 0.6, 0.7)
    assert found.reaches_on is not None
    assert (found.reaches_on.year, found.reaches_on.month, found.in_time) == (2026, 9, True)
    assert found.pace_a_month == pytest.approx(0.1, abs=0.01)


def test_too_slow_a_pace_is_late() -> None:
    found = told(0.40, 0.41, 0.42, 0.43)
    assert found.reaches_on is not None
    assert (found.in_time, found.reaches_on > BY) == (False, True)


@pytest.mark.parametrize("values", [(0.7, 0.7, 0.7, 0.7), (0.9, 0.8, 0.7, 0.6)])
def test_without_progress_it_is_never_reached(values: tuple[float, ...]) -> None:
    assert told(*values).why == "按目前进度不能达到"


def test_far_off_no_day_is_named() -> None:
    assert told(0.100, 0.1001, 0.1002, 0.1003).why == "按目前进度20年内不能达到"


def test_too_few_values_tell_nothing() -> None:
    assert told(None, None, 0.6, 0.7).why == "月末数值不足 3 个，不作推算"
    assert told(0.5, 0.6, 0.7, None).why == "该日没有数值"


def test_what_is_reached_is_reached() -> None:
    assert told(None, None, None, 1.0) == Forecast(DAYS[-1], "已达到", in_time=True)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_a_day_that_is_named_lies_ahead_or_is_today(values: list[float]) -> None:
    found = told(*values)
    assert found.reaches_on is None or found.reaches_on >= DAYS[-1]


def test_periods() -> None:
    day = date(2026, 3, 1)
    assert first_day(date(2026, 11, 22), "quarter") == date(2026, 10, 1)
    assert first_day(date(2026, 11, 22), "year") == date(2026, 1, 1)
    assert month_end_before(day) == date(2026, 2, 28)
    assert month_ends(day, 2) == (date(2026, 1, 31), date(2026, 2, 28), day)
    assert month_of(day) == "2026-03"
