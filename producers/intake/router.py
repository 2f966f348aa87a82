"""``POST /v1/events`` and ``POST /v1/coverage``: an outcome for every record, and a repeat has the same outcome."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from producers.faults import Language
from producers.http_answers import BodyTooLarge, answer, bounded_body, problem, too_large
from producers.intake.desk import Intake
from producers.intake.reading import MEDIA_TYPES, Reading, Record, read_request
from producers.outcomes import Outcome, Receipt, outcome_record, refused_count
from producers.protection import ProtectionUnavailable
from producers.publisher import UndeliveredFacts
from producers.sending import DeliveryFailed, PublisherBusy

SOURCE_HEADER: Final = "onething-source"
"""The department that sends, where the door knows it: a record of another source is refused."""

LARGEST_BODY_BYTES: Final = 16 << 20

_UNAVAILABLE: Final = (PublisherBusy, DeliveryFailed, ProtectionUnavailable)


class CoverageRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``POST /v1/coverage`` takes."""

    source: str
    resource: str
    complete_until: str | int
    source_total: int | None = None


def intake_router(intake: Intake, *, largest_body_bytes: int = LARGEST_BODY_BYTES) -> APIRouter:
    """The routes of the intake; who may call them for which department is for whoever mounts them."""
    router = APIRouter(tags=["intake"])

    @router.post("/v1/events", openapi_extra=_EVENTS, summary="上报数据 / publish facts")
    async def publish(request: Request) -> Response:
        """One draft, an NDJSON or JSON batch, or CloudEvents; every record has its own outcome."""
        try:
            return await _published(intake, request, await bounded_body(request, largest_body_bytes))
        except BodyTooLarge as fault:
            return too_large(fault)
        except _UNAVAILABLE as fault:
            return _unavailable(fault)

    @router.post("/v1/coverage", openapi_extra=_COVERAGE, summary="覆盖声明 / state that a resource is complete")
    async def state_coverage(request: Request) -> Response:
        """State until when a resource is complete; speaks for what came by this door since it opened."""
        try:
            return await _stated(intake, request, await bounded_body(request, largest_body_bytes))
        except BodyTooLarge as fault:
            return too_large(fault)
        except _UNAVAILABLE as fault:
            return _unavailable(fault)

    return router


async def _published(intake: Intake, request: Request, body: bytes) -> Response:
    reading = read_request(_media_type(request), request.headers, body)
    if reading is None:
        return _unsupported()
    if not body.strip():
        return _empty()
    return await _answered(intake, reading, _source(request), _lang(request))


