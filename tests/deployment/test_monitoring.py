"""Prometheus's and Grafana's files: they parse, they ask for what the hub tells, and officials can read them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from onething.doors import door
from onething.endpoints import ROLES
from onething.settings import Settings
from processors.live.alerts import alert_rules, prometheus_rules
from processors.live.samples import METRICS
from tests.deployment.promql import NotPromQL, parsed

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROMETHEUS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
ALERTS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text(encoding="utf-8"))
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana/dashboard.json").read_text(encoding="utf-8"))
RUNBOOK = (ROOT / "docs/live.md").read_text(encoding="utf-8")
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS: list[dict[str, Any]] = [each for each in DASHBOARD["panels"] if each["type"] != "row"]
QUERIES: list[str] = [target["expr"] for panel in PANELS for target in panel["targets"]]
EXPRESSIONS = sorted({*QUERIES, *(rule["expr"] for rule in RULES)})
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TARGETS = {
    config["labels"]["part"]: config["targets"]
    for job in PROMETHEUS["scrape_configs"]
    for config in job["static_configs"]
}


def test_every_part_is_scraped_at_the_port_that_is_its_default() -> None:
    settings = Settings(data_dir=Path("unused"))
    assert {role: ["{}:{}".format(*door(settings, role, 0))] for role in ROLES} == TARGETS


def test_the_rules_that_are_scraped_for_are_the_ones_that_ship() -> None:
    assert [(DEPLOY / "prometheus" / name).is_file() for name in PROMETHEUS["rule_files"]] == [True]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_is_promql(expression: str) -> None:
    assert parsed(expression).selectors or expression.startswith("vector")


@pytest.mark.parametrize(
    "wrong",
    ["sum by (a (x)", "rate(x)", "x{a=b}", "x >", "x[5m] > 1", "rate(x[5m]", "topk(x)", 'x{a="b"} y', "x[5]", "$x"],
)
def test_the_reader_of_promql_refuses_what_is_none(wrong: str) -> None:
    with pytest.raises(NotPromQL):
        parsed(wrong)


def test_alerts_say_what_the_live_process_watches() -> None:
    assert ALERTS["groups"][0]["rules"] == list(prometheus_rules(alert_rules()))
    assert {rule.metric for rule in alert_rules().alert} <= METRICS.keys()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_every_alert_is_told_in_chinese_with_its_severity_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert re.fullmatch(r"\d+s", rule["for"])
    assert CHINESE.search(rule["annotations"]["summary"])
    assert CHINESE.search(rule["annotations"]["description"])
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert page == "docs/live.md"
    assert f'<a id="{anchor}"></a>' in RUNBOOK


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_every_panel_is_titled_in_chinese_and_asks_for_something(panel: dict[str, Any]) -> None:
    assert CHINESE.search(panel["title"])
    assert panel["targets"]
    assert {each["refId"] for each in panel["targets"]} == set("ABCDEFG"[: len(panel["targets"])])


def test_panels_do_not_lie_over_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(at["x"] + dx, at["y"] + dy) for dx in range(at["w"]) for dy in range(at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("wanted", ["facts-kept", "records-refused", "cases-moved", "deadlines-missed"])
def test_the_dashboard_shows_what_processes_count(wanted: str) -> None:
    assert any(wanted in query for query in QUERIES)


@pytest.mark.parametrize("wanted", ["onething_live_view_lag_messages", "onething_lake_lag", "onething_rate"])
def test_the_dashboard_shows_lags_and_rates(wanted: str) -> None:
    assert any(wanted in query for query in QUERIES)
