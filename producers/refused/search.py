"""Lists over the index: newest first unless asked otherwise, a page and the whole number in one look."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, exists, func, select, tuple_

from producers.refused.records import DISMISSED, MENDED, Place, Refused, Settled, State
from producers.refused.tables import MESSAGES, SETTLED

Sort = Literal["last_at", "-last_at", "door", "-door", "resource", "-resource"]
SORTS: Final[tuple[Sort, ...]] = ("-last_at", "last_at", "door", "-door", "resource", "-resource")
MOST_ATTEMPTS: Final = 50


class Wanted(msgspec.Struct, frozen=True):
    """Which refused records of a department.

    Attributes:
        department: its code.
        state: open, mended, dismissed; None: all.
        door, reason, resource: a door, a reason's code, a resource's code; None: any.
        since, until: µs UTC, of the time when it came last; ``until`` is not included.
        sort: by what; ties by time and id, the same way.
        after: the mark that the page before gave.
        limit: rows on a page.
    """

    department: str
    state: State | None = "open"
    door: str | None = None
    reason: str | None = None
    resource: str | None = None
    since: int | None = None
    until: int | None = None
    sort: Sort = "-last_at"
    after: str | None = None
    limit: int = 50


class Listed(msgspec.Struct, frozen=True):
    """A page; ``total`` counts what was asked for on all pages, ``next_after`` is the mark for the next one."""

    rows: tuple[Refused, ...]
    total: int
    next_after: str | None


class Counts(msgspec.Struct, frozen=True):
    """Of a department: how many are in each state; of the open ones how many by door, reason's code and resource."""

    states: dict[str, int]
    doors: dict[str, int]
    reasons: dict[str, int]
    resources: dict[str, int]


class NotAMark(ValueError):  # noqa: N818  the name is the fact
    """``after`` is no mark that an earlier page gave."""


def listed(engine: Engine, wanted: Wanted) -> Listed:
    """A page of refused records; attempts at mending a record are told with that record, not listed.

    Raises:
        NotAMark: of ``wanted.after``.
    """
    with engine.connect() as connection:
        chosen = _chosen(wanted)
        total = connection.execute(select(func.count()).select_from(_SOURCE).where(*chosen)).scalar_one()
        ordered = _ordered(select(MESSAGES, SETTLED).select_from(_SOURCE).where(*chosen), wanted)
        rows = connection.execute(ordered.limit(wanted.limit + 1)).all()
        shown = rows[: wanted.limit]
        last = _mark(shown[-1], wanted.sort) if len(rows) > wanted.limit else None
        return Listed(tuple(_refused(connection, row) for row in shown), total, last)


def found(engine: Engine, department: str, event_id: str) -> Refused | None:
    """One refused record; the id of any of its parts will do."""
    with engine.connect() as connection:
        whole = select(MESSAGES.c.whole).where(MESSAGES.c.event_id == event_id).scalar_subquery()
        asked = select(MESSAGES, SETTLED).select_from(_SOURCE).where(MESSAGES.c.whole == whole)
        asked = asked.where(MESSAGES.c.department == department).order_by(MESSAGES.c.number).limit(1)
        row = connection.execute(asked).one_or_none()
        return None if row is None else _refused(connection, row)


def attempts(engine: Engine, event_id: str) -> tuple[Refused, ...]:
    """What was sent to mend a record and was refused in turn, newest first."""
    with engine.connect() as connection:
        asked = select(MESSAGES, SETTLED).select_from(_SOURCE).where(MESSAGES.c.attempt_of == event_id, _FIRST)
        asked = asked.order_by(MESSAGES.c.last_at.desc(), MESSAGES.c.event_id).limit(MOST_ATTEMPTS)
        return tuple(_refused(connection, row) for row in connection.execute(asked))


def counts(engine: Engine, department: str) -> Counts:
    """How many refused records a department has."""
    own = (MESSAGES.c.department == department, _FIRST, _NO_ATTEMPT)
    by = (func.coalesce(SETTLED.c.outcome, "open"), MESSAGES.c.door, MESSAGES.c.codes, MESSAGES.c.resource)
    states: Counter[str] = Counter({"open": 0, MENDED: 0, DISMISSED: 0})
    doors, reasons, resources = Counter[str](), Counter[str](), Counter[str]()
    with engine.connect() as connection:
        asked = select(*by, func.count()).select_from(_SOURCE).where(*own).group_by(*by)
        for state, door, codes, resource, count in connection.execute(asked):
            states[state] += count
            if state == "open":
                doors[door] += count
                resources[resource or ""] += count
                reasons.update(dict.fromkeys(codes.split(), count))
    return Counts(dict(states), dict(doors), dict(reasons), dict(resources))


