"""Kafka → lake: micro-batches of every topic of the lake, one writer a partition.

Kafka's groups say whose a partition is; the lake's own commits say up to where it was read. So a member that comes,
goes or was taken for dead changes who writes, never what is written.
"""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicCollection, TopicPartition

from analytics.lake.claim import ClaimedTopic, claim
from analytics.lake.location import Location
from analytics.lake.positions import Place
from analytics.lake.table_log import PositionsMovedError
from analytics.lake.tables import table_of
from analytics.lake.writer import LakeWriter
from catalog.registry import LiveSchemaIds
from connectors.kafka import KafkaOptions, admin, consumer
from connectors.kafka.messages import is_data
from topics.codec import HEADER_LENGTH, CodecFault, SchemaIds, schema_id_of

GROUP: Final = "onething-lake"
BATCH_MESSAGES: Final = 20_000
POLL_S: Final = 0.05
TOPIC_LOOK_S: Final = 5.0

log = structlog.get_logger(__name__)


class LakeFollower:
    """Keeps a lake up to date. ``run`` and what it calls belong to one thread; the rest may be asked from any."""

    def __init__(
        self,
        options: KafkaOptions,
        location: Location,
        schemas: LiveSchemaIds,
        *,
        commit_s: float,
        commit_rows: int,
        index: int = 0,
    ) -> None:
        """Follow the cluster behind ``options`` into the lake at ``location``.

        Args:
            options: the cluster.
            location: of the lake; claimed for the cluster by ``prepare``.
            schemas: registered schemas.
            commit_s: rows wait no longer than this for their commit.
            commit_rows: nor do more rows than these.
            index: of this member of the group; one that comes again under the same one has its partitions at once.
        """
        self.writer = LakeWriter(location)
        self._options = options
        self._location = location
        self._schemas = schemas
        self._commit_s, self._commit_rows = commit_s, commit_rows
        self._consumer: Consumer = _lake_consumer(options, index)
        self._committer = ThreadPoolExecutor(1, "lake-commit")
        self._committing: Future[None] | None = None
        self._owned: set[Place] = set()
        self._disturbed = False
        self._topics: frozenset[str] = frozenset()
        self._looked_at = 0.0
        self._ends: dict[Place, int] = {}
        self._stopping = False

    def prepare(self) -> None:
        """Claim the lake for the cluster and its topics, and join the group.

        Raises:
            LakeOfAnotherClusterError: the lake is another cluster's.
        """
        self._look_for_topics()

    @property
    def owned(self) -> frozenset[Place]:
        """The partitions that this member writes."""
        return frozenset(self._owned)

    def lag(self) -> int:
        """Messages between what is read and the ends of the log when it was last looked at."""
        return sum(max(0, end - self.writer.read_to(place)) for place, end in self._ends.items())

    def run(self) -> None:
        """Read and commit until ``stop``; what was read is committed before it returns."""
        while not self._stopping:
            self.step()
        self.settle()
        self._consumer.close()
        self._committer.shutdown()

    def stop(self) -> None:
        """Let ``run`` end after the batch in hand."""
        self._stopping = True

    def step(self) -> int:
        """Read one micro-batch, and commit when it is time; returns its number of messages."""
        if time.monotonic() - self._looked_at > TOPIC_LOOK_S:
            self._look_for_topics()
        self._disturbed = False
        consumed = self._consumer.consume(BATCH_MESSAGES, POLL_S)
        messages = [each for each in consumed if each.error() is None or is_data(each)]
        if self._disturbed:
            # Partitions came or went within this very call: what it brought may have a gap before it.
            self._rewind()
            return 0
        if messages:
            self.writer.take(messages, self._ids_for(messages))
        if self._is_due():
            self._commit()
        return len(messages)

    def settle(self) -> bool:
        """Commit everything that was read, now; False when another writer was first."""
        if not self._finish_commit():
            return False
        self._submit()
        return self._finish_commit()

    def _is_due(self) -> bool:
        # While one commit is under way a second one's rows may gather, no more: they would only take memory.
        if self.writer.gathered >= self._commit_rows:
            return True
        is_free = self._committing is None or self._committing.done()
        return is_free and self.writer.waited_s >= self._commit_s

    def _commit(self) -> None:
        if self._finish_commit():
            self._submit()
        else:
            self._rewind()

    def _submit(self) -> None:
        if self.writer.gathered:
            self._committing = self._committer.submit(self.writer.commit, self.writer.handed_over())

    def _finish_commit(self) -> bool:
        """Wait for the commit under way; False when it was refused because another writer was first."""
        committing, self._committing = self._committing, None
        if committing is None:
            return True
        try:
            committing.result()
        except PositionsMovedError as moved:
            log.warning("another writer was first", places=len(moved.places))
            return False
        return True

    def _rewind(self) -> None:
        """Read again from where the lake itself says, in every partition that is owned."""
        self._finish_commit()
        self.writer.forget()
        if self._owned:
            where = [TopicPartition(*place) for place in self._owned]
            self._consumer.incremental_unassign(where)
            self._consumer.incremental_assign(_at(self.writer.begin(self._owned)))

    def _assigned(self, reading: Consumer, partitions: list[TopicPartition]) -> None:
        self._finish_commit()
        places = _places(partitions)
        self._owned |= places
        self._disturbed = True
        reading.incremental_assign(_at(self.writer.begin(places)))
        log.info("partitions came", count=len(places))

    def _revoked(self, reading: Consumer, partitions: list[TopicPartition]) -> None:
        # Whoever has them next begins where this commit ends.
        self.settle()
        self._give_up(reading, partitions)

    def _lost(self, reading: Consumer, partitions: list[TopicPartition]) -> None:
        self._finish_commit()
        self.writer.forget()
        self._give_up(reading, partitions)

    def _give_up(self, reading: Consumer, partitions: list[TopicPartition]) -> None:
        places = _places(partitions)
        self._owned -= places
        self._disturbed = True
        self.writer.end(places)
        reading.incremental_unassign(partitions)
        log.info("partitions went", count=len(places))

    def _ids_for(self, messages: Sequence[Message]) -> SchemaIds:
        ids = self._schemas.ids
        for header in {value[:HEADER_LENGTH] for message in messages if (value := message.value())}:
            try:
                if schema_id_of(header) not in ids:
                    self._schemas.refresh()
                    return self._schemas.ids
            except CodecFault:
                continue
        return ids

    def _look_for_topics(self) -> None:
        client = admin(self._options)
        listed = client.list_topics(timeout=30).topics
        names = frozenset(name for name in listed if table_of(name) is not None)
        if names:
            self._claim(client, {name: len(listed[name].partitions) for name in names})
        if names != self._topics:
            self._topics = names
            self._consumer.subscribe(
                sorted(names), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost
            )
        self._ends = {place: self._end(place) for place in self._owned}
        self._looked_at = time.monotonic()

    def _claim(self, client: Any, partitions: dict[str, int]) -> None:
        described = client.describe_topics(TopicCollection(sorted(partitions)))
        topics = {
            name: ClaimedTopic(str(future.result().topic_id), partitions[name]) for name, future in described.items()
        }
        claim(self._location, client.describe_cluster().result().cluster_id, topics)

    def _end(self, place: Place) -> int:
        try:
            return int(self._consumer.get_watermark_offsets(TopicPartition(*place), cached=True)[1])
        except KafkaException:
            return 0


def _lake_consumer(options: KafkaOptions, index: int) -> Consumer:
    return consumer(
        options,
        GROUP,
        # Positions live in the lake; the group only says whose a partition is.
        enable_auto_offset_store=False,
        partition_assignment_strategy="cooperative-sticky",
        group_instance_id=f"{GROUP}-{index}",
        session_timeout_ms=15_000,
        # Every fetch names every partition: an idle hub's broker pays for each one. Rows wait for a commit anyway.
        fetch_wait_max_ms=1000,
        fetch_queue_backoff_ms=5,
        fetch_max_bytes=64 * 1024 * 1024,
        max_partition_fetch_bytes=2 * 1024 * 1024,
        queued_max_messages_kbytes=65_536,
        queued_min_messages=50_000,
    )


def _at(positions: dict[Place, int]) -> list[TopicPartition]:
    return [TopicPartition(*place, offset) for place, offset in positions.items()]


def _places(partitions: Iterable[TopicPartition]) -> set[Place]:
    return {(str(each.topic), int(each.partition)) for each in partitions}
