"""Messages on their way to Kafka: idempotent, in batches, no more of them in flight than the sender may hold."""

import threading
import time
from collections.abc import Callable
from typing import Final, Self

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message

from connectors.kafka import KafkaOptions, producer

Delivered = Callable[[KafkaError | None, Message], None]
"""Called once a message is in the log for good, or will never be."""

DEFAULT_IN_FLIGHT: Final = 100_000
DELIVERY_TIMEOUT_S: Final = 120.0
LINGER_MS: Final = 5
_REMEDY: Final = "look whether Kafka answers (onething doctor), then publish again: a repeat is the same event"
_REMEDY_TOPIC: Final = "create the topics, then publish again: onething topic apply"
_POLL_S: Final = 0.05
_PURGE_S: Final = 5.0
_NO_TOPIC: Final = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC)  # noqa: SLF001  librdkafka's name
_QUEUE_MB: Final = 1 << 10


class PublisherBusy(Exception):  # noqa: N818  the name is the fact
    """As many messages are in flight as may be, and none was acknowledged in the time given."""

    def __init__(self, limit: int, waited_s: float) -> None:
        super().__init__(f"{limit} messages are in flight and none was acknowledged for {waited_s:.0f} s")
        self.remedy = "look whether Kafka answers (onething doctor), then publish again"


class DeliveryFailed(Exception):  # noqa: N818  the name is the fact
    """Kafka did not take messages; to publish them again is safe, because a repeat is the same event."""

    def __init__(self, topic: str, error: KafkaError | str, count: int = 1) -> None:
        super().__init__(f"{count} message(s) to {topic} were not taken by Kafka: {_told(error)}")
        self.topic, self.error, self.count = topic, error, count
        self.remedy = _REMEDY_TOPIC if _is_missing_topic(error) else _REMEDY


class Sender:
    """One idempotent Kafka producer, with a thread that hears its acknowledgements."""

    def __init__(
        self,
        options: KafkaOptions,
        *,
        max_in_flight: int = DEFAULT_IN_FLIGHT,
        delivery_timeout_s: float = DELIVERY_TIMEOUT_S,
        linger_ms: int = LINGER_MS,
    ) -> None:
        """Connect in the background.

        Args:
            options: the cluster.
            max_in_flight: how many messages may wait for their acknowledgement.
            delivery_timeout_s: how long a message is tried before its delivery counts as failed.
            linger_ms: how long a message waits for others to travel with it.
        """
        # The sender's own bound holds first, so that the producer's queue never refuses a message.
        self._producer = producer(
            options,
            queue_buffering_max_messages=max_in_flight + 1000,
            queue_buffering_max_kbytes=_QUEUE_MB << 10,
            linger_ms=linger_ms,
            message_timeout_ms=int(delivery_timeout_s * 1000),
        )
        self._max_in_flight = max_in_flight
        self._wake_at = max_in_flight * 9 // 10
        self._in_flight = 0
        self._changed = threading.Condition()
        self._waiting = 0
        self._closed = False
        self._listener = threading.Thread(target=self._listen, name="kafka-acknowledgements", daemon=True)
        self._listener.start()

    def send(self, topic: str, key: bytes, value: bytes, delivered: Delivered, timeout_s: float) -> None:
        """Hand a message over and come back at once; wait only while as many are in flight as may be.

        Raises:
            PublisherBusy: still as many after ``timeout_s``.
            DeliveryFailed: the producer refuses it, for example after a fatal error.
        """
        self._take_place(timeout_s)
        try:
            self._producer.produce(topic, value, key, on_delivery=_InFlight(self, delivered))
        except (KafkaException, BufferError) as fault:
            self.give_place()
            raise DeliveryFailed(topic, str(fault)) from fault

    def flush(self, timeout_s: float) -> int:
        """Wait until every message in flight has its outcome; how many have none after ``timeout_s``."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while self._in_flight and (left := deadline - time.monotonic()) > 0:
                self._wait(left)
            return self._in_flight

    def close(self, timeout_s: float = 30) -> int:
        """Flush and stop; how many messages were given up, whose delivery then counts as failed."""
        left = self.flush(timeout_s)
        if left:
            self._producer.purge()
            self.flush(_PURGE_S)
        self._closed = True
        self._listener.join()
        self._producer.close()
        return left

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        while not self._closed:
            self._producer.poll(_POLL_S)

    def _take_place(self, timeout_s: float) -> None:
        with self._changed:
            if self._in_flight >= self._max_in_flight:
                self._wait_for_place(timeout_s)
            self._in_flight += 1

    def _wait_for_place(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while self._in_flight >= self._max_in_flight:
            left = deadline - time.monotonic()
            if left <= 0:
                raise PublisherBusy(self._max_in_flight, timeout_s)
            self._wait(left)

    def give_place(self) -> None:
        """One message less is in flight."""
        with self._changed:
            self._in_flight -= 1
            # Nobody is woken for each single message: whoever waits, waits for many of them.
            if self._waiting and self._in_flight in (0, self._wake_at):
                self._changed.notify_all()

    def _wait(self, timeout_s: float) -> None:
        self._waiting += 1
        self._changed.wait(timeout_s)
        self._waiting -= 1


class _InFlight(msgspec.Struct, gc=False):
    """What Kafka's acknowledgement of one message sets off.

    There are as many as messages in flight, and none is part of a cycle: left to the garbage collector they would take
    two fifths of a publisher's time.
    """

    sender: Sender
    delivered: Delivered

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        try:
            self.delivered(error, message)
        finally:
            self.sender.give_place()


def _told(error: KafkaError | str) -> str:
    return error if isinstance(error, str) else error.str()


def _is_missing_topic(error: KafkaError | str) -> bool:
    return isinstance(error, KafkaError) and error.code() in _NO_TOPIC
