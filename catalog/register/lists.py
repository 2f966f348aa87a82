"""The life of a list: drawn up from the register, signed off by another person, published for a period. A pure rule.

A list holds its rows: what the register says later changes no list. A published one never changes; the next period
has a list of its own, compared with the last one that was published.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec.structs import replace

from catalog.name_likeness import normalised
from catalog.register import list_refusals as told
from catalog.register.canonical import canonical, digest_of, plain
from catalog.register.changes import (
    DRAWN_UP,
    LIST,
    PUBLISHED,
    RETURNED,
    SIGNED_OFF,
    Change,
    Command,
    Lookup,
    Refusal,
    State,
    Step,
)
from catalog.register.life import DATA_OFFICE
from catalog.register.list_rows import (
    BROUGHT,
    COLUMNS,
    KEY,
    TITLES,
    ListKind,
    RowDifferences,
    row_differences,
    rows_of,
)
from catalog.register.refusals import not_there, unknown_action

ACTIONS: Final = (DRAWN_UP, SIGNED_OFF, RETURNED, PUBLISHED)
OFFICES: Final[Mapping[ListKind, str]] = MappingProxyType({"high-frequency": "admin-approval"})
"""Who signs off and publishes lists of a kind, where it is not the data office: city plan, task 25."""
MOST_BYTES: Final = 700_000
"""A list travels whole in one message of ``catalog.changes``, which takes a megabyte with all that goes with it."""

Period = Annotated[str, msgspec.Meta(pattern=r"^20[0-9]{2}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?\Z")]
"""A year, a half (2026-H2), a quarter (2026-Q4) or a month (2026-11)."""


class DrawnList(msgspec.Struct, frozen=True, kw_only=True):
    """A list as it stands; times are µs UTC.

    ``rows`` are the register's at ``drawn_up_at`` and ``digest`` follows from them; rows that were brought are of the
    day ``as_of`` (``""``: of the register) and follow from version ``rule_version`` of their rule. ``department`` is
    ``""`` for all of them. ``compared_with`` is the list that was published last (``""``: none), ``differences`` what
    is other here.
    """

    id: str
    kind: ListKind
    period: Period
    department: str
    title: str
    state: Literal["drawn-up", "returned", "signed-off", "published"]
    rows: tuple[dict[str, Any], ...]
    row_count: int
    digest: str
    drawn_up_by: str
    drawn_up_at: int
    as_of: str = ""
    rule_version: int = 0
    compared_with: str = ""
    differences: RowDifferences = RowDifferences()
    returned_because: str = ""
    signed_off_by: str = ""
    signed_off_at: int | None = None
    published_by: str = ""
    published_at: int | None = None


class _Drawing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: ListKind
    period: Period
    department: str = ""
    rows: tuple[dict[str, str | int | None], ...] | None = None
    as_of: Annotated[str, msgspec.Meta(pattern=r"^(20[0-9]{2}-[0-9]{2}-[0-9]{2})?\Z")] = ""
    rule_version: Annotated[int, msgspec.Meta(ge=0)] = 0


class _Acting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    organisation: str = ""


def list_rule(state: State | None, command: Command, lookup: Lookup) -> Step:
    """Return what a command does to a list; msgspec's own error where its payload does not fit."""
    if command.action == DRAWN_UP:
        return _drawn_up(state, command, lookup)
    if command.action not in _STEPS:
        return Step(refusals=(unknown_action(command, ACTIONS),))
    if state is None:
        return Step(refusals=(not_there(command),))
    return _STEPS[command.action](list_of(state), command)


def list_of(state: State) -> DrawnList:
    """Return the list that the register holds in this state."""
    return msgspec.convert(state, DrawnList)


def list_id(kind: ListKind, period: str, department: str = "") -> str:
    """Return the id of a list: ``<kind>.<period>``, with the department behind it where it is of one only."""
    return ".".join(filter(None, (kind, period, department)))


def _drawn_up(state: State | None, command: Command, lookup: Lookup) -> Step:
    asked = msgspec.convert(command.payload, _Drawing)
    standing = None if state is None else list_of(state)
    rows = _rows(asked, lookup)
    refusals = (
        *told.other_id(command, list_id(asked.kind, asked.period, asked.department)),
        *told.is_published(standing is not None and standing.state == "published"),
        *told.nothing_kept(asked.kind == "negative" and not rows),
        *_unfit_rows(asked),
        *told.too_large(len(canonical(rows).encode()), MOST_BYTES),
    )
    if refusals:
        return Step(refusals=refusals)
    digest = digest_of(canonical(rows)).hex()
    if standing is not None and standing.state == "drawn-up" and standing.digest == digest:
        return Step()
    return _step(DRAWN_UP, _compared(_drawn(asked, command, rows, digest), lookup))


