"""Rates as they are told: each figure with its definition's version, denominator, twins, target and forecast."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from analytics.rates import folding
from analytics.rates.counting import Asked, Count, Counting
from analytics.rates.definition import Definition, Definitions
from analytics.rates.folding import Counted, Dimension
from analytics.rates.forecast import Forecast, ForecastRule, forecast
from analytics.rates.names import name_of
from analytics.rates.periods import Period, first_day, month_end_before, month_ends, month_of
from analytics.rates.targets import Target, target_of

NO_DEFINITION = "该日尚无生效的定义"
NO_UNITS = "分母为零：没有应计的"
HISTORY_MONTHS = 12


class UnknownRate(LookupError):  # noqa: N818  named for the fact
    """No such rate is defined."""


@dataclass(frozen=True)
class When:
    """For which day and period figures are asked, from roll-ups or raw."""

    as_of: date
    period: Period = "month"
    raw: bool = False

    def on(self, day: date) -> "When":
        """The same for another day."""
        return When(day, self.period, self.raw)


@dataclass(frozen=True)
class Rule:
    """What figures are held to: definitions, targets, and how a pace is drawn on."""

    definitions: Definitions
    targets: tuple[Target, ...]
    forecast: ForecastRule


class Figures:
    """Tells rates; safe to call from several threads."""

    def __init__(self, counting: Counting, rule: Rule, positions: Callable[[], Mapping[Any, int]]) -> None:
        """Tell what is counted by these rules; ``positions`` are the lake's in the log."""
        self.counting, self.rule = counting, rule
        self._positions = positions

    def overview(self, when: When) -> dict[str, Any]:
        """Every rate on one day."""
        return {
            "as_of": when.as_of.isoformat(),
            "month": month_of(when.as_of),
            "period": when.period,
            "from": first_day(when.as_of, when.period).isoformat(),
            "positions_digest": self.positions_digest(),
            "lake_identity": self.counting.lake.identity(when.as_of),
            "rates": [self.figure(rate, when) for rate in self.rule.definitions.versions],
            "faults": [str(fault) for fault in self.rule.definitions.faults],
        }

    def headlines(self, when: When) -> list[dict[str, Any]]:
        """Every rate's numbers and nothing beside them."""
        found = []
        for rate in self.rule.definitions.versions:
            definition, count = self.count(rate, when)
            if definition is not None:
                numbers = _value(definition, count, folding.total(count.cube))
                found.append({"id": rate, "version": definition.version, **numbers})
        return found

    def figure(self, rate: str, when: When) -> dict[str, Any]:
        """One rate with all that belongs to it."""
        definition, count = self.count(rate, when)
        counted = folding.total(count.cube)
        points = [(day, self._value(rate, when.on(day))) for day in month_ends(when.as_of, self.rule.forecast.months)]
        target = target_of(rate, when.as_of, self.rule.targets)
        shown = definition or self.rule.definitions.newest(rate)
        return {
            **_defined(shown, when),
            **_value(definition, count, counted),
            "twin": next(iter(_twins(shown, counted)), None),
            "twins": _twins(shown, counted),
            "previous": _previous(counted.value, points[-2]),
            "target": _target(target, counted.value),
            "forecast": _forecast(points, target, self.rule.forecast),
        }

    def by(self, rate: str, when: When, dimension: Dimension) -> dict[str, Any]:
        """One rate by a dimension; each group with its own forecast."""
        cubes = {
            day: self.count(rate, when.on(day))[1].cube for day in month_ends(when.as_of, self.rule.forecast.months)
        }
        series = {day: folding.along(cube, dimension) for day, cube in cubes.items()}
        target = target_of(rate, when.as_of, self.rule.targets)
        names = self.counting.organisations(when.as_of)
        definition = self.rule.definitions.in_force(rate, when.as_of) or self.rule.definitions.newest(rate)
        groups = []
        for key, counted in series[when.as_of].items():
            points = [(day, found.get(key, Counted()).value) for day, found in series.items()]
            groups.append(
                {
                    "key": key,
                    "name": name_of(dimension, key, names),
                    **_numbers(counted),
                    "twins": _twins(definition, counted),
                    "previous": _previous(counted.value, points[-2]),
                    "forecast": _forecast(points, target, self.rule.forecast),
                }
            )
        return {**self.figure(rate, when), "by": dimension, "groups": groups}

    def months(self, rate: str, when: When, count: int = HISTORY_MONTHS) -> dict[str, Any]:
        """One rate at the ends of the last months and on the day, each by the definition in force then."""
        groups = []
        for day in month_ends(when.as_of, count):
            definition, found = self.count(rate, when.on(day))
            counted = folding.total(found.cube)
            groups.append(
                {
                    "key": month_of(day),
                    "name": f"{day.year}年{day.month}月",
                    "as_of": day.isoformat(),
                    "version": definition.version if definition else None,
                    **_value(definition, found, counted),
                }
            )
        return {**self.figure(rate, when), "by": "month", "groups": groups}

    def count(self, rate: str, when: When) -> tuple[Definition | None, Count]:
        """The definition in force on the day, and what it counts; nothing when none is.

        Raises:
            UnknownRate: no such rate is defined.
        """
        if rate not in self.rule.definitions.versions:
            raise UnknownRate(rate)
        definition = self.rule.definitions.in_force(rate, when.as_of)
        if definition is None:
            return None, Count()
        asked = Asked(definition, when.as_of, first_day(when.as_of, when.period), when.raw)
        return definition, self.counting.count(asked)

    def positions_digest(self) -> str:
        """What the lake's positions in the log are known by."""
        told = sorted((*map(str, place), str(at)) for place, at in self._positions().items())
        return sha256(repr(told).encode()).hexdigest()[:16]

    def _value(self, rate: str, when: When) -> float | None:
        return folding.total(self.count(rate, when)[1].cube).value


