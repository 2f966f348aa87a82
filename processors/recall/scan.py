"""Reads the log for a recall: four kinds of topics, from the value's appearance on, and only messages that name it."""

import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from connectors.kafka import KafkaOptions, consumer
from processors.recall.consumption import Fills, Recall, WrongValue, consumptions
from topics.codec import CodecFault, RowCodec
from topics.events import ApplicationSubmitted, ApplicationSupplemented, Event

GROUP: Final = "onething-recall"
REQUESTS: Final = "case.requests"
READS: Final = "access.reads"
REPORTS: Final = "reports"
ANSWERS: Final = "case.answers."
BATCH: Final = 5_000
POLL_S: Final = 0.2
ANSWER_S: Final = 20.0
PATIENCE_S: Final = 30.0
MARGIN_US: Final = 60_000_000
"""How far the clock of who wrote an event and the broker's may be apart."""

Tell = Callable[[str, int, int], None]
"""Told as the reading goes on: the topics, messages read, messages in all."""

log = structlog.get_logger(__name__)


class LogNotRead(Exception):  # noqa: N818  named for the fact
    """The log did not hand out everything that a recall must look at; ``remedy`` says what to do."""

    remedy: Final = "see what runs: onething doctor; then ask again"


def recalled(
    options: KafkaOptions,
    codec: RowCodec,
    value: WrongValue,
    fills: Fills,
    organisations: AbstractSet[str],
    tell: Tell = lambda _topic, _read, _all: None,
) -> Recall:
    """Return who consumed the value, out of the log from its appearance to its ends as they are now.

    Raises:
        LogNotRead: the log is not there, or stopped answering.
    """
    try:
        events = _events(options, codec, value, tell)
    except KafkaException as fault:
        raise LogNotRead(f"the log cannot be read: {fault}") from fault
    return Recall(value=value, consumptions=consumptions(value, events, fills, organisations))


def _events(options: KafkaOptions, codec: RowCodec, value: WrongValue, tell: Tell) -> list[Event]:
    reader = consumer(options, GROUP, enable_partition_eof=True, fetch_wait_max_ms=20)
    subject, facts = value.subject.encode(), [each.encode() for each in value.event_ids]
    try:
        topics = sorted(reader.list_topics(timeout=ANSWER_S).topics)
        requests = list(_decoded(reader, codec, _named(topics, REQUESTS), value, [subject, *facts], tell))
        reads = list(_decoded(reader, codec, _named(topics, READS), value, [subject], tell))
        cases = [_case_of(event).encode() for event in requests]
        answers = [each for each in topics if each.startswith(ANSWERS)]
        rest = list(_decoded(reader, codec, answers, value, [*facts, *filter(None, cases)], tell))
        reports = list(_decoded(reader, codec, _named(topics, REPORTS), value, facts, tell))
    finally:
        reader.close()
    return [*requests, *reads, *rest, *reports]


def _case_of(event: Event) -> str:
    return event.case_id if isinstance(event, ApplicationSubmitted | ApplicationSupplemented) else ""


def _named(topics: Sequence[str], name: str) -> list[str]:
    return [name] if name in topics else []


def _decoded(
    reader: Consumer, codec: RowCodec, topics: Sequence[str], value: WrongValue, needles: Sequence[bytes], tell: Tell
) -> Iterator[Event]:
    """Events that hold one of the needles; all others are not even decoded."""
    for message in _messages(reader, topics, value.appeared_at - MARGIN_US, tell):
        if any(needle in message for needle in needles):
            try:
                yield codec.event(message)
            except CodecFault as fault:
                # Departments' own systems write answers too; what is no event consumed nothing.
                log.warning("not an event", topics=topics, reason=fault.code)


def _messages(reader: Consumer, topics: Sequence[str], since_us: int, tell: Tell) -> Iterator[bytes]:
    """The bytes of every message from an instant of the log on, to the ends as they are at the call."""
    left = dict(_ranges(reader, topics, since_us))
    reader.assign([TopicPartition(topic, partition, low) for (topic, partition), (low, _) in left.items()])
    ends = {place: high for place, (_, high) in left.items()}
    total, done = sum(high - low for low, high in left.values()), 0
    label = topics[0].rsplit(".", 1)[0] + ".*" if len(topics) > 1 else "".join(topics)
    until = time.monotonic() + PATIENCE_S
    while ends:
        messages = reader.consume(BATCH, POLL_S)
        for message in messages:
            place, offset = (message.topic() or "", message.partition() or 0), message.offset()
            body = _body(message)
            if body is not None and offset is not None and offset < left[place][1]:
                done += 1
                yield body
            if _is_the_end(message, ends.get(place)):
                ends.pop(place, None)
        tell(label, done, total)
        if messages:
            until = time.monotonic() + PATIENCE_S
        elif time.monotonic() > until:
            raise LogNotRead(f"{label}: nothing was handed out for {PATIENCE_S:.0f} s")


def _body(message: Message) -> bytes | None:
    fault = message.error()
    if fault is None:
        return message.value()
    if fault.code() != KafkaError._PARTITION_EOF and not fault.retriable():  # noqa: SLF001  confluent-kafka's public constant
        raise KafkaException(fault)
    return None


def _is_the_end(message: Message, end: int | None) -> bool:
    """Whether nothing of the range is left behind this message, which may be the word that the partition ends."""
    fault, offset = message.error(), message.offset()
    if fault is not None:
        return fault.code() == KafkaError._PARTITION_EOF  # noqa: SLF001  as above
    return end is not None and offset is not None and offset + 1 >= end


def _ranges(
    reader: Consumer, topics: Sequence[str], since_us: int
) -> Iterator[tuple[tuple[str, int], tuple[int, int]]]:
    """For each partition that holds anything since then: the first offset, and the one behind the last."""
    known = reader.list_topics(timeout=ANSWER_S).topics
    asked = [
        TopicPartition(topic, partition, max(since_us // 1000, 0))
        for topic in topics
        for partition in known[topic].partitions
    ]
    for place in reader.offsets_for_times(asked, timeout=ANSWER_S) if asked else ():
        low, high = reader.get_watermark_offsets(TopicPartition(place.topic, place.partition), timeout=ANSWER_S)
        first = max(place.offset, low)
        # Without a message that is so late the broker names the end, or none.
        if place.offset >= 0 and first < high:
            yield (place.topic, place.partition), (first, high)
