"""Attachment measured on a broker: topics, schemas and facts as they are, and the newest messages of a topic."""

import pytest

from catalog.registry import RegistryWriter, read_schema_ids, register_published
from connectors.kafka import KafkaOptions, admin, producer
from connectors.kafka.topic_admin import apply
from onething.attachment import HubMeasuring
from onething.recorded_traffic import newest_messages
from topics.codec import RowCodec
from topics.declarations import PartitionCounts, declared_topics
from topics.events import LicenceWithdrawn

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

TOPIC = "licence.tax"
FACTS = 30


def fact(number: int, resource: str = "tax.some-licence") -> LicenceWithdrawn:
    return LicenceWithdrawn(
        event_id=number.to_bytes(16, "big"),
        source="tax",
        resource=resource,
        subject="enterprise:91610100MA6TG8KX0X",
        record_type="some-licence",
        record_id=str(number),
        version=number,
        valid_at=number,
        reason="注销",
    )


@pytest.fixture(scope="module")
def options(own_kafka: str) -> KafkaOptions:
    found = KafkaOptions(own_kafka)
    topics = declared_topics({"tax": {"licence", "registration"}}, PartitionCounts(fact=2))
    apply(admin(found), topics)
    writer = RegistryWriter(found)
    register_published(writer, topics)
    writer.close()
    codec = RowCodec(read_schema_ids(found))
    out = producer(found, transactional_id="attachment-under-test")
    out.init_transactions()
    for number in range(FACTS):
        out.begin_transaction()
        out.produce(TOPIC, codec.encode(fact(number)), key=str(number))
        # What was given up is no traffic; the end of each partition is then a marker, and no message.
        if number % 3:
            out.commit_transaction()
        else:
            out.abort_transaction()
    out.begin_transaction()
    out.produce(TOPIC, b"no fact at all", key="x")
    out.commit_transaction()
    return found


def test_the_newest_messages_are_those_that_were_kept(options: KafkaOptions) -> None:
    ids = read_schema_ids(options)
    everything = list(newest_messages(options, ids, [TOPIC, "registration.tax", TOPIC], 10_000))
    assert {int(RowCodec(ids).decode(each.value)[1]["record_id"]) for each in everything} == {
        number for number in range(FACTS) if number % 3
    }
    few = list(newest_messages(options, ids, [TOPIC], 4))
    assert 0 < len(few) <= 8
    for partition in (0, 1):
        newest = max(each.message.offset for each in everything if each.message.partition == partition)
        assert newest in [each.message.offset for each in few if each.message.partition == partition]


def test_what_is_measured_is_what_there_is(options: KafkaOptions) -> None:
    measuring = HubMeasuring(options, ["http://127.0.0.1:9"])
    assert TOPIC in measuring.topics()
    assert "licence.nobody" not in measuring.topics()
    assert "onething.licence.LicenceIssued" in measuring.schemas()
    seen = measuring.arrivals({"tax.some-licence": TOPIC, "tax.never": TOPIC, "tax.quiet": "registration.tax"})
    assert {code: each.count for code, each in seen.items()} == {
        "tax.some-licence": 20,
        "tax.never": 0,
        "tax.quiet": 0,
    }
    assert (seen["tax.some-licence"].last_appended_at or 0) > 1_700_000_000_000_000
    assert seen["tax.never"].last_appended_at is None
