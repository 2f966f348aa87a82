"""Publishing what the outbox holds: at least once, in the order of writing, without waiting for the broker."""

import threading
from collections import deque
from collections.abc import Iterable
from functools import partial
from typing import Final

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from processors.cases.store import OutboxRow

POLL_S: Final = 0.05
FLUSH_S: Final = 10.0

log = structlog.get_logger(__name__)


class OutboxPublisher:
    """Hands rows to the producer and remembers which of them the log has got; safe for threads.

    A row that the log did not get stays in the outbox, from where a later sweep publishes it again.
    """

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._in_flight: set[bytes] = set()
        self._delivered: deque[bytes] = deque()
        self._ended = threading.Event()
        # Delivery reports are handed out by poll() only; produce() alone would never learn of them.
        self._poller = threading.Thread(target=self._poll, name="outbox-poll", daemon=True)
        self._poller.start()

    def publish(self, rows: Iterable[OutboxRow]) -> None:
        """Hand rows over; those that are already on their way are passed over."""
        for row in rows:
            if row.event_id not in self._in_flight:
                self._produce(row)

    def send(self, topic: str, key: bytes, value: bytes) -> None:
        """Hand over a message that is in no outbox: a timer, which rings again when it is lost."""
        self._produce(OutboxRow(b"", topic, key, value))

    @property
    def delivered_count(self) -> int:
        """How many were delivered since the last call of ``delivered``."""
        return len(self._delivered)

    def delivered(self) -> tuple[bytes, ...]:
        """Event ids that the log has got since the last call."""
        return tuple(self._delivered.popleft() for _ in range(len(self._delivered)))

    def close(self) -> tuple[bytes, ...]:
        """Wait for what is on its way; the event ids that arrived and were not yet told."""
        left = self._producer.flush(FLUSH_S)
        if left:
            log.warning("messages stay in the outbox", count=left)
        self._ended.set()
        self._poller.join()
        return self.delivered()

    def _produce(self, row: OutboxRow) -> None:
        if row.event_id:
            self._in_flight.add(row.event_id)
        told = partial(self._told, row.event_id, row.topic)
        while True:
            try:
                self._producer.produce(row.topic, row.value, key=row.key, on_delivery=told)
            except BufferError:
                self._producer.poll(POLL_S)
            except KafkaException as fault:
                self._failed(row.event_id, row.topic, fault.args[0])
                return
            else:
                return

    def _told(self, event_id: bytes, topic: str, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failed(event_id, topic, error)
        elif event_id:
            self._in_flight.discard(event_id)
            self._delivered.append(event_id)

    def _failed(self, event_id: bytes, topic: str, error: KafkaError) -> None:
        self._in_flight.discard(event_id)
        log.error("message not delivered, it stays in the outbox", topic=topic, error=str(error))

    def _poll(self) -> None:
        while not self._ended.is_set():
            self._producer.poll(POLL_S)
