"""Refused messages go to ``rejected.<department>`` with their bytes, sealed, and their reason; never lost."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from hashlib import blake2b
from typing import Final

import msgspec
import structlog
from confluent_kafka import KafkaError, Producer
from confluent_kafka import Message as Delivered

from connectors.keyring import refusal_context
from topics.codec import RowCodec
from topics.declarations import HUB, department_of, topic_name
from topics.events import RecordRefused
from topics.judgement import Message, Refused

FLUSH_S = 30.0
POLL_S = 0.05
PART_BYTES: Final = 448 * 1024
"""A longer message is kept in parts: a key and a body of this length, sealed and named, still fit into one."""

Seal = Callable[[bytes, bytes], bytes]

log = structlog.get_logger(__name__)


class RefusalsNotKeptError(Exception):
    """The broker did not take a refusal; the batch is not written, so nothing is lost: it is judged again."""


class RefusalPublisher:
    """Publishes the refusals of one replica. The same refused message always becomes the same events."""

    def __init__(
        self, producer: Producer, codec: Callable[[], RowCodec], seal: Seal, departments: Collection[str]
    ) -> None:
        """Publish with this producer.

        Args:
            producer: the replica's.
            codec: the row codec of the moment.
            seal: ``seal(plaintext, context)`` encrypts the bytes, which may hold personal data.
            departments: codes that have a topic for what is refused; what others send goes to the hub's own.
        """
        self._producer = producer
        self._codec = codec
        self._seal = seal
        self._departments = departments

    def __call__(self, refused: Iterable[Refused]) -> None:
        """Publish and wait until the broker has them.

        Raises:
            RefusalsNotKeptError: it does not have them all.
        """
        faults: list[str] = []
        for each in refused:
            for event in self._events(each):
                log.warning("record refused", origin=event.origin, reason=each.fault.code)
                self._produce(event, faults)
        if self._producer.flush(FLUSH_S):
            raise RefusalsNotKeptError(f"the broker did not confirm the refused records within {FLUSH_S:.0f} s")
        if faults:
            raise RefusalsNotKeptError(f"{len(faults)} refused records were not kept, e.g. {faults[0]}")

    def _produce(self, event: RecordRefused, faults: list[str]) -> None:
        topic = topic_name("rejected", event.department)
        value, key = self._codec().encode(event), event.event_id.hex().encode()

        def delivered(fault: KafkaError | None, _: Delivered) -> None:
            if fault is not None:
                faults.append(f"on {topic}: {fault.str()}")

        while True:
            try:
                self._producer.produce(topic, value, key=key, on_delivery=delivered)
            except BufferError:
                self._producer.poll(POLL_S)
            else:
                return

    def _events(self, refused: Refused) -> Iterator[RecordRefused]:
        message = refused.message
        whole = f"{message.topic()}/{message.partition()}/{message.offset()}"
        reasons: tuple[str, ...] = (str(refused.fault),)
        key: bytes | None = message.key()
        body: bytes = message.value() or b""
        if key is not None and len(key) > PART_BYTES:
            reasons += (f"long-key: the first {len(key)} bytes of the body are the message's key",)
            body = key + body
            key = None
        parts = [body[start : start + PART_BYTES] for start in range(0, len(body), PART_BYTES)] or [b""]
        for number, part in enumerate(parts, start=1):
            origin = whole if len(parts) == 1 else f"{whole}#{number}/{len(parts)}"
            event = self._event(message, origin, part)
            sealed_key = None if key is None or number > 1 else self._seal(key, refusal_context(event.department))
            yield msgspec.structs.replace(event, reasons=reasons, key=sealed_key)

    def _event(self, message: Message, origin: str, body: bytes) -> RecordRefused:
        appended_ms = message.timestamp()[1]
        named = department_of(message.topic())
        department = named if named in self._departments else HUB
        return RecordRefused(
            event_id=blake2b(f"refused\x00{origin}\x00{appended_ms}".encode(), digest_size=16).digest(),
            department=department,
            door="archive",
            reasons=(),
            received_at=appended_ms * 1000 or time.time_ns() // 1000,
            origin=origin,
            content_type="application/vnd.confluent.avro",
            sealed=True,
            body=self._seal(body, refusal_context(department)),
        )
