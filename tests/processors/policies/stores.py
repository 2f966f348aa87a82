"""Stores filled with events as a replica keeps them."""

from collections.abc import Iterable
from pathlib import Path

from processors.archive.keys import FactKey, fact_key
from processors.archive.store import ArchiveStore, Batch
from tests.processors.policies.archives import NOW
from topics.codec import RowCodec, SchemaIds
from topics.events import Fact

IDS = SchemaIds.published()
CODEC = RowCodec(IDS)


def filled(path: Path, events: Iterable[Fact]) -> ArchiveStore:
    """A store that holds these events, each as its own message of a partition."""
    store = ArchiveStore(path, memory_mb=64)
    keep(store, events)
    return store


def keep(store: ArchiveStore, events: Iterable[Fact]) -> None:
    """Write these events as one batch."""
    batch = Batch()
    for offset, event in enumerate(events):
        topic = store.topic_number(f"registration.{event.source}")
        place = FactKey(event.resource, event.record_id, event.version, event.event_id, NOW // 1000, topic, 0, offset)
        batch.facts.append((fact_key(event.subject, place), CODEC.encode(event)))
    store.write(batch)
