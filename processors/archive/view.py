"""The archive view: facts from the log into the store, batch by batch, with the positions in the same write."""

import time
from collections.abc import Callable, Iterable, Mapping
from threading import Condition
from typing import Any, TypeVar

import msgspec
import numpy as np
import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from catalog.registry import LiveSchemaIds
from connectors.counting import Tally
from connectors.kafka import KafkaOptions, admin, consumer
from connectors.kafka.messages import is_data
from processors.archive.counting import FactCounts
from processors.archive.coverage import Coverage, Statement, accept, read_range, segment_rows, statement_of
from processors.archive.keys import column_keys
from processors.archive.store import ArchiveStore, Batch, position_meta
from topics.codec import HEADER_LENGTH, CodecFault, schema_id_of
from topics.declarations import FACT_FAMILIES
from topics.judgement import FactColumns, Judged, Refused, judge

BATCH_MESSAGES = 8_000
BATCH_BESIDE_READERS = 1_000
"""RocksDB's write and the consumer hold the interpreter for as long as a batch takes: about 10 ms for 8,000 messages.
Catching up is a quarter faster with large batches; beside readers small ones let them through."""
MAKE_WAY_S = 1.0
POLL_S = 0.02
TOPIC_LOOK_S = 5.0
SUM_LENGTH = 32

Shape = TypeVar("Shape", Statement, Coverage)

log = structlog.get_logger(__name__)


