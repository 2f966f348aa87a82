"""The duty board over HTTP, beside the register's own routes for duties: the board, what is behind it, the limits."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import time_ns
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from catalog.duties.board import STANDING_NAMES, BoardLine, Standing, board, drilled, standing, working_days_left
from catalog.duties.clock import Law
from catalog.duties.days import day_number
from catalog.duties.duty import Duty
from catalog.duties.limits import DutyKind, Limit
from catalog.duties.replay import as_of
from catalog.duties.roll import DutyRoll
from catalog.register.http_problems import json_response
from catalog.register.http_views import iso
from catalog.register.reader import CatalogReader

MOST_BEHIND_A_FIGURE: Final = 1000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

At = Annotated[AwareDatetime | None, Query(description="as of then, ISO 8601 with offset; now when left out")]


def duty_router(
    reader: CatalogReader,
    law: Law,
    now_us: Callable[[], int] = lambda: time_ns() // 1000,
    roll: DutyRoll | None = None,
) -> APIRouter:
    """Routes under ``/v1/duties`` that go before those of single duties; ``roll`` where others use it as well."""
    router = APIRouter(prefix="/v1/duties", tags=["法定时限 legal clock"])
    roll = roll or DutyRoll(reader)

    def past(at: int, department: str = "") -> list[Duty]:
        return [then for each in roll.duties(department) if (then := as_of(each, at, law)) is not None]

    @router.get("/board", summary="义务看板：按部门")
    def shown_board(at: At = None) -> Response:
        instant = now_us() if at is None else _instant(at)
        lines = roll.board(instant, law.days) if at is None else board(past(instant), instant, law.days)
        return json_response(
            {"at": iso(instant), "standings": STANDING_NAMES, "departments": [_line(each) for each in lines]}
        )

    @router.get("/board/{department}", summary="看板数字背后的义务，先到期的在前，逐页")
    def behind(
        department: str,
        stands: Standing | None = None,
        kind: DutyKind | None = None,
        at: At = None,
        after: Annotated[int, Query(ge=0, description="已看过的条数")] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_BEHIND_A_FIGURE)] = MOST_BEHIND_A_FIGURE,
    ) -> Response:
        instant = now_us() if at is None else _instant(at)
        duties = roll.duties(department) if at is None else past(instant, department)
        found = drilled(duties, instant, law.days, department=department, kind=kind or "", stands=stands or "")
        page = found[after : after + limit]
        following = after + limit if after + limit < len(found) else None
        shown = [_behind(each, instant, law) for each in page]
        return json_response({"at": iso(instant), "count": len(found), "duties": shown, "next_after": following})

    @router.get("/limits", summary="法定期限：数据，按依据和施行日")
    def limits(day: date | None = None, place: str = "610100") -> Response:
        number = None if day is None else day_number(day)
        found = [each for each in law.limits if number is None or each.holds(place, number)]
        return json_response({"limits": [_limit(each) for each in found]})

    return router


def _instant(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _line(line: BoardLine) -> dict[str, Any]:
    return {"department": line.department, "counts": line.counts, "in_time": line.in_time}


def _behind(duty: Duty, at: int, law: Law) -> dict[str, Any]:
    return {
        "id": duty.id,
        "kind": duty.kind,
        "entity": duty.entity,
        "entity_id": duty.entity_id,
        "counterpart": duty.counterpart,
        "limit": duty.limit,
        "received_at": iso(duty.received_at),
        "due_at": iso(duty.due_at),
        "provisional": duty.provisional,
        "ended_at": iso(duty.ended_at),
        "breached_at": iso(duty.breached_at),
        "stands": standing(duty, at, law.days),
        "working_days_left": working_days_left(duty, at, law.days),
        "rung": duty.rung,
    }


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "id": limit.id,
        "kind": limit.kind,
        "owed_by": limit.owed_by,
        "legal_basis": limit.legal_basis,
        "basis": limit.basis,
        "known": limit.known,
        "place": limit.place,
        "in_force_from": limit.in_force_from,
        "in_force_until": limit.in_force_until,
        "working_days": limit.working_days,
        "extension_days": limit.extension_days,
        "extension_unit": limit.extension_unit,
        "extensions": limit.extensions,
        "consent": limit.consent,
        "requester_told": limit.requester_told,
        "warn_before_days": limit.warn_before_days,
        "applies_to_running": limit.applies_to_running,
        "note": limit.note,
    }
