"""The ledger over HTTP: ``GET /v1/ledger`` and ``/v1/ledger/{entry}``, as of any day, out of the lake."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any, Final

import duckdb
import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from analytics.bottlenecks.worked import Identity, Worked
from analytics.http_problems import Fault, Problem, json_response, not_found, request_refused
from analytics.lake.absent_files import LakeFilesAbsent
from analytics.ledger.arrived import arrivals
from analytics.ledger.periods import EntryStanding, Ledger, ledger_at, standings
from analytics.ledger.reductions import reductions
from analytics.ledger.rule import StateName, load_rule
from analytics.ledger.stood import CITY, Stood, history, stood, what_closings_rest_on
from analytics.ledger.view import arrival_view, detail_view, entry_view, ledger_view, period_view
from catalog.ledger.measures import figures, verdicts
from catalog.ledger.model import Entry, EntryKind, Meeting, Reductions
from catalog.ledger.needs import NeedsOf, needs_of
from catalog.ledger.periods import PeriodKind, parts, period_of
from catalog.ledger.standards import load_standards
from catalog.register.changes import LEDGER_ENTRY

_PERCENT: Final = 100
MOST_ENTRIES: Final = 1000
BUNDLES: Final = "bundle."
"""With which the id of a bundle's entry begins."""

Reading = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
"""Opens a DuckDB over the lake for the length of a block."""
RateOf = Callable[[str, date], float | None]
"""One of the hub's rates at the end of a day, a part of 1; ``None`` where there is none, or nothing to count."""

At = Annotated[date | None, Query(description="时点：as of the end of this day in China; today when left out")]
PeriodQuery = Annotated[PeriodKind, Query(description="期：ten-days 旬, month 月, quarter 季, year 年")]

_SORTS: Final[Mapping[str, Callable[[EntryStanding], Any]]] = MappingProxyType(
    {
        "name": lambda each: each.entry.declared.name,
        "state": lambda each: ("overdue", "slipping", "on-time", "undated", "closed").index(each.state),
        "done": lambda each: each.done_share or 0.0,
        "slippage": lambda each: each.slippage_share or 0.0,
        "days_late": lambda each: each.days_late,
        "due": lambda each: each.next_due or date.max,
        "lead": lambda each: each.entry.leads,
    }
)


@dataclass(frozen=True)
class LedgerDoor:
    """What the routes work with; ``rate_of`` shows the hub's own figures beside what was reported.

    ``identity`` tells what the lake's rows until a day are known by, so that what is worked out of them is kept.
    """

    reading: Reading
    rate_of: RateOf | None = None
    needs: NeedsOf = needs_of
    today: Callable[[], date] = lambda: datetime.now(CITY).date()
    identity: Identity | None = None
    worked: Worked = field(default_factory=Worked)


def ledger_router(door: LedgerDoor) -> APIRouter:
    """Routes of the ledger; commands go to the register: ``POST /v1/catalog/ledger-entry/{id}/{action}``."""
    router = APIRouter(prefix="/v1/ledger", tags=["工作台账 ledger"])

    @router.get("", summary="台账：一旬、一月、一季、一年")
    def listed(
        period: PeriodQuery = "month",
        at: At = None,
        lead: str = "",
        state: StateName | None = None,
        kind: EntryKind | None = None,
        sort: str = "",
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 200,
    ) -> Response:
        day = _day(at, door)
        with _lake(door) as connection:
            ledger = ledger_at(connection, day, period)
        found = _sorted(_chosen(ledger, lead, state, kind), sort)
        shown = _page(found, after, limit)
        entries = [entry_view(each, ledger.names) for each in shown]
        last = shown[-1].entry.id if shown and shown[-1] is not found[-1] else None
        return json_response(ledger_view(ledger) | {"total": len(found), "entries": entries, "next_after": last})

    @router.get("/periods", summary="一个时期及其各分期")
    def periods(period: PeriodQuery = "month", at: At = None) -> Response:
        found = period_of(period, at or door.today())
        return json_response(period_view(found) | {"parts": [period_view(each) for each in parts(found)]})

    @router.get("/{entry_id}", summary="一个条目的全部内容")
    def shown(entry_id: str, period: PeriodQuery = "month", at: At = None) -> Response:
        day = _day(at, door)
        detail = _detail(entry_id, day, period, door)
        return json_response(_with_rates(detail, day, door) | {"as_of": str(day)})

    return router


