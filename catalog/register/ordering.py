"""In which order the register lists entities, and where a page ends: marks that later inserts do not move."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, and_, exists, null, tuple_

from catalog.register.changes import Entity
from catalog.register.tables import ENTITIES, ENTITY_FIELDS, FILTERED

BY_ID: Final = "entity_id"
BY_CHANGE: Final = "changed_at"
LISTS: Final = frozenset(("resources", "leads", "responsible", "organisations"))
"""Fields of several values: entities are found by them, but stand in no order by them."""


_IDS: Final = ENTITIES.c.entity_id
_NOTHING: Final = null().label("sort_value")


class UnknownOrder(Exception):  # noqa: N818  the name is the fact
    """The register does not list this entity in such an order; ``known`` are the orders that it has."""

    def __init__(self, entity: Entity, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{entity} is not listed by {name!r}, but by: {', '.join(known)}")
        self.name, self.known = name, known


class UnknownMark(Exception):  # noqa: N818  the name is the fact
    """What was given as the end of the page before is no mark of this order."""


@dataclass(frozen=True)
class Order:
    """One order: by a field of the state, by ``entity_id`` or by ``changed_at``; ties go by id."""

    name: str = BY_ID
    descending: bool = False

    @property
    def by_field(self) -> bool:
        """Whether it is a field of the state; entities without a value of it come last, either way."""
        return self.name not in {BY_ID, BY_CHANGE}


@dataclass(frozen=True)
class Mark:
    """Where a page ended: the value (None: among those without one) and id of its last entity."""

    value: str | int | None
    entity_id: str


def orders(entity: Entity) -> tuple[str, ...]:
    """The names by which this kind of entity may be listed."""
    return (BY_ID, BY_CHANGE, *(name for name in FILTERED[entity] if name not in LISTS))


def order_of(entity: Entity, sort: str) -> Order:
    """The order that ``sort`` names, ``-`` before it for descending; by id when it is empty.

    Raises:
        UnknownOrder: there is no such order.
    """
    name = sort.removeprefix("-") or BY_ID
    if name not in orders(entity):
        raise UnknownOrder(entity, name, orders(entity))
    return Order(name, sort.startswith("-"))


def mark_text(order: Order, mark: Mark) -> str:
    """A mark as pages carry it; in the order of ids it is the id itself."""
    if order.name == BY_ID:
        return mark.entity_id
    return urlsafe_b64encode(json.dumps([mark.value, mark.entity_id]).encode()).decode()


def mark_of(order: Order, after: str) -> Mark | None:
    """The mark that a page carried; None for the first page.

    Raises:
        UnknownMark: it is none of this order.
    """
    if not after:
        return None
    if order.name == BY_ID:
        return Mark(after, after)
    try:
        value, entity_id = json.loads(urlsafe_b64decode(after))
    except (Base64Error, ValueError, TypeError) as fault:
        raise UnknownMark(after) from fault
    if not isinstance(entity_id, str) or not _fits(order, value):
        raise UnknownMark(after)
    return Mark(value, entity_id)


def stages(query: Select[Any], entity: Entity, order: Order, mark: Mark | None) -> list[Select[Any]]:
    """The queries whose rows, one after another, are the entities of ``query`` beyond the mark, in this order.

    Each gives the columns of ``ENTITIES`` and ``sort_value``.
    """
    columns = {BY_ID: ENTITIES.c.entity_id, BY_CHANGE: ENTITIES.c.changed_at}
    if order.name in columns:
        column = columns[order.name]
        return [_ordered(query.add_columns(column.label("sort_value")), order, column, mark)]
    without = _without(query, entity, order, mark)
    return [without] if mark is not None and mark.value is None else [_with(query, entity, order, mark), without]


def _with(query: Select[Any], entity: Entity, order: Order, mark: Mark | None) -> Select[Any]:
    named = and_(
        ENTITY_FIELDS.c.entity == entity,
        ENTITY_FIELDS.c.field == order.name,
        ENTITY_FIELDS.c.entity_id == ENTITIES.c.entity_id,
    )
    valued = query.join(ENTITY_FIELDS, named).add_columns(ENTITY_FIELDS.c.value.label("sort_value"))
    return _ordered(valued, order, ENTITY_FIELDS.c.value, mark, ENTITY_FIELDS.c.entity_id)


def _without(query: Select[Any], entity: Entity, order: Order, mark: Mark | None) -> Select[Any]:
    valued = exists().where(
        ENTITY_FIELDS.c.entity == entity,
        ENTITY_FIELDS.c.field == order.name,
        ENTITY_FIELDS.c.entity_id == ENTITIES.c.entity_id,
    )
    blank = query.where(~valued).add_columns(_NOTHING)
    if mark is not None and mark.value is None:
        blank = blank.where(ENTITIES.c.entity_id > mark.entity_id)
    return blank.order_by(ENTITIES.c.entity_id)


def _ordered(query: Select[Any], order: Order, value: Any, mark: Mark | None, ids: Any = _IDS) -> Select[Any]:
    place = tuple_(value, ids)
    if mark is not None:
        last = (mark.value, mark.entity_id)
        query = query.where(place < last if order.descending else place > last)
    turn: Callable[[Any], Any] = (lambda each: each.desc()) if order.descending else (lambda each: each)
    return query.order_by(turn(value), turn(ids))


def _fits(order: Order, value: object) -> bool:
    return isinstance(value, int) if order.name == BY_CHANGE else value is None or isinstance(value, str)
