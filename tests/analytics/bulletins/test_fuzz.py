"""Whatever is asked of the doors to bottlenecks, services, bulletins and hotlines: never a server error."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from analytics.bottlenecks.http import BottleneckDoor, bottleneck_router
from analytics.bulletins.http import BulletinDoor, bulletin_router
from analytics.http_problems import install_problems
from analytics.services.http import ServicesDoor, services_router
from tests.analytics.bulletins.month_lake import month_lake
from tests.analytics.rates.rate_lakes import figures

DAYS = st.dates(date(1990, 1, 1), date(2210, 12, 31)).map(str) | st.sampled_from(["2026-09-01", "2026-09-30", ""])
WORDS = (
    st.text(st.characters(codec="utf-8"), max_size=20)
    | DAYS
    | st.sampled_from(["tax", "department", "-bad", "2026-09"])
)
PATHS = st.sampled_from(
    [
        "/v1/bottlenecks",
        "/v1/bottlenecks/assignments",
        "/v1/bottlenecks/complaints",
        "/v1/bottlenecks/paths",
        "/v1/bottlenecks/resources",
        "/v1/bottlenecks/savings",
        "/v1/bottlenecks/evaluations",
        "/v1/bottlenecks/cases/{}",
        "/v1/high-frequency-services",
        "/v1/high-frequency-services/draft",
        "/v1/high-frequency-services/{}",
        "/v1/bulletins",
        "/v1/bulletins/{}",
        "/v1/bulletins/2026-09/{}",
    ]
)
NAMES = [
    "from",
    "to",
    "as_of",
    "by",
    "sort",
    "state",
    "link",
    "department",
    "item",
    "case_id",
    "after",
    "limit",
    "against",
]
QUERIES = st.dictionaries(st.sampled_from(NAMES), WORDS, max_size=5)


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    found, app = month_lake(1), FastAPI()
    now = datetime(2026, 11, 22, 3, tzinfo=UTC)
    install_problems(app)
    app.include_router(bottleneck_router(BottleneckDoor(found, lambda: now, str)))
    app.include_router(services_router(ServicesDoor(found, lambda: now)))
    rates = figures(found, tmp_path_factory.mktemp("rollups"))
    app.include_router(bulletin_router(BulletinDoor(found, rates, "http://console", now=lambda: now)))
    return TestClient(app, raise_server_exceptions=False)


@settings(max_examples=200, deadline=None)
@given(path=PATHS, word=WORDS, query=QUERIES)
def test_no_path_and_no_query_breaks_a_door(http: TestClient, path: str, word: str, query: dict[str, str]) -> None:
    answer: Any = http.get(path.format(quote(word, safe="")), params=query)
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"title", "detail", "remedy", "status"} <= answer.json().keys()