def _detail(entry_id: str, day: date, kind: PeriodKind, door: LedgerDoor) -> dict[str, Any]:
    period = period_of(kind, day)
    with _lake(door) as connection:
        ledger = stood(connection, day)
        rests_on = what_closings_rest_on(connection, day)
        happened = history(connection, LEDGER_ENTRY, entry_id, day)
        needs = door.needs(entry_id.removeprefix(BUNDLES)) if entry_id.startswith(BUNDLES) else None
        arrived = arrivals(connection, needs.resources, rests_on, day) if needs else ()
    found = next((each for each in standings(ledger, day, period, load_rule()) if each.entry.id == entry_id), None)
    if found is None:
        raise not_found(f"{day} 的台账没有条目 {entry_id} / no such entry on that day", "查找：GET /v1/ledger")
    standards, told = load_standards(), _reductions(found.entry, day, door)
    measured = figures(found.entry, rests_on, standards, door.needs, told)
    detail = detail_view(found, verdicts(standards, measured), happened, _meetings(ledger, entry_id), ledger.names)
    reduced = None if told is None else msgspec.to_builtins(told)
    shown = [arrival_view(each) for each in arrived]
    return detail | {"current_period": period_view(period), "reductions": reduced, "arrivals": shown}


def _reductions(entry: Entry, day: date, door: LedgerDoor) -> Reductions | None:
    """四减 as the lake knows them, else as they were told with the entry: a lake that lost cases says nothing."""
    told = entry.measured.reductions if entry.measured else None
    if not entry.bundle:
        return told
    try:
        with door.reading() as connection:
            identity = door.identity(day) if door.identity else None
            return reductions(connection, entry.bundle, day, door.worked, identity) or told
    except LakeFilesAbsent:
        return told


@contextmanager
def _lake(door: LedgerDoor) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake for the length of a block; files that are not there are told as a problem."""
    try:
        with door.reading() as connection:
            yield connection
    except LakeFilesAbsent as absent:
        remedy = str(getattr(absent, "remedy", "从备份恢复缺失的文件 / restore the missing files"))
        title = "湖中文件缺失 / files of the lake are missing"
        raise Problem(503, "lake-files-absent", title, str(absent), remedy) from None


def _meetings(ledger: Stood, entry_id: str) -> tuple[tuple[str, Meeting], ...]:
    """The meetings that dealt with an entry: its own, and those held under another one; the latest first."""
    found = [
        (entry.id, each)
        for entry in ledger.entries
        for each in entry.meetings
        if entry_id == entry.id or entry_id in each.entries
    ]
    return tuple(sorted(found, key=lambda pair: pair[1].on, reverse=True))


def _day(at: date | None, door: LedgerDoor) -> date:
    today = door.today()
    if at is not None and at > today:
        told = f"{at} 还没有到，今天是 {today} / it has not come yet"
        raise request_refused([Fault("at", "in-the-future", told)])
    return at or today


def _chosen(ledger: Ledger, lead: str, state: StateName | None, kind: EntryKind | None) -> list[EntryStanding]:
    return [
        each
        for each in ledger.entries
        if (not lead or lead in each.entry.leads)
        and (state is None or each.state == state)
        and (kind is None or each.entry.kind == kind)
    ]


def _sorted(entries: list[EntryStanding], sort: str) -> list[EntryStanding]:
    if not sort:
        return entries
    by = _SORTS.get(sort.removeprefix("-"))
    if by is None:
        known = f"{sort!r}: one of {', '.join(_SORTS)}, with - before it for the other direction"
        raise request_refused([Fault("sort", "unknown-order", known)])
    return sorted(entries, key=by, reverse=sort.startswith("-"))


def _page(entries: list[EntryStanding], after: str, limit: int) -> list[EntryStanding]:
    if not after:
        return entries[:limit]
    ids = [each.entry.id for each in entries]
    if after not in ids:
        raise request_refused([Fault("after", "no-such-entry", f"{after!r} is not in this list")])
    begins = ids.index(after) + 1
    return entries[begins : begins + limit]


def _with_rates(entry: dict[str, Any], day: date, door: LedgerDoor) -> dict[str, Any]:
    """Beside what was reported of a milestone, what the hub's rate of the same thing is, and whether that is less."""

    def rated(each: dict[str, Any]) -> dict[str, Any]:
        value = door.rate_of(each["rate"], day) if each["rate"] and door.rate_of else None
        above = value is not None and each["done"] is not None and each["done"] > _PERCENT * value
        return each | {"rate_value": value, "reported_above_rate": above}

    return entry | {"milestones": [rated(each) for each in entry["milestones"]]}
