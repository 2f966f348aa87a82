"""Whether a source is good, bad or unknown: a pure rule over what was measured, its limits in ``health.toml``."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec

State = Literal["good", "bad", "unknown"]
GOOD: Final = "good"
BAD: Final = "bad"
UNKNOWN: Final = "unknown"
_PERCENT: Final = "%"


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One limit: a value above ``bad`` is bad, with ``least`` one below; ``good`` is where it is good again."""

    bad: float
    good: float
    name: str
    unit: str
    least: bool = False

    def is_bad(self, value: float) -> bool:
        """Whether the limit is passed."""
        return value < self.bad if self.least else value > self.bad

    def is_good_again(self, value: float) -> bool:
        """Whether a source that was bad has got well."""
        return value >= self.good if self.least else value <= self.good

    def told(self, value: float, limit: float) -> str:
        """The value beside a limit, as an official reads it."""
        than = "低于" if self.least else "高于"
        return f"{self.name} {self._shown(value)}，{than} {self._shown(limit)}"

    def _shown(self, value: float) -> str:
        return f"{value * 100:.1f}%" if self.unit == _PERCENT else f"{value:.1f} {self.unit}"


class HealthRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``health.toml``: what is looked at, how much of it is enough, and the limits by the name of what is measured."""

    version: int
    name: str
    basis: str
    window_s: int
    look_s: float
    minimum_sample: int
    failed: tuple[str, ...]
    limits: dict[str, Limit]
    override: dict[str, dict[str, dict[str, Any]]]

    def limits_of(self, department: str) -> dict[str, Limit]:
        """The limits of one department: its own where it has some."""
        own = self.override.get(department, {})
        return {
            name: msgspec.convert(msgspec.to_builtins(limit) | own.get(name, {}), Limit)
            for name, limit in self.limits.items()
        }


class Health(msgspec.Struct, frozen=True):
    """How a source stands, and why it is not good."""

    state: State
    why: tuple[str, ...] = ()


def health_rule_of(text: str) -> HealthRule:
    """A rule from TOML.

    Raises:
        ValueError: every fault: a field that is missing or unknown, an override of a limit that there is not,
            a limit where good would be worse than bad.
    """
    rule = msgspec.convert(tomllib.loads(text), HealthRule)
    if faults := list(_faults(rule)):
        raise ValueError("; ".join(faults))
    return rule


@cache
def health_rule() -> HealthRule:
    """The rule that ships."""
    return health_rule_of(files("processors.live").joinpath("health.toml").read_text(encoding="utf-8"))


def judged(previous: State, measured: Mapping[str, float | None], limits: Mapping[str, Limit]) -> Health:
    """How a source stands now.

    Args:
        previous: how it stood before; a bad one must reach ``good`` everywhere to be good again.
        measured: by a limit's name; None where too little is known.
        limits: of this source.
    """
    known = {name: value for name, value in measured.items() if value is not None and name in limits}
    bad = tuple(
        limits[name].told(value, limits[name].bad) for name, value in known.items() if limits[name].is_bad(value)
    )
    if bad:
        return Health(BAD, bad)
    if not known:
        return Health(UNKNOWN, ("样本不足，且没有覆盖声明",))
    if previous == BAD and (still := tuple(_not_yet(known, limits))):
        return Health(BAD, still)
    return Health(GOOD)


def _not_yet(known: Mapping[str, float], limits: Mapping[str, Limit]) -> Iterator[str]:
    for name, value in known.items():
        if not limits[name].is_good_again(value):
            yield f"尚未恢复：{limits[name].told(value, limits[name].good)}"


def _faults(rule: HealthRule) -> Iterator[str]:
    for department, own in rule.override.items():
        for name in sorted(own.keys() - rule.limits.keys()):
            yield f"override.{department}.{name}: no limit has this name; it is one of {', '.join(sorted(rule.limits))}"
        yield from _contradictions(f"override.{department}", rule.limits_of(department))
    yield from _contradictions("limits", rule.limits)


def _contradictions(place: str, limits: Mapping[str, Limit]) -> Iterator[str]:
    for name, limit in limits.items():
        if limit.is_bad(limit.good):
            yield f"{place}.{name}: good ({limit.good:g}) is bad by its own limit ({limit.bad:g})"
