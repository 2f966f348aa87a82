"""Live figures as the door shows them: plain objects for JSON, instants as people in China read them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from processors.live.alerts import Alert
from processors.live.health import UNKNOWN, Health
from processors.live.instants import iso
from processors.live.quantiles import quantile_s
from processors.live.samples import kind_of
from processors.live.sources import Source
from processors.live.standing import Standing
from processors.live.windows import MINUTE_US, SECOND_US, Series
from topics.figures import (
    ARCHIVE_ANSWERS,
    ARCHIVES_READ,
    CASES_CLOSED,
    CASES_MOVED,
    CASES_OPENED,
    DEADLINES_MISSED,
    DEPARTMENT_ANSWERS,
    FACTS_KEPT,
    FACTS_REPLAYED,
    ITEMS_DECIDED,
    RECORDS_REFUSED,
    RECORDS_TAKEN,
    ROWS_COMMITTED,
    VIEW_LAG,
)

FIGURES: Final = {
    FACTS_KEPT: "入库事实",
    FACTS_REPLAYED: "重放事实",
    RECORDS_TAKEN: "接收记录",
    RECORDS_REFUSED: "拒收记录",
    ARCHIVE_ANSWERS: "平台代答",
    DEPARTMENT_ANSWERS: "部门答复",
    ITEMS_DECIDED: "事项办结",
    CASES_OPENED: "办件受理",
    CASES_MOVED: "办件流转",
    CASES_CLOSED: "办件办结",
    DEADLINES_MISSED: "逾期",
    ARCHIVES_READ: "档案调阅",
    ROWS_COMMITTED: "入湖行数",
}
"""Every figure that is counted, as officials call it."""

SPANS: Final = {
    "minute": ("second", 60),
    "hour": ("minute", 3_600),
    "day": ("minute", 86_400),
    "month": ("hour", 2_678_400),
}
"""A stretch that is summed up → the window that it is summed over, and how long it is, s."""


def overview(standing: Standing, span: str) -> dict[str, Any]:
    """``GET /v1/live``: totals, departments, bundles, views and processes over one stretch."""
    now = standing.now()
    sums = {name: _sums(standing, name, now) for name in SPANS}
    totals = {name: by_figure(each) for name, each in sums.items()}
    return {
        "now": iso(now),
        "span": span,
        "span_s": SPANS[span][1],
        "windows": [msgspec.structs.asdict(window.rule) for window in standing.fold.windows.values()],
        "totals": [
            {"figure": figure, "name": name, **{each: totals[each].get(figure, 0) for each in SPANS}}
            for figure, name in FIGURES.items()
        ],
        "departments": _departments(standing, sums[span]),
        "bundles": _bundles(standing, sums[span]),
        "doors": by_label(sums[span], RECORDS_REFUSED),
        "views": _views(standing),
        "processes": [
            {"process": name, "heard_at": iso(heard.at), "silent_s": _seconds(now - heard.at)}
            for name, heard in sorted(standing.fold.heard.items())
        ],
        "alerts": {state: _count(standing.alerts, state) for state in ("firing", "pending")},
        "left_out": standing.fold.left_out_count,
    }


def series(standing: Standing, figure: str, window: str, chosen: Mapping[str, str]) -> dict[str, Any]:
    """``GET /v1/live/series``: the cells of one window, those without a count as 0.

    ``chosen``: department, bundle or label that a series must have.
    """
    held = standing.fold.windows[window]
    width = held.rule.width_us
    until = standing.now() // width * width + width
    since = until - held.rule.cells * width

    def matches(each: Series) -> bool:
        return each.figure == figure and all(getattr(each, name) == value for name, value in chosen.items())

    points = held.points(since, until, matches)
    return {
        "figure": figure,
        "name": FIGURES[figure],
        "window": window,
        "width_s": held.rule.width_s,
        **chosen,
        "points": [{"at": iso(at), "count": points.get(at, 0)} for at in range(since, until, width)],
    }


def source_list(standing: Standing) -> dict[str, Any]:
    """``GET /v1/live/sources``: every source of which something is known."""
    rule = standing.rules.health
    return {
        "as_of": iso(standing.looked_at or None),
        "rule": {"version": rule.version, "name": rule.name, "basis": rule.basis, "window_s": rule.window_s},
        "sources": [_source(standing, each) for each in standing.sources.values()],
    }


def source_page(standing: Standing, code: str) -> dict[str, Any] | None:
    """``GET /v1/live/sources/{code}``: with its answers, its resources and its limits; None for no such department."""
    source = standing.sources.get(code)
    if source is None and code not in standing.names.departments:
        return None
    limits = standing.rules.health.limits_of(code)
    source = source or Source(code, (), (), 0, 0, None, None)
    return {
        **_source(standing, source),
        "answers": [msgspec.structs.asdict(each) for each in source.answers],
        "coverage": [
            {**msgspec.structs.asdict(each), "complete_until": iso(each.complete_until)} for each in source.coverage
        ],
        "kept": source.kept,
        "refused": source.refused,
        "refused_share": source.refused_share,
        "limits": {name: msgspec.structs.asdict(each) for name, each in limits.items()},
    }


def alert_list(standing: Standing) -> dict[str, Any]:
    """``GET /v1/live/alerts``: what somebody should know now."""
    return {
        "as_of": iso(standing.looked_at or None),
        "version": standing.rules.alerts.version,
        "alerts": [msgspec.structs.asdict(each) | {"since": iso(each.since)} for each in standing.alerts],
    }


def by_figure(sums: Mapping[Series, int]) -> dict[str, int]:
    """Figure → count of all its series."""
    found: dict[str, int] = {}
    for each, count in sums.items():
        found[each.figure] = found.get(each.figure, 0) + count
    return found


def by_label(sums: Mapping[Series, int], figure: str) -> dict[str, int]:
    """Label → count of one figure."""
    found: dict[str, int] = {}
    for each, count in sums.items():
        if each.figure == figure:
            found[each.label or ""] = found.get(each.label or "", 0) + count
    return found


def _sums(standing: Standing, span: str, now: int) -> Mapping[Series, int]:
    name, seconds = SPANS[span]
    window = standing.fold.windows[name]
    if seconds == window.rule.span_s:
        return window.total(now)
    return window.sums(now - seconds * SECOND_US, now + MINUTE_US)


def _departments(standing: Standing, sums: Mapping[Series, int]) -> list[dict[str, Any]]:
    grouped = _grouped(sums, "department")
    return [
        {
            "department": code,
            "name": standing.names.departments.get(code, code),
            "health": _health(standing, code).state,
            "kept": _of(own, FACTS_KEPT),
            "refused": _of(own, RECORDS_REFUSED),
            "archive_answers": _of(own, ARCHIVE_ANSWERS),
            "department_answers": _of(own, DEPARTMENT_ANSWERS),
            "items_decided": _of(own, ITEMS_DECIDED),
            "deadlines_missed": _of(own, DEADLINES_MISSED),
        }
        for code, own in sorted(grouped.items())
    ]


def _bundles(standing: Standing, sums: Mapping[Series, int]) -> list[dict[str, Any]]:
    grouped = _grouped(sums, "bundle")
    return [
        {
            "bundle": bundle,
            "name": standing.names.bundles.get(bundle, bundle),
            "opened": _of(own, CASES_OPENED),
            "closed": _of(own, CASES_CLOSED),
            "closed_by": by_label(own, CASES_CLOSED),
            "states": by_label(own, CASES_MOVED),
            "p50_s": quantile_s(_only(own, CASES_CLOSED), 0.5),
            "p95_s": quantile_s(_only(own, CASES_CLOSED), 0.95),
            "deadlines_missed": _of(own, DEADLINES_MISSED),
        }
        for bundle, own in sorted(grouped.items())
    ]


def _views(standing: Standing) -> list[dict[str, Any]]:
    lags = ((each, reading) for each, reading in standing.fold.gauges.items() if each.figure == VIEW_LAG)
    heard = standing.fold.heard
    shown = [
        {
            "view": each.label or reading.process,
            "kind": kind_of(each.label or reading.process),
            "lag": reading.value,
            # A lag that stays as it is is not told again: it holds as long as its process speaks.
            "told_at": iso(heard[reading.process].at if reading.process in heard else reading.at),
        }
        for each, reading in lags
    ]
    return sorted(shown, key=lambda each: str(each["view"]))


def _source(standing: Standing, source: Source) -> dict[str, Any]:
    health, main, behind = _health(standing, source.department), source.main, source.furthest_behind
    return {
        "department": source.department,
        "name": standing.names.departments.get(source.department, source.department),
        "health": health.state,
        "why": list(health.why),
        "success_share": source.success_share,
        "means": main.means if main else None,
        "p50_s": main.p50_s if main else None,
        "p95_s": main.p95_s if main else None,
        "coverage_lag_s": behind.lag_s if behind else None,
        "last_seen": iso(source.last_seen),
        "sample": source.sample,
    }


def _health(standing: Standing, code: str) -> Health:
    return standing.health.get(code) or Health(UNKNOWN, ("近期没有数据、答复或覆盖声明",))


def _grouped(sums: Mapping[Series, int], name: str) -> dict[str, dict[Series, int]]:
    found: dict[str, dict[Series, int]] = {}
    for each, count in sums.items():
        if key := getattr(each, name):
            found.setdefault(key, {})[each] = count
    return found


def _only(sums: Mapping[Series, int], figure: str) -> dict[Series, int]:
    return {each: count for each, count in sums.items() if each.figure == figure}


def _of(sums: Mapping[Series, int], figure: str) -> int:
    return sum(_only(sums, figure).values())


def _count(alerts: Iterable[Alert], state: str) -> int:
    return sum(each.state == state for each in alerts)


def _seconds(duration_us: int) -> float:
    return round(max(0, duration_us) / SECOND_US, 1)
