"""What the pages on bottlenecks and bulletins tell is what the rules and doors say."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI

from analytics.bottlenecks.http import BottleneckDoor, bottleneck_router
from analytics.bottlenecks.rule import load_bottleneck_rule
from analytics.bottlenecks.views import CAUSES, LINKS
from analytics.services.http import ServicesDoor, services_router
from analytics.services.rule import load_service_rule
from producers.hotline import ComplaintShape
from producers.hotline.complaints import MOST_COMPLAINTS
from tests.analytics.rates.rate_lakes import MemoryLake

PAGE = Path("docs/bottlenecks.md").read_text(encoding="utf-8")


def test_every_field_of_a_complaint_is_told() -> None:
    assert [name for name in ComplaintShape.model_fields if f"`{name}`" not in PAGE] == []
    assert f"up to {MOST_COMPLAINTS}" in PAGE


@pytest.mark.parametrize("code", [*LINKS, *CAUSES])
def test_every_link_and_cause_is_told(code: str) -> None:
    assert f"`{code}`" in PAGE


def test_numbers_are_those_of_the_rules() -> None:
    bottlenecks, services = load_bottleneck_rule(), load_service_rule()
    assert f"at most {bottlenecks.link_days} days before" in PAGE
    assert bottlenecks.top_resources == 5
    assert "Five resources" in PAGE
    volume = services.volume
    assert f"among the first {volume.places} of their kind, with {volume.least} cases or more in three months" in PAGE
    assert (services.months, services.growth.growth) == (3, 0.5)


def test_every_path_of_the_page_is_there() -> None:
    app = FastAPI()
    found = MemoryLake()
    app.include_router(bottleneck_router(BottleneckDoor(found, lambda: datetime.now(UTC))))
    app.include_router(services_router(ServicesDoor(found)))
    paths = set(app.openapi()["paths"])
    told = {path.partition("?")[0] for path in re.findall(r"`GET (/v1/(?:bottlenecks|high-frequency)[^`]*)`", PAGE)}
    assert told <= paths
    beside = {"/v1/bottlenecks/resources", "/v1/bottlenecks/savings", "/v1/bottlenecks/evaluations"}
    more = {"/v1/high-frequency-services/draft", "/v1/high-frequency-services/{version}"}
    assert paths - told == beside | more
