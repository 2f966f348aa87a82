import re

import pytest

from processors.live.alerts import AlertRule, Sample, alert_rules, alerts, passed_since, promql
from processors.live.samples import METRICS
from processors.live.windows import SECOND_US
from tests.processors.live.telling import NOW

LAG = AlertRule(
    id="lag",
    metric="onething_live_view_lag_messages",
    is_="above",
    limit=100,
    for_s=60,
    severity="critical",
    summary="视图 {view} 落后 {value} 条",
    remedy="检查 {view}",
    where={"kind": "archive"},
)


def lag(value: float, view: str = "archive-0", kind: str = "archive") -> Sample:
    return Sample("onething_live_view_lag_messages", (("kind", kind), ("view", view)), value)


def test_a_limit_must_be_passed_for_as_long_as_the_rule_says() -> None:
    since = passed_since({}, [lag(101)], [LAG], NOW)
    assert [each.state for each in alerts(since, [lag(101)], [LAG], NOW + 59 * SECOND_US)] == ["pending"]
    later = passed_since(since, [lag(150)], [LAG], NOW + 60 * SECOND_US)
    (fired,) = alerts(later, [lag(150)], [LAG], NOW + 60 * SECOND_US)
    assert (fired.state, fired.since, fired.value) == ("firing", NOW, 150)
    assert (fired.summary, fired.remedy) == ("视图 archive-0 落后 150 条", "检查 archive-0")


def test_a_limit_that_held_again_meanwhile_begins_anew() -> None:
    since = passed_since({}, [lag(101)], [LAG], NOW)
    healed = passed_since(since, [lag(100)], [LAG], NOW + SECOND_US)
    assert healed == {}
    again = passed_since(healed, [lag(101)], [LAG], NOW + 2 * SECOND_US)
    assert set(again.values()) == {NOW + 2 * SECOND_US}


def test_only_what_bears_the_labels_is_watched_each_apart() -> None:
    samples = [lag(101), lag(500, "archive-1"), lag(10_000, "lake-0", "lake")]
    since = passed_since({}, samples, [LAG], NOW)
    assert {each.labels["view"] for each in alerts(since, samples, [LAG], NOW)} == {"archive-0", "archive-1"}


def test_what_fires_stands_before_what_waits() -> None:
    quick = AlertRule(**{name: getattr(LAG, name) for name in LAG.__struct_fields__} | {"id": "quick", "for_s": 0})
    since = passed_since({}, [lag(101)], [LAG, quick], NOW)
    assert [each.id for each in alerts(since, [lag(101)], [LAG, quick], NOW)] == ["quick", "lag"]


def test_the_same_limit_in_promql() -> None:
    assert promql(LAG) == 'onething_live_view_lag_messages{kind="archive"} > 100'


@pytest.mark.parametrize("rule", alert_rules().alert, ids=lambda rule: str(rule.id))
def test_every_alert_watches_a_figure_and_speaks_chinese(rule: AlertRule) -> None:
    assert rule.metric in METRICS
    assert re.search(r"[\u4e00-\u9fff]", rule.summary)
    assert re.search(r"[\u4e00-\u9fff]", rule.remedy)


def test_ids_are_told_apart() -> None:
    assert len({rule.id for rule in alert_rules().alert}) == len(alert_rules().alert)
