"""A follower: reads facts and the supervision topic as one member of a group, and publishes what follows from them."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event as Flag
from typing import Any, Final

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from catalog.registry import LiveSchemaIds
from connectors.kafka import KafkaOptions, consumer, producer
from processors.following.facts import fact_batch
from processors.following.reactions import EventReaction, FactDraft, NotNow, Output, Reaction, Stated, Told
from topics.codec import HEADER_LENGTH, CodecFault, RowCodec, SchemaIds, schema_id_of
from topics.events import CaseEvent

SUPERVISION: Final = "supervision"
TOPICS: Final = (r"^licence\..+", r"^registration\..+", r"^verification\..+", rf"^{SUPERVISION}$")
"""Patterns: a department that comes to the catalogue later is followed as well."""

BATCH: Final = 8_000
POLL_S: Final = 0.2
TOPIC_LOOK_MS: Final = 10_000
SESSION_MS: Final = 6_000
FLUSH_S: Final = 30.0
RETRY_S: Final = 1.0
PATIENCE_S: Final = 180.0
"""How long a reaction may say that it cannot do its work now; Kafka gives the partitions to others after 300 s."""

StateFacts = Callable[[Sequence[FactDraft]], None]
"""Publishes facts as their departments' own and comes back when the log has them.

Raises:
    Exception: the log does not have them all; they are given again.
