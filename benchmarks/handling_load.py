"""Everybody around handled cases: applicants who submit, six departments that decide; and a relay beside them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from secrets import token_bytes, token_hex
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks.drafts import uscc
from catalog.bundles import load_bundles
from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions, consumer, producer
from topics.codec import RowCodec, schema_id_of
from topics.declarations import topic_name
from topics.events import (
    ApplicationSubmitted,
    CaseEvent,
    CaseUpdated,
    Choice,
    Delivery,
    ItemDispatched,
    ItemHandled,
    ItemReviewed,
    Place,
)

BUNDLE = "enterprise-change"
CHOICES = {"change": "name", "insured": "yes", "housing-fund": "yes"}
"""Under which all six items apply."""

FORM_BYTES = 800
PATIENCE_S = 120.0
OUTCOMES = ("case.updates", "case.notices", "supervision")


@dataclass
class Load:
    """What one run has sent and heard so far."""

    out: Producer
    codec: RowCodec
    run: str = field(default_factory=lambda: token_hex(4))
    open_cases: set[str] = field(default_factory=set)
    messages_in: int = 0
    messages_out: int = 0
    bytes_out: int = 0

    def say(self, topic: str, event: CaseEvent) -> None:
        """Send an event of a person's."""
        self.messages_in += 1
        self.out.produce(topic, self.codec.encode(event), event.case_id.encode())

    def submit(self, number: int) -> None:
        """Apply for one more case."""
        application = self.application(number)
        self.open_cases.add(application.case_id)
        self.say("case.requests", application)

    def application(self, number: int) -> ApplicationSubmitted:
        """An application under which every item applies; its form is as long as a sealed one."""
        place = Place(level="city", code="610100")
        return ApplicationSubmitted(
            event_id=token_bytes(16),
            case_id=f"bench-{self.run}-{number}",
            bundle=BUNDLE,
            bundle_version=load_bundles()[BUNDLE].version,
            # A subject may have one running case of a bundle: each run has subjects of its own.
            subject=f"enterprise:{uscc(number)}",
            purpose="benchmark",
            submitted_by="bench",
            channel="online",
            mode="whole-online",
            received_at=place,
            handled_at=place,
            choices=tuple(Choice(question=question, choice=choice) for question, choice in CHOICES.items()),
            form=token_bytes(FORM_BYTES),
            form_digest=token_bytes(32),
            materials=(),
            fields_total=12,
            fields_filled=9,
            fields_shareable=0,
            delivery=Delivery(together=True, means="e-licence"),
            submitted_at=time.time_ns() // 1000,
        )

    def decide(self, asked: ItemDispatched) -> None:
        """Approve an item, by two persons where its definition wants them."""
        topic, at = topic_name("case.answers", asked.department), time.time_ns() // 1000
        whose: dict[str, Any] = {
            "case_id": asked.case_id,
            "assignment_id": asked.assignment_id,
            "department": asked.department,
        }
        decision: dict[str, Any] = {"decision": "approve", "missing": (), "results": (), "handled_by": "经办甲"}
        self.say(topic, ItemHandled(event_id=token_bytes(16), **whose, **decision, at=at))
        if asked.handled_and_reviewed:
            review: dict[str, Any] = {"reviewed_by": "审核乙", "approved": True, "at": at + 1}
            self.say(topic, ItemReviewed(event_id=token_bytes(16), **whose, **review))


def drive(bootstrap_servers: str, cases: int, at_once: int) -> dict[str, float]:
    """Carry cases from their application to their delivery, ``at_once`` open at any time.

    Returns:
        ``seconds`` from the first application to the last delivery; ``messages_in`` and ``messages_out`` of the
        coordinator; ``mean_bytes`` of the latter.
    """
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    codec = RowCodec(read_schema_ids(options))
    reader = _at_end(options, [*_task_topics(), *OUTCOMES])
    load = Load(producer(options, linger_ms=5, queue_buffering_max_messages=500_000), codec)
    heard = {codec.ids.newest(each.__name__).schema_id: each for each in (ItemDispatched, CaseUpdated)}
    submitted = 0
    started = heard_at = time.perf_counter()
    while submitted < cases or load.open_cases:
        for number in range(submitted, min(cases, submitted + at_once - len(load.open_cases))):
            load.submit(number)
            submitted = number + 1
        load.out.poll(0)
        messages = reader.consume(500, 0.01)
        heard_at = time.perf_counter() if messages else heard_at
        assert time.perf_counter() - heard_at < PATIENCE_S, f"{len(load.open_cases)} cases stand still"
        for value in _values(messages, load):
            if schema_id_of(value) in heard:
                _hear(load, codec.event(value))
    seconds = time.perf_counter() - started
    load.messages_out += _left(reader)
    reader.close()
    return {
        "seconds": seconds,
        "messages_in": load.messages_in,
        "messages_out": load.messages_out,
        "mean_bytes": load.bytes_out / load.messages_out,
    }


def relay_seconds(bootstrap_servers: str, messages_in: int, messages_out: int, mean_bytes: float) -> float:
    """Seconds in which a bare consumer reads and a bare producer writes as many messages as the coordinator did.

    In batches, each written as soon as what it answers was read.
    """
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    reader = consumer(options, "bench-relay", auto_offset_reset="earliest")
    answers = [topic_name("case.answers", code) for code in _departments()]
    reader.assign([each for topic in ("case.requests", *answers) for each in _partitions(reader, topic, 0)])
    out = producer(options, linger_ms=0, compression_type="none", queue_buffering_max_messages=500_000)
    value, each_out = token_bytes(int(mean_bytes)), messages_out / messages_in
    read = written = 0
    started = time.perf_counter()
    while read < messages_in:
        read += len(reader.consume(200, 0.1))
        while written < min(messages_out, read * each_out):
            out.produce("case.notices", value, b"bench")
            written += 1
        out.poll(0)
    out.flush()
    seconds = time.perf_counter() - started
    reader.close()
    return seconds


def _hear(load: Load, event: object) -> None:
    if isinstance(event, ItemDispatched):
        load.decide(event)
    elif isinstance(event, CaseUpdated) and event.status == "delivered":
        load.open_cases.discard(event.case_id)


def _values(messages: list[Any], load: Load) -> Iterator[bytes]:
    for message in messages:
        assert message.error() is None, message.error()
        value = message.value()
        load.messages_out += 1
        load.bytes_out += len(value)
        yield value


def _left(reader: Consumer) -> int:
    """How many messages were written that nobody has read yet."""
    positions = reader.position(reader.assignment())
    return sum(reader.get_watermark_offsets(each)[1] - each.offset for each in positions if each.offset >= 0)


def _departments() -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for item in load_bundles()[BUNDLE].items for code in item.routed_to))


def _task_topics() -> list[str]:
    return [topic_name("case.tasks", code) for code in _departments()]


def _at_end(options: KafkaOptions, topics: list[str]) -> Consumer:
    reader = consumer(options, "bench-handlings", fetch_wait_max_ms=5, fetch_queue_backoff_ms=2)
    places = [each for topic in topics for each in _partitions(reader, topic, None)]
    reader.assign(places)
    return reader


def _partitions(reader: Consumer, topic: str, offset: int | None) -> Iterator[TopicPartition]:
    for partition in reader.list_topics(topic).topics[topic].partitions:
        place = TopicPartition(topic, partition)
        place.offset = reader.get_watermark_offsets(place)[1] if offset is None else offset
        yield place
