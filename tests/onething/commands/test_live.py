"""`onething live` over figures that stand."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from onething import figures_client
from onething.cli import app
from processors.live.standing import Standing
from processors.live.view import alert_list, overview, source_list, source_page
from tests.processors.live.telling import NOW, Clock, answered, kept, standing_of, told
from topics.events import CountsTold, Gauge

Run = Callable[..., Result]

COVERED = Gauge(figure="complete-until", department="tax", label="tax.paid", value=NOW - 86_400_000_000)
GOOD = told([kept(3), answered("clear", 30)], [COVERED, Gauge(figure="view-lag", label="archive-0", value=7)])
BAD = told([answered("source-behind", 30, "ecology")])


class Asked:
    """What the gateway answers."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        found: dict[str, Callable[[], Any]] = {
            "/v1/live": lambda: overview(self._standing, (query or {})["span"]),
            "/v1/live/sources": lambda: source_list(self._standing),
            "/v1/live/sources/tax": lambda: source_page(self._standing, "tax"),
            "/v1/live/alerts": lambda: alert_list(self._standing),
        }
        return json.loads(json.dumps(found[path]()))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    def over(*messages: CountsTold, later_s: int = 0) -> Run:
        clock = Clock()
        standing = standing_of(*messages, clock=clock)
        clock.now += later_s * 1_000_000
        standing.look()

        @contextmanager
        def client() -> Iterator[Asked]:
            yield Asked(standing)

        monkeypatch.setattr(figures_client, "figures_client", client)
        return lambda *words: CliRunner().invoke(app, ["live", *words])

    return over


def test_figures_are_totals_by_span_and_the_lag_of_views(run: Callable[..., Run]) -> None:
    shown = run(GOOD)("figures")
    assert shown.exit_code == 0, shown.output
    assert "入库事实" in shown.output
    assert "archive-0" in shown.output
    assert json.loads(run(GOOD)("figures", "--span", "day", "-o", "json").output)["span"] == "day"


def test_bad_sources_stand_first_with_their_reason(run: Callable[..., Run]) -> None:
    shown = run(GOOD, BAD)("sources")
    assert shown.exit_code == 0, shown.output
    assert shown.output.index("市生态环境局") < shown.output.index("市税务局")
    assert "成功率 0.0%，低于 95.0%" in shown.output


def test_one_source_is_shown_with_its_limits(run: Callable[..., Run]) -> None:
    shown = run(GOOD)("source", "tax")
    assert shown.exit_code == 0, shown.output
    for words in ("市税务局（tax）：良好", "tax.paid", "clear 30", "< 95%", "> 2 个更新周期"):
        assert words in shown.output
    assert json.loads(run(GOOD)("source", "tax", "-o", "json").output)["kept"] == 3


def test_no_alert_is_said_so(run: Callable[..., Run]) -> None:
    shown = run(GOOD)("alerts")
    assert (shown.exit_code, shown.output.strip()) == (0, "没有告警 no alert")
    assert run(GOOD)("alerts", "-o", "json").output.strip() == "[]"


def test_an_alert_that_waits_is_shown_and_one_that_fires_is_an_exit_code(run: Callable[..., Run]) -> None:
    waits = run(BAD)("alerts")
    assert waits.exit_code == 0
    assert "待观察" in waits.output
    fires = run(BAD, later_s=400)("alerts")
    assert fires.exit_code == 1
    assert "数源单位 市生态环境局 状态不良" in fires.output
