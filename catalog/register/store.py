"""The one writer of the register: commands in, by the rules; changes, history and messages out, in one transaction."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final, Self

import msgspec
import structlog
from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.engine import URL

from catalog.register.canonical import canonical
from catalog.register.changes import CLOCK, RUNG, Command, Entity, RecordedChange, Refusal, State
from catalog.register.rulebook import Done, Rulebook, do
from catalog.register.schema import hold_for_writing, prepare
from catalog.register.tables import ENTITIES, FILTERED, OUTBOX, REGISTER
from catalog.register.transaction import Encode, Index, Transaction, write_fields
from connectors.kafka.outbox import OutboxRow
from connectors.sql import checkpoint, sole_writer, writer_engine

FORGOTTEN_AT_ONCE: Final = 500
"""Delivered messages in a statement; databases take some ten thousand values at most."""

log = structlog.get_logger(__name__)


class Applied(msgspec.Struct, frozen=True):
    """What commands came to; ``repeated`` are the ids of those that had been taken before and changed nothing now."""

    changes: tuple[RecordedChange, ...]
    repeated: tuple[str, ...] = ()


class RefusedCommand(msgspec.Struct, frozen=True):
    """A command that was refused: its place among those given, and every reason."""

    place: int
    command_id: str
    refusals: tuple[Refusal, ...]


class Refused(msgspec.Struct, frozen=True):
    """Nothing was changed, because of these commands."""

    commands: tuple[RefusedCommand, ...]

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Every reason, in the order of the commands."""
        return tuple(refusal for command in self.commands for refusal in command.refusals)


