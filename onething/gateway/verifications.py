"""Ask for a verification, watch its lines fill in, take its report."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from secrets import token_bytes
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from catalog.bundles import Bundle
from onething.gateway.case_ids import RANDOM_LENGTH, case_id_of_key, new_case_id
from onething.gateway.case_news import CaseWaiters, Waiter
from onething.gateway.case_publisher import CaseEventSink, NotPublished
from onething.gateway.case_rows import CaseFilter, CaseRows, PageOf, StoredCase
from onething.gateway.case_view import case_links, case_view, iso
from onething.gateway.json_requests import json_of
from onething.gateway.observation import Figures
from onething.gateway.pages import PageQuery, PageSizeQuery, listed_page
from onething.gateway.patience import Patience, asked_wait_s
from onething.gateway.problems import JsonResponse, Problem, request_refused
from onething.gateway.recent_cases import RecentCases
from onething.gateway.verification_request import RequestedVerification, VerificationBody, judge, text_fault
from processors.domain.report_text import report_text
from topics.events import ReportIssued
from topics.identifiers import enterprise_subject

REQUESTS_TOPIC: Final = "case.requests"
LONGEST_WAIT_S: Final = 60.0
HEARTBEAT_S: Final = 15.0
_SECOND_US: Final = 1_000_000

WaitQuery = Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="long-poll: seconds to wait for news")]
KeyHeader = Annotated[str, Header(alias="Idempotency-Key", description="the same key is the same case")]
PreferHeader = Annotated[str, Header(alias="Prefer", description="wait=N: answer with the report when it is there")]
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": VerificationBody.model_json_schema()}},
    }
}


@dataclass(frozen=True)
class VerificationDoor:
    """What the routes of verifications work with; ``clock`` tells µs UTC."""

    bundles: Mapping[str, Bundle]
    rows: CaseRows
    sink: CaseEventSink
    waiters: CaseWaiters
    figures: Figures
    recent: RecentCases
    clock: Callable[[], int]

    async def stored(self, case_id: str) -> StoredCase | None:
        """The case as its row tells, or as it was just asked for."""
        return await self.rows.stored(case_id) or self.recent.stored(case_id)


def verification_router(door: VerificationDoor) -> APIRouter:
    """Routes for whoever asks for a bundle."""
    router = APIRouter(prefix="/v1/verifications", tags=["核查 verifications"])

    @router.post("", summary="申请核查", status_code=202, openapi_extra=_BODY)
    async def ask(
        request: Request,
        idempotency_key: KeyHeader = "",
        prefer: PreferHeader = "",
        wait_s: WaitQuery = 0,
    ) -> Response:
        asked = _judged(await json_of(request), door.bundles)
        waits_s = min(asked_wait_s(prefer, wait_s), LONGEST_WAIT_S)
        if not idempotency_key:
            case_id = new_case_id(door.clock(), token_bytes(RANDOM_LENGTH))
            return await _opened(door, asked, case_id, waits_s)
        return await _opened_once(door, asked, idempotency_key, waits_s)

    @router.get("", summary="核查办件列表")
    async def listed(
        status: str | None = None,
        bundle: str | None = None,
        subject: str | None = None,
        page: PageQuery = "",
        page_size: PageSizeQuery = 50,
    ) -> Response:
        only = CaseFilter(status, bundle, None if subject is None else _subject(subject))
        found = await listed_page(door.rows.cases(only, PageOf(page_size, page or None)))
        return JsonResponse({"verifications": found.rows, "next_page": found.next_page})

    @router.get("/{case_id}", summary="核查进展与结果")
    async def shown(case_id: str, wait_s: WaitQuery = 0, after_revision: int = 0) -> Response:
        stored = await awaited(door, case_id, lambda case: case.case.revision > after_revision, wait_s)
        return JsonResponse(case_view(stored.case, stored.report))

    @router.get("/{case_id}/report", summary="核查报告")
    async def report(
        case_id: str,
        wait_s: WaitQuery = 0,
        format_: Annotated[Literal["json", "text"], Query(alias="format")] = "json",
        lang: Literal["zh", "en"] = "zh",
    ) -> Response:
        stored = await awaited(door, case_id, _is_reported, wait_s)
        if stored.report is None:
            raise _no_report_yet(stored)
        if format_ == "text":
            return PlainTextResponse(report_text(msgspec.json.decode(stored.report), lang))
        return JsonResponse(stored.report)

    @router.get("/{case_id}/events", summary="核查进展 (server-sent events)")
    async def events(case_id: str) -> Response:
        await awaited(door, case_id, lambda _: True, 0)
        return StreamingResponse(
            event_stream(door, case_id), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    return router


async def awaited(
    door: VerificationDoor, case_id: str, enough: Callable[[StoredCase], bool], wait_s: float
) -> StoredCase:
    """The case as soon as it is enough, or as it is when the time is over.

    Raises:
        Problem: 404 for a case that nobody knows of.
    """
    patience = Patience(wait_s)
    with door.waiters.waiting(case_id) as waiter:
        stored = await door.stored(case_id)
        while stored is not None and not enough(stored) and not patience.is_over:
            await waiter.next(patience.next_look_s)
            stored = await door.stored(case_id)
    if stored is None:
        raise _no_such_case(case_id)
    return stored


async def _opened_once(door: VerificationDoor, asked: RequestedVerification, key: str, waits_s: float) -> Response:
    if fault := text_fault("Idempotency-Key", key):
        raise request_refused([fault])
    case_id = case_id_of_key(key, asked.requested_by)
    stored = await door.stored(case_id)
    if stored is None:
        return await _opened(door, asked, case_id, waits_s)
    if not asked.is_asked_by(stored.case.request):
        raise _key_reused(case_id)
    stored = await awaited(door, case_id, _is_reported, waits_s)
    return JsonResponse(case_view(stored.case, stored.report), 200, _location(case_id))


async def _opened(door: VerificationDoor, asked: RequestedVerification, case_id: str, waits_s: float) -> Response:
    event = asked.event(case_id, door.clock())
    with door.waiters.waiting(case_id) as waiter:
        try:
            await door.sink.publish(REQUESTS_TOPIC, event)
        except NotPublished as fault:
            raise _not_confirmed(str(fault)) from fault
        door.recent.add(event)
        door.figures.verifications.labels(asked.bundle.id).inc()
        news = await _report_news(door, waiter, case_id, waits_s)
    if news is None:
        body = {"case_id": case_id, "status": "running", "links": case_links(case_id)}
        return JsonResponse(body, 202, _location(case_id))
    door.figures.report_seconds.observe((door.clock() - event.requested_at) / _SECOND_US)
    headers = {**_location(case_id), "Preference-Applied": f"wait={waits_s:g}"}
    return JsonResponse(_reported(case_id, news.revision, news.report), 201, headers)


@dataclass(frozen=True)
class _Report:
    revision: int
    report: bytes


async def _report_news(door: VerificationDoor, waiter: Waiter, case_id: str, waits_s: float) -> _Report | None:
    """The report as the log or the row brings it, whichever is first; None when the time is over."""
    patience = Patience(waits_s)
    while not patience.is_over:
        news = await waiter.next(patience.next_look_s)
        if isinstance(news, ReportIssued) and news.kind != "superseded":
            return _Report(news.revision, news.body.encode())
        if news is None and (stored := await door.rows.stored(case_id)) and stored.report is not None:
            return _Report(stored.case.revision, stored.report)
    return None


def _reported(case_id: str, revision: int, report: bytes) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "status": "reported",
        "revision": revision,
        "report": msgspec.Raw(report),
        "links": case_links(case_id),
    }


async def event_stream(door: VerificationDoor, case_id: str) -> AsyncGenerator[bytes, None]:
    """The case as server-sent events: as it stands, then each revision; a comment now and then shows that it lives."""
    revision = -1
    with door.waiters.waiting(case_id) as waiter:
        while True:
            stored = await door.stored(case_id)
            if stored is not None and stored.case.revision > revision:
                revision = stored.case.revision
                view = msgspec.json.encode(case_view(stored.case, stored.report))
                yield b"id: %d\nevent: case\ndata: %s\n\n" % (revision, view)
            if await waiter.next(HEARTBEAT_S) is None:
                yield b": still here\n\n"


def _judged(raw: object, bundles: Mapping[str, Bundle]) -> RequestedVerification:
    judged = judge(raw, bundles)
    if isinstance(judged, list):
        raise request_refused(judged)
    return judged


def _subject(text: str) -> str:
    return text if ":" in text else enterprise_subject(text)


def _is_reported(stored: StoredCase) -> bool:
    return stored.report is not None


def _location(case_id: str) -> dict[str, str]:
    return {"Location": f"/v1/verifications/{case_id}"}


def _no_such_case(case_id: str) -> Problem:
    return Problem(
        404,
        "no-such-case",
        "没有这个办件 / no such case",
        f"no case has the id {case_id[:64]!r}",
        "list the cases: GET /v1/verifications; or ask for one: POST /v1/verifications",
    )


def _no_report_yet(stored: StoredCase) -> Problem:
    deadline = iso(stored.case.request.deadline_at)
    return Problem(
        404,
        "no-report-yet",
        "报告尚未出具 / there is no report yet",
        f"the case is {stored.case.status}; its report is due by {deadline}",
        "ask again with wait_s=60 to be answered as soon as it is there",
        headers={"Retry-After": "1"},
    )


def _key_reused(case_id: str) -> Problem:
    return Problem(
        422,
        "idempotency-key-reused",
        "幂等键已用于另一申请 / this idempotency key was used for another request",
        f"case {case_id} was opened with this key and asks something else",
        "send a new Idempotency-Key with a new request",
    )


def _not_confirmed(detail: str) -> Problem:
    return Problem(
        503,
        "not-confirmed",
        "申请未能确认写入 / the log did not confirm the request",
        detail,
        "send it again with the same Idempotency-Key; see what runs: onething doctor",
        headers={"Retry-After": "2"},
    )
