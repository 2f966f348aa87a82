import pytest

from processors.live.fold import TIMED_OUT
from processors.live.metrics import live_registry
from processors.live.samples import METRICS
from processors.live.standing import Standing
from processors.live.view import overview, series, source_list, source_page
from processors.live.windows import MINUTE_US, SECOND_US
from tests.processors.live.telling import NOW, Clock, answered, kept, standing_of, told
from topics.events import Count, Gauge

DAY_US = 86_400 * SECOND_US


def covered(department: str, resource: str, days_ago: float) -> Gauge:
    until = NOW - int(days_ago * DAY_US)
    return Gauge(figure="complete-until", department=department, label=resource, value=until)


def lag(value: int, view: str = "archive-0") -> Gauge:
    return Gauge(figure="view-lag", label=view, value=value)


def sampled(standing: Standing, metric: str) -> dict[str, float]:
    return {dict(each.labels).get("department", ""): each.value for each in standing.samples if each.metric == metric}


def test_a_source_that_answers_and_is_covered_is_good() -> None:
    standing = standing_of(told([kept(3), answered("clear", 30)], [covered("tax", "tax.paid", 1)]))
    source = source_list(standing)["sources"][0]
    assert (source["department"], source["name"], source["health"]) == ("tax", "市税务局", "good")
    assert (source["sample"], source["success_share"]) == (30, 1.0)
    assert source["coverage_lag_s"] == pytest.approx(86_400)
    assert source["p50_s"] == pytest.approx(0.032, rel=0.1)
    assert source["last_seen"] is not None


def test_answers_that_tell_nothing_make_a_source_bad() -> None:
    standing = standing_of(told([answered("clear", 30), answered("source-behind", 10)]))
    assert standing.health["tax"].state == "bad"
    assert standing.health["tax"].why == ("成功率 75.0%，低于 95.0%",)
    assert {each.id for each in standing.alerts} == {"source-bad"}


def test_few_answers_tell_nothing() -> None:
    standing = standing_of(told([answered("unavailable", 3)]))
    assert standing.health["tax"].state == "unknown"
    assert sampled(standing, "onething_live_source_success_share") == {}


def test_coverage_is_measured_by_the_resources_own_cycle() -> None:
    gauges = [covered("tax", "tax.paid", 3), covered("ecology", "ecology.permit", 3)]
    standing = standing_of(told(gauges=gauges))
    assert {code: each.state for code, each in standing.health.items()} == {"tax": "bad", "ecology": "good"}
    assert sampled(standing, "onething_live_coverage_cycles") == pytest.approx({"tax": 3.0, "ecology": 0.1})


def test_refusals_count_against_what_was_sent() -> None:
    refused = Count(figure="records-refused", department="tax", label="intake", count=25)
    standing = standing_of(told([kept(75), refused]))
    assert sampled(standing, "onething_live_refused_share") == {"tax": 0.25}
    assert standing.health["tax"].state == "bad"


def test_a_department_that_lets_deadlines_pass_was_not_seen() -> None:
    missed = Count(figure="deadlines-missed", department="tax", label="check", count=30)
    standing = standing_of(told([answered(TIMED_OUT, 30, by="department"), missed]))
    assert standing.sources["tax"].last_seen is None
    assert sampled(standing, "onething_live_deadlines_missed_share") == {"tax": 1.0}


def test_health_looks_back_half_an_hour() -> None:
    clock = Clock()
    standing = standing_of(told([answered("unavailable", 30)]), clock=clock)
    assert standing.health["tax"].why
    clock.now += 31 * MINUTE_US
    standing.take(told([answered("clear", 30)], at=clock.now))
    standing.look()
    assert not standing.health["tax"].why


def test_the_overview_adds_up_by_span() -> None:
    clock = Clock()
    standing = standing_of(told([kept(3)], at=NOW - 3 * 3600 * SECOND_US), told([kept(2)]), clock=clock)
    totals = next(each for each in overview(standing, "hour")["totals"] if each["figure"] == "facts-kept")
    assert totals == {"figure": "facts-kept", "name": "入库事实", "minute": 2, "hour": 2, "day": 5, "month": 5}
    assert [each["kept"] for each in overview(standing, "day")["departments"]] == [5]


def test_the_overview_tells_bundles_views_and_processes() -> None:
    counts = [
        Count(figure="cases-opened", bundle="newborn", count=4),
        Count(figure="cases-closed", bundle="newborn", label="delivered", bucket=50, count=1),
        Count(figure="cases-moved", bundle="newborn", label="accepted", count=4),
        Count(figure="records-refused", department="tax", label="sdk", count=2),
    ]
    shown = overview(standing_of(told(counts, [lag(7)])), "hour")
    (bundle,) = shown["bundles"]
    assert (bundle["name"], bundle["opened"], bundle["closed_by"]) == ("新生儿出生“一件事”", 4, {"delivered": 1})
    assert bundle["states"] == {"accepted": 4}
    assert bundle["p50_s"] == pytest.approx(5.4, rel=0.1)
    assert [(each["view"], each["kind"], each["lag"]) for each in shown["views"]] == [("archive-0", "archive", 7)]
    assert [each["process"] for each in shown["processes"]] == ["archive-0"]
    assert shown["doors"] == {"sdk": 2}


def test_a_series_has_every_cell_of_its_window() -> None:
    standing = standing_of(told([kept(2), kept(1, "ecology", "ecology.permit")]))
    shown = series(standing, "facts-kept", "minute", {"department": "tax"})
    assert len(shown["points"]) == 1440
    assert [each["count"] for each in shown["points"]][-1] == 2
    assert sum(each["count"] for each in shown["points"]) == 2


def test_a_department_of_which_nothing_is_known_is_unknown_and_another_is_none() -> None:
    standing = standing_of()
    page = source_page(standing, "tax")
    assert page is not None
    assert (page["health"], page["sample"], page["coverage"]) == ("unknown", 0, [])
    assert source_page(standing, "nobody") is None


def test_a_process_that_is_gone_takes_its_lag_with_it_and_leaves_coverage() -> None:
    clock = Clock()
    standing = standing_of(told(gauges=[lag(7), covered("tax", "tax.paid", 1)]), clock=clock)
    clock.now += 3_601 * SECOND_US
    standing.look()
    assert overview(standing, "hour")["views"] == []
    assert overview(standing, "hour")["processes"] == []
    assert "tax" in standing.sources


def test_counters_for_monitoring_start_when_the_history_was_read() -> None:
    standing = standing_of(told([kept(1_000)]))
    standing.history_ended()
    standing.take(told([kept(1_004)], sequence=2))
    assert list(standing.counted().values()) == [4]


def test_metrics_tell_every_figure_by_name() -> None:
    gauges = [lag(7), Gauge(figure="duties-overdue", department="tax", value=2)]
    registry = live_registry(standing_of(told([kept(3), answered("clear", 30)], gauges)))
    families = {family.name: family for family in registry.collect()}
    assert METRICS.keys() <= families.keys()
    (overdue,) = families["onething_live_duties_overdue"].samples
    assert (overdue.labels, overdue.value) == ({"department": "tax", "name": "市税务局"}, 2)
    counted = {tuple(each.labels.values()): each.value for each in families["onething_live_counted"].samples}
    assert counted["facts-kept", "tax", "", "tax.paid"] == 3
