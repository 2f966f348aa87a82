"""The register within one transaction: what a rule may look up, and what its changes are written to."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from catalog.register.canonical import canonical, digest_of
from catalog.register.changes import Change, Command, Entity, RecordedChange, State
from catalog.register.tables import CHANGES, COMMANDS, ENTITIES, ENTITY_FIELDS, FILTERED, OUTBOX
from topics.events import CatalogChanged

CHANGES_TOPIC: Final = "catalog.changes"

Encode = Callable[[CatalogChanged], bytes]
Index = Callable[[Connection, RecordedChange], None]
"""What else is kept up to date with every change, in its transaction."""


class Standing(msgspec.Struct, frozen=True):
    """An entity as it stands."""

    version: int
    state: State


class Transaction:
    """One transaction over the register: a ``Lookup`` for rules, and the only way to write a change."""

    def __init__(self, connection: Connection, encode: Encode, indexes: Iterable[Index] = ()) -> None:
        """Work on this connection, inside the transaction that it has begun and holds for writing."""
        self._connection = connection
        self._encode = encode
        self._indexes = tuple(indexes)
        self._number = connection.scalar(select(func.coalesce(func.max(CHANGES.c.number), 0))) or 0

    def get(self, entity: Entity, entity_id: str) -> State | None:
        """Return the entity's state; ``None``: there is none."""
        found = self.standing(entity, entity_id)
        return None if found is None else found.state

    def standing(self, entity: Entity, entity_id: str) -> Standing | None:
        """Return the entity's version and state."""
        row = self._connection.execute(_STANDING, {"entity": entity, "entity_id": entity_id}).first()
        return None if row is None else Standing(row.version, msgspec.json.decode(row.state))

    def find(self, entity: Entity, /, **fields: str) -> tuple[State, ...]:
        """Return the entities whose fields have these values, in the order of their ids.

        Raises:
            KeyError: the register does not find this entity by such a field.
        """
        rows = self._connection.execute(found_by(entity, fields).order_by(ENTITIES.c.entity_id))
        return tuple(msgspec.json.decode(row.state) for row in rows)

    def digest(self, command_id: str) -> bytes | None:
        """Return what was asked under this id; ``None``: nothing was."""
        found: bytes | None = self._connection.scalar(_COMMAND, {"command_id": command_id})
        return found

    def changes_of(self, command_id: str) -> tuple[RecordedChange, ...]:
        """Return what the command led to: its own changes, and those of the commands that followed from it."""
        own = CHANGES.c.command_id == command_id
        followed = CHANGES.c.command_id.startswith(f"{command_id}/", autoescape=True)
        rows = self._connection.execute(select(CHANGES).where(own | followed).order_by(CHANGES.c.number))
        return tuple(recorded_change(row) for row in rows)

    def record(self, change: Change, command: Command) -> RecordedChange:
        """Write a change: the entity, its history, what it is found by, and the message that tells of it."""
        before = self.standing(change.entity, change.entity_id)
        state = canonical(change.state)
        self._number += 1
        recorded = RecordedChange(
            number=self._number,
            entity=change.entity,
            entity_id=change.entity_id,
            version=1 if before is None else before.version + 1,
            action=change.action,
            actor=command.actor,
            at=command.at,
            # As everybody will read it: lists for tuples, objects for structs.
            state=msgspec.json.decode(state),
            command_id=command.command_id,
            reason=change.reason if change.reason is not None else command.reason,
            due_at=change.due_at,
        )
        self._write(recorded, state)
        return recorded

    def remember(self, command: Command, digest: bytes) -> None:
        """Keep that the command was taken."""
        values = {"command_id": command.command_id, "digest": digest, "at": command.at}
        self._connection.execute(insert(COMMANDS), [values])

    def silence(self, entity: Entity, entity_id: str) -> None:
        """Let the clock ring no more for this entity until a change says when."""
        rows = update(ENTITIES).where(ENTITIES.c.entity == entity, ENTITIES.c.entity_id == entity_id)
        self._connection.execute(rows.values(due_at=None))

    def _write(self, recorded: RecordedChange, state: str) -> None:
        row = msgspec.structs.asdict(recorded) | {"state": state}
        self._connection.execute(insert(CHANGES), [row])
        self._write_entity(recorded, state)
        write_fields(self._connection, recorded.entity, recorded.entity_id, recorded.state)
        self._connection.execute(insert(OUTBOX), [self._message(recorded, state)])
        for index in self._indexes:
            index(self._connection, recorded)

    def _write_entity(self, recorded: RecordedChange, state: str) -> None:
        values = {
            "version": recorded.version,
            "action": recorded.action,
            "changed_at": recorded.at,
            "due_at": recorded.due_at,
            "state": state,
        }
        key = {"entity": recorded.entity, "entity_id": recorded.entity_id}
        if recorded.version == 1:
            self._connection.execute(insert(ENTITIES), [key | values])
        else:
            matching = (ENTITIES.c.entity == recorded.entity, ENTITIES.c.entity_id == recorded.entity_id)
            self._connection.execute(update(ENTITIES).where(*matching).values(**values))

    def _message(self, recorded: RecordedChange, state: str) -> dict[str, Any]:
        told = CatalogChanged(
            event_id=event_id_of(recorded),
            number=recorded.number,
            entity=recorded.entity,
            entity_id=recorded.entity_id,
            version=recorded.version,
            action=recorded.action,
            actor=recorded.actor,
            at=recorded.at,
            reason=recorded.reason,
            state=state,
        )
        return {
            "number": recorded.number,
            "event_id": told.event_id,
            "topic": CHANGES_TOPIC,
            "key": recorded.entity_id.encode(),
            "value": self._encode(told),
        }


