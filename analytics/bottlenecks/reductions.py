"""四减 and 好差评 of a window, by the definitions that the gateway uses for cases as they stand."""

from typing import Any, Final

from analytics.bottlenecks.asked import BottleneckReading
from analytics.bottlenecks.known import known_catalogue
from analytics.bottlenecks.window import us_of
from catalog.bundles import load_bundles
from catalog.evaluation_counts import Evaluated, Evaluations, evaluations_by
from catalog.evaluations import load_evaluation_rule
from catalog.savings import MEASURES, Measure, Saving, savings
from catalog.working_days import load_calendar

OURS: Final = "ours"


def saving_views(reading: BottleneckReading) -> list[dict[str, Any]]:
    """The four reductions of each bundle with a case that ended in the window, by the bundles' ids."""
    baselines = {id_: bundle.baseline for id_, bundle in load_bundles().items()}
    found = savings(reading.finished(), baselines, load_calendar().working_days_between)
    return [_saving_view(each, baselines) for each in found]


def evaluation_counts(reading: BottleneckReading, by: str) -> list[dict[str, Any]]:
    """The evaluations of the window by ``lead`` or ``bundle``; whether an answer is late is judged at its end."""
    known, rule = known_catalogue(), load_evaluation_rule()

    def key(each: Evaluated) -> str:
        return each.lead if by == "lead" else each.bundle

    now = us_of(reading.window.until)
    found = evaluations_by(key, reading.evaluated(), rule, load_calendar().due_at, now)
    named = "department" if by == "lead" else "bundle"
    return [{by: code, "name": known.name(named, code), **_counted(each)} for code, each in sorted(found.items())]


def _saving_view(saving: Saving, baselines: Any) -> dict[str, Any]:
    baseline = baselines.get(saving.bundle)
    return {
        "bundle": saving.bundle,
        "name": known_catalogue().name("bundle", saving.bundle),
        "lead": known_catalogue().leads.get(saving.bundle),
        "count": saving.count,
        "before_origin": None if baseline is None else baseline.origin,
        **{name: _measure_view(saving.of(name)) for name in MEASURES},
    }


def _measure_view(measure: Measure) -> dict[str, Any]:
    names = ("before", "median", "mean", "saved", "saved_part")
    return {name: getattr(measure, name) for name in names}


def _counted(each: Evaluations) -> dict[str, Any]:
    names = ("count", "mean_stars", "good", "good_part", "bad", "answered", "answered_in_time", "overdue")
    return {**{name: getattr(each, name) for name in names}, "bad_cases": list(each.bad_cases)}
