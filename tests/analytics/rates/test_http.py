from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry, generate_latest

from analytics.http_problems import install_problems
from analytics.rates.blocks import load_blocks
from analytics.rates.gauges import RateGauges
from analytics.rates.http import RatesDoor, rates_router
from tests.analytics.rates.rate_lakes import MemoryLake, fact, figures, organisation, read, resource

MAY = date(2026, 5, 20)
JUNE = date(2026, 6, 20)
TODAY = date(2026, 6, 30)


@pytest.fixture(name="found")
def found_fixture() -> MemoryLake:
    return MemoryLake(
        catalog_changes=[
            organisation("tax", "city", MAY, name="市税务局"),
            resource("tax.a", MAY),
            resource("tax.b", MAY, state="draft"),
            resource("tax.b", JUNE, 2),
            resource("tax.c", MAY),
            resource("tax.c", JUNE, 2, state="draft"),
            resource("finance.d", MAY, state="draft"),
        ],
        facts=[fact("tax.a", MAY, 1, "A")],
        reads=[read("finance:wang", "tax.a", JUNE)],
    )


@pytest.fixture(name="client")
def client_fixture(found: MemoryLake, tmp_path: Path) -> TestClient:
    app = FastAPI()
    app.include_router(rates_router(RatesDoor(figures(found, tmp_path), lambda: TODAY)))
    install_problems(app)
    return TestClient(app)


def get(client: TestClient, path: str, status: int = 200, **query: Any) -> Any:
    answer = client.get(f"/v1/rates{path}", params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_overview_names_day_positions_versions(client: TestClient) -> None:
    told = get(client, "")
    assert (told["as_of"], told["month"], told["from"], told["provisional"]) == (
        "2026-06-30",
        "2026-06",
        "2026-06-01",
        True,
    )
    assert told["positions_digest"]
    assert told["faults"] == []
    first = told["rates"][0]
    assert (first["id"], first["version"], first["numerator"], first["denominator"]) == ("catalogued", 1, 2, 4)
    assert first["previous"] == {"as_of": "2026-05-31", "value": 0.5, "change": 0.0}
    assert get(client, "", as_of="2026-06-29")["provisional"] is False


@pytest.mark.parametrize("by", ["department", "district", "level", "class", "theme"])
def test_groups_add_up(client: TestClient, by: str) -> None:
    told = get(client, "/catalogued", by=by)
    assert sum(each["denominator"] for each in told["groups"]) == told["denominator"] == 4
    assert all(each["name"] for each in told["groups"])


def test_groups_by_department_have_names_and_a_forecast_each(client: TestClient) -> None:
    groups = {each["key"]: each for each in get(client, "/catalogued")["groups"]}
    assert (groups["tax"]["name"], groups["tax"]["numerator"]) == ("市税务局", 2)
    assert set(groups["tax"]["forecast"]) == {"reaches_on", "why", "in_time", "pace_a_month"}


def test_months_are_a_trend(client: TestClient) -> None:
    groups = get(client, "/catalogued", by="month")["groups"]
    assert [(each["key"], each["value"]) for each in groups[-3:]] == [
        ("2026-04", None),
        ("2026-05", 0.5),
        ("2026-06", 0.5),
    ]


def test_units_are_paged_sorted_and_filtered(client: TestClient) -> None:
    page = get(client, "/catalogued/units", limit=2, sort="-unit")
    assert [each["unit"] for each in page["units"]] == ["tax.c", "tax.b"]
    assert (page["total"], page["next_after"]) == (4, "2")
    rest = get(client, "/catalogued/units", limit=2, sort="-unit", after="2")
    assert [each["unit"] for each in rest["units"]] == ["tax.a", "finance.d"]
    assert rest["next_after"] is None
    missing = get(client, "/catalogued/units", counted="false", department="tax")
    assert [(each["unit"], each["why_name"]) for each in missing["units"]] == [("tax.c", "未发布")]
    assert get(client, "/catalogued/units", twin="never-read")["total"] == 1
    assert get(client, "/catalogued/units", after="9")["total"] == 4


def test_evidence_leads_to_the_events(client: TestClient, found: MemoryLake) -> None:
    (unit,) = get(client, "/attached/units", counted="true")["units"]
    names = [f"{each['table']}/{each['event_id']}/{each['day']}" for each in unit["evidence"]]
    events = get(client, "/events", event=names)["events"]
    assert [each["table"] for each in events] == ["catalog_changes", "facts"]
    assert {each.get("entity_id") or each.get("resource") for each in events} == {"tax.a"}
    del found


def test_what_moved_since_the_month_before(client: TestClient) -> None:
    told = get(client, "/catalogued/moves")
    assert [each["unit"] for each in told["entered"]] == ["tax.b"]
    assert [(each["unit"], each["why_name"]) for each in told["left"]] == [("tax.c", "未发布")]
    assert (told["against"], told["units_added"], told["units_gone"]) == ("2026-05-31", 0, 0)


def test_the_sql_runs_anywhere_over_the_lake(client: TestClient, found: MemoryLake) -> None:
    told = get(client, "/catalogued/sql", as_of="2026-06-29")
    with found.reading() as connection:
        rows = connection.execute(told["sql"], told["parameters"]).fetchall()
    assert [row[0] for row in rows] == ["finance.d", "tax.a", "tax.b", "tax.c"]
    assert not [name for name, block in load_blocks().items() if block.rolls and f"FROM {name}_" in told["sql"]]


def test_units_as_a_sheet(client: TestClient) -> None:
    answer = client.get("/v1/rates/catalogued/units", params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.startswith("\ufeffunit,unit_name,department_name")
    assert len(answer.text.splitlines()) == 5


@pytest.mark.parametrize(
    ("path", "query", "status", "fields"),
    [
        ("", {"as_of": "yesterday", "period": "week"}, 422, ["as_of", "period"]),
        ("", {"as_of": "2026-07-01"}, 422, ["as_of"]),
        ("/catalogued", {"by": "colour"}, 422, ["by"]),
        (
            "/catalogued/units",
            {"limit": "0", "sort": "colour", "counted": "yes", "colour": "red"},
            422,
            ["sort", "counted", "limit", "colour"],
        ),
        ("/catalogued/moves", {"against": "x"}, 422, ["against"]),
        ("/events", {"event": "facts/1/2"}, 422, ["event"]),
        ("/nothing", {}, 404, []),
        ("/satisfied/units", {"as_of": "2025-01-01"}, 409, []),
    ],
)
def test_faults_are_told_all_at_once(
    client: TestClient, path: str, query: dict[str, str], status: int, fields: list[str]
) -> None:
    problem = get(client, path, status, **query)
    assert [each["field"] for each in problem.get("faults", [])] == fields
    assert problem["remedy"]


def test_gauges_name_the_definitions_version(found: MemoryLake, tmp_path: Path) -> None:
    seconds = [0.0]
    registry = CollectorRegistry()
    registry.register(RateGauges(figures(found, tmp_path), lambda: TODAY, lambda: seconds[0]))
    told = generate_latest(registry).decode()
    assert 'onething_rate{rate="catalogued",version="1"} 0.5' in told
    assert 'onething_rate{rate="backflow"' not in told
    found.connection.execute("DELETE FROM catalog_changes")
    assert 'onething_rate_denominator{rate="catalogued",version="1"} 4.0' in generate_latest(registry).decode()
    seconds[0] = 1000.0
    assert 'onething_rate_denominator{rate="catalogued",version="1"} 0.0' in generate_latest(registry).decode()