def _defined(definition: Definition, when: When) -> dict[str, Any]:
    return {
        "id": definition.id,
        "version": definition.version,
        "name": definition.name,
        "unit": definition.unit,
        "basis": list(definition.basis),
        "in_force_from": definition.in_force_from.isoformat(),
        "numerator_is": definition.numerator,
        "denominator_is": definition.denominator,
        "over": definition.over,
        "better": definition.better,
        "as_of": when.as_of.isoformat(),
        "from": first_day(when.as_of, when.period).isoformat() if definition.over == "period" else None,
    }


def _value(definition: Definition | None, count: Count, counted: Counted) -> dict[str, Any]:
    why = None
    if definition is None:
        why = NO_DEFINITION
    elif count.fault:
        why = count.fault
    elif counted.value is None:
        why = NO_UNITS
    return {**_numbers(counted), "why_null": why, "fault": bool(count.fault)}


def _numbers(counted: Counted) -> dict[str, Any]:
    return {
        "numerator": counted.numerator,
        "denominator": counted.denominator,
        "value": counted.value,
        "units": counted.units,
        "unstated": counted.unstated,
    }


def _twins(definition: Definition, counted: Counted) -> list[dict[str, Any]]:
    return [
        {
            "id": twin.id,
            "name": twin.name,
            "of": twin.of,
            "count": (count := counted.twins.get(twin.id, 0)),
            "value": count / counted.units if counted.units else None,
        }
        for twin in definition.twin
    ]


def _previous(value: float | None, point: tuple[date, float | None]) -> dict[str, Any]:
    day, before = point
    change = None if value is None or before is None else value - before
    return {"as_of": day.isoformat(), "value": before, "change": change}


def _target(target: Target | None, value: float | None) -> dict[str, Any] | None:
    if target is None:
        return None
    return {
        "value": target.value,
        "by": target.by.isoformat(),
        "met": target.met(value),
        "source": target.source,
        "text": target.text,
    }


def _forecast(
    points: Sequence[tuple[date, float | None]], target: Target | None, rule: ForecastRule
) -> dict[str, Any] | None:
    if target is None or target.value is None:
        return None
    found: Forecast = forecast(points, target.value, target.by, rule)
    return {
        "reaches_on": found.reaches_on.isoformat() if found.reaches_on else None,
        "why": found.why,
        "in_time": found.in_time,
        "pace_a_month": found.pace_a_month,
    }


def month_before(when: When) -> When:
    """The same question at the end of the month before."""
    return when.on(month_end_before(when.as_of))
