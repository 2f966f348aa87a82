"""Refused messages go to ``rejected.<department>`` with their bytes, sealed, and their reason; never lost."""

import time
from collections.abc import Callable, Iterable
from hashlib import blake2b

import structlog
from confluent_kafka import Producer

from processors.archive.judgement import Refused
from topics.codec import RowCodec
from topics.declarations import department_of, topic_name
from topics.events import RecordRefused

FLUSH_S = 30.0
Seal = Callable[[bytes, bytes], bytes]

log = structlog.get_logger(__name__)


class RefusalsNotKeptError(Exception):
    """The broker did not take a refusal; the batch is not written, so nothing is lost: it is judged again."""


class RefusalPublisher:
    """Publishes the refusals of one replica. The same refused message always becomes the same event."""

    def __init__(self, producer: Producer, codec: Callable[[], RowCodec], seal: Seal) -> None:
        """Publish with this producer; ``seal(plaintext, context)`` encrypts the bytes, which may hold personal data."""
        self._producer = producer
        self._codec = codec
        self._seal = seal

    def __call__(self, refused: Iterable[Refused]) -> None:
        """Publish and wait until the broker has them.

        Raises:
            RefusalsNotKeptError: it does not have them all.
        """
        for each in refused:
            event = self._event(each)
            log.warning("record refused", origin=event.origin, reason=each.fault.code)
            topic = topic_name("rejected", event.department)
            self._producer.produce(topic, self._codec().encode(event), key=event.event_id.hex().encode())
        if self._producer.flush(FLUSH_S):
            raise RefusalsNotKeptError("the broker did not confirm the refused records in time")

    def _event(self, refused: Refused) -> RecordRefused:
        message = refused.message
        origin = f"{message.topic()}/{message.partition()}/{message.offset()}"
        event_id = blake2b(f"refused\x00{origin}\x00{message.timestamp()[1]}".encode(), digest_size=16).digest()
        return RecordRefused(
            event_id=event_id,
            department=department_of(message.topic()),
            door="archive",
            reasons=(str(refused.fault),),
            received_at=message.timestamp()[1] * 1000 or time.time_ns() // 1000,
            origin=origin,
            content_type="application/vnd.confluent.avro",
            sealed=True,
            key=None if message.key() is None else self._seal(message.key(), event_id),
            body=self._seal(message.value() or b"", event_id),
        )
