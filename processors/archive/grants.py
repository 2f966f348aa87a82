"""The grants that hold, as a replica knows them: those that stand, and each change of one on the register's log."""

from collections.abc import Callable, Iterable
from threading import Event, Thread
from typing import Final

import msgspec
import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from catalog.demands.check import Permit, permit_of
from catalog.demands.model import Grant
from catalog.register.changes import GRANT
from connectors.kafka import KafkaOptions, consumer
from topics.codec import CodecFault, RowCodec
from topics.events import CatalogChanged

CHANGES_TOPIC: Final = "catalog.changes"
BATCH: Final = 500
POLL_S: Final = 0.2
METADATA_S: Final = 30.0
_OF_A_GRANT: Final = GRANT.encode()

log = structlog.get_logger(__name__)


class GrantBook:
    """Grant id → what reads are held against. Looked up by any thread; taken into by one."""

    def __init__(self, standing: Iterable[Grant] = ()) -> None:
        """Begin with the grants that stand from the start; what the log says of one of them since takes its place."""
        self._permits = {grant.id: permit_of(grant) for grant in standing}
        self._versions: dict[str, int] = {}
        self.is_complete = False

    def permit(self, grant_id: str) -> Permit | None:
        """What this grant permits; None when there is none by this id."""
        return self._permits.get(grant_id)

    def take(self, change: CatalogChanged) -> None:
        """Take a change of the register; what was told before is passed over, so that no grant comes back to life."""
        if change.entity == GRANT and change.version > self._versions.get(change.entity_id, 0):
            self._versions[change.entity_id] = change.version
            self._permits[change.entity_id] = permit_of(msgspec.json.decode(change.state, type=Grant))


class GrantFollower:
    """A thread that reads the register's log from its beginning into a book; ``fault`` says what stopped it."""

    def __init__(
        self,
        options: KafkaOptions,
        codec: Callable[[], RowCodec],
        book: GrantBook,
        refresh: Callable[[], object] = lambda: None,
    ) -> None:
        """Decode by ``codec``; ``refresh`` lets it know schemas that were registered since."""
        self._options, self._codec, self._book, self._refresh = options, codec, book, refresh
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="grants", daemon=True)
        self.fault: BaseException | None = None

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the batch in hand."""
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        try:
            client = consumer(self._options, "onething-grants", enable_partition_eof=False)
            try:
                self._read(client)
            finally:
                client.close()
        except BaseException as fault:
            self.fault = fault
            log.exception("grants are followed no more")

    def _read(self, client: Consumer) -> None:
        waited_for = _ends(client)
        client.assign([TopicPartition(CHANGES_TOPIC, partition, OFFSET_BEGINNING) for partition in waited_for])
        while not self._stopping.is_set():
            for message in client.consume(BATCH, POLL_S):
                self._take(message)
            if not self._book.is_complete:
                places = client.position([TopicPartition(CHANGES_TOPIC, each) for each in waited_for])
                self._book.is_complete = all(
                    not waited_for[each.partition] or each.offset >= waited_for[each.partition] for each in places
                )

    def _take(self, message: Message) -> None:
        if (fault := message.error()) is not None:
            _raise_unless_it_passes(fault)
            return
        value = message.value()
        # Most changes are of duties and entries: their bytes tell without being decoded that no grant is meant.
        if not isinstance(value, bytes) or _OF_A_GRANT not in value:
            return
        try:
            event = self._codec().event(value)
        except CodecFault:
            self._refresh()
            event = self._codec().event(value)
        if isinstance(event, CatalogChanged):
            self._book.take(event)


def _raise_unless_it_passes(fault: KafkaError) -> None:
    """The client goes on by itself after faults of the connection; others end the following."""
    passing = (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN)  # noqa: SLF001  the client's public constants
    if not (fault.retriable() or fault.code() in passing):
        raise KafkaException(fault)


def _ends(client: Consumer) -> dict[int, int]:
    """Partition → the offset that must be reached before the book says that a grant is unknown."""
    metadata = client.list_topics(CHANGES_TOPIC, timeout=METADATA_S).topics[CHANGES_TOPIC]
    places = [TopicPartition(CHANGES_TOPIC, each) for each in metadata.partitions]
    ends = {each.partition: client.get_watermark_offsets(each, timeout=METADATA_S) for each in places}
    # A partition whose messages were all deleted, or that never had one, holds nothing to wait for.
    return {partition: end if end > begin else 0 for partition, (begin, end) in ends.items()}
