"""Counts as told, folded so that repeats, disorder and restarts cannot change the sums.

A message tells a minute of a run as it stands. Per (process, run, minute) the fold keeps the highest count of each
series and adds only what is new to the windows: a repeat adds nothing, an older message adds nothing, and another run
counts apart. A minute is closed once its run is ``open_minutes`` further; what comes then is known to be a repeat or
too late, and is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from processors.live.windows import MINUTE_US, SECOND_US, Series, Window, WindowRules
from topics.events import Count, CountsTold
from topics.figures import DEPARTMENT_ANSWERS, FACTS_KEPT, ITEMS_DECIDED

AHEAD_US: Final = 5 * MINUTE_US
"""A minute that lies further ahead is some clock's fault and is left out."""

TIMED_OUT: Final = "timed-out"
SEEN_BY: Final = frozenset((FACTS_KEPT, DEPARTMENT_ANSWERS, ITEMS_DECIDED))
"""Figures that only a living department gives rise to."""

OTHERS: Final = "…"
"""Label of what is counted together because there were too many series."""


class Measured(msgspec.Struct, frozen=True):
    """What a gauge measures: a figure, and of whom or what."""

    figure: str
    department: str | None = None
    label: str | None = None


class Reading(msgspec.Struct, frozen=True):
    """How a gauge stood, by the clock of the process that told it."""

    value: int
    at: int
    process: str
    sequence: int = 0

    @property
    def order(self) -> tuple[int, int]:
        """The later reading stands."""
        return self.at, self.sequence


class Heard(msgspec.Struct, frozen=True):
    """The last that was heard of a process."""

    at: int
    run: str


@dataclass
class _Run:
    newest: int = 0
    open: dict[int, dict[Series, int]] = field(default_factory=dict)


class Fold:
    """Windows, gauges and processes, after every message that was taken. Holds no clock: each call is given now."""

    def __init__(self, rules: WindowRules) -> None:
        self.windows = {rule.id: Window(rule) for rule in rules.window}
        self.gauges: dict[Measured, Reading] = {}
        self.heard: dict[str, Heard] = {}
        self.totals: dict[Series, int] = {}
        self.last_seen: dict[str, int] = {}
        self.taken_count = 0
        self.left_out_count = 0
        self._rules = rules
        self._series: dict[Series, Series] = {}
        self._runs: dict[tuple[str, str], _Run] = {}
        self._oldest_us = max(rule.span_s for rule in rules.window) * SECOND_US

    def take(self, told: CountsTold, now: int) -> None:
        """Fold one message in, at ``now`` µs UTC."""
        self.taken_count += 1
        run = self._runs.get((told.process, told.run))
        newest = run.newest if run else told.minute
        is_closed = told.minute <= newest - self._rules.open_minutes * MINUTE_US
        if is_closed or not now - self._oldest_us < told.minute <= now + AHEAD_US:
            self.left_out_count += 1
            return
        if run is None:
            self._forget_runs(now)
            run = self._runs[told.process, told.run] = _Run()
        self._count(told, run, now)
        self._measure(told)

    def newest_minute(self, process: str, run: str) -> int | None:
        """The newest minute that a run has told, None when nothing was heard of it."""
        found = self._runs.get((process, run))
        return found.newest if found else None

    def _count(self, told: CountsTold, run: _Run, now: int) -> None:
        cell = run.open.setdefault(told.minute, {})
        at = max(told.minute, min(told.at, told.minute + MINUTE_US - 1))
        for series, count in self._by_series(told.counts).items():
            news = count - cell.get(series, 0)
            if news > 0:
                cell[series] = count
                self._add(series, news, at, now)
        if told.minute > run.newest:
            run.newest = told.minute
            for minute in [m for m in run.open if m <= told.minute - self._rules.open_minutes * MINUTE_US]:
                del run.open[minute]

    def _add(self, series: Series, news: int, at: int, now: int) -> None:
        self.totals[series] = self.totals.get(series, 0) + news
        if series.department is not None and series.figure in SEEN_BY and series.label != TIMED_OUT:
            self.last_seen[series.department] = max(at, self.last_seen.get(series.department, 0))
        for window in self.windows.values():
            window.add(at, series, news, now)

    def _by_series(self, counts: Iterable[Count]) -> dict[Series, int]:
        found: dict[Series, int] = {}
        for each in counts:
            series = self._known(each)
            found[series] = found.get(series, 0) + each.count
        return found

    def _known(self, count: Count) -> Series:
        """The one object of a series; of too many, what stands for the rest."""
        series = Series(count.figure, count.department, count.bundle, count.label, count.bucket)
        found = self._series.get(series)
        if found is not None:
            return found
        if len(self._series) >= self._rules.most_series:
            series = Series(count.figure, label=OTHERS)
        return self._series.setdefault(series, series)

    def _measure(self, told: CountsTold) -> None:
        heard = self.heard.get(told.process)
        if heard is None or told.at >= heard.at:
            self.heard[told.process] = Heard(told.at, told.run)
        for each in told.gauges:
            measured = Measured(each.figure, each.department, each.label)
            reading = Reading(each.value, told.at, told.process, told.sequence)
            known = self.gauges.get(measured)
            if known is None or reading.order >= known.order:
                self.gauges[measured] = reading

    def _forget_runs(self, now: int) -> None:
        for key in [key for key, run in self._runs.items() if run.newest <= now - self._oldest_us]:
            del self._runs[key]
