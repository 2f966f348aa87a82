"""What stands now: counts folded, sources judged, alerts watched. One thread folds and looks; others may read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from processors.live.alerts import Alert, AlertRules, Key, Sample, alerts, passed_since
from processors.live.fold import Fold
from processors.live.health import BAD, GOOD, UNKNOWN, Health, HealthRule, State, judged
from processors.live.samples import named, samples
from processors.live.sources import Source, sources
from processors.live.windows import SECOND_US, Series, WindowRules
from topics.events import CountsTold
from topics.figures import DISK_FREE_PERMILLE, OUTBOX_AGE_S, OUTBOX_WAITS, VIEW_LAG

STATES: Final = {GOOD: 1, UNKNOWN: 0, BAD: -1}
OF_A_PROCESS: Final = frozenset((VIEW_LAG, OUTBOX_WAITS, OUTBOX_AGE_S, DISK_FREE_PERMILLE))
"""Gauges that say nothing once their process is gone."""

PROCESS_FORGOTTEN_S: Final = 3600
"""A process that said nothing for so long is taken to be gone for good."""


@dataclass(frozen=True)
class LiveRules:
    """The rules in force, all of them data."""

    windows: WindowRules
    health: HealthRule
    alerts: AlertRules


@dataclass(frozen=True)
class Names:
    """What codes are called, and each resource's update cycle in days."""

    departments: Mapping[str, str]
    bundles: Mapping[str, str]
    cycles_days: Mapping[str, int]


class Standing:
    """The live figures."""

    def __init__(self, rules: LiveRules, names: Names, now: Callable[[], int]) -> None:
        self.rules, self.names, self.now = rules, names, now
        self.fold = Fold(rules.windows)
        self.sources: dict[str, Source] = {}
        self.health: dict[str, Health] = {}
        self.alerts: tuple[Alert, ...] = ()
        self.samples: tuple[Sample, ...] = ()
        self.looked_at = 0
        self._passed: dict[Key, int] = {}
        self._before: dict[Series, int] = {}

    def take(self, told: CountsTold) -> None:
        """Fold a message in."""
        self.fold.take(told, self.now())

    def history_ended(self) -> None:
        """What was folded so far is history: counters for monitoring start at nothing, as those of any new process."""
        self._before = dict(self.fold.totals)

    def counted(self) -> dict[Series, int]:
        """Every series' count since the history ended."""
        before = self._before
        return {series: total - before.get(series, 0) for series, total in list(self.fold.totals.items())}

    def look(self) -> None:
        """Judge every source and watch every limit, as of now."""
        now = self.now()
        self._forget_processes(now)
        rule = self.rules.health
        self.sources = sources(self.fold, rule, self.names.cycles_days, now)
        self.health = {
            code: judged(self._state(code), source.measured(rule.minimum_sample), rule.limits_of(code))
            for code, source in self.sources.items()
        }
        found = samples(self.fold, self.sources, self._states(), rule.minimum_sample, now)
        self.samples = tuple(named(found, self.names.departments))
        watched = self.rules.alerts.alert
        self._passed = passed_since(self._passed, self.samples, watched, now)
        self.alerts = alerts(self._passed, self.samples, watched, now)
        self.looked_at = now

    def _state(self, code: str) -> State:
        found = self.health.get(code)
        return found.state if found else UNKNOWN

    def _states(self) -> dict[str, int]:
        return {code: STATES[each.state] for code, each in self.health.items()}

    def _forget_processes(self, now: int) -> None:
        silent = now - PROCESS_FORGOTTEN_S * SECOND_US
        for process in [each for each, heard in self.fold.heard.items() if heard.at < silent]:
            del self.fold.heard[process]
        for measured, reading in list(self.fold.gauges.items()):
            if measured.figure in OF_A_PROCESS and reading.process not in self.fold.heard:
                del self.fold.gauges[measured]
