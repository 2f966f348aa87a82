"""High-frequency services from played cases: counted, drawn up through the register's rule, published, compared."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from analytics.bottlenecks.known import known_catalogue
from analytics.http_problems import install_problems
from analytics.services.drawing import counted_window, counts
from analytics.services.http import ServicesDoor, services_router
from analytics.services.rule import ServiceCount, load_service_rule
from catalog.register.changes import DRAWN_UP, PUBLISHED, SIGNED_OFF, Command, State
from catalog.register.list_rows import AsOf
from catalog.register.lists import list_rule
from processors.domain.handling import Handling
from tests.analytics.bottlenecks.test_http import Lake
from tests.analytics.case_rows import case_rows
from tests.analytics.lake_tables import lake
from tests.analytics.played_cases import PlayedCase, handlings, played_city

SEPTEMBER, NOVEMBER = date(2026, 9, 30), date(2026, 11, 30)
RULE = load_service_rule()


@pytest.fixture(scope="module")
def plays() -> list[PlayedCase]:
    return played_city(12, 3, "newborn", "restaurant-opening")


@pytest.fixture(scope="module")
def rows(plays: list[PlayedCase]) -> list[dict[str, Any]]:
    return case_rows(event for play in plays for event in play.log)


def door(cases: list[dict[str, Any]], changes: list[dict[str, Any]] | None = None) -> TestClient:
    app = FastAPI()
    tables = Lake(lake(cases=cases, catalog_changes=changes or []))
    app.include_router(services_router(ServicesDoor(tables, lambda: datetime(2026, 12, 31, tzinfo=UTC))))
    install_problems(app)
    return TestClient(app)


def published_state(http: TestClient, period: str, as_of: date, earlier: State | None = None) -> State:
    """A version published through the register's own rule, from the draft as of a day."""
    draft = http.get("/v1/high-frequency-services/draft", params={"as_of": str(as_of)}).json()
    lookup = AsOf({"list": {} if earlier is None else {earlier["id"]: earlier}})
    payload = {"kind": "high-frequency", "period": period, "rows": draft["rows"], "as_of": str(as_of)}
    office = {"organisation": "admin-approval"}
    state: State | None = None
    for action, actor, given in (
        (DRAWN_UP, "张三", {**payload, "rule_version": draft["rule_version"]}),
        (SIGNED_OFF, "李四", office),
        (PUBLISHED, "李四", office),
    ):
        command = Command(
            entity="list",
            entity_id=f"high-frequency.{period}",
            action=action,
            actor=actor,
            at=1_798_000_000_000_000 + (0 if earlier is None else 1),
            command_id=action,
            payload=given,
        )
        step = list_rule(state, command, lookup)
        assert step.refusals == ()
        state = step.changes[0].state
    assert state is not None
    return state


def change(state: State) -> dict[str, Any]:
    return {
        "topic": "catalog.changes",
        "entity": "list",
        "entity_id": state["id"],
        "version": 3,
        "action": "published",
        "actor": "李四",
        "state": msgspec.json.encode(state).decode(),
        "known_at": datetime(2026, 12, 1, tzinfo=UTC),
    }


def test_what_is_counted_is_what_was_applied_for(plays: list[PlayedCase], rows: list[dict[str, Any]]) -> None:
    found = {(each.kind, each.code): each for each in counts(lake(cases=rows), NOVEMBER, RULE)}
    for bundle in ("newborn", "restaurant-opening"):
        own = [each for each in handlings(plays) if each.plan.bundle == bundle]
        assert found["bundle", bundle] == ServiceCount(
            kind="bundle",
            code=bundle,
            volume=len(own),
            previous=0,
            online=sum(each.application.channel == "online" for each in own),
            evaluations=sum(judged(each) is not None for each in own),
            good=sum((judged(each) or 0) >= 4 for each in own),
        )


def judged(case: Handling) -> int | None:
    return case.evaluation.stars if case.evaluation else None


def test_the_period_and_the_one_before_it_are_whole_months() -> None:
    window = counted_window(NOVEMBER, RULE)
    assert (window.first, window.last) == (date(2026, 9, 1), NOVEMBER)
    assert counted_window(date(2026, 5, 31), RULE).first == date(2026, 3, 1)
    assert counted_window(date(2026, 5, 30), RULE).first == date(2026, 2, 28)
    assert counted_window(date(2026, 1, 14), RULE).first == date(2025, 10, 15)


def test_cases_of_the_period_before_are_what_growth_is_held_against(rows: list[dict[str, Any]]) -> None:
    later = {each.code: each for each in counts(lake(cases=rows), date(2027, 2, 28), RULE)}
    assert later["newborn"].volume == 0
    assert later["newborn"].previous > 0


def test_a_version_is_published_with_its_services_and_can_be_computed_again(rows: list[dict[str, Any]]) -> None:
    state = published_state(door(rows), "2026-11", NOVEMBER)
    http = door(rows, [change(state)])
    (version,) = http.get("/v1/high-frequency-services").json()["versions"]
    assert (version["version"], version["published_by"], version["as_of"]) == ("2026-11", "李四", "2026-11-30")
    found = http.get("/v1/high-frequency-services/2026-11").json()
    assert found["computed_again"] == {"rule_version": RULE.version, "same": True}
    assert {each["name"] for each in found["services"]} >= {known_catalogue().bundles["newborn"]}
    assert found["differences"] is None


def test_rows_that_were_not_computed_so_are_told(rows: list[dict[str, Any]]) -> None:
    state = published_state(door(rows), "2026-11", NOVEMBER)
    forged = {**state, "digest": "0" * 32}
    found = door(rows, [change(forged)]).get("/v1/high-frequency-services/2026-11").json()
    assert found["computed_again"]["same"] is False


def test_versions_are_compared(rows: list[dict[str, Any]]) -> None:
    first = published_state(door(rows), "2026-Q3", date(2026, 9, 2))
    second = published_state(door(rows), "2026-11", NOVEMBER, first)
    http = door(rows, [change(first), change(second)])
    versions = http.get("/v1/high-frequency-services").json()["versions"]
    assert [each["version"] for each in versions] == ["2026-11", "2026-Q3"]
    found = http.get("/v1/high-frequency-services/2026-11").json()
    assert found["against"] == "2026-Q3"
    assert found["differences"]["added"] or found["differences"]["changed"]
    assert http.get("/v1/high-frequency-services/2026-11", params={"against": "2020"}).status_code == 422


def test_what_is_not_published_is_not_there(rows: list[dict[str, Any]]) -> None:
    http = door(rows)
    assert http.get("/v1/high-frequency-services/2026-11").status_code == 404
    assert http.get("/v1/high-frequency-services").json()["versions"] == []
    assert http.get("/v1/high-frequency-services/draft", params={"as_of": "soon"}).status_code == 422


def test_a_version_that_was_published_later_is_not_known_before(rows: list[dict[str, Any]]) -> None:
    state = published_state(door(rows), "2026-11", NOVEMBER)
    http = door(rows, [change(state)])
    assert http.get("/v1/high-frequency-services", params={"as_of": "2026-11-30"}).json()["versions"] == []
