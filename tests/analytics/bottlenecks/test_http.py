"""The door to bottlenecks over played cases and made-up complaints."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from analytics.bottlenecks.http import BottleneckDoor, bottleneck_router
from analytics.http_problems import install_problems
from analytics.lake.absent_files import AbsentFile, LakeFilesAbsent
from tests.analytics.case_rows import case_rows, instant
from tests.analytics.lake_tables import lake
from tests.analytics.played_cases import BEGIN_US, HOUR_US, PlayedCase, handlings, played_city

NOW = datetime(2027, 12, 31, 15, 59, 59, tzinfo=UTC)
WHOLE = {"from": "2026-09-01", "to": "2027-12-31"}


class Lake:
    """A session over tables in memory."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.absent = False

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if self.absent:
            raise LakeFilesAbsent([AbsentFile("cases", "cases/day=2026-09-01/part-1.parquet", date(2026, 9, 1))])
        with self.connection.cursor() as cursor:
            yield cursor


@pytest.fixture(scope="module")
def plays() -> list[PlayedCase]:
    return played_city(4, 9, "restaurant-opening", "newborn", "listing-compliance")


@pytest.fixture(scope="module")
def session(plays: list[PlayedCase]) -> Lake:
    case = handlings(plays)[0].case_id
    complaint = {
        "topic": "hotline",
        "event": "HotlineComplaintReceived",
        "complaint_id": "12345-1",
        "case_id": case,
        "channel": "12345",
        "category": "over-time",
        "received_at": instant(BEGIN_US + 48 * HOUR_US),
        "known_at": instant(BEGIN_US + 48 * HOUR_US),
        "body": json.dumps({"kind": "complaint", "made_up": True}),
    }
    return Lake(lake(cases=case_rows(event for play in plays for event in play.log), complaints=[complaint]))


@pytest.fixture
def http(session: Lake) -> TestClient:
    app = FastAPI()
    app.include_router(bottleneck_router(BottleneckDoor(session, lambda: NOW)))
    install_problems(app)
    return TestClient(app)


def told(http: TestClient, path: str = "", **query: Any) -> Any:
    answer = http.get(f"/v1/bottlenecks{path}", params={**WHOLE, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_waits_are_told_with_names_and_can_be_sorted(http: TestClient) -> None:
    found = told(http, by="department", sort="-working_days.p90")
    assert (found["from"], found["to"], found["as_of"], found["rule_version"]) == (*WHOLE.values(), "2027-12-31", 1)
    assert found["total"] == len(found["rows"]) > 3
    days = [each["working_days"]["p90"] for each in found["rows"] if each["working_days"]]
    assert days == sorted(days, reverse=True)
    assert all(each["name"] != each["key"] for each in found["rows"])
    names = [each["name"] for each in told(http, by="bundle", sort="name")["rows"]]
    assert names == sorted(names)


def test_a_wait_drills_down_to_its_assignments_and_their_events(http: TestClient) -> None:
    wait = told(http, by="department")["rows"][0]
    found = told(http, "/assignments", department=wait["key"])
    assert found["total"] == wait["ended"] + wait["open"]
    first = found["assignments"][0]
    events = told(http, f"/cases/{first['case_id']}")["events"]
    assert first["event"] in {each["event_id"] for each in events if each["event"] == "ItemDispatched"}


def test_pages_follow_one_another(http: TestClient) -> None:
    ids: list[str] = []
    after: int | None = 0
    while after is not None:
        page = told(http, "/assignments", after=after, limit=3, sort="waiting_us")
        ids += [each["assignment_id"] for each in page["assignments"]]
        after = page["next_after"]
    assert len(ids) == len(set(ids)) == page["total"]


def test_states_part_the_assignments(http: TestClient) -> None:
    counts = {state: told(http, "/assignments", state=state)["total"] for state in ("", "open", "ended")}
    assert counts[""] == counts["open"] + counts["ended"]


def test_complaints_tell_what_they_are_linked_to(http: TestClient) -> None:
    (found,) = told(http, "/complaints", link="case")["complaints"]
    assert (found["link_name"], found["kind_name"], found["made_up"]) == ("载明办件", "投诉", True)
    assert found["bundle_name"]
    assert told(http, "/complaints", link="none")["complaints"] == []


def test_the_slowest_step_of_each_bundle_is_named(http: TestClient) -> None:
    found = told(http, "/paths")["bundles"]
    assert {each["bundle"] for each in found} >= {"newborn"}
    for each in found:
        assert each["slowest"] == each["steps"][0]
        assert abs(sum(step["share"] for step in each["steps"]) - 1) < 1e-9


def test_resources_that_would_help_most_are_at_most_five(http: TestClient) -> None:
    found = told(http, "/resources")
    assert len(found["resources"]) <= 5
    assert found["served"] + found["not_by_data"] <= found["cases"]
    assert found["would_be_served"] == found["served"] + sum(each["gain"] for each in found["resources"])


def test_reductions_and_evaluations_are_told(http: TestClient) -> None:
    savings = told(http, "/savings")["savings"]
    assert {each["bundle"] for each in savings} >= {"newborn"}
    by_bundle = told(http, "/evaluations", by="bundle")["evaluations"]
    by_lead = told(http, "/evaluations")["evaluations"]
    assert sum(each["count"] for each in by_bundle) == sum(each["count"] for each in by_lead)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("", {"by": "nobody"}, 422),
        ("", {"sort": "-nothing"}, 422),
        ("", {"sort": "bad_cases"}, 422),
        ("", {"sort": "working_days"}, 422),
        ("", {"from": "yesterday", "to": "2026-99-01"}, 422),
        ("/assignments", {"sort": "case_id; DROP TABLE cases"}, 422),
        ("/assignments", {"state": "lost"}, 422),
        ("/assignments", {"limit": 100_000}, 422),
        ("/complaints", {"link": "guessed"}, 422),
        ("/evaluations", {"by": "star"}, 422),
        ("/cases/nobody", {}, 404),
    ],
)
def test_what_cannot_be_answered_is_told(http: TestClient, path: str, query: dict[str, Any], status: int) -> None:
    answer = http.get(f"/v1/bottlenecks{path}", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["remedy"]


def test_a_value_is_no_sql(http: TestClient) -> None:
    assert told(http, "/assignments", department="x' OR true --")["total"] == 0


def test_a_month_without_data_is_empty(http: TestClient) -> None:
    for path in ("", "/assignments", "/complaints", "/paths", "/resources", "/savings", "/evaluations"):
        answer = http.get(f"/v1/bottlenecks{path}", params={"from": "2025-01-01", "to": "2025-01-31"})
        assert answer.status_code == 200
    empty = http.get("/v1/bottlenecks/resources", params={"from": "2025-01-01", "to": "2025-01-31"}).json()
    assert (empty["cases"], empty["share"]) == (0, None)


def test_files_that_are_gone_are_told(http: TestClient, session: Lake) -> None:
    session.absent = True
    try:
        answer = http.get("/v1/bottlenecks")
    finally:
        session.absent = False
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:onething:problem:lake-files-absent")
