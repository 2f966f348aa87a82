import time

import pytest

from connectors.counting import COUNTS_TOPIC, Tally, Teller
from connectors.kafka import KafkaOptions, admin, consumer
from connectors.kafka.topic_admin import apply
from topics.codec import RowCodec, SchemaIds
from topics.declarations import declared_topics
from topics.events import CountsTold

CODEC = RowCodec(SchemaIds.published())
NOWHERE = KafkaOptions("127.0.0.1:9")


@pytest.mark.broker
def test_counts_reach_the_log_under_the_key_of_their_minute(kafka: str) -> None:
    options = KafkaOptions(kafka)
    apply(admin(options), [each for each in declared_topics({}) if each.name == COUNTS_TOPIC])
    tally = Tally("tried-0")
    teller = Teller(options, lambda: CODEC, tally, (lambda own: own.set("view-lag", 3),))
    teller.start()
    tally.count("facts-kept", 2, department="tax")
    found: list[tuple[bytes, CountsTold]] = []
    reader = consumer(options, "test-teller", fetch_wait_max_ms=20)
    reader.subscribe([COUNTS_TOPIC])
    until = time.monotonic() + 30
    while not any(told.counts and told.gauges for _, told in found) and time.monotonic() < until:
        for message in reader.consume(100, 0.1):
            told = CODEC.event(message.value())
            assert isinstance(told, CountsTold)
            if told.run == tally.run:
                found.append((message.key() or b"", told))
    teller.close()
    reader.close()
    key, told = found[-1]
    assert key == f"tried-0/{tally.run}/{told.minute}".encode()
    assert sum(each.count for each in told.counts) == 2
    assert [each.value for each in told.gauges] == [3]


def test_a_log_that_does_not_answer_stops_nobody() -> None:
    tally = Tally("tried-0")
    teller = Teller(NOWHERE, lambda: CODEC, tally)
    tally.count("facts-kept")
    teller.tell()
    tally.count("facts-kept")
    teller.tell()  # the first message is still on its way: nothing piles up
    assert len(teller._producer) == 1
    assert [each.count for told in tally.take() for each in told.counts] == [2]
    teller._producer.purge()


def test_a_schema_that_is_not_registered_leaves_counts_for_later() -> None:
    tally = Tally("tried-0")
    teller = Teller(NOWHERE, lambda: RowCodec(SchemaIds({})), tally)
    tally.count("facts-kept")
    teller.tell()
    assert [each.count for told in tally.take() for each in told.counts] == [1]


def test_a_measure_that_fails_leaves_the_others() -> None:
    tally = Tally("tried-0")

    def broken(_tally: Tally) -> None:
        raise OSError("no such folder")

    Teller(NOWHERE, lambda: CODEC, tally, (broken, lambda own: own.set("view-lag", 3))).measure()
    assert [each.value for told in tally.take() for each in told.gauges] == [3]
