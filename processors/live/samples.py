"""The live process's figures by metric: what its ``/metrics`` gives, and what alerts are held against."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from processors.live.alerts import Sample
from processors.live.fold import TIMED_OUT, Fold
from processors.live.sources import Source
from processors.live.windows import MINUTE_US, SECOND_US, Series
from topics.figures import (
    DEADLINES_MISSED,
    DEPARTMENT_ANSWERS,
    DISK_FREE_PERMILLE,
    DUTIES_OVERDUE,
    ITEMS_DECIDED,
    OUTBOX_AGE_S,
    OUTBOX_WAITS,
    VIEW_LAG,
)

METRICS: Final = {
    "onething_live_source_state": "A source: 1 good, 0 unknown, -1 bad.",
    "onething_live_source_success_share": "Share of answers from a source that told something.",
    "onething_live_source_p50_seconds": "Median time of answers, by means.",
    "onething_live_source_p95_seconds": "95th percentile of the time of answers, by means.",
    "onething_live_coverage_lag_seconds": "How long ago a resource was complete.",
    "onething_live_coverage_cycles": "The same in update cycles of the resource.",
    "onething_live_refused_share": "Refused records among all that a department sent.",
    "onething_live_deadlines_missed_share": "What was not done in time, among all that was due within the hour.",
    "onething_live_view_lag_messages": "Messages between a view and the end of the log.",
    "onething_live_outbox_waiting": "Messages that the log must still get.",
    "onething_live_outbox_age_seconds": "How long the oldest of them has waited.",
    "onething_live_duties_overdue": "Duties past their limit.",
    "onething_live_disk_free_share": "Free space of a process's disk.",
    "onething_live_process_silent_seconds": "Since when nothing was heard of a process.",
}
"""Gauges by name, with their words."""

HOUR_US: Final = 60 * MINUTE_US
DONE: Final = frozenset((DEPARTMENT_ANSWERS, ITEMS_DECIDED))
_GAUGES: Final = {
    OUTBOX_WAITS: ("onething_live_outbox_waiting", "outbox", 1.0),
    OUTBOX_AGE_S: ("onething_live_outbox_age_seconds", "outbox", 1.0),
    DISK_FREE_PERMILLE: ("onething_live_disk_free_share", "process", 0.001),
}


def samples(
    fold: Fold, sources: Mapping[str, Source], states: Mapping[str, int], minimum_sample: int, now: int
) -> Iterator[Sample]:
    """Every sample as of ``now``, by code; a share of fewer than ``minimum_sample`` is left out."""
    for code, source in sources.items():
        yield _sample("onething_live_source_state", states[code], department=code)
        yield from _of_source(code, source, minimum_sample)
    yield from _of_gauges(fold)
    yield from _of_deadlines(fold, minimum_sample, now)
    for process, heard in fold.heard.items():
        yield _sample("onething_live_process_silent_seconds", max(0, now - heard.at) / SECOND_US, process=process)


def named(samples: Iterable[Sample], names: Mapping[str, str]) -> Iterator[Sample]:
    """Samples about a department with its Chinese name beside its code."""
    for each in samples:
        code = dict(each.labels).get("department")
        more = () if code is None else (("name", names.get(code, code)),)
        yield Sample(each.metric, tuple(sorted((*each.labels, *more))), each.value)


def kind_of(view: str) -> str:
    """What kind of part a view or process belongs to: its name without the index."""
    name, _, index = view.rpartition("-")
    return name if index.isdigit() else view


def missed_share(sums: Mapping[Series, int], minimum_sample: int) -> dict[str, float]:
    """Department → share of what was due and not done in time, where enough was due."""
    missed: dict[str, int] = {}
    done: dict[str, int] = {}
    for series, count in sums.items():
        if series.department is None:
            continue
        if series.figure == DEADLINES_MISSED:
            missed[series.department] = missed.get(series.department, 0) + count
        elif series.figure in DONE and series.label != TIMED_OUT:
            done[series.department] = done.get(series.department, 0) + count
    due = {code: missed.get(code, 0) + done.get(code, 0) for code in missed.keys() | done.keys()}
    return {code: missed.get(code, 0) / count for code, count in sorted(due.items()) if count >= minimum_sample}


def _of_source(code: str, source: Source, minimum_sample: int) -> Iterator[Sample]:
    if source.success_share is not None and source.sample >= minimum_sample:
        yield _sample("onething_live_source_success_share", source.success_share, department=code)
    for each in source.answers:
        if each.p50_s is not None and each.p95_s is not None:
            yield _sample("onething_live_source_p50_seconds", each.p50_s, department=code, means=each.means)
            yield _sample("onething_live_source_p95_seconds", each.p95_s, department=code, means=each.means)
    for covered in source.coverage:
        labels = {"department": code, "resource": covered.resource}
        yield _sample("onething_live_coverage_lag_seconds", covered.lag_s, **labels)
        if covered.cycles is not None:
            yield _sample("onething_live_coverage_cycles", covered.cycles, **labels)
    if source.refused_share is not None:
        yield _sample("onething_live_refused_share", source.refused_share, department=code)


def _of_gauges(fold: Fold) -> Iterator[Sample]:
    for measured, reading in fold.gauges.items():
        label = measured.label or reading.process
        if measured.figure == VIEW_LAG:
            yield _sample("onething_live_view_lag_messages", reading.value, view=label, kind=kind_of(label))
        elif measured.figure == DUTIES_OVERDUE:
            yield _sample("onething_live_duties_overdue", reading.value, department=measured.department or "")
        elif measured.figure in _GAUGES:
            metric, name, factor = _GAUGES[measured.figure]
            yield _sample(metric, reading.value * factor, **{name: label})


def _of_deadlines(fold: Fold, minimum_sample: int, now: int) -> Iterator[Sample]:
    sums = fold.windows["minute"].sums(now - HOUR_US, now + MINUTE_US)
    for code, share in missed_share(sums, minimum_sample).items():
        yield _sample("onething_live_deadlines_missed_share", share, department=code)


def _sample(metric: str, value: float, **labels: str) -> Sample:
    return Sample(metric, tuple(sorted(labels.items())), float(value))
