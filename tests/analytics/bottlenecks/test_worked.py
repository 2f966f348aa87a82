"""What was worked out is not worked out again, unless the lake or the question is another."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from analytics.bottlenecks.asked import BottleneckReading
from analytics.bottlenecks.http import BottleneckDoor, bottleneck_router
from tests.analytics.case_rows import case_rows
from tests.analytics.lake_tables import lake
from tests.analytics.played_cases import played_city

DAYS = {"from": "2026-09-01", "to": "2026-12-31"}


class Told:
    """A door whose lake says what it is known by."""

    def __init__(self) -> None:
        self.identity: str | None = "first"
        plays = played_city(3, 8, "newborn")
        self.connection = lake(cases=case_rows(event for play in plays for event in play.log))

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.connection.cursor() as cursor:
            yield cursor

    def known_by(self, _: date) -> str | None:
        return self.identity


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def http(told: Told) -> TestClient:
    app = FastAPI()
    now = datetime(2026, 12, 31, 15, tzinfo=UTC)
    app.include_router(bottleneck_router(BottleneckDoor(told, lambda: now, told.known_by)))
    return TestClient(app)


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One number for each time that assignments were worked out."""
    counted: list[int] = []
    work = BottleneckReading._work

    def counting(reading: BottleneckReading) -> None:
        counted.append(1)
        work(reading)

    monkeypatch.setattr(BottleneckReading, "_work", counting)
    return counted


def asked(http: TestClient, path: str = "", **query: Any) -> Any:
    answer = http.get(f"/v1/bottlenecks{path}", params={**DAYS, **query})
    assert answer.status_code == 200
    return answer.json()


def test_pages_of_one_window_are_worked_out_once(http: TestClient, works: list[int]) -> None:
    first = asked(http)
    assert asked(http) == first
    assert asked(http, "/assignments", limit=2)["total"] == asked(http, "/assignments", after=2, limit=2)["total"]
    asked(http, "/savings")
    assert len(works) == 1


def test_another_day_or_another_lake_is_worked_out_anew(http: TestClient, told: Told, works: list[int]) -> None:
    asked(http)
    asked(http, to="2026-11-30")
    told.identity = "second"
    asked(http)
    assert len(works) == 3


def test_a_lake_that_nobody_can_tell_is_worked_out_each_time(http: TestClient, told: Told, works: list[int]) -> None:
    told.identity = None
    asked(http)
    asked(http)
    assert len(works) == 2


def test_only_the_last_few_are_kept(http: TestClient, works: list[int]) -> None:
    for day in ("2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30", "2026-11-27"):
        asked(http, to=day)
    assert len(works) == 5
