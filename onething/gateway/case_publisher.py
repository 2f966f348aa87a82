"""Publishes case events and waits until the log has confirmed them."""

import asyncio
from threading import Event as Flag
from threading import Thread
from typing import Final, Protocol

from confluent_kafka import KafkaError, KafkaException, Message

from connectors.kafka import KafkaOptions, producer
from topics.codec import RowCodec
from topics.events import ArchiveRead, CaseEvent, Event

READS_TOPIC: Final = "access.reads"
_POLL_S: Final = 0.2
_CLOSE_S: Final = 5.0


class NotPublished(Exception):  # noqa: N818  the name is the fact
    """The log did not confirm an event; whether it holds it is not known, and publishing it again is safe."""


class CaseEventSink(Protocol):
    """Takes case events; returns when the event is durable.

    Raises:
        NotPublished: the log did not confirm it in time.
    """

    async def publish(self, topic: str, event: CaseEvent) -> None:
        """Publish one event under its case id."""


class ReadsOnRecord(Protocol):
    """Takes what was read, for which purpose; returns when that is durable.

    Raises:
        NotPublished: the log did not confirm it in time.
    """

    async def record(self, read: ArchiveRead) -> None:
        """Put one read on record under the subject that it was about."""


class CasePublisher:
    """A producer that sends at once, with a thread that serves its confirmations."""

    def __init__(self, options: KafkaOptions, codec: RowCodec, confirm_s: float = 15.0) -> None:
        """Publish to this cluster; an event that is not confirmed after ``confirm_s`` is given up."""
        self._codec = codec
        self._producer = producer(
            options,
            linger_ms=0,
            compression_type="none",
            socket_nagle_disable=True,
            message_timeout_ms=int(confirm_s * 1000),
        )
        self._closing = Flag()
        self._thread = Thread(target=self._serve, name="case-publisher", daemon=True)
        self._thread.start()

    async def publish(self, topic: str, event: CaseEvent) -> None:
        """Publish one event under its case id and wait for its confirmation."""
        await self._confirmed(topic, event.case_id, event)

    async def record(self, read: ArchiveRead) -> None:
        """Put one read on record under its subject and wait for its confirmation."""
        await self._confirmed(READS_TOPIC, read.subjects[0], read)

    async def publish_keyed(self, topic: str, key: str, event: Event) -> None:
        """Publish one event under a key of its own and wait for its confirmation."""
        await self._confirmed(topic, key, event)

    async def _confirmed(self, topic: str, key: str, event: Event) -> None:
        loop = asyncio.get_running_loop()
        confirmed: asyncio.Future[None] = loop.create_future()

        def told(error: KafkaError | None, _: Message) -> None:
            loop.call_soon_threadsafe(_settle, confirmed, error)

        try:
            self._producer.produce(topic, key=key.encode(), value=self._codec.encode(event), on_delivery=told)
        except (KafkaException, BufferError) as refused:
            raise NotPublished(f"{topic}: {refused}") from refused
        await confirmed

    def close(self) -> None:
        """Send what is waiting and stop."""
        self._producer.flush(_CLOSE_S)
        self._closing.set()
        self._thread.join(_CLOSE_S)

    def _serve(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(_POLL_S)


def _settle(confirmed: "asyncio.Future[None]", error: KafkaError | None) -> None:
    if confirmed.done():
        return
    if error is None:
        confirmed.set_result(None)
    else:
        confirmed.set_exception(NotPublished(str(error)))