async def _stated(intake: Intake, request: Request, body: bytes) -> Response:
    try:
        asked = msgspec.json.decode(body, type=CoverageRequest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _bad_statement("the body is no {source, resource, complete_until, source_total}")
    if not intake.knows(asked.source) or _source(request) not in (None, asked.source):
        return _bad_statement("source is no department that publishes, or not the one that sends")
    try:
        receipt = await run_in_threadpool(
            intake.state_coverage, asked.source, asked.resource, asked.complete_until, asked.source_total
        )
    except ValueError as fault:
        return _bad_statement(str(fault))
    except UndeliveredFacts as fault:
        return problem(409, "undelivered-facts", "有未送达的记录 / facts are missing", str(fault), fault.remedy)
    return answer(200, {"outcome": "accepted", "receipt": receipt})


async def _answered(intake: Intake, reading: Reading, source: str | None, lang: Language) -> Response:
    if reading.is_batch:
        outcomes = await run_in_threadpool(intake.accept_all, reading.records, source)
        return _batch(reading.records, outcomes, lang)
    outcome = await asyncio.wrap_future(intake.accept(reading.records[0], source))
    record = outcome_record(0, outcome, lang)
    if isinstance(outcome, Receipt):
        return answer(200, record)
    return problem(
        400,
        "record-refused",
        "记录被拒收 / the record was refused",
        "; ".join(f"{each['field']}: {each['reason']}" for each in record["faults"]),
        "按 faults 逐项改正后重发 / correct every fault and send it again",
        **record,
    )


def _batch(records: Sequence[Record], outcomes: Sequence[Outcome], lang: Language) -> Response:
    refused = refused_count(outcomes)
    told = [_in_batch(index, each, outcomes[index], lang) for index, each in enumerate(records)]
    return answer(207 if refused else 200, {"accepted": len(told) - refused, "refused": refused, "outcomes": told})


def _in_batch(index: int, record: Record, outcome: Outcome, lang: Language) -> dict[str, Any]:
    told = outcome_record(index, outcome, lang)
    return told if record.line is None else {**told, "line": record.line}


def _media_type(request: Request) -> str:
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    return media_type.strip() if charset in ("", "utf-8", "utf8") else "?"


def _source(request: Request) -> str | None:
    return request.headers.get(SOURCE_HEADER)


def _lang(request: Request) -> Language:
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


def _unsupported() -> Response:
    return problem(
        415,
        "media-type",
        "不支持的媒体类型 / this media type is not taken",
        "Content-Type is none of " + ", ".join(MEDIA_TYPES) + " in UTF-8",
        "for one record: curl -H 'Content-Type: application/json' --data @record.json …",
    )


def _empty() -> Response:
    return problem(
        400, "empty-body", "请求体为空 / the body is empty", "there is no record in it", "send at least one record"
    )


def _bad_statement(detail: str) -> Response:
    remedy = "send {source, resource, complete_until, source_total}; the time with its offset from UTC"
    return problem(400, "statement-refused", "覆盖声明有误 / the statement cannot be made", detail, remedy)


def _unavailable(fault: PublisherBusy | DeliveryFailed | ProtectionUnavailable) -> Response:
    title = "暂时无法接收 / it cannot be taken right now"
    remedy = f"稍后重发，重发的记录是同一事件 / {fault.remedy}"
    return problem(503, "unavailable", title, str(fault), remedy)


_DRAFT: Final = {
    "type": "object",
    "required": ["type", "source", "resource", "subject", "record_id", "version", "valid_at", "content"],
    "properties": {
        "type": {"type": "string", "examples": ["PenaltyImposed"]},
        "source": {"type": "string", "description": "数源部门"},
        "resource": {"type": "string", "description": "数据资源 <department>.<name>"},
        "subject": {"type": "object", "description": "主体 {kind, id} or {kind, token}"},
        "record_id": {"type": "string"},
        "version": {"type": "integer", "minimum": 0},
        "valid_at": {"type": "string", "format": "date-time"},
        "case_id": {"type": ["string", "null"]},
        "content": {"type": "object"},
    },
}
_LINES: Final = {"schema": {"type": "string", "description": "one draft a line"}}
_EVENTS: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [_DRAFT, {"type": "array", "items": _DRAFT}]}},
            "application/x-ndjson": _LINES,
            "application/cloudevents+json": {"schema": {"type": "object"}},
            "application/cloudevents-batch+json": {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    },
    "responses": {
        "200": {"description": "every record was accepted"},
        "207": {"description": "of a batch some were refused; each has its outcome"},
        "400": {"description": "the record was refused, or the body cannot be read"},
        "413": {"description": "the body is too large"},
        "415": {"description": "the media type is not taken"},
        "503": {"description": "Kafka or the keys cannot be reached; send it again"},
    },
}
_COVERAGE: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["source", "resource", "complete_until"],
                    "properties": {
                        "source": {"type": "string"},
                        "resource": {"type": "string"},
                        "complete_until": {"type": "string", "format": "date-time"},
                        "source_total": {"type": ["integer", "null"], "minimum": 0},
                    },
                }
            }
        },
    },
    "responses": {"200": {"description": "stated"}, "400": {"description": "the statement cannot be made"}},
}
