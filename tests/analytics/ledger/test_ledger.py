"""The ledger out of the lake: as of any day, with its sums, what changed, and as HTTP tells it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from analytics.http_problems import install_problems
from analytics.ledger.arrived import arrivals
from analytics.ledger.http import LedgerDoor, ledger_router
from analytics.ledger.periods import ledger_at
from analytics.ledger.stood import history, stood, what_closings_rest_on
from catalog.ledger.declarations import load_declared
from catalog.ledger.model import Entry
from catalog.ledger.rule import declared_entry
from catalog.register.canonical import plain
from tests.analytics.lake_tables import lake
from tests.catalog.ledger.ledgering import (
    AT,
    BUNDLE,
    DAY_US,
    DISPATCH,
    IDS,
    MAP,
    TASK,
    after,
    declared,
    entry,
    finished,
    lookup,
    needs_of,
    resource,
    stated,
)

LEAD: dict[str, Any] = {"organisation": "admin-approval"}
TODAY = date(2026, 11, 22)
SEPTEMBER = AT - 80 * DAY_US


def change(state: Any, version: int, at: int, action: str = "declared", **more: Any) -> dict[str, Any]:
    kept = plain(state) if isinstance(state, Entry) else dict(state)
    return {
        "topic": "catalog.changes",
        "entity": "ledger-entry",
        "entity_id": kept.get("id", ""),
        "version": version,
        "action": action,
        "actor": "张三",
        "at": datetime.fromtimestamp(at / 1e6, UTC),
        "known_at": datetime.fromtimestamp(at / 1e6, UTC),
        "state": json.dumps(kept, ensure_ascii=False),
    } | more


def organisations() -> list[dict[str, Any]]:
    names = {"admin-approval": "市行政审批局", "health": "市卫生健康委", "data-bureau": "市数据局"}
    return [
        change({"code": code, "name": name}, 1, 1, entity="organisation", entity_id=code)
        for code, name in names.items()
    ]


def story() -> list[dict[str, Any]]:
    """September: declared. October: 12 stations, a problem. November: goals reached, closed; the bundle reported."""
    task, bundle = entry(TASK), entry(BUNDLE)
    october = after(task, "progress-reported", **LEAD, milestone="stations", done=12, at=AT - 40 * DAY_US)
    raised = after(october, "problem-raised", **LEAD, id="data", text="户籍数据未共享", at=AT - 40 * DAY_US)
    solved = after(raised, "problem-resolved", **LEAD, id="data", outcome="已共享")
    asked = after(finished(solved), "closing-requested", **LEAD, statements=stated(*IDS))
    once = after(asked, "closing-reviewed", **LEAD, actor="李四")
    closed = after(once, "closing-reviewed", organisation="data-bureau", actor="王五")
    half = after(bundle, "progress-reported", organisation="health", milestone="map", done=50)
    return [
        change(task, 1, SEPTEMBER),
        change(bundle, 1, SEPTEMBER),
        change(raised, 2, AT - 40 * DAY_US, "problem-raised"),
        change(closed, 3, AT - DAY_US, "closed"),
        change(half, 2, AT - DAY_US, "progress-reported", reason="联调"),
    ]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    held = [
        change(each, 1, 1, entity="resource", entity_id=each["code"])
        for each in (resource("ps.r"), resource("ps.h", sharing_class="unstated"))
    ]
    found = lake(catalog_changes=[*organisations(), *held, *story()])
    yield found
    found.close()


@pytest.fixture
def client(connection: duckdb.DuckDBPyConnection) -> TestClient:
    @contextmanager
    def reading() -> Iterator[duckdb.DuckDBPyConnection]:
        yield connection

    app = FastAPI()
    install_problems(app)
    door = LedgerDoor(reading, needs=needs_of, today=lambda: TODAY)
    app.include_router(ledger_router(door))
    return TestClient(app)


def states(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, str]:
    return {each.entry.id: each.state for each in ledger_at(connection, day, "month").entries}


def test_the_ledger_is_as_it_was_on_any_day(connection: duckdb.DuckDBPyConnection) -> None:
    assert states(connection, date(2026, 8, 1)) == {}
    assert states(connection, date(2026, 9, 10)) == {"task": "slipping", "bundle.newborn": "slipping"}
    assert states(connection, TODAY) == {"task": "closed", "bundle.newborn": "slipping"}
    assert states(connection, date(2027, 1, 1)) == {"task": "closed", "bundle.newborn": "overdue"}


def test_a_past_day_stays_what_it_was_when_more_is_told_later(connection: duckdb.DuckDBPyConnection) -> None:
    before = ledger_at(connection, date(2026, 10, 31), "month")
    more = lake(catalog_changes=[*organisations(), *story(), change(entry(BUNDLE), 3, AT + DAY_US)])
    again = ledger_at(more, date(2026, 10, 31), "month")
    assert [plain(each.entry) for each in again.entries] == [plain(each.entry) for each in before.entries]
    assert (again.total, again.changes) == (before.total, before.changes)


def test_a_change_that_the_log_learns_of_later_leaves_the_day_as_it_was_told() -> None:
    late = change(entry(TASK), 1, SEPTEMBER) | {"known_at": datetime.fromtimestamp((SEPTEMBER + 2 * DAY_US) / 1e6, UTC)}
    connection = lake(catalog_changes=[*organisations(), late])
    assert states(connection, date(2026, 9, 4)) == {}
    assert states(connection, date(2026, 9, 5)) == {"task": "slipping"}


def test_a_message_that_came_twice_and_rows_in_any_order_give_the_same_ledger() -> None:
    twice = lake(catalog_changes=[*reversed(story()), *story(), *organisations()])
    once = lake(catalog_changes=[*organisations(), *story()])
    assert ledger_at(twice, TODAY, "quarter") == ledger_at(once, TODAY, "quarter")


def test_the_leads_sums_and_the_whole(connection: duckdb.DuckDBPyConnection) -> None:
    ledger = ledger_at(connection, TODAY, "month")
    by_lead = {each.lead: each for each in ledger.leads}
    assert {name: each.entries for name, each in by_lead.items()} == {"admin-approval": 1, "health": 1}
    assert by_lead["admin-approval"].states["closed"] == 1
    assert (ledger.total.entries, ledger.total.done_share) == (2, 0.75)
    assert by_lead["health"].done_share == 0.5


def test_what_changed_since_the_period_before(connection: duckdb.DuckDBPyConnection) -> None:
    told = [(each.entry_id, each.what) for each in ledger_at(connection, TODAY, "month").changes]
    assert told == [
        ("task", "became-closed"),
        ("task", "milestone-reached"),
        ("task", "milestone-reached"),
        ("task", "problem-resolved"),
    ]
    entered = [(each.entry_id, each.what) for each in ledger_at(connection, TODAY, "year").changes]
    assert entered == [
        ("task", "entered"),
        ("task", "became-closed"),
        ("task", "milestone-reached"),
        ("task", "milestone-reached"),
        ("task", "problem-raised"),
        ("task", "problem-resolved"),
        ("bundle.newborn", "entered"),
    ]


def test_the_history_of_an_entry(connection: duckdb.DuckDBPyConnection) -> None:
    told = history(connection, "ledger-entry", "bundle.newborn", TODAY)
    assert [(each.version, each.action, each.reason) for each in told] == [
        (1, "declared", None),
        (2, "progress-reported", "联调"),
    ]


def test_the_whole_shipped_ledger_is_read_as_it_was_declared() -> None:
    shipped = [declared_entry(each) for each in load_declared()]
    found = stood(lake(catalog_changes=[change(each, 1, AT) for each in shipped]), TODAY)
    assert {each.id: each for each in found.entries} == {each.id: each for each in shipped}
    assert [each.id for each in found.entries][:3] == [
        "xian-2024-60.goals",
        "xian-2024-60.task-1",
        "xian-2024-60.task-2",
    ]


def test_the_list_over_http(client: TestClient) -> None:
    told = client.get("/v1/ledger", params={"period": "month"}).json()
    assert (told["period"]["name"], told["previous"]["id"], told["total"]) == ("2026年11月", "2026-10", 2)
    bundle = told["entries"][1]
    assert (bundle["state_name"], bundle["leads"]) == ("滞后", [{"code": "health", "name": "市卫生健康委"}])
    assert bundle["milestones"][0]["quote"] == MAP.quote
    assert told["all"]["states"] == {"on-time": 0, "slipping": 1, "overdue": 0, "closed": 1, "undated": 0}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("lead=health", ["bundle.newborn"]),
        ("state=closed", ["task"]),
        ("kind=task", ["task"]),
        ("sort=-slippage", ["bundle.newborn", "task"]),
        ("sort=name&limit=1", None),
        ("after=task", ["bundle.newborn"]),
        ("at=2026-08-01", []),
    ],
)
def test_the_list_is_chosen_sorted_and_paged_on_the_server(
    client: TestClient, query: str, ids: list[str] | None
) -> None:
    told = client.get(f"/v1/ledger?{query}").json()
    if ids is None:
        assert len(told["entries"]) == 1
        assert told["next_after"] == told["entries"][0]["id"]
    else:
        assert [each["id"] for each in told["entries"]] == ids
        assert told["next_after"] is None


@pytest.mark.parametrize(
    "query", ["at=2026-11-23", "period=week", "sort=length", "after=nothing", "limit=0", "state=gone"]
)
def test_what_cannot_be_asked_is_refused(client: TestClient, query: str) -> None:
    refused = client.get(f"/v1/ledger?{query}")
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["field"] == query.split("=", maxsplit=1)[0]


def test_one_entry_with_the_evidence_for_its_close_out(client: TestClient) -> None:
    told = client.get("/v1/ledger/bundle.newborn").json()
    standards = {each["id"]: each["met"] for each in told["standards"]}
    assert standards == {"data-shared": False, "elements-uniform": True, "process-optimised": None}
    shared = told["standards"][0]["criteria"][2]
    assert (shared["count"], shared["of"], shared["missing"]) == (1, 2, ["ps.h"])
    assert [each["action_name"] for each in told["history"]] == ["列入台账", "填报进展"]
    assert client.get("/v1/ledger/bundle.newborn?at=2026-09-10").json()["progress"] == []
    assert client.get("/v1/ledger/nothing").status_code == 404
    closed = client.get("/v1/ledger/task").json()["closing"]
    assert [each["by"] for each in closed["reviews"]] == ["李四", "王五"]


def test_whether_the_data_of_a_bundle_arrives_stands_beside_whether_it_is_shared() -> None:
    held = [
        change(each, 1, 1, entity="resource", entity_id=each["code"])
        for each in (resource("ps.r", update_cycle_days=7), resource("ps.h", update_cycle_days=7))
    ]
    told = {"topic": "coverage.ps", "resource": "ps.r", "known_at": datetime(2026, 11, 21, tzinfo=UTC)}
    fresh = told | {"complete_until": datetime(2026, 11, 20, tzinfo=UTC)}
    stale = told | {"resource": "ps.h", "complete_until": datetime(2026, 11, 1, tzinfo=UTC)}
    connection = lake(catalog_changes=[*organisations(), *held, *story()], coverages=[fresh, stale])
    found = arrivals(connection, ("ps.r", "ps.h", "ps.x"), what_closings_rest_on(connection, TODAY), TODAY)
    assert [(each.resource, each.in_time) for each in found] == [("ps.r", True), ("ps.h", False), ("ps.x", False)]
    assert found[2].complete_until is None
    assert not any(
        each.in_time
        for each in arrivals(connection, ("ps.r",), what_closings_rest_on(connection, TODAY), date(2026, 11, 20))
    )


def test_a_meeting_is_seen_at_every_entry_that_it_dealt_with() -> None:
    with_dispatch = entry(declared("xian.dispatch", milestones=(DISPATCH,)))
    told: dict[str, Any] = {**LEAD, "kind": "monthly", "on": "2026-11-20", "subject": "11月调度"}
    held = after(with_dispatch, "meeting-held", lookup(entry(BUNDLE)), **told, entries=["bundle.newborn"])
    connection = lake(catalog_changes=[*organisations(), *story(), change(held, 1, AT - DAY_US)])

    @contextmanager
    def reading() -> Iterator[duckdb.DuckDBPyConnection]:
        yield connection

    app = FastAPI()
    app.include_router(ledger_router(LedgerDoor(reading, needs=needs_of, today=lambda: TODAY)))
    found = TestClient(app).get("/v1/ledger/bundle.newborn").json()["meetings"]
    assert [(each["entry_id"], each["kind_name"]) for each in found] == [("xian.dispatch", "月调度")]


def test_the_hubs_own_rate_stands_beside_what_was_reported() -> None:
    milestone = MAP.__class__(**{name: getattr(MAP, name) for name in MAP.__struct_fields__} | {"rate": "integrated"})
    rated = entry(declared(milestones=(milestone,)))
    boasting = after(rated, "progress-reported", **LEAD, milestone="map", done=60)
    connection = lake(catalog_changes=[change(rated, 1, AT - 2 * DAY_US), change(boasting, 2, AT)])

    @contextmanager
    def reading() -> Iterator[duckdb.DuckDBPyConnection]:
        yield connection

    app = FastAPI()
    rates = {("integrated", TODAY): 0.5}
    door = LedgerDoor(reading, lambda *asked: rates[asked], needs=needs_of, today=lambda: TODAY)
    app.include_router(ledger_router(door))
    told = TestClient(app).get("/v1/ledger/task").json()
    assert told["milestones"][0]["reported_above_rate"]
    rates["integrated", date(2026, 11, 21)] = 0.5
    told = TestClient(app).get("/v1/ledger/task?at=2026-11-21").json()
    assert (told["milestones"][0]["rate_value"], told["milestones"][0]["reported_above_rate"]) == (0.5, False)


def test_a_period_and_its_parts(client: TestClient) -> None:
    told = client.get("/v1/ledger/periods?period=quarter&at=2026-11-22").json()
    assert (told["id"], [each["id"] for each in told["parts"]]) == ("2026-Q4", ["2026-10", "2026-11", "2026-12"])
