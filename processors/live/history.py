"""The counts of the past, read once before new ones are followed: what stood before a restart stands again."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from connectors.counting import COUNTS_TOPIC
from connectors.kafka import KafkaOptions, consumer
from topics.codec import CodecFault, RowCodec
from topics.events import CountsTold

BATCH: Final = 5_000
POLL_S: Final = 0.1
TIMEOUT_S: Final = 30.0
RECENT_MS: Final = 600_000
_MALFORMED: Final = (LookupError, ValueError, EOFError, TypeError, OverflowError, MemoryError)
"""What decoding bytes that are no record may raise."""

_PARTITION_EOF: Final = KafkaError._PARTITION_EOF  # noqa: SLF001  confluent-kafka's public constant

log = structlog.get_logger(__name__)


class HistoryUnreadable(Exception):  # noqa: N818  named for the fact
    """The counts of the past cannot be read."""

    remedy = "create the topics: onething topic apply; see whether Kafka answers: onething doctor"


def read_history(options: KafkaOptions, codec: RowCodec, take: Callable[[CountsTold], None]) -> int:
    """Take what is on the log by now, partition by partition in its order; how many messages were taken.

    Of minutes that are long over, what a later message replaces is passed over where compaction has not come to it yet.

    Raises:
        HistoryUnreadable: the topic is not there, or does not answer.
    """
    reader = consumer(options, "onething-live-history", enable_partition_eof=True)
    try:
        return sum(_partition(reader, where, codec, take) for where in _partitions(reader))
    except KafkaException as fault:
        raise HistoryUnreadable(f"{COUNTS_TOPIC}: {fault.args[0].str()}") from fault
    finally:
        reader.close()


def told_in(value: bytes | None, codec: RowCodec) -> CountsTold | None:
    """The counts in a message; None for what is none, which is said in the log and passed over."""
    try:
        # Written by the hub's own processes alone, and many: no second proof of canonical form.
        schema, record = codec.decode_trusted(value or b"")
        if schema.name != CountsTold.__name__:
            return None
        return msgspec.convert(record, CountsTold, builtin_types=(bytes,))
    except (CodecFault, *_MALFORMED) as fault:
        log.warning("not counts", reason=getattr(fault, "code", type(fault).__name__))
        return None


def _partitions(reader: Consumer) -> Iterator[TopicPartition]:
    found: Any = reader.list_topics(COUNTS_TOPIC, timeout=TIMEOUT_S).topics[COUNTS_TOPIC]
    if found.error is not None:
        raise HistoryUnreadable(f"{COUNTS_TOPIC}: {found.error.str()}")
    return (TopicPartition(COUNTS_TOPIC, number) for number in found.partitions)


def _partition(reader: Consumer, where: TopicPartition, codec: RowCodec, take: Callable[[CountsTold], None]) -> int:
    first, end = reader.get_watermark_offsets(where, timeout=TIMEOUT_S)
    reader.assign([TopicPartition(where.topic, where.partition, first)])
    count, next_offset = 0, first
    while next_offset < end:
        batch = []
        for message in reader.consume(BATCH, POLL_S):
            if message.error() is not None:
                next_offset = _end_reached(message, next_offset, end)
            else:
                next_offset = (message.offset() or 0) + 1
                batch.append(message)
        for message in standing(batch, before_ms=time.time_ns() // 1_000_000 - RECENT_MS):
            told = told_in(message.value(), codec)
            if told is not None:
                take(told)
                count += 1
    return count


def standing(batch: Sequence[Message], *, before_ms: int) -> Iterator[Message]:
    """The messages of a batch without those that were appended before ``before_ms`` and that a later one replaces.

    The newer ones are all kept: they tell the second in which something was counted.
    """
    last = {message.key(): place for place, message in enumerate(batch)}
    for place, message in enumerate(batch):
        if last[message.key()] == place or message.timestamp()[1] >= before_ms:
            yield message


def _end_reached(message: Message, next_offset: int, end: int) -> int:
    """Where reading stands after an error: at the end where it says so (compaction leaves no message there)."""
    fault = message.error()
    assert fault is not None  # noqa: S101  asked for by the caller
    if fault.code() == _PARTITION_EOF:
        return end
    if fault.retriable():
        return next_offset
    raise KafkaException(fault)
