"""Bottlenecks as programs read them: plain records, codes beside their Chinese names; what nobody stated is null."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from analytics.bottlenecks.asked import Wait
from analytics.bottlenecks.known import Known
from analytics.bottlenecks.obstacles import DataSuccess, ResourceGain
from analytics.bottlenecks.paths import DELIVERY, BundlePath, StepFigure
from analytics.bottlenecks.window import CHINA

HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
_PERCENTILES: Final = ("p50", "p90", "p99")
LINKS: Final = {
    "case": "载明办件",
    "item": "载明事项",
    "inferred": "按单位和时间推定",
    "department": "仅知单位",
    "none": "未载明",
}
CAUSES: Final = {
    "source-behind": "数源更新滞后",
    "unavailable": "数据暂不可用",
    "timed-out": "逾期无应答",
    "brought": "申请人自带材料",
}
_COUNTS: Final = ("ended", "open", "cases", "with_limit", "overdue", "overdue_share", "supplements", "passed_on")
_MORE_COUNTS: Final = ("refused", "reviews_returned", "evaluations", "bad", "complaints")
_TIMES: Final = tuple(
    f"{name}.{each}" for name in ("waiting_hours", "handling_days", "working_days") for each in _PERCENTILES
)
SORTS: Final = ("key", "name", *_COUNTS, *_MORE_COUNTS, *_TIMES)
"""What waits can be sorted by."""
KINDS: Final = {"item": "事项办理", "check": "核查任务"}
OUTCOMES: Final = {
    "open": "在办",
    "approve": "通过",
    "refuse": "不予通过",
    "pass-on": "转办",
    "return": "退回牵头单位",
    "closed": "随办件终结",
    "answered": "已答复",
}


def wait_view(wait: Wait, by: str, known: Known) -> dict[str, Any]:
    """Where cases wait; hours and days are calendar ones unless they are called working days."""
    return {
        "key": wait.key,
        "name": known.name(by, wait.key),
        "ended": wait.ended,
        "open": wait.open,
        "cases": wait.cases,
        "waiting_hours": _percentiles(wait.waiting_us, HOUR_US),
        "handling_days": _percentiles(wait.handling_us, DAY_US),
        "working_days": _percentiles(wait.working_days, 1),
        "with_limit": wait.with_limit,
        "overdue": wait.overdue,
        "overdue_share": wait.overdue_share,
        "supplements": wait.supplements,
        "passed_on": wait.passed_on,
        "refused": wait.refused,
        "reviews_returned": wait.reviews_returned,
        "evaluations": wait.evaluations,
        "bad": wait.bad,
        "bad_cases": list(wait.bad_cases),
        "complaints": wait.complaints,
        "complaints_inferred": wait.complaints_inferred,
    }


def assignment_view(row: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """One assignment of the drill-down, with the event that dispatched it."""
    return {
        **{name: row[name] for name in ("assignment_id", "case_id", "bundle", "item", "number", "department")},
        "bundle_name": known.name("bundle", row["bundle"]),
        "item_name": known.name("item", row["item"]),
        "department_name": known.name("department", row["department"]),
        "kind": row["kind"],
        "kind_name": KINDS[row["kind"]],
        "outcome": row["outcome"],
        "outcome_name": OUTCOMES.get(row["outcome"], row["outcome"]),
        **{name: iso(row[name]) for name in ("dispatched_at", "first_act_at", "ended_at", "due_at")},
        "waiting_hours": _rounded(row["waiting_us"], HOUR_US),
        "handling_days": _rounded(row["handling_us"], DAY_US),
        "paused_days": _rounded(row["paused_us"], DAY_US),
        "working_days": row["handling_working_days"],
        "overdue": row["overdue"],
        "supplements": row["supplements"],
        "reviews_returned": row["reviews_returned"],
        "event": row["dispatched_by"].lower(),
    }


def complaint_view(row: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """A complaint as it stands, without its text, which is sealed."""
    words = known.hotline
    kind = words.kinds.get(row["kind"])
    return {
        **{name: row[name] for name in ("complaint_id", "channel", "kind", "category", "case_id", "item", "bundle")},
        **{name: row[name] for name in ("department", "district", "link", "candidates", "outcome", "satisfied")},
        "kind_name": kind.name if kind else row["kind"],
        "category_name": words.categories.get(row["category"], row["category"]),
        "outcome_name": words.outcomes.get(row["outcome"]) if row["outcome"] else None,
        "department_name": known.departments.get(row["department"]) if row["department"] else None,
        "item_name": known.items.get(row["item"]) if row["item"] else None,
        "bundle_name": known.bundles.get(row["bundle"]) if row["bundle"] else None,
        "link_name": LINKS[row["link"]],
        "received_at": iso(row["received_at"]),
        "closed_at": iso(row["closed_at"]),
        "made_up": row["made_up"],
        "events": [each.lower() for each in row["evidence"]],
    }


def path_view(path: BundlePath, known: Known) -> dict[str, Any]:
    """A bundle's steps, the slowest first."""
    steps = [_step_view(each, path.bundle, known) for each in path.steps]
    return {
        "bundle": path.bundle,
        "name": known.name("bundle", path.bundle),
        "lead": known.leads.get(path.bundle),
        "lead_name": known.departments.get(known.leads.get(path.bundle, "")),
        "cases": path.cases,
        "median_days": _rounded(path.median_us, DAY_US),
        "slowest": steps[0] if steps else None,
        "steps": steps,
    }


