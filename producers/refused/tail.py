"""A thread that reads everything refused, and what became of it, into the index."""

import time
from collections.abc import Callable, Iterable, Mapping
from threading import Event as Flag
from threading import Thread
from typing import Any, Final

import msgspec
import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # exported, but not in its own stubs
from sqlalchemy.exc import SQLAlchemyError

from catalog.resources import Resources
from connectors.kafka import KafkaOptions, admin, consumer
from connectors.keyring import KeyRing
from producers.intake.reading import read_request
from producers.refused.bodies import BytesMissing, opened
from producers.refused.index import About, Partition, RefusalIndex, Taken
from producers.refused.records import Place, origin_of
from producers.shapes import event_shapes
from topics.codec import CodecFault, RowCodec
from topics.events import RecordRefused, RefusalSettled

SETTLED_TOPIC: Final = "refusals.settled"
REFUSED_FAMILY: Final = "rejected."
BATCH: Final = 500
_POLL_S: Final = 0.2
_METADATA_S: Final = 10.0
_LOOK_S: Final = 30.0
_AGAIN_S: Final = 0.5
_AFTER_A_BUG_S: Final = 10.0
_JSON: Final = "application/json"
# Refused records may be half a megabyte each: what waits to be taken must not fill the memory.
_QUEUED_KB: Final = 8_192

log = structlog.get_logger(__name__)


class RefusalTail:
    """Follows ``rejected.<department>`` and ``refusals.settled`` from where the index stands."""

    def __init__(
        self, options: KafkaOptions, index: RefusalIndex, codec: RowCodec, about: Callable[[RecordRefused], About]
    ) -> None:
        self._options, self._index, self._codec, self._about = options, index, codec, about
        self._admin = admin(options)
        self._closing = Flag()
        self._thread = Thread(target=self._run, name="refused-records", daemon=True)
        self._behind: int | None = None

    @property
    def behind(self) -> int | None:
        """How many messages were still to be read when last looked; None before the first look."""
        return self._behind

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """Stop reading and wait for the thread."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(_METADATA_S)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._follow()
            except (KafkaException, SQLAlchemyError) as fault:
                log.warning("refused_records_not_read", fault=type(fault).__name__, detail=str(fault)[:200])
                self._closing.wait(_AGAIN_S)
            except Exception:  # a bug must not leave the list standing still for ever, and unsaid
                log.exception("refused_records_broke")
                self._closing.wait(_AFTER_A_BUG_S)

    def _follow(self) -> None:
        client = consumer(
            self._options, "onething-refused", fetch_wait_max_ms=100, queued_max_messages_kbytes=_QUEUED_KB
        )
        try:
            positions = self._begin(client)
            look_at = 0.0
            while not self._closing.is_set():
                if time.monotonic() >= look_at:
                    positions = self._reassigned(client, positions)
                    look_at = time.monotonic() + _LOOK_S
                positions = self._step(client, positions)
        finally:
            client.close()

    def _begin(self, client: Consumer) -> dict[Partition, int]:
        """Where to read on; the index is made anew where it is another log's, or knows more than there is."""
        cluster = str(client.list_topics(timeout=_METADATA_S).cluster_id)
        positions = dict(self._index.open(cluster))
        ends = self._ends(positions)
        if any(ends[partition] < offset for partition, offset in positions.items()):
            log.warning("refused_records_index_made_anew", why="the log ends before what was read of it")
            self._index.empty(cluster)
            return {}
        return positions

    def _reassigned(self, client: Consumer, positions: Mapping[Partition, int]) -> dict[Partition, int]:
        """All partitions that there are now, each from its position."""
        topics = client.list_topics(timeout=_METADATA_S).topics
        there = {
            (name, partition): positions.get((name, partition), 0)
            for name, described in topics.items()
            if name == SETTLED_TOPIC or name.startswith(REFUSED_FAMILY)
            for partition in described.partitions
        }
        if there.keys() != {(each.topic, each.partition) for each in client.assignment()}:
            client.assign([TopicPartition(topic, partition, offset) for (topic, partition), offset in there.items()])
        ends = self._ends(there)
        self._behind = sum(max(ends[partition] - offset, 0) for partition, offset in there.items())
        return there

    def _ends(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The offset that the next message of each partition gets, asked for in one go."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = {TopicPartition(*partition): latest for partition in partitions}
        if not asked:
            return {}
        answers = self._admin.list_offsets(asked, request_timeout=_METADATA_S)
        return {(each.topic, each.partition): answer.result().offset for each, answer in answers.items()}

    def _step(self, client: Consumer, positions: dict[Partition, int]) -> dict[Partition, int]:
        messages = [each for each in client.consume(BATCH, _POLL_S) if each.error() is None]
        if not messages:
            return positions
        batch = [self._taken(each) for each in messages]
        self._index.take(batch)
        if self._behind is not None:
            self._behind = max(self._behind - len(batch), 0)
        return {**positions, **{(each.place.topic, each.place.partition): each.place.offset + 1 for each in batch}}

    def _taken(self, message: Message) -> Taken:
        place = _place(message)
        try:
            event = self._codec.event(message.value())
        except (CodecFault, msgspec.ValidationError, LookupError, UnicodeError) as fault:
            log.warning("refused_record_undecodable", place=str(place), fault=type(fault).__name__)
            return Taken(place, None)
        match event:
            case RecordRefused():
                return Taken(place, event, self._about(event))
            case RefusalSettled():
                return Taken(place, event)
            case _:
                return Taken(place, None)


def what_it_says(keyring: KeyRing, resources: Resources) -> Callable[[RecordRefused], About]:
    """Tells a record's event type and resource, when these are known ones; nothing else of what was opened remains."""

    def about(event: RecordRefused) -> About:
        if origin_of(event.origin).count > 1:
            return About()
        try:
            body = opened(event, keyring)
        except BytesMissing:
            return About()
        return about_draft(draft_in(event.content_type, body), resources)

    return about


def draft_in(content_type: str, body: bytes) -> Any:
    """The draft that the bytes hold, by the same reading as at the door; None when there is none."""
    if content_type == "application/http":
        return _draft_in_http(body)
    reading = read_request(content_type, {}, body)
    return None if reading is None or reading.is_batch else reading.records[0].received.draft


def about_draft(draft: Any, resources: Resources) -> About:
    """What a draft says it is, as far as the catalogue knows that."""
    if not isinstance(draft, dict):
        return About()
    event_type, resource = draft.get("type"), draft.get("resource")
    return About(
        event_type=event_type if isinstance(event_type, str) and event_type in event_shapes() else None,
        resource=resource if isinstance(resource, str) and resource in resources.by_code else None,
    )


def _draft_in_http(body: bytes) -> Any:
    """A CloudEvent in binary mode, as ``reading`` keeps it: its headers, an empty line, the data."""
    head, parted, data = body.partition(b"\r\n\r\n")
    if not parted:
        return None
    lines = (line.partition(": ") for line in head.decode("latin-1").split("\r\n"))
    headers = {name: value for name, colon, value in lines if colon}
    media_type = headers.get("content-type", _JSON).partition(";")[0].strip().lower()
    reading = read_request(media_type, headers, data)
    return None if reading is None else reading.records[0].received.draft


def _place(message: Message) -> Place:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        raise msgspec.ValidationError("a message that was read has no place")
    return Place(topic, partition, offset)
