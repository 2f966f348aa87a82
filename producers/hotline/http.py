"""The door of hotlines: complaints come in by the batch, all of a batch or none."""

from asyncio import gather
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from producers.hotline.complaints import (
    MOST_COMPLAINTS,
    ComplaintFault,
    ComplaintShape,
    Known,
    Sealer,
    StatedComplaint,
    complaint_events,
    judge_complaints,
)
from producers.http_answers import BodyTooLarge, answer, bounded_body, problem, too_large
from topics.events import Event

HOTLINE_TOPIC: Final = "hotline"
COMPLAINTS_PATH: Final = "/v1/hotline/complaints"


class ComplaintSink(Protocol):
    """Takes an event under a key; returns when it is durable.

    Raises:
        an exception whose class name is ``NotPublished``: the log did not confirm it in time.
    """

    async def publish_keyed(self, topic: str, key: str, event: Event) -> None:
        """Publish one event."""


@dataclass(frozen=True)
class ComplaintDoor:
    """What the route works with; ``clock`` tells µs UTC, ``not_published`` is what the sink raises."""

    known: Known
    keys: Sealer
    sink: ComplaintSink
    not_published: type[Exception]
    clock: Callable[[], int]
    largest_body_bytes: int


def hotline_router(door: ComplaintDoor) -> APIRouter:
    """The route by which hotlines hand complaints over."""
    router = APIRouter(tags=["热线诉求 hotline"])

    @router.post(COMPLAINTS_PATH, summary="热线诉求登记、办结", status_code=202, openapi_extra=_described())
    async def complaints(request: Request) -> Response:
        if not _is_json(request):
            return _not_json_media()
        try:
            body = await bounded_body(request, door.largest_body_bytes)
        except BodyTooLarge as fault:
            return too_large(fault)
        raw = _decoded(body)
        if raw is None or not raw or len(raw) > MOST_COMPLAINTS:
            return _not_complaints()
        stated, faults = judge_complaints(raw, door.known, door.clock())
        return _refused(faults) if faults else await _taken(door, stated)

    return router


async def _taken(door: ComplaintDoor, stated: Sequence[StatedComplaint]) -> Response:
    events = [(each.shape.complaint_id, event) for each in stated for event in complaint_events(each, door.keys)]
    try:
        # Every one is handed to the log in this order, and they are waited for together.
        await gather(*(door.sink.publish_keyed(HOTLINE_TOPIC, complaint, event) for complaint, event in events))
    except door.not_published:
        return _not_confirmed()
    return answer(202, {"complaints": len(stated), "events": [event.event_id.hex() for _, event in events]})


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _decoded(body: bytes) -> list[Any] | None:
    """What was sent as a list: one complaint, an array, or ``{"complaints": […]}``; None for anything else."""
    try:
        raw = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if isinstance(raw, dict) and raw.keys() == {"complaints"}:
        raw = raw["complaints"]
    if isinstance(raw, dict):
        return [raw]
    return raw if isinstance(raw, list) else None


def _described() -> dict[str, Any]:
    one = ComplaintShape.model_json_schema()
    batch = {"type": "object", "properties": {"complaints": {"type": "array", "items": one}}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": [one, batch]}}}}}


def _refused(faults: Sequence[ComplaintFault]) -> Response:
    return problem(
        422,
        "request-refused",
        "请求内容有误 / the request holds faults",
        f"{len({each.place for each in faults})} complaints hold faults; none of the batch was taken",
        "按 faults 所列逐项更正后重新提交全批 / correct every field named under faults and send the whole batch again",
        faults=[
            {
                "field": f"complaints.{each.place}.{each.field}",
                "code": each.code,
                "reason": f"{each.reason_zh} / {each.reason}",
            }
            for each in faults
        ],
    )


def _not_json_media() -> Response:
    return problem(
        415,
        "media-type",
        "不支持的媒体类型 / this media type is not taken",
        "the Content-Type is not application/json",
        "send JSON with the header Content-Type: application/json",
    )


def _not_complaints() -> Response:
    return problem(
        422,
        "not-complaints",
        "请求中没有可读的诉求 / no complaints can be read",
        f"one complaint, or an array of 1 to {MOST_COMPLAINTS}, is due as JSON in UTF-8",
        "分批发送 / send them in batches of that size",
    )


def _not_confirmed() -> Response:
    return problem(
        503,
        "not-published",
        "日志未确认 / the log did not confirm",
        "some complaints of the batch may be on the log already",
        "重新提交全批，重复不计 / send the whole batch again: a repeat is the same event",
    )
