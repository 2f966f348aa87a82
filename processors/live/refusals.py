"""Refused records, counted from the log itself: whichever door refused one, it counts once.

Each department's topic has one partition, so its messages come in the order of their append times. A minute is counted
anew as a whole whenever reading begins in it, and so is told with the same counts as before.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from threading import Event, Thread
from typing import Any, Final

import msgspec
import structlog
from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

from connectors.counting import COUNTS_TOPIC
from connectors.kafka import KafkaOptions, consumer, producer
from processors.live.windows import MINUTE_US
from topics.codec import CodecFault, RowCodec
from topics.declarations import department_of
from topics.events import Count, CountsTold, RecordRefused
from topics.figures import RECORDS_REFUSED

PREFIX: Final = "rejected."
BATCH: Final = 500
POLL_S: Final = 0.25
LOOK_S: Final = 10.0
TIMEOUT_S: Final = 30.0

log = structlog.get_logger(__name__)


class MinuteCount(msgspec.Struct):
    """The minute that is being counted of one department: refused records by door, and the last append time, µs."""

    minute: int
    at: int = 0
    by_door: dict[str, int] = {}

    def add(self, door: str, at: int) -> None:
        """One more."""
        self.at = max(self.at, at)
        self.by_door[door] = self.by_door.get(door, 0) + 1


def is_first_part(refused: RecordRefused) -> bool:
    """Whether this is a record, or the first piece of a long one: its other pieces are no further records."""
    place, _, piece = (refused.origin or "").rpartition("#")
    return not place or piece.partition("/")[0] in ("", "1")


def run_of(department: str) -> str:
    """The run under which a department's refusals are told: the same for ever, as they are counted from the log."""
    return f"refused.{department}"


def told(process: str, department: str, count: MinuteCount) -> CountsTold:
    """A department's minute as it stands."""
    total = sum(count.by_door.values())
    named = f"{process}\0{run_of(department)}\0{count.minute}\0{total}"
    return CountsTold(
        event_id=blake2b(named.encode(), digest_size=16).digest(),
        process=process,
        run=run_of(department),
        minute=count.minute,
        sequence=total,
        at=count.at,
        counts=tuple(
            Count(figure=RECORDS_REFUSED, department=department, label=door, count=number)
            for door, number in sorted(count.by_door.items())
        ),
        gauges=(),
    )


class RefusalCounter:
    """The thread that reads every department's refused records and tells how many there were."""

    def __init__(self, options: KafkaOptions, codec: RowCodec, process: str, begin: Callable[[str], int]) -> None:
        """Count what was appended since ``begin(department)``, the start of a minute in µs UTC."""
        self._codec, self._process, self._begin = codec, process, begin
        self._consumer: Consumer = consumer(options, "onething-live-refusals")
        self._producer: Producer = producer(options, linger_ms=5)
        self._minutes: dict[str, MinuteCount] = {}
        self._assigned: set[tuple[str, int]] = set()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="refusals", daemon=True)
        self.fault: BaseException | None = None

    def start(self) -> None:
        """Begin to count."""
        self._thread.start()

    def close(self) -> None:
        """End after the batch in hand."""
        self._stopping.set()
        self._thread.join(TIMEOUT_S)
        self._producer.flush(POLL_S)
        self._consumer.close()

    def _run(self) -> None:
        try:
            looked_at = -LOOK_S
            while not self._stopping.is_set():
                if time.monotonic() - looked_at > LOOK_S:
                    self._look_for_topics()
                    looked_at = time.monotonic()
                self._count(self._consumer.consume(BATCH, POLL_S))
        except BaseException as fault:  # the process must not live on without this thread
            self.fault = fault
            log.exception("refusals are no longer counted")

    def _look_for_topics(self) -> None:
        found: Any = self._consumer.list_topics(timeout=TIMEOUT_S).topics
        fresh = [
            TopicPartition(name, partition, self._begin(department_of(name)) // 1000)
            for name in found
            if name.startswith(PREFIX)
            for partition in found[name].partitions
            if (name, partition) not in self._assigned
        ]
        if fresh:
            self._consumer.incremental_assign(self._consumer.offsets_for_times(fresh, timeout=TIMEOUT_S))
            self._assigned |= {(each.topic, each.partition) for each in fresh}

    def _count(self, messages: Iterable[Message]) -> None:
        for department, minutes in _touched(self._added(messages)).items():
            for minute in minutes:
                self._tell(told(self._process, department, minute))
        self._producer.poll(0)

    def _added(self, messages: Iterable[Message]) -> Iterator[tuple[str, MinuteCount]]:
        for message in messages:
            if (fault := message.error()) is not None:
                if not fault.retriable():
                    raise KafkaException(fault)
                continue
            refused = self._refused(message)
            if refused is None or not is_first_part(refused):
                continue
            department, at = department_of(message.topic() or ""), message.timestamp()[1] * 1000
            minute = self._minute(department, at - at % MINUTE_US)
            minute.add(refused.door, at)
            yield department, minute

    def _minute(self, department: str, start: int) -> MinuteCount:
        found = self._minutes.get(department)
        if found is None or found.minute < start:
            found = self._minutes[department] = MinuteCount(start)
        return found

    def _refused(self, message: Message) -> RecordRefused | None:
        try:
            event = self._codec.event(message.value())
        except (CodecFault, LookupError) as fault:
            log.warning("not a refusal", topic=message.topic(), reason=getattr(fault, "code", type(fault).__name__))
            return None
        return event if isinstance(event, RecordRefused) else None

    def _tell(self, counts: CountsTold) -> None:
        key = f"{counts.process}/{counts.run}/{counts.minute}".encode()
        while True:
            try:
                self._producer.produce(COUNTS_TOPIC, self._codec.encode(counts), key=key)
            except BufferError:
                self._producer.poll(POLL_S)
            else:
                return


def _touched(added: Iterable[tuple[str, MinuteCount]]) -> dict[str, list[MinuteCount]]:
    """Department → the minutes that were counted into, each once."""
    found: dict[str, list[MinuteCount]] = {}
    for department, minute in added:
        minutes = found.setdefault(department, [])
        if not any(each is minute for each in minutes):
            minutes.append(minute)
    return found