def event_id_of(recorded: RecordedChange) -> bytes:
    """The id of the event that tells of this change."""
    return digest_of("CatalogChanged", recorded.entity, recorded.entity_id, str(recorded.version), recorded.command_id)


def found_by(entity: Entity, fields: dict[str, str]) -> Select[Any]:
    """The entities whose fields have these values.

    Raises:
        KeyError: the register does not find this entity by such a field.
    """
    query = select(ENTITIES).where(ENTITIES.c.entity == entity)
    for field, value in fields.items():
        if field not in FILTERED[entity]:
            raise KeyError(f"{entity} is not found by {field!r}, but by: {', '.join(FILTERED[entity])}")
        having = select(ENTITY_FIELDS.c.entity_id).where(
            ENTITY_FIELDS.c.entity == entity, ENTITY_FIELDS.c.field == field, ENTITY_FIELDS.c.value == value
        )
        query = query.where(ENTITIES.c.entity_id.in_(having))
    return query


def write_fields(connection: Connection, entity: str, entity_id: str, state: State) -> None:
    """Write anew what an entity is found by."""
    matching = (ENTITY_FIELDS.c.entity == entity, ENTITY_FIELDS.c.entity_id == entity_id)
    connection.execute(delete(ENTITY_FIELDS).where(*matching))
    rows = [
        {"entity": entity, "entity_id": entity_id, "field": field, "value": value}
        for field in FILTERED.get(entity, ())
        for value in dict.fromkeys(_words(state.get(field)))
    ]
    if rows:
        connection.execute(insert(ENTITY_FIELDS), rows)


def recorded_change(row: Any) -> RecordedChange:
    """A row of ``CHANGES`` as the change that it keeps."""
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for a row as a mapping
    return RecordedChange(**values | {"state": msgspec.json.decode(values["state"])})


def _words(value: object) -> Iterator[str]:
    """What a field is found by: its word, or those of its list; nothing for what is empty or an object."""
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, int):
        yield str(value)
    elif isinstance(value, str) and value:
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _words(each)


_STANDING: Final = select(ENTITIES.c.version, ENTITIES.c.state).where(
    ENTITIES.c.entity == bindparam("entity"), ENTITIES.c.entity_id == bindparam("entity_id")
)
_COMMAND: Final = select(COMMANDS.c.digest).where(COMMANDS.c.command_id == bindparam("command_id"))
