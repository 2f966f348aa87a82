"""What is known of each source, measured over one stretch of windows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from processors.live.fold import Fold
from processors.live.health import HealthRule
from processors.live.quantiles import quantile_s
from processors.live.windows import MINUTE_US, SECOND_US, Series
from topics.figures import ARCHIVE_ANSWERS, COMPLETE_UNTIL, DEPARTMENT_ANSWERS, FACTS_KEPT, RECORDS_REFUSED

DAY_S: Final = 86_400
MEANS: Final = {ARCHIVE_ANSWERS: "archive", DEPARTMENT_ANSWERS: "department"}
"""Who spoke: the hub from the department's data, or the department itself."""


class Answers(msgspec.Struct, frozen=True):
    """What was answered by one means: how much of it, how well, how quickly."""

    means: str
    sample: int
    success_share: float | None
    p50_s: float | None
    p95_s: float | None
    outcomes: dict[str, int]


class ResourceCoverage(msgspec.Struct, frozen=True):
    """Up to when a resource is complete, and how far behind that is, also in update cycles."""

    resource: str
    complete_until: int
    lag_s: float
    update_cycle_days: int | None
    cycles: float | None


class Source(msgspec.Struct, frozen=True):
    """What was measured of a department as a source.

    Attributes:
        refused_share: refused records among all that it sent; None where it sent too few.
        last_seen: µs UTC of the last minute in which data or an answer of it came, None when never.
    """

    department: str
    answers: tuple[Answers, ...]
    coverage: tuple[ResourceCoverage, ...]
    kept: int
    refused: int
    refused_share: float | None
    last_seen: int | None

    @property
    def sample(self) -> int:
        """Answers by any means."""
        return sum(each.sample for each in self.answers)

    @property
    def success_share(self) -> float | None:
        """Share of answers that told something, by any means; None without any."""
        known = [(each.success_share, each.sample) for each in self.answers if each.success_share is not None]
        return sum(share * sample for share, sample in known) / self.sample if known else None

    @property
    def main(self) -> Answers | None:
        """The means by which most was answered."""
        return max(self.answers, key=lambda each: each.sample, default=None)

    @property
    def furthest_behind(self) -> ResourceCoverage | None:
        """The resource that lags most, by its own cycle."""
        return max(self.coverage, key=lambda each: (each.cycles or 0.0, each.lag_s), default=None)

    def measured(self, minimum_sample: int) -> dict[str, float | None]:
        """By a limit's name; None where the sample is too small."""
        behind = self.furthest_behind
        medians = {each.means: each.p50_s for each in self.answers if each.sample >= minimum_sample}
        return {
            "success_share": self.success_share if self.sample >= minimum_sample else None,
            "archive_p50_s": medians.get("archive"),
            "department_p50_s": medians.get("department"),
            "coverage_cycles": behind.cycles if behind else None,
            "refused_share": self.refused_share,
        }


def sources(fold: Fold, rule: HealthRule, cycles_days: Mapping[str, int], now: int) -> dict[str, Source]:
    """Every department of which anything is known, by its code.

    Args:
        fold: the counts.
        rule: what is looked at and how much is enough.
        cycles_days: resource → its update cycle.
        now: µs UTC.
    """
    since = now - rule.window_s * SECOND_US
    sums = fold.windows["minute"].sums(since, now + MINUTE_US)
    by_department: dict[str, dict[Series, int]] = {}
    for series, count in sums.items():
        if series.department is not None:
            by_department.setdefault(series.department, {})[series] = count
    coverage = _coverage(fold, cycles_days, now)
    seen = fold.last_seen
    known = sorted(by_department.keys() | coverage.keys() | seen.keys())
    return {
        code: _source(code, by_department.get(code, {}), tuple(coverage.get(code, ())), rule, seen.get(code))
        for code in known
    }


def answers(sums: Mapping[Series, int], figure: str, failed: Iterable[str]) -> Answers | None:
    """What these counts say of answers by one means, None when there was none."""
    own = {series: count for series, count in sums.items() if series.figure == figure}
    sample = sum(own.values())
    if not sample:
        return None
    outcomes: dict[str, int] = {}
    for series, count in own.items():
        outcomes[series.label or ""] = outcomes.get(series.label or "", 0) + count
    missed = sum(outcomes.get(each, 0) for each in failed)
    return Answers(
        means=MEANS.get(figure, figure),
        sample=sample,
        success_share=(sample - missed) / sample,
        p50_s=quantile_s(own, 0.5),
        p95_s=quantile_s(own, 0.95),
        outcomes=outcomes,
    )


def _source(
    code: str,
    sums: Mapping[Series, int],
    coverage: tuple[ResourceCoverage, ...],
    rule: HealthRule,
    last_seen: int | None,
) -> Source:
    found = (answers(sums, figure, rule.failed) for figure in MEANS)
    kept, refused = (_sum(sums, figure) for figure in (FACTS_KEPT, RECORDS_REFUSED))
    return Source(
        department=code,
        answers=tuple(each for each in found if each is not None),
        coverage=coverage,
        kept=kept,
        refused=refused,
        refused_share=refused / (kept + refused) if kept + refused >= rule.minimum_sample else None,
        last_seen=last_seen,
    )


def _sum(sums: Mapping[Series, int], figure: str) -> int:
    return sum(count for series, count in sums.items() if series.figure == figure)


def _coverage(fold: Fold, cycles_days: Mapping[str, int], now: int) -> dict[str, list[ResourceCoverage]]:
    found: dict[str, list[ResourceCoverage]] = {}
    for department, each in _lags(fold, cycles_days, now):
        found.setdefault(department, []).append(each)
    return found


def _lags(fold: Fold, cycles_days: Mapping[str, int], now: int) -> Iterator[tuple[str, ResourceCoverage]]:
    for measured, reading in fold.gauges.items():
        if measured.figure != COMPLETE_UNTIL or measured.department is None:
            continue
        resource = measured.label or ""
        lag_s = max(0.0, (now - reading.value) / SECOND_US)
        cycle = cycles_days.get(resource)
        cycles = lag_s / (cycle * DAY_S) if cycle else None
        yield measured.department, ResourceCoverage(resource, reading.value, lag_s, cycle, cycles)