class ArchiveView:
    """Keeps one store up to date. ``run`` belongs to one thread; everything else may be called from any."""

    def __init__(
        self,
        options: KafkaOptions,
        store: ArchiveStore,
        schemas: LiveSchemaIds,
        refuse: Callable[[Iterable[Refused]], None],
        changed: Callable[[set[str]], None],
        marks: Callable[[set[str]], Mapping[str, bytes]] = lambda _: {},
        tally: Tally | None = None,
    ) -> None:
        """Fold the log behind ``options`` into ``store``.

        Args:
            options: the cluster.
            store: the replica's store, claimed for this cluster by ``prepare``.
            schemas: registered schemas.
            refuse: called with the refused messages of a batch before the batch is written; must not lose them.
            changed: called with the subjects of a batch after it was written.
            marks: called with them before; the named values it gives are written with the batch.
            tally: counts what is kept, for live figures; of several replicas, one is given it.
        """
        self._options = options
        self._store = store
        self._schemas = schemas
        self._refuse = refuse
        self._changed = changed
        self._marks = marks
        self.counts = None if tally is None else FactCounts(tally)
        self._consumer: Consumer = _fact_consumer(options)
        self._positions = store.positions()
        self._assigned: set[tuple[str, int]] = set()
        self._advanced = Condition()
        self._stopping = False
        self._looked_at = 0.0
        self._made_way_until = 0.0
        self._backlog: dict[tuple[str, int], int] = {}
        self._statements = _read_all(store, "statement/", Statement)
        self._coverage = _read_all(store, "coverage/", Coverage)
        self.facts_kept = 0
        self.records_refused = 0

    @property
    def positions(self) -> Mapping[tuple[str, int], int]:
        """Next offset to read by (topic, partition)."""
        return self._positions

    def coverage(self, resource: str) -> Coverage:
        """What is known of a resource's completeness."""
        return self._coverage.get(resource) or Coverage(resource=resource)

    def wait_for(self, topic: str, partition: int, offset: int, timeout_s: float) -> bool:
        """Wait until the message at this offset is in the store; False when the time was not enough."""
        with self._advanced:
            return self._advanced.wait_for(lambda: self._positions.get((topic, partition), 0) > offset, timeout_s)

    def lag(self) -> int:
        """Messages between the store and the ends of the log when it was last looked at."""
        return sum(max(0, end - self._positions.get(where, 0)) for where, end in self._backlog.items())

    def prepare(self) -> None:
        """Claim the store for the cluster, refuse one of another, and start at the stored positions."""
        self._look_for_topics()
        # What a killed process wrote and did not come to settle waits for no further message.
        self._settle_statements()
        if self.counts is not None:
            for coverage in self._coverage.values():
                self.counts.covered(coverage)

    def make_way(self) -> None:
        """Somebody is being answered: take small batches for the next second."""
        self._made_way_until = time.monotonic() + MAKE_WAY_S

    def is_beside_readers(self) -> bool:
        """Whether somebody was answered within the last second."""
        return time.monotonic() < self._made_way_until

    def run(self) -> None:
        """Read until ``stop``."""
        while not self._stopping:
            self.step()
        self._consumer.close()

    def stop(self) -> None:
        """Let ``run`` end after the batch in hand."""
        self._stopping = True

    def step(self) -> int:
        """Read and write one micro-batch; returns its number of messages."""
        now = time.monotonic()
        if now - self._looked_at > TOPIC_LOOK_S:
            self._look_for_topics()
        size = BATCH_BESIDE_READERS if now < self._made_way_until else BATCH_MESSAGES
        consumed = self._consumer.consume(size, POLL_S)
        messages = [each for each in consumed if each.error() is None or is_data(each)]
        if messages:
            self._keep(messages)
        return len(messages)

    def _keep(self, messages: list[Message]) -> None:
        judged = judge(messages, self._ids_for(messages))
        if judged.refused:
            self._refuse(judged.refused)
            self.records_refused += len(judged.refused)
        batch = Batch()
        for columns in judged.columns:
            self._add_facts(columns, batch)
        news = _next_offsets(messages)
        batch.meta.update(position_meta(topic, partition, offset) for (topic, partition), offset in news.items())
        self._add_statements(judged, batch)
        subjects = {subject for each in judged.columns for subject in each.frame["subject"].unique().to_list()}
        batch.meta.update(self._marks(subjects))
        self._store.write(batch)
        self.facts_kept += len(batch.facts)
        with self._advanced:
            self._positions = {**self._positions, **news}
            self._advanced.notify_all()
        if self.counts is not None:
            self.counts.kept(batch.segments, self._store.topic, messages[-1].timestamp()[1] * 1000)
        self._settle_statements()
        self._changed(subjects)

    def _add_facts(self, columns: FactColumns, batch: Batch) -> None:
        frame, messages = columns.frame, columns.messages
        names = [message.topic() for message in messages]
        numbers = {name: self._store.topic_number(name) for name in set(names)}
        topics = [numbers[name] for name in names]
        partitions = [message.partition() for message in messages]
        offsets = [message.offset() for message in messages]
        keys = column_keys(
            frame,
            np.array([message.timestamp()[1] for message in messages], dtype=np.int64),
            np.array(topics, dtype=np.int64),
            np.array(partitions, dtype=np.int64),
            np.array(offsets, dtype=np.int64),
        )
        batch.facts += zip(keys, [message.value() for message in messages], strict=True)
        resources, event_ids = frame["resource"].to_list(), frame["event_id"].to_list()
        batch.segments += segment_rows(resources, topics, partitions, offsets, event_ids)

    def _add_statements(self, judged: Judged, batch: Batch) -> None:
        for _, record in judged.statements:
            statement = statement_of(record)
            if self._store.is_settled(statement.event_id.hex()):
                continue
            self._statements[statement.event_id.hex()] = statement
            batch.meta[f"statement/{statement.event_id.hex()}"] = msgspec.msgpack.encode(statement)

    def _settle_statements(self) -> None:
        passed = [each for each in self._statements.values() if each.is_passed(self._positions)]
        for statement in sorted(passed, key=lambda each: each.order):
            found = [read_range(self._store, statement.resource, *each) for each in statement.ranges]
            total = sum(found_sum for _, found_sum in found) % (1 << (8 * SUM_LENGTH))
            known = self.coverage(statement.resource)
            coverage = accept(known, statement, (sum(count for count, _ in found), total))
            self._coverage[statement.resource] = coverage
            del self._statements[statement.event_id.hex()]
            self._store.settle_statement(statement.event_id.hex(), statement.resource, msgspec.msgpack.encode(coverage))
            if self.counts is not None:
                self.counts.covered(coverage)
            log.info("coverage settled", resource=statement.resource, fault=coverage.fault)

    def _ids_for(self, messages: list[Message]) -> Any:
        ids = self._schemas.ids
        for value in {value[:HEADER_LENGTH] for message in messages if (value := message.value())}:
            try:
                if schema_id_of(value) not in ids:
                    self._schemas.refresh()
                    return self._schemas.ids
            except CodecFault:
                continue
        return ids

    def _look_for_topics(self) -> None:
        client = admin(self._options)
        listed = client.list_topics(timeout=30).topics
        names = [name for name in listed if name.split(".", 1)[0] in FACT_FAMILIES]
        if names:
            self._claim(client, names)
            found = {(name, partition) for name in names for partition in listed[name].partitions}
            if fresh := found - self._assigned:
                self._consumer.incremental_assign([TopicPartition(*w, self._positions.get(w, 0)) for w in fresh])
                self._assigned |= fresh
        self._backlog = {where: self._end(where) for where in self._assigned}
        self._looked_at = time.monotonic()

    def _claim(self, client: Any, names: list[str]) -> None:
        from confluent_kafka import TopicCollection  # noqa: PLC0415  a name only needed here

        described = client.describe_topics(TopicCollection(names))
        topic_ids = {name: str(future.result().topic_id) for name, future in described.items()}
        self._store.claim(client.describe_cluster().result().cluster_id, topic_ids)

    def _end(self, where: tuple[str, int]) -> int:
        try:
            return int(self._consumer.get_watermark_offsets(TopicPartition(*where), cached=True)[1])
        except KafkaException:
            return 0


def _fact_consumer(options: KafkaOptions) -> Consumer:
    return consumer(
        options,
        "onething-archive",
        # Positions live in the store; the group is never joined.
        enable_auto_offset_store=False,
        fetch_wait_max_ms=100,
        fetch_queue_backoff_ms=5,
        fetch_max_bytes=64 * 1024 * 1024,
        max_partition_fetch_bytes=2 * 1024 * 1024,
        queued_max_messages_kbytes=65_536,
        queued_min_messages=50_000,
    )


def _next_offsets(messages: list[Message]) -> dict[tuple[str, int], int]:
    news: dict[tuple[str, int], int] = {}
    for message in messages:
        # Each partition's messages arrive in the order of their offsets: the last one is the highest.
        news[message.topic(), message.partition()] = message.offset() + 1  # type: ignore[index,operator]
    return news


def _read_all(store: ArchiveStore, prefix: str, shape: type[Shape]) -> dict[str, Shape]:
    return {name.removeprefix(prefix): msgspec.msgpack.decode(value, type=shape) for name, value in store.meta(prefix)}
