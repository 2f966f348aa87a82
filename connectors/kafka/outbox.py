"""Publishing what the outbox holds: at least once, in the order of writing, without waiting for the broker."""

from collections.abc import Iterable
from functools import partial
from typing import Final

import msgspec
import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from connectors.kafka.clients import producer
from connectors.kafka.options import KafkaOptions

POLL_S: Final = 0.05
FLUSH_S: Final = 10.0

MOST_UNTOLD: Final = 4_000
"""Rows handed over of which nothing is known yet; beyond them the log is waited for, some milliseconds."""

log = structlog.get_logger(__name__)


class OutboxRow(msgspec.Struct, frozen=True):
    """A message that the log must still get: written with the change that it tells of, deleted once delivered."""

    event_id: bytes
    topic: str
    key: bytes
    value: bytes


def outbox_producer(options: KafkaOptions) -> Producer:
    """A producer that sends at once, and reports nothing but what it could not deliver."""
    return producer(options, linger_ms=0, compression_type="none", delivery_report_only_error=True)


class OutboxPublisher:
    """Hands rows to an ``outbox_producer`` and learns which of them the log has got; for one thread.

    A report for each message would cost more than the message. Instead, when nothing is on its way any more, the log
    has got everything but what was reported as not delivered. Reports are handed out by ``poll`` in this same thread,
    so that none is on its way unseen. A row that the log did not get stays in the outbox, and a later sweep sends it.
    """

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._handed_over: dict[bytes, None] = {}

    def publish(self, rows: Iterable[OutboxRow]) -> None:
        """Hand rows over; those that are already on their way are passed over."""
        for row in rows:
            if row.event_id not in self._handed_over:
                self._handed_over[row.event_id] = None
                self._produce(row.event_id, row.topic, row.key, row.value)

    def send(self, topic: str, key: bytes, value: bytes) -> None:
        """Hand over a message that is in no outbox: a timer, which rings again when it is lost."""
        self._produce(b"", topic, key, value)

    @property
    def untold_count(self) -> int:
        """How many were handed over and not yet told of by ``delivered``."""
        return len(self._handed_over)

    def delivered(self) -> tuple[bytes, ...]:
        """Event ids that the log has got since the last call; none while anything is on its way."""
        if len(self._handed_over) > MOST_UNTOLD:
            self._producer.flush(FLUSH_S)
        return self._told()

    def close(self) -> tuple[bytes, ...]:
        """Wait for what is on its way; the event ids that arrived and were not yet told."""
        left = self._producer.flush(FLUSH_S)
        if left:
            log.warning("messages stay in the outbox", count=left)
        return self._told()

    def _told(self) -> tuple[bytes, ...]:
        while self._producer.poll(0):
            pass
        if len(self._producer):
            return ()
        told = tuple(self._handed_over)
        self._handed_over.clear()
        return told

    def _produce(self, event_id: bytes, topic: str, key: bytes, value: bytes) -> None:
        while True:
            try:
                self._producer.produce(topic, value, key=key, on_delivery=partial(self._reported, event_id, topic))
            except BufferError:
                self._producer.poll(POLL_S)
            except KafkaException as fault:
                self._failed(event_id, topic, fault.args[0])
                return
            else:
                return

    def _reported(self, event_id: bytes, topic: str, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failed(event_id, topic, error)

    def _failed(self, event_id: bytes, topic: str, error: KafkaError) -> None:
        self._handed_over.pop(event_id, None)
        log.error("message not delivered, it stays in the outbox", topic=topic, error=str(error))
