"""What a coordinator does with what it reads: decode, fold, write, publish. All of it runs in one thread."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import structlog

from connectors.counting import Tally
from connectors.kafka.outbox import OutboxPublisher
from processors.cases.arrivals import Arrival, ReceivedMessage, arrival
from processors.cases.store import CaseStore
from processors.domain.counting import Counted
from topics.codec import RowCodec, SchemaIds
from topics.figures import OUTBOX_AGE_S, OUTBOX_WAITS

SWEEP_AFTER_US: Final = 6_000_000
"""Outbox rows older than this, and not on their way from here, were left by a coordinator that died."""

RING_AGAIN_US: Final = 30_000_000
"""A timer that was sent and not taken is sent again after this."""

CLEAR_AT: Final = 500
"""Delivered rows that a batch clears from the outbox in passing; fewer wait for the next sweep."""

REFRESH_US: Final = 5_000_000
"""Schemas are read anew no more often, whatever arrives."""

UNKNOWN_SCHEMA: Final = "unknown-schema"

log = structlog.get_logger(__name__)


def clock_us() -> int:
    """Now, in µs UTC."""
    return time.time_ns() // 1000


class Transitions:
    """One coordinator's work on its store. Every method blocks; call them from one thread."""

    def __init__(
        self,
        store: CaseStore,
        publisher: OutboxPublisher,
        codec: RowCodec,
        *,
        refresh: Callable[[], SchemaIds] | None = None,
        now: Callable[[], int] = clock_us,
        tally: Tally | None = None,
    ) -> None:
        """Work on this store.

        Args:
            store: whose only user this is.
            publisher: of what the outbox holds.
            codec: decodes messages.
            refresh: reads the registered schemas anew when a message has an unknown one.
            now: the clock, in µs UTC.
            tally: counts what becomes of cases, for live figures.
        """
        self._tally = tally
        self._store = store
        self._publisher = publisher
        self._codec = codec
        self._refresh = refresh
        self._refreshed_at = 0
        self._now = now
        self._rung: dict[bytes, int] = {}
        self.taken_count = 0
        self.refused_count = 0
        self.batch_count = 0

    def take(self, messages: Sequence[ReceivedMessage]) -> None:
        """Fold messages into their cases and publish what follows; durable when it returns."""
        arrivals = self._arrivals(messages)
        applied = self._store.apply_batch(arrivals, now=self._now(), delivered=self._delivered())
        self._publisher.publish(applied.outbox)
        self._count(applied.counted)
        self.taken_count += len(messages)
        self.refused_count += applied.refused_count
        self.batch_count += 1
        if applied.refused_count:
            log.warning("messages refused", count=applied.refused_count)

    def _arrivals(self, messages: Sequence[ReceivedMessage]) -> list[Arrival]:
        arrivals = [arrival(each, self._codec) for each in messages]
        if self._refresh is None or self._now() - self._refreshed_at < REFRESH_US:
            return arrivals
        if not any(refusal.code == UNKNOWN_SCHEMA for each in arrivals for refusal in each.refusals):
            return arrivals
        # A newer release may have registered a schema since this one started.
        self._refreshed_at = self._now()
        self._codec = RowCodec(self._refresh())
        return [arrival(each, self._codec) for each in messages]

    def _count(self, counted: Sequence[Counted]) -> None:
        if self._tally is None:
            return
        for each in counted:
            self._tally.count(
                each.figure, department=each.department, bundle=each.bundle, label=each.label, took_us=each.took_us
            )

    def _tell_outbox(self) -> None:
        if self._tally is None:
            return
        count, oldest = self._store.waiting()
        self._tally.set(OUTBOX_WAITS, count, label=self._tally.process)
        age_us = 0 if oldest is None else self._now() - oldest
        self._tally.set(OUTBOX_AGE_S, max(0, age_us) // 1_000_000, label=self._tally.process)

    def _delivered(self) -> tuple[bytes, ...]:
        """What is due to be cleared from the outbox: many rows at once, so that a single message does not wait."""
        return self._publisher.delivered() if self._publisher.untold_count >= CLEAR_AT else ()

    def ring(self, partitions: Collection[int]) -> int:
        """Send the timers of the cases that are due in these partitions; how many were sent."""
        now = self._now()
        self._rung = {event_id: at for event_id, at in self._rung.items() if now - at < RING_AGAIN_US}
        due = [each for each in self._store.due(now=now, partitions=partitions) if each.event_id not in self._rung]
        for each in due:
            self._publisher.send("case.timers", each.case_id.encode(), self._codec.encode(each))
            self._rung[each.event_id] = now
        return len(due)

    def sweep(self, *, all_rows: bool = False) -> None:
        """Publish what was left in the outbox, and clear it of what the log has."""
        self._store.forget(self._publisher.delivered())
        before = self._now() - (0 if all_rows else SWEEP_AFTER_US)
        left = self._store.outbox(written_before=before + 1)
        if left:
            log.info("messages left in the outbox", count=len(left))
        self._publisher.publish(left)
        self._tell_outbox()
        self._store.checkpoint()

    def close(self) -> None:
        """Wait for what is on its way and give the store back."""
        self._store.forget(self._publisher.close())
        self._store.close()

    def figures(self) -> dict[str, Any]:
        """Counts since the start."""
        return {"taken": self.taken_count, "refused": self.refused_count, "batches": self.batch_count}
