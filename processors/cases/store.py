"""The writer's side of the case store: batches in one transaction each, with the messages that they give rise to."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Final, Self

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, or_, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, OperationalError

from connectors.kafka.outbox import OutboxRow
from connectors.sql import checkpoint, sole_writer, writer_engine
from processors.cases import writes
from processors.cases.arrivals import Arrival, Seal, records_refused
from processors.cases.batch import (
    Changes,
    Definitions,
    RecentCases,
    Running,
    Stored,
    applied_once,
    concerned,
    folded_batch,
    topic_of,
)
from processors.cases.engine import prepare
from processors.cases.handling_rows import open_key_of
from processors.cases.rows import Row
from processors.cases.states import STATES, stored_case
from processors.cases.tables import CASES, HANDLING, OUTBOX
from processors.cases.writes import KeptPlans, StaleRevision, statements_for
from processors.domain.counting import Counted
from processors.domain.definition import CaseDefinition
from processors.domain.derived_ids import derived_event_id
from processors.domain.handling import HandlingPlan
from topics.codec import RowCodec
from topics.declarations import topic_name
from topics.events import DeadlinePassed, Event

ATTEMPTS: Final = 5
"""How often a batch is done again after another coordinator changed one of its cases."""

FORGOTTEN_AT_ONCE: Final = 500
"""Delivered messages in a statement; databases take some ten thousand values at most."""


class Applied(msgspec.Struct, frozen=True):
    """What a batch came to: messages to publish, cases changed, arrivals refused, attempts it took, what it counts."""

    outbox: tuple[OutboxRow, ...]
    changed_count: int
    refused_count: int
    attempts: int = 1
    counted: tuple[Counted, ...] = ()


class CaseStore:
    """The one writer of a case store; to be used by one thread.

    Args:
        url: SQLAlchemy URL, SQLite or PostgreSQL.
        definitions: bundles by id, for new verifications.
        codec: encodes what is published.
        plans: bundles by id, for new handlings.
        cluster_id: of the Kafka cluster that the cases belong to; None leaves it open.
        seal: encrypts refused bytes, which may hold anything.

    Raises:
        StoreInUse, ForeignStore, NewerStore: see ``processors.cases.engine``.
    """

    def __init__(
        self,
        url: str | URL,
        definitions: Mapping[str, CaseDefinition],
        codec: RowCodec,
        *,
        plans: Mapping[str, HandlingPlan] | None = None,
        cluster_id: str | None = None,
        seal: Seal | None = None,
    ) -> None:
        self._definitions = Definitions(definitions, plans or {})
        self._codec = codec
        self._seal = seal
        with ExitStack() as opened:
            opened.enter_context(sole_writer(url, writer="coordinator", setting="cases.database_url"))
            self._engine = writer_engine(url)
            opened.callback(self._engine.dispose)
            prepare(self._engine, cluster_id)
            # Kept for good: giving it back to a pool between batches costs more than the statements of a small one.
            self._connection = opened.enter_context(self._engine.connect())
            self._opened = opened.pop_all()
        self._recent = RecentCases() if self._engine.dialect.name == "sqlite" else None
        self._statements = statements_for(self._engine.dialect.name)
        with self._connection.begin():
            self._plans = KeptPlans(self._connection, self._definitions.handlings, self._statements)
        self._place = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection and the file back."""
        self._opened.close()

    def apply_batch(self, arrivals: Sequence[Arrival], *, now: int, delivered: Collection[bytes] = ()) -> Applied:
        """Fold a batch into its cases, in one transaction with the messages that it gives rise to.

        Args:
            arrivals: in the order of the log.
            now: µs UTC, only to tell old outbox rows from new ones.
            delivered: event ids of outbox rows that the log has by now; they are deleted in passing.

        Raises:
            StaleRevision: other coordinators were faster ``ATTEMPTS`` times in a row.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._connection.begin():
                    changes, outbox = self._attempt(self._connection, arrivals, now)
                    _forget(self._connection, delivered)
            except (StaleRevision, IntegrityError) as conflict:
                if attempt == ATTEMPTS:
                    raise StaleRevision(f"a batch met other writers {ATTEMPTS} times") from conflict
            except OperationalError as fault:
                if attempt == ATTEMPTS or not _is_contention(fault):
                    raise
            else:
                if self._recent is not None:
                    self._recent.keep(changes.cases)
                counted = tuple(changes.counted())
                return Applied(outbox, len(changes.cases), len(changes.refused), attempt, counted)
        raise AssertionError("unreachable")

    def outbox(self, *, written_before: int, limit: int = 1000) -> tuple[OutboxRow, ...]:
        """Messages written before this instant that nobody reported as delivered, in the order of writing."""
        columns = (OUTBOX.c.event_id, OUTBOX.c.topic, OUTBOX.c.key, OUTBOX.c.value)
        query = select(*columns).where(OUTBOX.c.written_at < written_before)
        with self._connection.begin():
            rows = self._connection.execute(query.order_by(OUTBOX.c.written_at, OUTBOX.c.place).limit(limit)).all()
        return tuple(OutboxRow(*row) for row in rows)

    def waiting(self) -> tuple[int, int | None]:
        """How many messages nobody reported as delivered yet, and when the oldest was written, µs UTC."""
        with self._connection.begin():
            count, oldest = self._connection.execute(_WAITING).one()
        return count, oldest

    def forget(self, delivered: Collection[bytes]) -> None:
        """Delete outbox rows that the log has."""
        with self._connection.begin():
            _forget(self._connection, delivered)

    def checkpoint(self) -> None:
        """Tidy up between batches what would otherwise delay one."""
        checkpoint(self._connection)

    def due(self, *, now: int, partitions: Collection[int], limit: int = 1000) -> tuple[DeadlinePassed, ...]:
        """The timers that ring now, of cases in these partitions; they ring until ``apply_batch`` has taken them."""
        query = select(CASES.c.case_id, CASES.c.due_at).where(
            CASES.c.due_at <= now, CASES.c.partition.in_(sorted(partitions))
        )
        with self._connection.begin():
            rows = self._connection.execute(query.order_by(CASES.c.due_at).limit(limit)).all()
        return tuple(_rings(case_id, due_at, now) for case_id, due_at in rows)

    def _attempt(
        self, connection: Connection, arrivals: Sequence[Arrival], now: int
    ) -> tuple[Changes, tuple[OutboxRow, ...]]:
        stored = self._stored(connection, concerned(arrivals))
        changes = folded_batch(arrivals, stored, self._definitions, self._running(connection, arrivals, stored))
        writes.write_cases(connection, changes, self._plans)
        writes.write_parts(connection, changes, self._statements)
        writes.write_reports(connection, changes)
        outbox = tuple(self._outbox_rows(changes))
        if outbox:
            self._statements[OUTBOX].execute(connection, list(self._rows_of(outbox, now)))
        return changes, outbox

    def _stored(self, connection: Connection, case_ids: list[str]) -> dict[str, Stored]:
        known = {} if self._recent is None else self._recent.among(case_ids)
        missing = [case_id for case_id in case_ids if case_id not in known]
        if missing:
            rows = connection.execute(_LOAD, {"case_ids": missing}).all()
            known |= {row.case_id: Stored(stored_case(row), row.partition) for row in rows}
        return known

    def _running(
        self, connection: Connection, arrivals: Sequence[Arrival], stored: Mapping[str, Stored]
    ) -> Running | None:
        """The handlings of the subjects who now apply for what may run only once."""
        applied = applied_once(arrivals, self._definitions.handlings)
        new = [each for each in applied if each.case_id not in stored]
        if not new:
            return None
        earliest = min(each.submitted_at for each in new)
        asked = {"subjects": sorted({each.subject for each in new}), "earliest": earliest}
        running: Running = {}
        for row in connection.execute(_RUNNING, asked):
            running.setdefault(open_key_of(row.bundle, row.subject), {})[row.case_id] = row.ended_at
        return running

    def _outbox_rows(self, changes: Changes) -> Iterator[OutboxRow]:
        for each in changes.emits:
            yield self._outbox_row(topic_of(each), each.case_id.encode(), each)
        for refused in changes.refused:
            for record in records_refused(refused.message, refused.refusals, self._seal):
                topic = topic_name("rejected", record.department)
                yield self._outbox_row(topic, record.event_id.hex().encode(), record)

    def _outbox_row(self, topic: str, key: bytes, event: Event) -> OutboxRow:
        return OutboxRow(event.event_id, topic, key, self._codec.encode(event))

    def _rows_of(self, outbox: Iterable[OutboxRow], now: int) -> Iterator[Row]:
        for each in outbox:
            self._place += 1
            yield {
                "event_id": each.event_id,
                "topic": each.topic,
                "key": each.key,
                "value": each.value,
                "place": self._place,
                "written_at": now,
            }


def _forget(connection: Connection, delivered: Collection[bytes]) -> None:
    ids = tuple(delivered)
    for at in range(0, len(ids), FORGOTTEN_AT_ONCE):
        connection.execute(_DELETE_OUTBOX, {"delivered": ids[at : at + FORGOTTEN_AT_ONCE]})


def _rings(case_id: str, due_at: int, now: int) -> DeadlinePassed:
    # Its id follows from the case and what is due: however often it rings, and whoever scans, it is one event.
    event_id = derived_event_id(case_id.encode(), "DeadlinePassed", str(due_at))
    return DeadlinePassed(event_id=event_id, case_id=case_id, at=now)


def _is_contention(fault: OperationalError) -> bool:
    """Whether PostgreSQL broke a deadlock or a serialisation conflict: SQLSTATE class 40."""
    return str(getattr(fault.orig, "sqlstate", "") or "").startswith("40")


_LOAD: Final = STATES.where(CASES.c.case_id.in_(bindparam("case_ids", expanding=True)))
_RUNNING: Final = select(CASES.c.case_id, CASES.c.bundle, CASES.c.subject, CASES.c.ended_at).where(
    CASES.c.subject.in_(bindparam("subjects", expanding=True)),
    CASES.c.kind == HANDLING,
    or_(CASES.c.ended_at.is_(None), CASES.c.ended_at > bindparam("earliest")),
)
_WAITING: Final = select(func.count(), func.min(OUTBOX.c.written_at)).select_from(OUTBOX)
_DELETE_OUTBOX: Final = delete(OUTBOX).where(OUTBOX.c.event_id.in_(bindparam("delivered", expanding=True)))
