"""What was told, read from the log of notices: all of it, again and again, whatever else lies there."""

from collections.abc import Iterator

import pytest

from catalog.registry import RegistryWriter, read_schema_ids, register_published
from connectors.kafka import KafkaOptions, admin, producer
from connectors.kafka.topic_admin import apply
from processors.policies.telling import NOTICES
from processors.policies.told import ToldOccasions
from topics.codec import RowCodec
from topics.declarations import PartitionCounts, declared_topics
from topics.events import CaseNotified

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def options(own_kafka: str) -> KafkaOptions:
    found = KafkaOptions(own_kafka)
    topics = declared_topics({"tax": {"licence"}}, PartitionCounts(fact=1, case=3))
    apply(admin(found), topics)
    writer = RegistryWriter(found)
    register_published(writer, topics)
    writer.close()
    return found


@pytest.fixture
def told(options: KafkaOptions) -> Iterator[ToldOccasions]:
    reading = ToldOccasions(options, "told-under-test")
    yield reading
    reading.close()


def notice(number: int, kind: str = "policy") -> CaseNotified:
    event_id = number.to_bytes(16, "big")
    return CaseNotified(event_id=event_id, case_id=f"case-{number}", recipient="r", kind=kind, text="t", at=1)


def publish(options: KafkaOptions, *values: tuple[str, bytes]) -> None:
    out = producer(options)
    for key, value in values:
        out.produce(NOTICES, value, key=key)
    assert out.flush(10) == 0


def test_all_that_was_told_is_read_on_and_on(options: KafkaOptions, told: ToldOccasions) -> None:
    codec = RowCodec(read_schema_ids(options))
    assert told.read_on(codec) == set()
    first = [notice(number) for number in range(20)]
    others = [notice(100, "receipt"), notice(101, "overdue")]
    publish(options, *((each.case_id, codec.encode(each)) for each in (*first, *others)))
    assert told.read_on(codec) == {each.event_id for each in first}
    publish(options, ("x", b"no notice at all"), ("case-30", codec.encode(notice(30))))
    assert told.read_on(codec) == {each.event_id for each in (*first, notice(30))}
    again = ToldOccasions(options, "told-under-test")
    assert again.read_on(codec) == told.read_on(codec)
    again.close()