_SOURCE: Final = MESSAGES.outerjoin(SETTLED, SETTLED.c.refused_id == MESSAGES.c.event_id)
_FIRST: Final = MESSAGES.c.number == 1
_ROOT: Final = MESSAGES.alias("root")
# An attempt at another department's record, or at nobody's, is listed like any other: nothing is lost from sight.
_NO_ATTEMPT: Final = ~exists().where(
    _ROOT.c.event_id == MESSAGES.c.attempt_of, _ROOT.c.department == MESSAGES.c.department
)


def _chosen(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = [MESSAGES.c.department == wanted.department, _FIRST, _NO_ATTEMPT]
    if wanted.state == "open":
        chosen.append(SETTLED.c.outcome.is_(None))
    elif wanted.state is not None:
        chosen.append(SETTLED.c.outcome == wanted.state)
    if wanted.door is not None:
        chosen.append(MESSAGES.c.door == wanted.door)
    if wanted.reason is not None:
        chosen.append(MESSAGES.c.codes.contains(f" {wanted.reason} ", autoescape=True))
    if wanted.resource is not None:
        chosen.append(func.coalesce(MESSAGES.c.resource, "") == wanted.resource)
    if wanted.since is not None:
        chosen.append(MESSAGES.c.last_at >= wanted.since)
    if wanted.until is not None:
        chosen.append(MESSAGES.c.last_at < wanted.until)
    return chosen


def _ordered(asked: Select[Any], wanted: Wanted) -> Select[Any]:
    keys = _keys(wanted.sort)
    if wanted.after is not None:
        mark = _mark_values(wanted.after, len(keys))
        asked = asked.where(tuple_(*keys) < mark if wanted.sort.startswith("-") else tuple_(*keys) > mark)
    return asked.order_by(*(key.desc() if wanted.sort.startswith("-") else key.asc() for key in keys))


def _keys(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    named = sort.removeprefix("-")
    first = {"door": MESSAGES.c.door, "resource": func.coalesce(MESSAGES.c.resource, "")}.get(named)
    ties = (MESSAGES.c.last_at, MESSAGES.c.event_id)
    return ties if first is None else (first, *ties)


def _mark(row: Row[Any], sort: Sort) -> str:
    values = [row.last_at, row.event_id]
    named = sort.removeprefix("-")
    first = [] if named == "last_at" else [getattr(row, named) or ""]
    return msgspec.json.encode([*first, *values]).hex()


def _mark_values(mark: str, count: int) -> tuple[str | int, ...]:
    try:
        values: list[str | int] = msgspec.json.decode(bytes.fromhex(mark), type=list[str | int])
    except (ValueError, msgspec.MsgspecError):
        values = []
    if len(values) != count or not isinstance(values[-2], int):
        raise NotAMark(mark)
    return tuple(values)


def _refused(connection: Connection, row: Row[Any]) -> Refused:
    kept = [row]
    if row.parts > 1:
        asked = select(MESSAGES).where(MESSAGES.c.whole == row.whole).order_by(MESSAGES.c.number)
        kept = list(connection.execute(asked))
    return Refused(
        event_id=row.event_id,
        department=row.department,
        door=row.door,
        reasons=tuple(msgspec.json.decode(row.reasons, type=list[str])),
        received_at=row.received_at,
        last_at=row.last_at,
        times=row.times,
        origin=row.origin,
        content_type=row.content_type,
        sealed=row.sealed,
        size_bytes=sum(each.size_bytes for each in kept),
        event_type=row.event_type,
        resource=row.resource,
        places=tuple(Place(each.topic, each.partition, each.offset) for each in kept),
        parts=row.parts,
        state=row.outcome or "open",
        attempt_of=row.attempt_of,
        settled=None if row.outcome is None else _settled(row),
    )


def _settled(row: Row[Any]) -> Settled:
    return Settled(row.outcome, row.became, row.receipt, row.body_digest, row.reason, row.settled_by, row.at)
