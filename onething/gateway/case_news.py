"""News of cases as the log brings it: who waits for a case is woken as soon as something happened to it.

News is a hint and never the record: rows say what is so, and a waiter looks at the rows again after a while even when
no news came, so that nothing is missed when a message passed before the waiter stood in line.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread
from typing import Final

import structlog
from confluent_kafka import OFFSET_END, Consumer, Message, TopicPartition

from connectors.kafka import KafkaOptions, consumer
from topics.codec import CodecFault, RowCodec
from topics.events import CaseUpdated, ReportIssued

NEWS_TOPICS: Final = ("case.updates", "reports")
_POLL_S: Final = 0.2
_METADATA_S: Final = 10.0
_log = structlog.get_logger(__name__)

News = CaseUpdated | ReportIssued


class Waiter:
    """One who waits for news of one case; lives on the event loop."""

    def __init__(self) -> None:
        self._arrived: asyncio.Queue[News] = asyncio.Queue()

    def tell(self, news: News) -> None:
        """Hand over one piece of news."""
        self._arrived.put_nowait(news)

    async def next(self, within_s: float) -> News | None:
        """The next news, or None when none came in this time."""
        try:
            async with asyncio.timeout(within_s):
                return await self._arrived.get()
        except TimeoutError:
            return None


class CaseWaiters:
    """Who waits for which case."""

    def __init__(self) -> None:
        self._by_case: dict[str, set[Waiter]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_case.values()))

    def __contains__(self, case_id: str) -> bool:
        return case_id in self._by_case

    @contextmanager
    def waiting(self, case_id: str) -> Iterator[Waiter]:
        """Stand in line for a case."""
        waiter = Waiter()
        self._by_case.setdefault(case_id, set()).add(waiter)
        try:
            yield waiter
        finally:
            line = self._by_case[case_id]
            line.discard(waiter)
            if not line:
                del self._by_case[case_id]

    def tell(self, news: News) -> None:
        """Wake everyone who waits for this case; on the event loop only."""
        for waiter in tuple(self._by_case.get(news.case_id, ())):
            waiter.tell(news)


class CaseNewsTail:
    """A thread that reads the ends of the news topics and tells the waiters on the event loop."""

    def __init__(self, options: KafkaOptions, codec: RowCodec, waiters: CaseWaiters) -> None:
        self._options = options
        self._codec = codec
        self._waiters = waiters
        self._closing = Flag()
        self._thread: Thread | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read from the ends of the topics as they are now."""
        client = consumer(self._options, "onething-gateway-news", fetch_wait_max_ms=100, socket_nagle_disable=True)
        client.assign(_ends(client))
        self._thread = Thread(target=self._read, args=(client, loop), name="case-news", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading and wait for the thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(5)

    def _read(self, client: Consumer, loop: asyncio.AbstractEventLoop) -> None:
        while not self._closing.is_set():
            message = client.poll(_POLL_S)
            if message is not None and (news := self._news(message)) is not None:
                loop.call_soon_threadsafe(self._waiters.tell, news)
        client.close()

    def _news(self, message: Message) -> News | None:
        """The message as news, None when nobody waits for it."""
        key = message.key()
        if (
            message.error() is not None
            or not isinstance(key, bytes)
            or key.decode("utf-8", "replace") not in self._waiters
        ):
            return None
        try:
            event = self._codec.event(message.value())
        except CodecFault as fault:
            _log.warning("news_undecodable", topic=message.topic(), offset=message.offset(), fault=fault.code)
            return None
        return event if isinstance(event, CaseUpdated | ReportIssued) else None


def _ends(client: Consumer) -> list[TopicPartition]:
    topics = client.list_topics(timeout=_METADATA_S).topics
    missing = [name for name in NEWS_TOPICS if name not in topics]
    if missing:
        raise LookupError(f"topics {', '.join(missing)} do not exist; run: onething topic apply")
    return [
        TopicPartition(name, partition, OFFSET_END) for name in NEWS_TOPICS for partition in topics[name].partitions
    ]
