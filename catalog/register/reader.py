"""Readers of the register: on connections that can only read, beside the writer and never in its way."""

from collections.abc import Mapping
from typing import Any, Final, Self

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.engine import URL

from catalog.register.changes import Entity, RecordedChange, State
from catalog.register.differences import Difference, differences
from catalog.register.ordering import Mark, mark_of, mark_text, order_of, stages
from catalog.register.schema import demand_readable
from catalog.register.tables import CHANGES, ENTITIES, OUTBOX
from catalog.register.transaction import found_by, recorded_change
from connectors.sql import reader_engine

MOST_AT_ONCE: Final = 1000
"""Rows on a page, at most."""


class RegisteredEntity(msgspec.Struct, frozen=True):
    """An entity as it stands, with what its last change was."""

    entity: str
    entity_id: str
    version: int
    action: str
    changed_at: int
    due_at: int | None
    state: State


class EntityPage(msgspec.Struct, frozen=True):
    """Entities in their order; ``next_after`` continues, ``None``: these are the last; ``total`` counts all pages'."""

    entities: tuple[RegisteredEntity, ...]
    next_after: str | None
    total: int


class ChangePage(msgspec.Struct, frozen=True):
    """Changes in the order of their numbers; ``next_after`` continues, ``None``: there are no more yet."""

    changes: tuple[RecordedChange, ...]
    next_after: int | None


class RegisterFigures(msgspec.Struct, frozen=True):
    """Changes there ever were, messages not told to the log yet, entities that the clock will ring for."""

    changes: int
    untold: int
    timed: int


class CatalogReader:
    """Reads the register; for as many threads as wish.

    Raises, from every call:
        StoreMissing, OlderStore, NewerStore: see ``catalog.register.schema``.
    """

    def __init__(self, url: str | URL) -> None:
        """Read the store at this URL; nothing is opened before something is asked."""
        self._engine = reader_engine(url)
        self._held = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def get(self, entity: Entity, entity_id: str) -> RegisteredEntity | None:
        """Return the entity as it stands; ``None``: there is none."""
        rows = self._rows(select(ENTITIES).where(ENTITIES.c.entity == entity, ENTITIES.c.entity_id == entity_id))
        return _entity(rows[0]) if rows else None

    def page(
        self,
        entity: Entity,
        fields: Mapping[str, str] | None = None,
        *,
        after: str = "",
        limit: int = 100,
        sort: str = "",
    ) -> EntityPage:
        """Return entities whose fields have these values, beyond the mark ``after`` of the page before.

        Args:
            entity: its kind.
            fields: what is asked for, each a field of ``FILTERED``.
            after: ``next_after`` of the page before in the same order; empty for the first page.
            limit: entities on the page.
            sort: one of ``catalog.register.ordering.orders``, ``-`` before it for descending; by id when empty.

        Raises:
            KeyError: the register does not find this entity by such a field.
            UnknownOrder: it does not list this entity in such an order.
            UnknownMark: ``after`` is no mark of this order.
        """
        wanted, order = min(limit, MOST_AT_ONCE), order_of(entity, sort)
        query = found_by(entity, dict(fields or {}))
        rows: list[Any] = []
        for stage in stages(query, entity, order, mark_of(order, after)):
            if len(rows) <= wanted:
                rows += self._rows(stage.limit(wanted + 1 - len(rows)))
        (counted,) = self._rows(select(func.count()).select_from(query.subquery()))
        shown = rows[:wanted]
        last = Mark(shown[-1].sort_value, shown[-1].entity_id) if len(rows) > wanted else None
        found = tuple(_entity(row) for row in shown)
        return EntityPage(found, None if last is None else mark_text(order, last), counted[0])

    def all(self, entity: Entity, fields: Mapping[str, str] | None = None) -> tuple[RegisteredEntity, ...]:
        """Return every entity whose fields have these values, in the order of their ids.

        Raises:
            KeyError: the register does not find this entity by such a field.
        """
        query = found_by(entity, dict(fields or {}))
        return tuple(_entity(row) for row in self._rows(query.order_by(ENTITIES.c.entity_id)))

    def all_at(self, entity: Entity, at: int) -> tuple[RecordedChange, ...]:
        """Return the last change of every such entity until an instant (µs UTC, itself included), by id."""
        last = (
            select(CHANGES.c.entity_id, func.max(CHANGES.c.version).label("version"))
            .where(CHANGES.c.entity == entity, CHANGES.c.at <= at)
            .group_by(CHANGES.c.entity_id)
            .subquery()
        )
        same = (CHANGES.c.entity_id == last.c.entity_id) & (CHANGES.c.version == last.c.version)
        query = select(CHANGES).join(last, same).where(CHANGES.c.entity == entity)
        return tuple(recorded_change(row) for row in self._rows(query.order_by(CHANGES.c.entity_id)))

    def history(self, entity: Entity, entity_id: str) -> tuple[RecordedChange, ...]:
        """Return every change of an entity, from its first; none when it never was."""
        query = select(CHANGES).where(CHANGES.c.entity == entity, CHANGES.c.entity_id == entity_id)
        return tuple(recorded_change(row) for row in self._rows(query.order_by(CHANGES.c.version)))

    def diff(self, entity: Entity, entity_id: str, first: int, second: int) -> tuple[Difference, ...] | None:
        """Return what differs between two versions of an entity, field by field; ``None``: one of them never was."""
        versions = {change.version: change for change in self.history(entity, entity_id)}
        if first not in versions or second not in versions:
            return None
        return differences(versions[first].state, versions[second].state)

    def changes(self, *, after: int = 0, limit: int = 100) -> ChangePage:
        """Return changes of all entities with numbers beyond ``after``."""
        wanted = min(limit, MOST_AT_ONCE)
        rows = self._rows(select(CHANGES).where(CHANGES.c.number > after).order_by(CHANGES.c.number).limit(wanted + 1))
        found = tuple(recorded_change(row) for row in rows[:wanted])
        return ChangePage(found, found[-1].number if len(rows) > wanted else None)

    def of_command(self, command_id: str) -> tuple[RecordedChange, ...]:
        """Return the changes that a command made by itself."""
        query = select(CHANGES).where(CHANGES.c.command_id == command_id).order_by(CHANGES.c.number)
        return tuple(recorded_change(row) for row in self._rows(query))

    def counts(self) -> dict[str, int]:
        """Return how many there are of each kind of entity."""
        query = select(ENTITIES.c.entity, func.count().label("count")).group_by(ENTITIES.c.entity)
        return {row.entity: row.count for row in self._rows(query.order_by(ENTITIES.c.entity))}

    def figures(self) -> RegisterFigures:
        """Return how much there is of what the process works on."""
        changes = select(func.coalesce(func.max(CHANGES.c.number), 0)).scalar_subquery()
        untold = select(func.count()).select_from(OUTBOX).scalar_subquery()
        timed = select(func.count()).where(ENTITIES.c.due_at.is_not(None)).scalar_subquery()
        (row,) = self._rows(select(changes, untold, timed))
        return RegisterFigures(*row)

    def _rows(self, query: Select[Any]) -> list[Any]:
        if not self._held:
            demand_readable(self._engine)
            self._held = True
        with self._engine.connect() as connection:
            return list(connection.execute(query))


def _entity(row: Any) -> RegisteredEntity:
    return RegisteredEntity(
        row.entity,
        row.entity_id,
        row.version,
        row.action,
        row.changed_at,
        row.due_at,
        msgspec.json.decode(row.state),
    )