class CatalogStore:
    """The register's writer; to be used by one thread.

    Args:
        url: SQLAlchemy URL, SQLite or PostgreSQL.
        rulebook: what commands do, and what follows.
        encode: how ``CatalogChanged`` is written for the log.
        indexes: what else is written with every change.
        prepares: what those need before the first change, from the entities as they stand.
        cluster_id: of the Kafka cluster that is told of changes; None leaves it open.

    Raises:
        StoreInUse, ForeignStore, NewerStore: see ``connectors.sql`` and ``catalog.register.schema``.
    """

    def __init__(
        self,
        url: str | URL,
        rulebook: Rulebook,
        encode: Encode,
        *,
        indexes: Sequence[Index] = (),
        prepares: Sequence[Callable[[Connection], object]] = (),
        cluster_id: str | None = None,
    ) -> None:
        self._rulebook = rulebook
        self._encode = encode
        self._indexes = tuple(indexes)
        with ExitStack() as opened:
            opened.enter_context(sole_writer(url, writer="catalog process", setting="catalog.database_url"))
            self._engine = writer_engine(url)
            opened.callback(self._engine.dispose)
            prepare(self._engine, cluster_id)
            self._connection = opened.enter_context(self._engine.connect())
            with self._connection.begin():
                hold_for_writing(self._connection)
                _fill_fields(self._connection)
                for prepare_index in prepares:
                    prepare_index(self._connection)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection and the file back."""
        self._opened.close()

    def apply(self, command: Command) -> Applied | Refused:
        """Do one command, or refuse it and change nothing."""
        return self.apply_all((command,))

    def apply_all(self, commands: Sequence[Command], *, dry_run: bool = False) -> Applied | Refused:
        """Do all commands in their order in one transaction, or none: every command's refusals are told at once.

        Args:
            commands: a later one sees what an earlier one changed.
            dry_run: tell what would come of them, and change nothing.
        """
        with self._writing() as (transaction, held):
            done = [do(self._rulebook, transaction, command) for command in commands]
            refused = tuple(_refused(commands, done))
            if refused or dry_run:
                held.rollback()
        if refused:
            return Refused(refused)
        repeated = tuple(command.command_id for command, each in zip(commands, done, strict=True) if each.repeated)
        return Applied(tuple(change for each in done for change in each.changes), repeated)

    def all(self, entity: Entity) -> tuple[State, ...]:
        """Return every entity of a kind, in the order of their ids."""
        with self._writing() as (transaction, _):
            return transaction.find(entity)

    def absent(self, commands: Sequence[Command]) -> tuple[Command, ...]:
        """Return those commands whose entities there never were."""
        with self._connection.begin():
            known = {tuple(row) for row in self._connection.execute(select(ENTITIES.c.entity, ENTITIES.c.entity_id))}
        return tuple(command for command in commands if (command.entity, command.entity_id) not in known)

    def ring(self, *, now: int, limit: int = 500) -> tuple[RecordedChange, ...]:
        """Give every entity that is due its ``RUNG``, the earliest first, and return what came of it.

        The command's time is the instant that was due, not ``now``: a clock that was stopped changes no date. An
        entity that refuses, or that says no later instant, is not rung again before its next change.
        """
        due = self._due(now, limit)
        together = self._rung(due)
        # One that refuses takes nothing from the others: each in a transaction of its own then.
        done = together if together is not None else [each for command in due for each in self._rung_alone(command)]
        return tuple(change for each in done for change in each.changes)

    def outbox(self, *, after: int = 0, limit: int = 1000) -> tuple[tuple[int, OutboxRow], ...]:
        """Messages that nobody reported as delivered, by the number of their change, beyond a number."""
        query = select(OUTBOX).where(OUTBOX.c.number > after).order_by(OUTBOX.c.number).limit(limit)
        with self._connection.begin():
            rows = self._connection.execute(query).all()
        return tuple((row.number, OutboxRow(row.event_id, row.topic, row.key, row.value)) for row in rows)

    def forget(self, delivered: Collection[bytes]) -> None:
        """Delete outbox rows that the log has."""
        ids = tuple(delivered)
        with self._connection.begin():
            for at in range(0, len(ids), FORGOTTEN_AT_ONCE):
                self._connection.execute(_DELETE_OUTBOX, {"delivered": ids[at : at + FORGOTTEN_AT_ONCE]})

    def checkpoint(self) -> None:
        """Tidy up between commands what would otherwise delay one."""
        checkpoint(self._connection)

    @contextmanager
    def _writing(self) -> Iterator[tuple[Transaction, Any]]:
        """A transaction, and the handle by which it is given up; without that it is kept."""
        with self._connection.begin() as held:
            hold_for_writing(self._connection)
            yield Transaction(self._connection, self._encode, self._indexes), held

    def _due(self, now: int, limit: int) -> tuple[Command, ...]:
        order = (ENTITIES.c.due_at, ENTITIES.c.entity, ENTITIES.c.entity_id)
        query = select(*order, ENTITIES.c.version).where(ENTITIES.c.due_at <= now).order_by(*order).limit(limit)
        with self._connection.begin():
            rows = self._connection.execute(query).all()
        return tuple(_ringing(*row) for row in rows)

    def _rung(self, due: Sequence[Command]) -> list[Done] | None:
        """Ring for all of them in one transaction; None when one refuses, and nothing is kept."""
        if not due:
            return []
        with self._writing() as (transaction, held):
            done = [do(self._rulebook, transaction, command) for command in due]
            if any(each.refusals for each in done):
                held.rollback()
                return None
            for command, each in zip(due, done, strict=True):
                if not _says_when(command, each):
                    transaction.silence(command.entity, command.entity_id)
        return done

    def _rung_alone(self, command: Command) -> list[Done]:
        if (done := self._rung((command,))) is not None:
            return done
        with self._writing() as (transaction, held):
            refused = do(self._rulebook, transaction, command)
            held.rollback()
        with self._writing() as (transaction, _):
            transaction.silence(command.entity, command.entity_id)
        for refusal in refused.refusals:
            log.error("clock refused", entity=command.entity, entity_id=command.entity_id, reason=refusal.reason_en)
        return []


def _refused(commands: Sequence[Command], done: Sequence[Done]) -> Iterator[RefusedCommand]:
    for place, (command, each) in enumerate(zip(commands, done, strict=True)):
        if each.refusals:
            yield RefusedCommand(place, command.command_id, each.refusals)


def _says_when(command: Command, done: Done) -> bool:
    """Whether the entity that was rung for changed, and wants to hear nothing more or something later than this."""
    own = [each for each in done.changes if (each.entity, each.entity_id) == (command.entity, command.entity_id)]
    return bool(own) and (own[-1].due_at is None or own[-1].due_at > command.at)


def _ringing(due_at: int, entity: Any, entity_id: str, version: int) -> Command:
    # Its id follows from the entity's version and what is due: however often it is rung, it is one command.
    return Command(
        entity=entity,
        entity_id=entity_id,
        action=RUNG,
        actor=CLOCK,
        at=due_at,
        command_id=f"{CLOCK}/{entity}/{entity_id}/{version}/{due_at}",
        expected_version=version,
    )


def _fill_fields(connection: Connection) -> None:
    """Write anew what entities are found by, when this release finds them by other fields than the last one did."""
    wanted = canonical(FILTERED)
    name = REGISTER.c.name == "filtered"
    if connection.scalar(select(REGISTER.c.value).where(name)) == wanted:
        return
    for row in connection.execute(select(ENTITIES.c.entity, ENTITIES.c.entity_id, ENTITIES.c.state)).all():
        write_fields(connection, row.entity, row.entity_id, msgspec.json.decode(row.state))
    connection.execute(delete(REGISTER).where(name))
    connection.execute(insert(REGISTER), [{"name": "filtered", "value": wanted}])


_DELETE_OUTBOX: Final = delete(OUTBOX).where(OUTBOX.c.event_id.in_(bindparam("delivered", expanding=True)))
