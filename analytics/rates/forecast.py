"""When a figure gets to its target at this pace: a straight line through its last values. Pure; the rule is data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import ceil
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict

from catalog.definitions import EXACT, read_definition

FORECAST_FILE: Final = Path(__file__).parent / "forecast.toml"
_DAYS_A_YEAR: Final = 365


@dataclass(frozen=True)
class ForecastRule:
    """How many month-ends are taken, with how many values at least, and how far ahead a day is named."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    months: int
    fewest: int
    horizon_years: int


@dataclass(frozen=True)
class Forecast:
    """The day on which the target is reached at this pace, or why none is told; ``in_time``: by the target's day."""

    reaches_on: date | None
    why: str | None = None
    in_time: bool | None = None
    pace_a_month: float | None = None


@cache
def load_rule(path: Path = FORECAST_FILE) -> ForecastRule:
    """Return the rule."""
    return read_definition(path, ForecastRule)


def forecast(points: Sequence[tuple[date, float | None]], target: float, by: date, rule: ForecastRule) -> Forecast:
    """Tell when the last of the points, drawn on at their pace, reaches a target that is due on a day."""
    known = [(day, value) for day, value in points if value is not None]
    if not points or points[-1][1] is None:
        return Forecast(None, "该日没有数值")
    today, value = known[-1]
    if value >= target:
        return Forecast(today, "已达到", today <= by, None)
    if len(known) < rule.fewest:
        return Forecast(None, f"月末数值不足 {rule.fewest} 个，不作推算")
    slope = _slope(known)
    pace = slope * _DAYS_A_YEAR / 12
    if slope <= 0:
        return Forecast(None, "按目前进度不能达到", False, pace)
    days = ceil((target - value) / slope)
    if days > rule.horizon_years * _DAYS_A_YEAR:
        return Forecast(None, f"按目前进度{rule.horizon_years}年内不能达到", False, pace)
    reached = today + timedelta(days=days)
    return Forecast(reached, None, reached <= by, pace)


def _slope(points: Sequence[tuple[date, float]]) -> float:
    """The line's rise a day, by least squares."""
    days = [(day - points[0][0]).days for day, _ in points]
    values = [value for _, value in points]
    middle, mean = sum(days) / len(days), sum(values) / len(values)
    spread = sum((day - middle) ** 2 for day in days)
    return sum((day - middle) * (value - mean) for day, value in zip(days, values, strict=True)) / spread
