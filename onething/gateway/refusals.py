"""``/v1/departments/{code}/refusals``: what a department sent and the hub refused, to be mended and sent again."""

import asyncio
from hashlib import blake2b
from os import urandom
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from onething.gateway.case_publisher import NotPublished
from onething.gateway.handling_acts import demand_department, described, read_body
from onething.gateway.instants import instant_of
from onething.gateway.json_requests import json_of
from onething.gateway.pages import MOST_ON_A_PAGE
from onething.gateway.problems import Fault, JsonResponse, Problem, request_refused
from onething.gateway.refusals_acts import RefusalDoor, body_of, dismissed, retried
from onething.gateway.refusals_request import DismissBody, RetryBody, dismiss_faults, retry_faults
from onething.gateway.refusals_view import counts_view, faults_told, field_view, refused_row
from onething.gateway.verification_request import text_fault
from producers.refused.mending import as_record, faults_of, fields_asked, masked
from producers.refused.records import Refused
from producers.refused.search import Listed, NotAMark, Sort, Wanted, attempts, counts, found, listed
from producers.refused.tail import draft_in
from topics.declarations import HUB
from topics.events import ArchiveRead

PURPOSE: Final = "更正拒收记录"
StateQuery = Literal["open", "mended", "dismissed", "any"]
EventId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


def refusal_router(door: RefusalDoor) -> APIRouter:
    """Routes for departments; ``hub`` is the department of records that are nobody's."""
    router = APIRouter(prefix="/v1/departments", tags=["拒收记录 refused records"])

    @router.get("/{code}/refusals", summary="拒收记录列表")
    async def shown(
        code: str,
        state: StateQuery = "open",
        door_: Annotated[str, Query(alias="door", description="sdk | intake | file | archive | coordinator")] = "",
        reason: Annotated[str, Query(description="a reason's code, such as missing-field")] = "",
        resource: str = "",
        since: Annotated[str, Query(description="ISO 8601 or µs UTC")] = "",
        until: Annotated[str, Query(description="ISO 8601 or µs UTC, not included")] = "",
        sort: Sort = "-last_at",
        after: Annotated[str, Query(description="next_after of the page before")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE)] = 50,
    ) -> Response:
        _demand_known(door, code)
        wanted = Wanted(
            department=code,
            state=None if state == "any" else state,
            door=door_ or None,
            reason=reason or None,
            resource=resource or None,
            since=instant_of("since", since),
            until=instant_of("until", until),
            sort=sort,
            after=after or None,
            limit=limit,
        )
        return JsonResponse(_page(door, await _listed(door, wanted)))

    @router.get("/{code}/refusals/counts", summary="拒收记录数")
    async def counted(code: str) -> Response:
        _demand_known(door, code)
        told = await asyncio.to_thread(counts, door.index.reader, code)
        return JsonResponse({**counts_view(told, door.resources), "behind": door.behind()})

    @router.get("/{code}/refusals/{event_id}", summary="拒收记录")
    async def one(
        code: str,
        event_id: EventId,
        opened_by: Annotated[str, Query(description="who opens the record to mend it; recorded; masked without")] = "",
    ) -> Response:
        refused = await _found(door, code, event_id)
        return JsonResponse(await _whole(door, refused, opened_by.strip()))

    @router.post("/{code}/refusals/{event_id}/retry", summary="更正并重新上报", openapi_extra=described(RetryBody))
    async def retry(code: str, event_id: EventId, request: Request) -> Response:
        body = read_body(RetryBody, await json_of(request), retry_faults)
        return JsonResponse(await retried(door, await _found(door, code, event_id), body))

    @router.post("/{code}/refusals/{event_id}/dismissal", summary="搁置", openapi_extra=described(DismissBody))
    async def dismiss(code: str, event_id: EventId, request: Request) -> Response:
        body = read_body(DismissBody, await json_of(request), dismiss_faults)
        return JsonResponse(await dismissed(door, await _found(door, code, event_id), body))

    return router


async def _listed(door: RefusalDoor, wanted: Wanted) -> Listed:
    try:
        return await asyncio.to_thread(listed, door.index.reader, wanted)
    except NotAMark as fault:
        reason = "is no next_after of an earlier answer in this order"
        raise request_refused([Fault("after", "not-a-mark", reason)]) from fault


def _page(door: RefusalDoor, page: Listed) -> dict[str, Any]:
    rows = [refused_row(each, door.resources) for each in page.rows]
    return {"refusals": rows, "total": page.total, "next_after": page.next_after, "behind": door.behind()}


async def _found(door: RefusalDoor, code: str, event_id: str) -> Refused:
    """The record; of an attempt to mend another one, that other one."""
    _demand_known(door, code)
    refused = await asyncio.to_thread(found, door.index.reader, code, event_id)
    if refused is not None and refused.attempt_of is not None:
        refused = await asyncio.to_thread(found, door.index.reader, code, refused.attempt_of) or refused
    if refused is None:
        raise _no_such_record(code)
    return refused


async def _whole(door: RefusalDoor, refused: Refused, opened_by: str) -> dict[str, Any]:
    if opened_by:
        await _put_on_record(door, refused, opened_by)
    body = await body_of(door, refused)
    draft = draft_in(refused.content_type, body)
    source = None if refused.department == HUB else refused.department
    faults = faults_of(as_record(body, refused.event_id), source, door.resources, door.clock())
    shown = draft if opened_by else masked(draft)
    tried = await asyncio.to_thread(attempts, door.index.reader, refused.event_id)
    resource = door.resources.by_code.get(refused.resource or "")
    return {
        **refused_row(refused, door.resources),
        "opened": bool(opened_by),
        "record": shown if draft is not None else None,
        "text": _text(body) if opened_by and (draft is None or refused.content_type != "application/json") else None,
        "fields": [field_view(each, shown) for each in fields_asked(draft, resource)],
        "faults_now": faults_told(faults),
        "publishable_now": not faults,
        "attempts": [refused_row(each, door.resources) for each in tried],
    }


async def _put_on_record(door: RefusalDoor, refused: Refused, opened_by: str) -> None:
    """Nothing is shown in clear before the log has the read."""
    if wrong := text_fault("opened_by", opened_by):
        raise request_refused([wrong])
    read = ArchiveRead(
        event_id=blake2b(urandom(16), digest_size=16).digest(),
        reader=f"{refused.department}:{opened_by}",
        purpose=PURPOSE,
        subjects=(f"refused:{refused.event_id}",),
        resources=() if refused.resource is None else (refused.resource,),
        record_count=1,
        at=door.clock(),
    )
    try:
        await door.reads.record(read)
    except NotPublished as fault:
        title = "读取未能留痕 / the read could not be recorded"
        raise Problem(503, "read-not-recorded", title, str(fault), "ask again later") from fault


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _demand_known(door: RefusalDoor, code: str) -> None:
    if code != HUB:
        demand_department(door.organisations, code)


def _no_such_record(code: str) -> Problem:
    return Problem(
        404,
        "no-such-refusal",
        "该部门没有这条拒收记录 / the department has no such refused record",
        f"nothing of this id was refused of {code}, or it has not been read yet",
        f"list its records: GET /v1/departments/{code}/refusals",
    )
