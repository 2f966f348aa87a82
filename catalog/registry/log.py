"""Reading the registry's log: what every process of the hub does to know the schemas, with no server between."""

import logging
from collections.abc import Iterator
from threading import Lock

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from catalog.registry.records import SCHEMA_LOG, Record, read
from catalog.registry.state import RegistryState
from connectors.kafka import KafkaOptions, consumer
from topics.codec import SchemaIds

TIMEOUT_S = 30.0
_FETCH_WAIT_MS = 10
"""How long the broker may hold the last fetch, which finds nothing new: the price of each look at the log."""


class SchemaLogMissing(Exception):  # noqa: N818  the name is the fact
    """The topic of the registry's log does not exist."""

    remedy = "create it: onething topic apply"


class SchemaLogUnreadable(Exception):  # noqa: N818  the name is the fact
    """The registry's log could not be read to its end."""

    remedy = "see what runs: onething doctor; a record that no registry wrote is named with its offset"


class SchemaLog:
    """Reads the log from where it last stopped to its end, committed records only. Not for two threads at once."""

    def __init__(self, options: KafkaOptions, topic: str = SCHEMA_LOG) -> None:
        """Read this topic."""
        self._topic = topic
        self._position = 0
        self._consumer: Consumer | None = None
        self._options = options

    @property
    def position(self) -> int:
        """The offset of the next record to read."""
        return self._position

    def read_on(self) -> Iterator[Record]:
        """The records since the last call, up to what is committed now.

        Raises:
            SchemaLogMissing: the topic does not exist.
            SchemaLogUnreadable: no end was reached within ``TIMEOUT_S``, or a record is not a registry's.
        """
        reading = self._reading()
        reading.assign([TopicPartition(self._topic, 0, self._position)])
        try:
            yield from self._until_end(reading)
        finally:
            # A partition left assigned would be fetched again and again while nobody asks.
            reading.unassign()

    def close(self) -> None:
        """Let go of the connection."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def _reading(self) -> Consumer:
        if self._consumer is None:
            opened = consumer(
                self._options,
                "onething-schema-log",
                isolation_level="read_committed",
                enable_partition_eof=True,
                fetch_wait_max_ms=_FETCH_WAIT_MS,
            )
            self._demand_topic(opened)
            self._consumer = opened
        return self._consumer

    def _demand_topic(self, opened: Consumer) -> None:
        try:
            # All topics are asked for: naming one that is missing could create it on some clusters.
            known = opened.list_topics(timeout=TIMEOUT_S).topics
        except KafkaException as fault:
            raise SchemaLogUnreadable(f"Kafka does not answer: {fault.args[0].str()}") from fault
        if self._topic not in known:
            raise SchemaLogMissing(f"topic {self._topic} does not exist; run: onething topic apply")

    def _until_end(self, reading: Consumer) -> Iterator[Record]:
        while True:
            message = reading.poll(TIMEOUT_S)
            if message is None:
                raise SchemaLogUnreadable(
                    f"{self._topic} had no end after {TIMEOUT_S:.0f} s at offset {self._position}"
                )
            fault = message.error()
            if fault is not None and fault.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  its public name
                return
            if fault is not None:
                raise SchemaLogUnreadable(f"{self._topic} at offset {self._position}: {fault.str()}")
            offset = message.offset()
            assert offset is not None  # noqa: S101  a message that was read has one
            if record := self._record(offset, message.key(), message.value()):
                yield record
            self._position = offset + 1

    def _record(self, offset: int, key: bytes | str | None, value: bytes | str | None) -> Record | None:
        try:
            return read(_raw(key), _raw(value))
        except ValueError as fault:
            raise SchemaLogUnreadable(f"{self._topic} at offset {offset} is not a registry's: {fault}") from fault


class LiveSchemaIds:
    """The registered schemas as a process last saw them. Safe for several threads."""

    def __init__(self, options: KafkaOptions, topic: str = SCHEMA_LOG) -> None:
        """Read the log once, to its end."""
        self._log = SchemaLog(options, topic)
        self._state = RegistryState()
        self._ids = SchemaIds({})
        self._lock = Lock()
        self.refresh()

    @property
    def ids(self) -> SchemaIds:
        """The schemas as of the last refresh."""
        return self._ids

    def refresh(self) -> SchemaIds:
        """Read what was registered since, e.g. after an unknown id was met; returns the schemas known now.

        Raises:
            SchemaLogMissing: the topic does not exist.
            SchemaLogUnreadable: the log could not be read to its end.
        """
        with self._lock:
            count = len(self._state.texts)
            for record in self._log.read_on():
                self._state.apply(record)
            if len(self._state.texts) != count:
                self._ids = SchemaIds(self._state.texts)
            return self._ids

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._log.close()


def read_schema_ids(options: KafkaOptions, topic: str = SCHEMA_LOG) -> SchemaIds:
    """Every registered schema as of now.

    Raises:
        SchemaLogMissing: the topic does not exist.
        SchemaLogUnreadable: the log could not be read to its end.
    """
    live = LiveSchemaIds(options, topic)
    live.close()
    logging.getLogger(__name__).debug("%s read: %d schemas", topic, len(live.ids))
    return live.ids


def _raw(part: bytes | str | None) -> bytes | None:
    return part.encode() if isinstance(part, str) else part
