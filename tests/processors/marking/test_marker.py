"""Marks on a real log: each change of a correction is stated once it can be, and none is forgotten or stated anew."""

from collections.abc import Sequence

import pytest

from catalog.registry import LiveSchemaIds, RegistryWriter, read_schema_ids, register_published
from connectors.kafka import KafkaOptions, admin, producer
from connectors.kafka.topic_admin import apply
from processors.following.reactions import FactDraft
from processors.marking import Marker
from processors.marking.marker import CHANGES
from topics.codec import RowCodec
from topics.declarations import PartitionCounts, declared_topics
from topics.events import CatalogChanged

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def options(own_kafka: str) -> KafkaOptions:
    found = KafkaOptions(own_kafka)
    topics = declared_topics({"tax": {"licence"}}, PartitionCounts(fact=1, case=1))
    apply(admin(found), topics)
    writer = RegistryWriter(found)
    register_published(writer, topics)
    writer.close()
    return found


class Log:
    """Takes facts, after it has failed so often."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.taken: list[str] = []

    def state(self, drafts: Sequence[FactDraft]) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the log is away")
        self.taken += [str(each["record_id"]) for each in drafts]


def draft_of(change: CatalogChanged) -> FactDraft | None:
    return None if change.entity_id == "C-unknown" else {"record_id": f"{change.entity_id}/{change.version}"}


def changed(entity: str, entity_id: str, version: int) -> CatalogChanged:
    return CatalogChanged(
        event_id=f"{entity_id}{version}".encode().ljust(16, b"."),
        number=version,
        entity=entity,
        entity_id=entity_id,
        version=version,
        action="disputed",
        actor="a",
        at=1,
        state="{}",
    )


def publish(options: KafkaOptions, *changes: CatalogChanged) -> None:
    codec, out = RowCodec(read_schema_ids(options)), producer(options)
    for each in changes:
        out.produce(CHANGES, codec.encode(each), key=each.entity_id.encode())
    out.produce(CHANGES, b"no change at all", key=b"x")
    assert out.flush(10) == 0


def marked(options: KafkaOptions, log: Log, marks: int) -> Marker:
    """A marker that runs until it has stated so many, and what it came to."""
    schemas = LiveSchemaIds(options)
    marker = Marker(options, schemas, draft_of, log.state, "marks-under-test")

    def state(drafts: Sequence[FactDraft]) -> None:
        log.state(drafts)
        if len(log.taken) >= marks:
            marker.stop()

    marker._state_facts = state
    marker.run()
    schemas.close()
    return marker


def test_each_change_of_a_correction_is_stated_and_none_again(options: KafkaOptions) -> None:
    publish(options, changed("correction", "C-1", 1), changed("duty", "D-1", 1), changed("correction", "C-unknown", 1))
    log = Log(failures=1)
    marker = marked(options, log, 1)
    assert (log.taken, marker.facts_stated, marker.waiting_for, log.failures) == (["C-1/1"], 1, None, 0)
    publish(options, changed("correction", "C-1", 2), changed("correction", "C-2", 1))
    again = Log()
    marked(options, again, 2)
    assert sorted(again.taken) == ["C-1/2", "C-2/1"]
