"""Enterprises whose archives can answer every check of the listing bundle: facts and coverage, by the SDK."""

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from benchmarks.drafts import draft
from catalog.bundles import load_bundles
from catalog.registry import read_schema_ids
from catalog.resources import Resource, load_resources
from connectors.kafka import KafkaOptions
from connectors.keyring import KeyRing
from producers.outcomes import Receipt
from producers.protection import LocalProtector
from producers.publisher import Publisher

BUNDLE = "listing-compliance"
REGISTRATION = "market-regulation.enterprise-registration"
LONG_AGO = "2010-05-01T09:00:00+08:00"
"""Penalties lie before the look-back: each rule has a record to judge and finds nothing."""


def publish_enterprises(bootstrap_servers: str, data_dir: str, enterprises: int) -> int:
    """Publish a fact of every resource that the bundle reads for each enterprise, and the resources' coverage.

    Returns:
        How many facts were published.
    """
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    protector = LocalProtector(KeyRing.open_or_create(Path(data_dir) / "keys"))
    ids, resources = read_schema_ids(options), load_resources()
    codes = sorted({REGISTRATION, *load_bundles()[BUNDLE].resources})
    published = 0
    for department, group in groupby((resources.by_code[code] for code in codes), key=lambda each: each.department):
        with Publisher(options, department, protector, ids, resources) as publisher:
            published += sum(_publish(publisher, each, enterprises) for each in list(group))
    return published


def _publish(publisher: Publisher, resource: Resource, enterprises: int) -> int:
    old = {"decided_at": LONG_AGO} if resource.schemas[0].endswith("PenaltyImposed") else {}
    outcomes = publisher.publish_many(draft(resource.code, each, each, **old) for each in range(enterprises))
    refused = next((each for each in outcomes if not isinstance(each, Receipt)), None)
    assert refused is None, refused
    publisher.state_coverage(resource.code, datetime.now(UTC))
    return enterprises
