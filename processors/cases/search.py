"""Finding cases: what narrows a list, its orders, and pages that stay right while cases are added."""

from typing import Any, Final, Literal

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from processors.cases.tables import CASE_DEPARTMENTS, CASES, OPEN_ENDED
from processors.domain.checks import territory_prefix

MOST_PER_PAGE: Final = 500
OPEN: Final = "open"
ENDED: Final = "ended"
Order = Literal["newest", "oldest", "due", "due-last"]
COUNTED_AT_MOST: Final = 1_000_000
"""Cases of a list that are counted; of more nobody needs the number."""

_MARK: Final = "~"
_BY_DEADLINE: Final = frozenset(("due", "due-last"))
_ASCENDING: Final = frozenset(("oldest", "due"))


class CaseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases are listed; None does not narrow. Times in µs UTC, from ≤ t < until.

    Attributes:
        state: ``open``, ``ended``, or one of the words of ``status``.
        department: takes part, or leads.
        place: where it was received or is handled: a region code, whose trailing zeros stand for all below it.
        due_after: with ``due_before``: the deadline of the whole case; those without one are due never.
    """

    subject: str | None = None
    status: str | None = None
    bundle: str | None = None
    requested_by: str | None = None
    requested_from: int | None = None
    requested_until: int | None = None
    kind: str | None = None
    state: str | None = None
    department: str | None = None
    lead: str | None = None
    channel: str | None = None
    place: str | None = None
    overdue: bool | None = None
    due_after: int | None = None
    due_before: int | None = None


class CaseSummary(msgspec.Struct, frozen=True):
    """A case in a list; ``deadline_at`` is None where nothing states how long it may take."""

    case_id: str
    revision: int
    bundle: str
    subject: str
    requested_by: str
    status: str
    requested_at: int
    deadline_at: int | None
    kind: str = "verification"
    lead: str = ""
    channel: str | None = None
    mode: str | None = None
    received_place: str | None = None
    handled_place: str | None = None
    overdue: bool = False
    ended_at: int | None = None
    stars: int | None = None


class CasePage(msgspec.Struct, frozen=True):
    """A page of cases; ``next_page`` is None on the last one, ``total`` counts all pages' (``COUNTED_AT_MOST``)."""

    cases: tuple[CaseSummary, ...]
    next_page: str | None
    total: int


def cases_query(wanted: CaseFilter, order: Order, page: str | None) -> Select[Any]:
    """Cases in order from where the page begins.

    Raises:
        ValueError: ``page`` is not a ``next_page`` of an earlier answer.
    """
    query = select(*(CASES.c[name] for name in CaseSummary.__struct_fields__))
    query = query.where(*_conditions(wanted))
    begun: Any = CASES.c.requested_at
    if wanted.department is not None:
        query = query.join(CASE_DEPARTMENTS, CASE_DEPARTMENTS.c.case_id == CASES.c.case_id)
        query = query.where(CASE_DEPARTMENTS.c.department == wanted.department)
        begun = CASE_DEPARTMENTS.c.requested_at  # the same instant, in the index that is walked
    instant = CASES.c.deadline_at if order in _BY_DEADLINE else begun
    walked = ascending if order in _ASCENDING else descending
    return walked(query, instant, CASES.c.case_id, page)


def cases_count(wanted: CaseFilter) -> Select[Any]:
    """How many cases there are, ``COUNTED_AT_MOST`` at most."""
    found = select(CASES.c.case_id).where(*_conditions(wanted))
    if wanted.department is not None:
        found = found.join(CASE_DEPARTMENTS, CASE_DEPARTMENTS.c.case_id == CASES.c.case_id)
        found = found.where(CASE_DEPARTMENTS.c.department == wanted.department)
    return select(func.count()).select_from(found.limit(COUNTED_AT_MOST).subquery())


def ascending(query: Select[Any], instant: Any, key: Any, page: str | None) -> Select[Any]:
    """Rows by an instant and a key that tells them apart, from behind the mark of a page."""
    query = query.order_by(instant, key)
    if page is None:
        return query
    at, last = place(page)
    return query.where(instant >= at, or_(instant > at, and_(instant == at, key > last)))


def descending(query: Select[Any], instant: Any, key: Any, page: str | None) -> Select[Any]:
    """The same the other way round."""
    query = query.order_by(instant.desc(), key.desc())
    if page is None:
        return query
    at, last = place(page)
    return query.where(instant <= at, or_(instant < at, and_(instant == at, key < last)))


def mark(at: int, key: str) -> str:
    """Where a page ended: what the next one is asked with."""
    return f"{at}{_MARK}{key}"


def place(page: str) -> tuple[int, str]:
    """The instant and the key of a mark.

    Raises:
        ValueError: it is none.
    """
    at, found, key = page.partition(_MARK)
    if not found or not at.lstrip("-").isdigit() or len(at) > len(str(OPEN_ENDED)):
        raise ValueError("page is not a next_page of an earlier answer")
    return int(at), key


def case_mark(last: CaseSummary, order: Order) -> str:
    """Where a page of cases ended."""
    if order in _BY_DEADLINE:
        return mark(OPEN_ENDED if last.deadline_at is None else last.deadline_at, last.case_id)
    return mark(last.requested_at, last.case_id)


def case_summary(row: Any) -> CaseSummary:
    """A row of ``cases_query``."""
    deadline_at = None if row.deadline_at == OPEN_ENDED else row.deadline_at
    return CaseSummary(**{**row._mapping, "deadline_at": deadline_at})  # noqa: SLF001  SQLAlchemy's public name for it


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    equal = ("subject", "status", "bundle", "requested_by", "kind", "lead", "channel", "overdue")
    found = [CASES.c[name] == value for name in equal if (value := getattr(wanted, name)) is not None]
    spans = (
        (CASES.c.requested_at, wanted.requested_from, wanted.requested_until),
        (CASES.c.deadline_at, wanted.due_after, _due_before(wanted)),
    )
    for column, begin, end in spans:
        found += [] if begin is None else [column >= begin]
        found += [] if end is None else [column < end]
    return [*found, *_state(wanted.state), *_place(wanted.place)]


def _due_before(wanted: CaseFilter) -> int | None:
    return OPEN_ENDED if wanted.due_after is not None and wanted.due_before is None else wanted.due_before


def _state(state: str | None) -> list[ColumnElement[bool]]:
    match state:
        case None:
            return []
        case "open":
            return [CASES.c.ended_at.is_(None)]
        case "ended":
            return [CASES.c.ended_at.is_not(None)]
        case _:
            return [CASES.c.status == state]


def _place(code: str | None) -> list[ColumnElement[bool]]:
    if code is None:
        return []
    return [or_(_lies_in(CASES.c.received_place, code), _lies_in(CASES.c.handled_place, code))]


def _lies_in(column: Any, code: str) -> ColumnElement[bool]:
    prefix = territory_prefix(code)
    if not prefix.isdecimal() or not prefix.isascii():
        return column.is_not(None) if code and not prefix else column == code  # type: ignore[no-any-return]
    # A span, which an index serves: digits sort alike under every collation.
    return and_(column >= prefix, column < str(int(prefix) + 1).zfill(len(prefix)))
