"""Alerts: figures held against limits for long enough. The limits are data, and the same for Prometheus."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from processors.live.windows import SECOND_US

RUNBOOK: Final = "docs/live.md"
_SHARE: Final = "_share"
_HOLE: Final = re.compile(r"\{(\w+)\}")


class Sample(msgspec.Struct, frozen=True):
    """One figure of the live process, as its metrics give it."""

    metric: str
    labels: tuple[tuple[str, str], ...]
    value: float


class AlertRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"is_": "is"}):
    """One alert; see ``alerts.toml``."""

    id: str
    metric: str
    is_: Literal["above", "below"]
    limit: float
    for_s: int
    severity: Literal["critical", "warning"]
    summary: str
    remedy: str
    where: dict[str, str] = {}

    def holds(self, sample: Sample) -> bool:
        """Whether this figure passes the limit."""
        if sample.metric != self.metric or not self.where.items() <= dict(sample.labels).items():
            return False
        return sample.value > self.limit if self.is_ == "above" else sample.value < self.limit


class AlertRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``alerts.toml``."""

    version: int
    basis: str
    alert: tuple[AlertRule, ...]


class Alert(msgspec.Struct, frozen=True):
    """Something that somebody should know; ``since`` is when the limit was passed, µs UTC.

    ``pending``: it has not held for long enough yet.
    """

    id: str
    severity: str
    state: Literal["pending", "firing"]
    labels: dict[str, str]
    value: float
    since: int
    summary: str
    remedy: str
    runbook: str


Key = tuple[str, tuple[tuple[str, str], ...]]
"""An alert's id and the labels of what it is about."""


@cache
def alert_rules() -> AlertRules:
    """The alerts that ship."""
    raw = tomllib.loads(files("processors.live").joinpath("alerts.toml").read_text(encoding="utf-8"))
    return msgspec.convert(raw, AlertRules)


def passed_since(
    before: Mapping[Key, int], samples: Iterable[Sample], rules: Iterable[AlertRule], now: int
) -> dict[Key, int]:
    """Since when each limit is passed: as before where it was already, else since ``now``."""
    found = list(samples)
    keys = ((rule.id, sample.labels) for rule in rules for sample in found if rule.holds(sample))
    return {key: before.get(key, now) for key in keys}


def alerts(
    since: Mapping[Key, int], samples: Iterable[Sample], rules: Iterable[AlertRule], now: int
) -> tuple[Alert, ...]:
    """What is told of now: the critical and firing ones first."""
    found = list(samples)
    told = [
        _alert(rule, sample, since[rule.id, sample.labels], now)
        for rule in rules
        for sample in found
        if rule.holds(sample) and (rule.id, sample.labels) in since
    ]
    return tuple(sorted(told, key=lambda each: (each.state != "firing", each.severity, each.id, each.summary)))


def _alert(rule: AlertRule, sample: Sample, since: int, now: int) -> Alert:
    labels = dict(sample.labels)
    words = {**labels, "value": _shown(sample)}
    return Alert(
        id=rule.id,
        severity=rule.severity,
        state="firing" if now - since >= rule.for_s * SECOND_US else "pending",
        labels=labels,
        value=sample.value,
        since=since,
        summary=_filled(rule.summary, words),
        remedy=_filled(rule.remedy, words),
        runbook=f"{RUNBOOK}#{rule.id}",
    )


def _filled(text: str, words: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda hole: words.get(hole[1], hole[0]), text)


def _shown(sample: Sample) -> str:
    if sample.metric.endswith(_SHARE):
        return f"{sample.value * 100:.1f}%"
    return f"{sample.value:,.1f}".removesuffix(".0")


def promql(rule: AlertRule) -> str:
    """The same limit in PromQL."""
    chosen = ",".join(f'{name}="{value}"' for name, value in sorted(rule.where.items()))
    selector = f"{rule.metric}{{{chosen}}}" if chosen else rule.metric
    return f"{selector} {'>' if rule.is_ == 'above' else '<'} {rule.limit:g}"


def prometheus_rules(rules: AlertRules) -> Iterator[dict[str, object]]:
    """Each alert as a rule of Prometheus's alerting rules."""
    for rule in rules.alert:
        yield {
            "alert": "".join(part.capitalize() for part in rule.id.split("-")),
            "expr": promql(rule),
            "for": f"{rule.for_s}s",
            "labels": {"severity": rule.severity},
            "annotations": {
                "summary": _template(rule, rule.summary),
                "description": _template(rule, rule.remedy),
                "runbook_url": f"{RUNBOOK}#{rule.id}",
            },
        }


def _template(rule: AlertRule, text: str) -> str:
    value = "{{ $value | humanizePercentage }}" if rule.metric.endswith(_SHARE) else "{{ $value | humanize }}"
    return _HOLE.sub(lambda hole: value if hole[1] == "value" else f"{{{{ $labels.{hole[1]} }}}}", text)
