"""The bytes of a refused record, read from the log where they are kept, and opened for their department."""

from collections.abc import Sequence
from threading import Lock
from typing import Final

from confluent_kafka import Consumer, TopicPartition

from connectors.kafka import KafkaOptions, consumer
from connectors.keyring import KeyRing, KeyRingError, refusal_context
from producers.refused.records import Place, Refused
from topics.codec import CodecFault, RowCodec
from topics.events import RecordRefused

READ_S: Final = 10.0


class BytesMissing(Exception):  # noqa: N818  the name is the fact
    """The bytes cannot be had; ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class RefusedBodies:
    """Reads single messages of ``rejected.<department>``; safe to use from several threads, which take turns."""

    def __init__(self, options: KafkaOptions, codec: RowCodec, keyring: KeyRing) -> None:
        """Connect with the first read."""
        self._options, self._codec, self._keyring = options, codec, keyring
        self._client: Consumer | None = None
        self._turn = Lock()

    def body(self, refused: Refused) -> bytes:
        """The record's bytes as they were received, its parts put together.

        Raises:
            BytesMissing: a part is not on the log, or was sealed with keys that are not here.
        """
        if len(refused.places) < refused.parts:
            raise BytesMissing(
                f"{refused.parts - len(refused.places)} of {refused.parts} parts have not been read yet",
                "look again in a moment",
            )
        return b"".join(opened(event, self._keyring) for event in self._events(refused.places))

    def close(self) -> None:
        """Disconnect."""
        with self._turn:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _events(self, places: Sequence[Place]) -> list[RecordRefused]:
        with self._turn:
            client = self._connected()
            try:
                return [self._event(client, place) for place in places]
            finally:
                client.unassign()

    def _event(self, client: Consumer, place: Place) -> RecordRefused:
        client.assign([TopicPartition(place.topic, place.partition, place.offset)])
        message = client.poll(READ_S)
        if message is None or message.error() is not None or message.offset() != place.offset:
            raise BytesMissing(f"the log does not give {place}", "see that Kafka answers: onething doctor")
        try:
            event = self._codec.event(message.value())
        except CodecFault as fault:
            raise BytesMissing(f"{place}: {fault.code}", "see the topic: onething topic list") from fault
        if not isinstance(event, RecordRefused):
            raise BytesMissing(f"{place} holds no refused record", "see the topic: onething topic list")
        return event

    def _connected(self) -> Consumer:
        if self._client is None:
            # Somebody waits for one message: a fetch that finds none must not keep the next one waiting.
            quick = {"fetch_wait_max_ms": 5, "topic_metadata_refresh_fast_interval_ms": 10}
            self._client = consumer(self._options, "onething-refused-bodies", **quick)
        return self._client


def opened(event: RecordRefused, keyring: KeyRing) -> bytes:
    """The bytes that a message keeps.

    Raises:
        BytesMissing: they were sealed with keys that the ring does not hold, or are damaged.
    """
    if not event.sealed:
        return event.body
    try:
        return keyring.unseal(event.body, refusal_context(event.department))
    except KeyRingError as fault:
        raise BytesMissing(str(fault), fault.remedy) from fault