def _rows(asked: _Drawing, lookup: Lookup) -> tuple[dict[str, Any], ...]:
    return (asked.rows or ()) if asked.kind in BROUGHT else rows_of(asked.kind, lookup, asked.department)


def _unfit_rows(asked: _Drawing) -> Iterator[Refusal]:
    if asked.kind not in BROUGHT:
        yield from told.rows_not_taken(asked.rows is not None or bool(asked.as_of) or asked.rule_version > 0)
        return
    yield from told.rows_missing(asked.rows is None or not asked.as_of or asked.rule_version < 1)
    columns = {KEY, *COLUMNS[asked.kind]}
    rows = asked.rows or ()
    yield from told.rows_unfit(sum(row.keys() != columns for row in rows), sorted(columns))
    yield from told.rows_repeated(len(rows) - len({row.get(KEY) for row in rows}))


def _drawn(asked: _Drawing, command: Command, rows: tuple[dict[str, Any], ...], digest: str) -> DrawnList:
    return DrawnList(
        id=command.entity_id,
        kind=asked.kind,
        period=asked.period,
        department=asked.department,
        title=TITLES[asked.kind],
        state="drawn-up",
        rows=rows,
        row_count=len(rows),
        digest=digest,
        drawn_up_by=command.actor,
        drawn_up_at=command.at,
        as_of=asked.as_of,
        rule_version=asked.rule_version,
    )


def _compared(drawn: DrawnList, lookup: Lookup) -> DrawnList:
    last = _last_published(drawn, lookup)
    if last is None:
        return drawn
    return replace(drawn, compared_with=last.id, differences=row_differences(last.rows, drawn.rows))


def _last_published(drawn: DrawnList, lookup: Lookup) -> DrawnList | None:
    published = (list_of(each) for each in lookup.find(LIST, kind=drawn.kind, state="published"))
    same = [each for each in published if each.department == drawn.department]
    return max(same, key=lambda each: (each.published_at or 0, each.id), default=None)


def _signed_off(drawn: DrawnList, command: Command) -> Step:
    refusals = tuple(_refused(drawn, command, "drawn-up", drawn.drawn_up_by))
    if refusals:
        return Step(refusals=refusals)
    signed = replace(drawn, state="signed-off", signed_off_by=command.actor, signed_off_at=command.at)
    return _step(SIGNED_OFF, signed)


def _returned(drawn: DrawnList, command: Command) -> Step:
    due = "signed-off" if drawn.state == "signed-off" else "drawn-up"
    refusals = (*_refused(drawn, command, due, ""), *told.without_reason(command))
    if refusals:
        return Step(refusals=refusals)
    back = replace(drawn, state="returned", returned_because=command.reason or "", signed_off_by="", signed_off_at=None)
    return _step(RETURNED, back, command.reason)


def _published(drawn: DrawnList, command: Command) -> Step:
    refusals = tuple(_refused(drawn, command, "signed-off", drawn.drawn_up_by))
    if refusals:
        return Step(refusals=refusals)
    published = replace(drawn, state="published", published_by=command.actor, published_at=command.at)
    return _step(PUBLISHED, published)


def _refused(drawn: DrawnList, command: Command, due: str, drawer: str) -> Iterator[Refusal]:
    acting = msgspec.convert(command.payload, _Acting)
    yield from told.not_the_office(acting.organisation, OFFICES.get(drawn.kind, DATA_OFFICE))
    yield from told.not_at(drawn.state, due)
    if drawer and normalised(drawer) == normalised(command.actor):
        yield told.same_person(command)


def _step(action: str, drawn: DrawnList, reason: str | None = None) -> Step:
    change = Change(entity=LIST, entity_id=drawn.id, action=action, state=plain(drawn), reason=reason)
    return Step(changes=(change,))


_STEPS: Final[Mapping[str, Callable[[DrawnList, Command], Step]]] = MappingProxyType(
    {SIGNED_OFF: _signed_off, RETURNED: _returned, PUBLISHED: _published}
)
