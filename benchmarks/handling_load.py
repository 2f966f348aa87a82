"""Everybody around handled cases: applicants who submit, six departments that decide; and a relay beside them."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from secrets import token_bytes, token_hex
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks.drafts import uscc
from catalog.bundles import load_bundles
from catalog.organisations import load_organisations
from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions, consumer, producer
from processors.domain.handling import handle
from processors.domain.handling.planning import plan_of
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
RELAYED_BYTES = 200
"""About as long as what a coordinator writes."""

PATIENCE_S = 120.0
UPDATES = "case.updates"
UNREAD = ("case.notices", "supervision")
"""Written by the coordinator, read by nobody here."""
DELIVERED = b"delivered"


@dataclass
class Load:
    """What one run has sent so far, and which cases it waits for."""

    out: Producer
    codec: RowCodec
    open_cases: set[str] = field(default_factory=set)
    messages_in: int = 0

    def say(self, topic: str, event: CaseEvent) -> None:
        """Send an event of a person's."""
        self.messages_in += 1
        self.out.produce(topic, self.codec.encode(event), event.case_id.encode())

    def submit(self, run: str, number: int) -> None:
        """Apply for one more case."""
        asked = application(run, number)
        self.open_cases.add(asked.case_id)
        self.say("case.requests", asked)

    def decide(self, asked: ItemDispatched) -> None:
        """Approve an item."""
        for event in decisions(asked):
            self.say(topic_name("case.answers", asked.department), event)


def application(run: str, number: int) -> ApplicationSubmitted:
    """An application under which every item applies; its form is as long as a sealed one."""
    place = Place(level="city", code="610100")
    return ApplicationSubmitted(
        event_id=token_bytes(16),
        case_id=f"bench-{run}-{number}",
        bundle=BUNDLE,
        bundle_version=load_bundles()[BUNDLE].version,
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


def decisions(asked: ItemDispatched) -> Iterator[CaseEvent]:
    """What a department says: it approves the item, by two persons where its definition wants them."""
    at = time.time_ns() // 1000
    whose: dict[str, Any] = {
        "case_id": asked.case_id,
        "assignment_id": asked.assignment_id,
        "department": asked.department,
    }
    decision: dict[str, Any] = {"decision": "approve", "missing": (), "results": (), "handled_by": "经办甲"}
    yield ItemHandled(event_id=token_bytes(16), **whose, **decision, at=at)
    if asked.handled_and_reviewed:
        yield ItemReviewed(event_id=token_bytes(16), **whose, reviewed_by="审核乙", approved=True, at=at + 1)


def rule_seconds(cases: int) -> float:
    """Seconds in which the pure rule alone takes that many cases from application to delivery, all in memory."""
    plan = plan_of(load_bundles()[BUNDLE], load_organisations())
    applications = [application("rule", number) for number in range(cases)]
    started = time.perf_counter()
    for asked in applications:
        handling, waiting = None, deque[CaseEvent]([asked])
        while waiting:
            done = handle(handling, waiting.popleft(), plan)
            handling = done.handling
            dispatched = (each for each in done.emits if isinstance(each, ItemDispatched))
            waiting.extend(said for each in dispatched for said in decisions(each))
        assert handling is not None
        assert handling.status == "delivered"
    return time.perf_counter() - started


def drive(bootstrap_servers: str, cases: int, at_once: int) -> dict[str, float]:
    """Carry cases from their application to their delivery, ``at_once`` open at any time.

    Returns:
        ``seconds`` from the first application to the last delivery; ``messages_in`` and ``messages_out`` of the
        coordinator.
    """
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    codec = RowCodec(read_schema_ids(options))
    reader = consumer(options, "bench-handlings", fetch_wait_max_ms=5, fetch_queue_backoff_ms=2)
    read, unread = [*_task_topics(), UPDATES], list(UNREAD)
    before = _ends(reader, [*read, *unread])
    reader.assign([each for each in before if each.topic in read])
    load = Load(producer(options, linger_ms=5, queue_buffering_max_messages=500_000), codec)
    dispatched, updated = (codec.ids.newest(each.__name__).schema_id for each in (ItemDispatched, CaseUpdated))
    run, submitted = token_hex(4), 0
    started = heard_at = time.perf_counter()
    while submitted < cases or load.open_cases:
        for number in range(submitted, min(cases, submitted + at_once - len(load.open_cases))):
            load.submit(run, number)
            submitted = number + 1
        load.out.poll(0)
        messages = reader.consume(500, 0.01)
        heard_at = time.perf_counter() if messages else heard_at
        assert time.perf_counter() - heard_at < PATIENCE_S, f"{len(load.open_cases)} cases stand still"
        for message in messages:
            assert message.error() is None, message.error()
            key, value = message.key() or b"", message.value() or b""
            if schema_id_of(value) == dispatched and isinstance(asked := codec.event(value), ItemDispatched):
                load.decide(asked)
            elif schema_id_of(value) == updated and DELIVERED in value:
                load.open_cases.discard(key.decode())
    seconds = time.perf_counter() - started
    after = _ends(reader, [*read, *unread])
    reader.close()
    written = sum(last.offset - first.offset for first, last in zip(before, after, strict=True))
    return {"seconds": seconds, "messages_in": load.messages_in, "messages_out": written}


def relay_seconds(bootstrap_servers: str, messages_in: int, messages_out: int) -> float:
    """Seconds in which a bare consumer reads and a bare producer writes as many messages as the coordinator did.

    In batches, each written as soon as what it answers was read.
    """
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    reader = consumer(options, "bench-relay", auto_offset_reset="earliest")
    read = ["case.requests", *(topic_name("case.answers", code) for code in _departments())]
    reader.assign([TopicPartition(each.topic, each.partition, 0) for each in _ends(reader, read)])
    out = producer(options, linger_ms=0, compression_type="none", queue_buffering_max_messages=500_000)
    value, each_out = token_bytes(RELAYED_BYTES), messages_out / messages_in
    heard = written = 0
    started = time.perf_counter()
    while heard < messages_in:
        heard += len(reader.consume(200, 0.1))
        while written < min(messages_out, heard * each_out):
            out.produce("case.notices", value, b"bench")
            written += 1
        out.poll(0)
    out.flush()
    seconds = time.perf_counter() - started
    reader.close()
    return seconds


def _departments() -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for item in load_bundles()[BUNDLE].items for code in item.routed_to))


def _task_topics() -> list[str]:
    return [topic_name("case.tasks", code) for code in _departments()]


def _ends(reader: Consumer, topics: list[str]) -> list[TopicPartition]:
    """Every partition of these topics, at its end."""
    known = reader.list_topics().topics
    places = [TopicPartition(topic, partition) for topic in topics for partition in sorted(known[topic].partitions)]
    for place in places:
        place.offset = reader.get_watermark_offsets(place)[1]
    return places
