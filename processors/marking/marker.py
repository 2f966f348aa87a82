"""Follows the register's changes: each dispute, and each end of one, becomes a fact on its department's own topic.

The facts follow from the changes alone, so saying one again is the same fact: at least once, and never a second mark.
"""

from collections.abc import Callable, Iterator, Sequence
from threading import Event as Flag
from typing import Any, Final

import structlog
from confluent_kafka import KafkaException, Message

from catalog.register.changes import CORRECTION
from catalog.registry import LiveSchemaIds
from connectors.kafka import KafkaOptions, consumer
from processors.following.follower import RETRY_S, SESSION_MS, StateFacts
from processors.following.reactions import FactDraft
from topics.codec import CodecFault, RowCodec
from topics.events import CatalogChanged

CHANGES: Final = "catalog.changes"
GROUP: Final = "onething-marks"
BATCH: Final = 2_000
POLL_S: Final = 0.2

DraftOf = Callable[[CatalogChanged], FactDraft | None]
"""The fact that follows from a change of a correction; ``None``: none does."""

log = structlog.get_logger(__name__)


class Marker:
    """Reads a batch of changes, states what follows, then commits. ``run`` belongs to one thread."""

    def __init__(
        self,
        options: KafkaOptions,
        schemas: LiveSchemaIds,
        draft_of: DraftOf,
        state_facts: StateFacts,
        group: str = GROUP,
    ) -> None:
        """Join the group when ``run`` is called; ``state_facts`` comes back when the log has the facts."""
        self.group = group
        self._schemas, self._draft_of, self._state_facts = schemas, draft_of, state_facts
        self._consumer = consumer(
            options,
            group,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 4,
            fetch_wait_max_ms=50,
        )
        self._stopping = Flag()
        self._assigned = 0
        self.waiting_for: str | None = None
        self.facts_followed = 0
        self.events_told = 0
        self.facts_stated = 0

    @property
    def consumes(self) -> bool:
        """Whether it has partitions to read."""
        return self._assigned > 0

    def run(self) -> None:
        """Mark until ``stop``.

        Raises:
            KafkaException: it cannot go on; what was not committed is read again.
        """
        self._consumer.subscribe([CHANGES], on_assign=self._on_assign, on_revoke=self._on_revoke)
        try:
            while not self._stopping.is_set():
                self.step()
        finally:
            self._consumer.close()

    def stop(self) -> None:
        """Let ``run`` end after the batch in hand."""
        self._stopping.set()

    def step(self) -> int:
        """Read one batch and state what follows from it; returns its number of messages."""
        messages = [each for each in self._consumer.consume(BATCH, POLL_S) if _is_data(each)]
        if messages and self._stated(list(self._drafts(messages))):
            self._consumer.commit(asynchronous=False)
        return len(messages)

    def _drafts(self, messages: Sequence[Message]) -> Iterator[FactDraft]:
        codec = RowCodec(self._schemas.ids)
        for message in messages:
            try:
                event = codec.event(message.value())
            except CodecFault as fault:
                # Only the register writes this topic; what is no change of it marks nothing.
                log.warning("not a change", offset=message.offset(), reason=fault.code)
                continue
            self.facts_followed += 1
            if isinstance(event, CatalogChanged) and event.entity == CORRECTION:
                draft = self._draft_of(event)
                if draft is not None:
                    yield draft

    def _stated(self, drafts: Sequence[FactDraft]) -> bool:
        """Whether the log has the facts; tried until it has, or until ``stop``."""
        while drafts:
            try:
                self._state_facts(drafts)
            except Exception as fault:  # noqa: BLE001  the port's promise: whatever it raises, they are given again
                self.waiting_for = f"{type(fault).__name__}: {fault}"
                log.warning("marks wait", fault=self.waiting_for)
                if self._stopping.wait(RETRY_S):
                    return False
            else:
                self.facts_stated += len(drafts)
                break
        self.waiting_for = None
        return True

    def _on_assign(self, _consumer: Any, partitions: Sequence[Any]) -> None:
        self._assigned = len(partitions)

    def _on_revoke(self, _consumer: Any, _partitions: Sequence[Any]) -> None:
        self._assigned = 0


def _is_data(message: Message) -> bool:
    fault = message.error()
    if fault is not None and fault.fatal():
        raise KafkaException(fault)
    return fault is None
