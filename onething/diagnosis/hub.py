"""The hub that runs: Kafka, topics, schemas, replicas, coordinators, gateway."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import httpx2

from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions, admin
from connectors.kafka.topic_admin import diff
from onething import endpoints
from onething.diagnosis.finding import Finding, failed, looked_at, passed, skipped, warned
from onething.preparation import durability, hub_topics
from onething.settings import Settings
from topics.codec import SchemaIds
from topics.schemas import newest_schemas

TIMEOUT_S: Final = 5.0
FAR_BEHIND: Final = 10_000
"""Messages: more than a second's work for a replica."""

_START = "start everything: onething up"


def hub_findings(settings: Settings) -> Iterator[Finding]:
    """The log first; without it nothing else is looked at."""
    try:
        options = endpoints.kafka_options(settings)
    except endpoints.NotRunning as fault:
        yield failed("kafka", str(fault), fault.remedy)
        for name in ("topics", "schemas", "archives", "coordinators", "follower", "catalog", "gateway"):
            yield skipped(name, "no Kafka")
        return
    looks: dict[str, Callable[[], Finding]] = {
        "kafka": partial(_kafka, options),
        "topics": partial(_topics, settings, options),
        "schemas": partial(_schemas, options),
        "archives": partial(_archives, settings),
        "coordinators": partial(_ready, settings, "coordinator"),
        "follower": partial(_ready, settings, "follower"),
        "catalog": partial(_ready, settings, "catalog"),
        "gateway": partial(_ready, settings, "gateway"),
    }
    for name, look in looks.items():
        yield looked_at(name, look)


def _kafka(options: KafkaOptions) -> Finding:
    cluster = admin(options).list_topics(timeout=TIMEOUT_S)
    return passed(
        "kafka", f"{options.bootstrap_servers}, cluster {cluster.cluster_id}, brokers: {len(cluster.brokers)}"
    )


def _topics(settings: Settings, options: KafkaOptions) -> Finding:
    found = diff(admin(options), hub_topics(settings), durability(settings))
    hint = "see and mend: onething topic diff; onething topic apply"
    if found.missing:
        return failed("topics", f"{len(found.missing)} are missing", hint)
    if found.differing:
        return warned("topics", f"{len(found.differing)} settings differ", hint)
    return passed("topics", f"as declared; undeclared: {len(found.undeclared)}")


def _schemas(options: KafkaOptions) -> Finding:
    known = read_schema_ids(options)
    missing = [name for name in newest_schemas() if not _is_registered(known, name)]
    if missing:
        return failed("schemas", f"not registered: {', '.join(missing)}", "register them: onething run prepare")
    return passed("schemas", f"{len(known)} registered")


def _is_registered(known: SchemaIds, name: str) -> bool:
    try:
        known.newest(name)
    except LookupError:
        return False
    return True


def _archives(settings: Settings) -> Finding:
    urls = endpoints.endpoints(settings, "archive")
    if not urls:
        return failed("archives", "no replica runs", _START)
    behind = {
        url: httpx2.get(f"{url}/v1/positions", timeout=TIMEOUT_S).raise_for_status().json()["lag"] for url in urls
    }
    detail = "; ".join(f"{url}: {lag} behind" for url, lag in behind.items())
    if max(behind.values()) > FAR_BEHIND:
        return warned("archives", detail, "wait until the replicas have caught up; answers say what they rest on")
    return passed("archives", detail)


def _ready(settings: Settings, role: str) -> Finding:
    name = "coordinators" if role == "coordinator" else role
    urls = endpoints.endpoints(settings, role)
    if not urls:
        return failed(name, "none runs", _START)
    for url in urls:
        answer = httpx2.get(f"{url}/health/ready", timeout=TIMEOUT_S)
        if not answer.is_success:
            return failed(name, f"{url}: {answer.text[:300]}", f"read {settings.data_dir / 'log'}")
    return passed(name, ", ".join(urls))
