"""Live figures of a real hub: what is published is seen within seconds, counted once, and again after a kill."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from catalog.registry import read_schema_ids
from connectors.kafka import consumer
from onething.endpoints import ROLES
from processors.live.refusals import is_first_part
from tests.browser.city_hub import CityHub, awaited, city_hub
from tests.deployment.promql import parsed
from tests.deployment.test_monitoring import EXPRESSIONS, TARGETS
from topics.codec import RowCodec
from topics.events import RecordRefused

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

SEEN_WITHIN_S = 10.0
"""The figure is 3 s at the 99th percentile, measured by ``onething bench live``; tests share the machine."""

NOT_THE_HUBS = frozenset(("up",))
"""What Prometheus itself tells."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityHub]:
    with city_hub(tmp_path_factory.mktemp("live")) as running:
        yield running


def total(city: CityHub, figure: str) -> int:
    totals = city.get("/v1/live")["totals"]
    return int(next(each["month"] for each in totals if each["figure"] == figure))


def metric(city: CityHub, role: Any, name: str) -> float:
    text = httpx2.get(f"{city.hub.url(role)}/metrics", trust_env=False).text
    families = text_string_to_metric_families(text)
    return sum(each.value for family in families for each in family.samples if each.name == name)


def refused_on_the_log(city: CityHub) -> int:
    codec = RowCodec(read_schema_ids(city.hub.options))
    reader = consumer(city.hub.options, f"test-{time.time_ns()}", enable_partition_eof=True)
    topics = [name for name in reader.list_topics().topics if name.startswith("rejected.")]
    reader.subscribe(topics)
    found, ended = 0, set[str | None]()
    while len(ended) < len(topics):
        for message in reader.consume(500, 0.2):
            if message.error() is not None:
                ended.add(message.topic())
                continue
            event = codec.event(message.value())
            assert isinstance(event, RecordRefused)
            found += is_first_part(event)
    reader.close()
    return found


def test_what_the_city_published_is_counted_once(city: CityHub) -> None:
    facts = int(metric(city, "archive", "onething_archive_facts_total"))
    assert facts > 1_000
    awaited(lambda: total(city, "facts-kept") >= facts, "every fact is in the figures")
    refused = refused_on_the_log(city)
    assert refused > 0
    awaited(lambda: total(city, "records-refused") >= refused, "every refusal is in the figures")
    assert (total(city, "facts-kept"), total(city, "records-refused")) == (facts, refused)


def test_a_verification_counts_for_its_bundle_and_its_sources(city: CityHub) -> None:
    before = total(city, "archive-answers")
    city.verify()
    awaited(lambda: total(city, "archive-answers") >= before + 17, "the archive's answers")
    (bundle,) = [each for each in city.get("/v1/live")["bundles"] if each["bundle"] == "listing-compliance"]
    assert bundle["opened"] >= 1
    assert bundle["states"]["running"] >= 1


def test_every_process_tells_that_it_lives(city: CityHub) -> None:
    silent = {"registry", "console"}
    expected = {f"{role}-0" for role in ROLES if role not in silent}
    awaited(lambda: {each["process"] for each in city.get("/v1/live")["processes"]} >= expected, "every process")
    views = awaited(lambda: [each["view"] for each in city.get("/v1/live")["views"]], "views")
    assert {"archive-0", "lake-0"} <= set(views)


def test_sources_are_judged_and_explained(city: CityHub) -> None:
    def judged() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = city.get("/v1/live/sources")["sources"]
        return found if {"good", "bad"} <= {each["health"] for each in found} else []

    # A source is bad once the city's coverage has come in.
    sources = awaited(judged, "some sources are good, and one is bad")
    for each in sources:
        page = city.get(f"/v1/live/sources/{each['department']}")
        assert (page["health"] == "bad") == bool(page["why"]) or page["health"] == "unknown"


@pytest.mark.parametrize(
    ("version", "status", "figures"),
    [(3, 200, ("records-taken", "facts-kept")), (-3, 400, ("records-refused",))],
    ids=["accepted", "refused"],
)
def test_a_record_is_seen_within_seconds(city: CityHub, version: int, status: int, figures: tuple[str, ...]) -> None:
    before = {figure: total(city, figure) for figure in figures}
    draft = {
        "type": "LicenceWithdrawn",
        "source": "urban-management",
        "resource": "urban-management.gas-licence",
        "subject": {"kind": "enterprise", "id": city.enterprises[0].partition(":")[2]},
        "record_id": "live-1",
        "version": version,
        "valid_at": "2024-05-02T10:30:00+08:00",
        "content": {"reason": "重复录入"},
    }
    assert city.post("/v1/events", draft).status_code == status
    started = time.monotonic()
    awaited(lambda: all(total(city, figure) == before[figure] + 1 for figure in figures), f"{figures} grow by one")
    assert time.monotonic() - started < SEEN_WITHIN_S


def test_after_a_kill_everything_stands_as_it_stood(city: CityHub) -> None:
    figures = ("facts-kept", "records-refused", "cases-opened", "archive-answers")
    stood = {figure: total(city, figure) for figure in figures}
    (part,) = [each for each in city.hub.parts if each.role == "live"]
    killed = part.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    awaited(lambda: part.pid != killed and part.is_ready(), "the live process is started again")
    assert {figure: total(city, figure) for figure in figures} == stood
    assert metric(city, "live", "onething_live_counted_total") < sum(stood.values())


def test_every_metric_that_is_asked_for_is_told_with_its_labels(city: CityHub) -> None:
    told: dict[str, set[str]] = {}
    for role in TARGETS:
        text = httpx2.get(f"{city.hub.url(role)}/metrics", trust_env=False).text
        for family in text_string_to_metric_families(text):
            for name in (family.name, f"{family.name}_total", f"{family.name}_bucket"):
                told.setdefault(name, set()).update({"job", "part", "instance"})
            for sample in family.samples:
                told.setdefault(sample.name, set()).update(sample.labels)
    for expression in EXPRESSIONS:
        asked = parsed(expression)
        for selector in asked.selectors:
            if selector.metric in NOT_THE_HUBS:
                continue
            assert selector.metric in told, f"{expression}: no part tells {selector.metric}"
            missing = (set(selector.labels) | asked.grouped_by) - told[selector.metric]
            assert len(told[selector.metric]) <= 3 or not missing, f"{expression}: {selector.metric} has no {missing}"