def success_view(found: DataSuccess, known: Known) -> dict[str, Any]:
    """How many cases data served, and which resources would raise it most."""
    return {
        "cases": found.cases,
        "served": found.served,
        "not_by_data": found.not_by_data,
        "would_be_served": found.would_be_served,
        "share": found.served / found.cases if found.cases else None,
        "share_would_be": found.would_be_served / found.cases if found.cases else None,
        "resources": [_gain_view(each, known) for each in found.resources],
    }


def event_view(row: Mapping[str, Any]) -> dict[str, Any]:
    """An event of a case: where it stands in the log, and what it says outside sealed parts."""
    return {
        "event": row["event"],
        "event_id": row["event_id"].hex(),
        "topic": row["topic"],
        "partition": row["partition"],
        "offset": row["offset"],
        "at": iso(row["at"]),
        "known_at": iso(row["known_at"]),
        **{name: row[name] for name in ("department", "item", "number", "kind", "status", "decision", "stars")},
    }


def iso(instant: datetime | None) -> str | None:
    """ISO 8601 in China's time."""
    return None if instant is None else instant.astimezone(CHINA).isoformat()


def sorted_waits(views: Iterable[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """The views by one of ``SORTS``, ``-`` before it for the greatest first; those that do not state it come last."""
    name, falling = sort.removeprefix("-"), sort.startswith("-")
    keyed = [(_field(each, name), each) for each in views]
    stated = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=falling)
    return [each for _, each in stated] + [each for value, each in keyed if value is None]


def _field(view: Mapping[str, Any], name: str) -> Any:
    head, _, percentile = name.partition(".")
    value = view[head]
    return value[percentile] if percentile and value is not None else value


def _step_view(step: StepFigure, bundle: str, known: Known) -> dict[str, Any]:
    name = "发证送达" if step.item == DELIVERY else known.item_names.get(bundle, {}).get(step.item, step.item)
    return {
        "item": step.item,
        "name": name,
        "cases": step.cases,
        "median_days": _rounded(step.median_us, DAY_US),
        "total_days": _rounded(step.total_us, DAY_US),
        "share": step.share,
    }


def _gain_view(gain: ResourceGain, known: Known) -> dict[str, Any]:
    department = known.kept_by.get(gain.resource, "")
    return {
        "resource": gain.resource,
        "name": known.resources.get(gain.resource, gain.resource),
        "department": department or None,
        "department_name": known.departments.get(department),
        "gain": gain.gain,
        "alone": gain.alone,
        "touched": gain.touched,
        "causes": [
            {"cause": cause, "name": CAUSES.get(cause, cause), "times": times} for cause, times in gain.causes.items()
        ],
        "bundles": [
            {"bundle": bundle, "name": known.name("bundle", bundle), "cases": cases}
            for bundle, cases in gain.bundles.items()
        ],
        "cases": list(gain.cases),
    }


def _percentiles(values: Sequence[float] | None, unit: int) -> dict[str, float] | None:
    if values is None:
        return None
    return {name: round(value / unit, 2) for name, value in zip(_PERCENTILES, values, strict=True)}


def _rounded(value: float, unit: int) -> float:
    return round(value / unit, 2)
