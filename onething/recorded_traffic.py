"""The newest messages of a topic as they were appended, each with the schema that it was written with."""

from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Final

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from catalog.register.trial import RecordedMessage
from connectors.kafka import KafkaOptions, consumer
from topics.codec import CodecFault, SchemaIds
from topics.codec.wire import HEADER_LENGTH, schema_id_of

GROUP: Final = "onething-catalog-trial"
WAIT_S: Final = 10.0
AT_ONCE: Final = 1000
BATCH_S: Final = 0.05


class Appended(msgspec.Struct, frozen=True):
    """A message, its bytes as they are on the wire, and when the log took it (µs UTC)."""

    message: RecordedMessage
    value: bytes
    at: int


def newest_messages(options: KafkaOptions, ids: SchemaIds, topics: Iterable[str], each: int) -> Iterator[Appended]:
    """Yield up to ``each`` newest messages of every partition of the topics; none of a topic that does not exist.

    Messages that no registered schema wrote are passed over: none of the hub's readers takes them either.

    Raises:
        KafkaException: the cluster does not answer.
    """
    # Aborted transactions are no traffic; the group is never joined, for partitions are taken by hand.
    reading = consumer(options, GROUP, isolation_level="read_committed", enable_partition_eof=True)
    try:
        starts = _starts(reading, set(topics), each)
        if starts:
            reading.assign(starts)
            for message in _to_the_ends(reading, {(at.topic, at.partition) for at in starts}):
                if (appended := _appended(message, ids)) is not None:
                    yield appended
    finally:
        reading.close()


def _starts(reading: Consumer, topics: set[str], each: int) -> list[TopicPartition]:
    """Where the newest ones begin. Asked before anything is fetched: a fetch that waits holds such requests up."""
    known = reading.list_topics(timeout=WAIT_S).topics
    starts = []
    for at in (TopicPartition(name, each) for name in sorted(topics & known.keys()) for each in known[name].partitions):
        low, high = reading.get_watermark_offsets(at, timeout=WAIT_S)
        if high > low:
            starts.append(TopicPartition(at.topic, at.partition, max(low, high - each)))
    return starts


def _to_the_ends(reading: Consumer, partitions: set[tuple[str | None, int | None]]) -> Iterator[Message]:
    until = monotonic() + WAIT_S
    while partitions:
        # A batch is returned when it is full or its time is over: a long time would be waited out at every end.
        messages = reading.consume(AT_ONCE, timeout=BATCH_S)
        if messages:
            until = monotonic() + WAIT_S
        elif monotonic() > until:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))  # noqa: SLF001  confluent-kafka's public names
        for message in messages:
            fault = message.error()
            if fault is None:
                yield message
            elif fault.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
                partitions.discard((message.topic(), message.partition()))
            else:
                raise KafkaException(fault)


def _appended(message: Message, ids: SchemaIds) -> Appended | None:
    value, topic = message.value(), message.topic()
    partition, offset = message.partition(), message.offset()
    if not isinstance(value, bytes) or topic is None or partition is None or offset is None:
        return None
    try:
        schema = ids.schema(schema_id_of(value))
    except CodecFault:
        return None
    recorded = RecordedMessage(topic, partition, offset, schema.text, value[HEADER_LENGTH:])
    return Appended(recorded, value, message.timestamp()[1] * 1000)
