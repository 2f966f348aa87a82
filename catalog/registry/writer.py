"""Writing the registry's log: one writer at a time, and Kafka is who sees to it.

Every writer uses the same transactional id. Opening one fences the writer before it, whose next commit fails; that
one opens again, reads to the end and decides anew. So what a decision was based on is what the log holds when its
records are committed, and no id is given twice.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import RLock
from time import monotonic, sleep
from typing import TypeVar

from confluent_kafka import KafkaException, Producer

from catalog.registry import decisions
from catalog.registry.decisions import Registered
from catalog.registry.log import SchemaLog
from catalog.registry.records import SCHEMA_LOG, Record, written
from catalog.registry.state import RegistryState
from connectors.kafka import KafkaOptions, producer
from topics.codec import SchemaIds

WRITER_ID = "onething-schema-registry"
TIMEOUT_S = 30.0
ATTEMPTS = 5
FRESH_S = 0.5
READ_BACK_S = 10.0
READ_BACK_PAUSE_S = 0.002
"""A question is answered from what was read this long ago at most."""

_FENCING_LOG = logging.getLogger("onething.registry.librdkafka")
"""Where librdkafka cries out that a writer was fenced, which is what should happen; the writer reports it itself."""
_FENCING_LOG.addHandler(logging.NullHandler())
_FENCING_LOG.propagate = False

Answer = TypeVar("Answer")
Decision = Callable[[RegistryState], tuple[list[Record], Answer]]


class RegistryUnavailable(Exception):  # noqa: N818  the name is the fact
    """The log did not take the records, or other writers were faster each time."""

    remedy = "try again; see what runs: onething doctor"


class RegistryWriter:
    """The registry: answers from the log and writes to it. Safe for several threads."""

    def __init__(self, options: KafkaOptions, topic: str = SCHEMA_LOG, transactional_id: str = WRITER_ID) -> None:
        """Use this log; nothing is opened before it is needed."""
        self._options = options
        self._topic = topic
        self._transactional_id = transactional_id
        self._log = SchemaLog(options, topic)
        self._state = RegistryState()
        self._read_at = float("-inf")
        self._producer: Producer | None = None
        self._lock = RLock()

    def register(self, subject: str, text: str, *, normalize: bool = False) -> Registered:
        """Register a schema, or find it registered.

        Raises:
            RegistryRefusal: it is no schema, or may not follow the earlier ones.
            RegistryUnavailable: the log could not be written.
        """
        return self.write(lambda state: decisions.register(state, subject, text, normalize=normalize))

    def register_all(self, schemas: Iterable[tuple[str, str]]) -> list[Registered]:
        """Register (subject, text) pairs in one transaction: all or none.

        Raises:
            RegistryRefusal: of the first that is refused.
            RegistryUnavailable: the log could not be written.
        """
        wanted = list(schemas)
        return self.write(lambda state: decisions.register_all(state, wanted))

    def write(self, decide: Decision[Answer]) -> Answer:
        """Commit the records of a decision; it is made anew, from a newer state, when another writer was faster.

        Raises:
            RegistryRefusal: the decision's own.
            RegistryUnavailable: the log could not be written in ``ATTEMPTS`` attempts.
        """
        with self._lock:
            fault: KafkaException | None = None
            for _ in range(ATTEMPTS):
                try:
                    return self._decided(decide)
                except KafkaException as met:
                    fault = met
                    self._abandon(met)
            raise RegistryUnavailable(f"{self._topic} could not be written: {fault}") from fault

    def read(self, question: Callable[[RegistryState], Answer]) -> Answer:
        """Answer from the log as it was ``FRESH_S`` ago at most; a refusal is given only from the log as it is now.

        Raises:
            RegistryRefusal: the question's own.
        """
        with self._lock:
            if monotonic() - self._read_at <= FRESH_S:
                with suppress(decisions.RegistryRefusal):
                    return question(self._state)
            self._catch_up()
            return question(self._state)

    def schema_ids(self) -> SchemaIds:
        """The registered schemas as of now."""
        return self.read(lambda state: SchemaIds(state.texts))

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            self._log.close()
            if self._producer is not None:
                self._producer.close()
                self._producer = None

    def _decided(self, decide: Decision[Answer]) -> Answer:
        self._catch_up()
        records, answer = decide(self._state)
        if records and self._producer is None:
            self._open()
            self._catch_up()
            records, answer = decide(self._state)
        if records:
            self._commit(records)
            self._await_own(records)
        return answer

    def _await_own(self, records: list[Record]) -> None:
        """Read on until what was committed is read back.

        A commit returns before its marker is in the log, and until then a reader of committed records sees none of
        it: a decision made in between would give the same id twice.
        """
        unseen = list(records)
        ends_at = monotonic() + READ_BACK_S
        while unseen:
            for record in self._log.read_on():
                self._state.apply(record)
                if record in unseen:
                    unseen.remove(record)
            if unseen and monotonic() > ends_at:
                raise RegistryUnavailable(f"{self._topic} did not show what was committed within {READ_BACK_S:g} s")
            if unseen:
                sleep(READ_BACK_PAUSE_S)

    def _catch_up(self) -> None:
        for record in self._log.read_on():
            self._state.apply(record)
        self._read_at = monotonic()

    def _open(self) -> None:
        opened = producer(self._options, transactional_id=self._transactional_id, linger_ms=0, logger=_FENCING_LOG)
        # Any writer before this one is fenced now, and what it had not committed is aborted.
        opened.init_transactions(TIMEOUT_S)
        self._producer = opened

    def _commit(self, records: list[Record]) -> None:
        assert self._producer is not None  # noqa: S101  opened by _decided
        self._producer.begin_transaction()
        for record in records:
            key, value = written(record)
            self._producer.produce(self._topic, key=key, value=value, partition=0)
        self._producer.commit_transaction(TIMEOUT_S)

    def _abandon(self, fault: KafkaException) -> None:
        """Drop a producer whose transaction may or may not stand: the log says which, to the next attempt."""
        logging.getLogger(__name__).info("writer of %s replaced: %s", self._topic, fault.args[0].name())
        if self._producer is not None:
            self._producer.purge()
            self._producer = None