"""

log = structlog.get_logger(__name__)


class NotPublished(Exception):  # noqa: N818  the name is the fact
    """The log did not confirm what follows from a batch; nothing was committed, so the batch is read again."""


class Follower:
    """Reads a batch, publishes all that follows from it, then commits: at least once, never less.

    ``run`` belongs to one thread; everything else may be called from any.
    """

    def __init__(
        self,
        options: KafkaOptions,
        group: str,
        schemas: LiveSchemaIds,
        reactions: Sequence[Reaction],
        events: Mapping[type[CaseEvent], EventReaction],
        state_facts: StateFacts,
    ) -> None:
        """Join the group when ``run`` is called.

        Args:
            options: the cluster.
            group: consumer group; followers with different reactions are in different groups.
            schemas: the registered schemas.
            reactions: called in order with every batch of facts.
            events: what follows from an event on the supervision topic, by its type; others are passed over.
            state_facts: publishes facts on behalf of departments.
        """
        self.group = group
        self._schemas = schemas
        self._reactions, self._events = tuple(reactions), dict(events)
        self._state_facts = state_facts
        self._consumer = consumer(
            options,
            group,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 4,
            topic_metadata_refresh_interval_ms=TOPIC_LOOK_MS,
            fetch_wait_max_ms=100,
            queued_max_messages_kbytes=65_536,
        )
        self._producer: Producer = producer(options)
        self._stopping = Flag()
        self._codec: RowCodec | None = None
        self._assigned = 0
        self.waiting_for: str | None = None
        self.facts_followed = 0
        self.events_told = 0
        self.facts_stated = 0

    @property
    def consumes(self) -> bool:
        """Whether it has partitions to read."""
        return self._assigned > 0

    def run(self) -> None:
        """Follow until ``stop``.

        Raises:
            NotPublished, NotNow, KafkaException: it cannot go on; what was not committed is read again.
        """
        self._consumer.subscribe(list(TOPICS), on_assign=self._on_assign, on_revoke=self._on_revoke)
        try:
            while not self._stopping.is_set():
                self.step()
        except NotNow:
            # Asked to end while a reaction waits: the batch is read again by whoever comes next.
            if not self._stopping.is_set():
                raise
        finally:
            self._consumer.close()

    def stop(self) -> None:
        """Let ``run`` end after the batch in hand."""
        self._stopping.set()

    def step(self) -> int:
        """Read one batch and publish what follows from it; returns its number of messages."""
        messages = [each for each in self._consumer.consume(BATCH, POLL_S) if _is_data(each)]
        if messages:
            self._publish(self._patiently(messages))
            self._consumer.commit(asynchronous=False)
        return len(messages)

    def follow(self, messages: Sequence[Message]) -> list[Output]:
        """What follows from these messages, in the order of the reactions."""
        codec = self._codec_for(messages)
        outputs = [output for each in messages if each.topic() == SUPERVISION for output in self._of_event(each, codec)]
        facts = fact_batch([each for each in messages if each.topic() != SUPERVISION], codec)
        self.facts_followed += len(facts)
        return [*outputs, *(output for reaction in self._reactions for output in reaction(facts))]

    def _patiently(self, messages: Sequence[Message]) -> list[Output]:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                outputs = self.follow(messages)
            except NotNow as fault:
                self.waiting_for = str(fault)
                log.warning("a reaction waits", group=self.group, fault=str(fault))
                if self._stopping.wait(RETRY_S) or time.monotonic() > deadline:
                    raise
            else:
                self.waiting_for = None
                return outputs

    def _of_event(self, message: Message, codec: RowCodec) -> Iterable[Output]:
        try:
            event = codec.event(message.value())
        except CodecFault as fault:
            # Only the hub's own coordinators write this topic; a foreign message has no department to be returned to.
            log.warning("not an event", topic=message.topic(), offset=message.offset(), reason=fault.code)
            return ()
        reaction = self._events.get(type(event))  # type: ignore[arg-type]
        return reaction(event) if reaction else ()

    def _publish(self, outputs: Sequence[Output]) -> None:
        codec, faults = self._codec, list[str]()
        assert codec is not None  # noqa: S101  what follows was decoded with it
        for each in outputs:
            if isinstance(each, Told):
                self._produce(each, codec, faults)
        if drafts := [each.draft for each in outputs if isinstance(each, Stated)]:
            self._state_facts(drafts)
            self.facts_stated += len(drafts)
        if left := self._producer.flush(FLUSH_S):
            raise NotPublished(f"{left} events were not confirmed within {FLUSH_S:.0f} s")
        if faults:
            raise NotPublished(f"{len(faults)} events were not taken, e.g. {faults[0]}")

    def _produce(self, told: Told, codec: RowCodec, faults: list[str]) -> None:
        def delivered(fault: KafkaError | None, message: Message) -> None:
            if fault is not None:
                faults.append(f"on {message.topic()}: {fault.str()}")

        value, key = codec.encode(told.event), told.event.case_id.encode()
        while True:
            try:
                self._producer.produce(told.topic, value, key=key, on_delivery=delivered)
            except BufferError:
                self._producer.poll(POLL_S)
            else:
                break
        self._producer.poll(0)
        self.events_told += 1

    def _codec_for(self, messages: Sequence[Message]) -> RowCodec:
        ids = self._schemas.ids
        if any(_is_unknown(header, ids) for header in {(each.value() or b"")[:HEADER_LENGTH] for each in messages}):
            ids = self._schemas.refresh()
        if self._codec is None or self._codec.ids is not ids:
            self._codec = RowCodec(ids)
        return self._codec

    def _on_assign(self, _consumer: Any, partitions: Sequence[Any]) -> None:
        self._assigned = len(partitions)

    def _on_revoke(self, _consumer: Any, _partitions: Sequence[Any]) -> None:
        self._assigned = 0


def _is_unknown(header: bytes, ids: SchemaIds) -> bool:
    try:
        return schema_id_of(header) not in ids
    except CodecFault:
        return False


def _is_data(message: Message) -> bool:
    fault = message.error()
    if fault is None:
        return True
    if fault.fatal() or not (fault.retriable() or fault.code() in _PASSING):
        raise KafkaException(fault)
    return False


_PASSING: Final = (
    KafkaError._PARTITION_EOF,  # noqa: SLF001  confluent-kafka's public constants
    KafkaError._TRANSPORT,  # noqa: SLF001
    KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)
