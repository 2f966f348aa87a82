"""The JSON of a request, within bounds."""

from typing import Any, Final

import msgspec
from starlette.requests import Request

from onething.gateway.problems import Problem
from producers.http_answers import BodyTooLarge, bounded_body

LARGEST_BODY_BYTES: Final = 1 << 20


async def json_of(request: Request) -> Any:
    """The decoded body.

    A page in somebody's browser can send text to this machine without being asked, but not JSON: hence the media type.

    Raises:
        Problem: 415 for another media type, 413 for a body that is too large, 400 for one that is no JSON.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _not_taken()
    try:
        return msgspec.json.decode(await bounded_body(request, LARGEST_BODY_BYTES))
    except BodyTooLarge as fault:
        raise _too_large(str(fault)) from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        # Not the decoder's own words: they may quote the body.
        raise _not_json() from fault


def _not_taken() -> Problem:
    return Problem(
        415,
        "media-type",
        "不支持的媒体类型 / this media type is not taken",
        "the Content-Type is not application/json",
        "send JSON with the header Content-Type: application/json",
    )


def _too_large(detail: str) -> Problem:
    return Problem(413, "body-too-large", "请求体过大 / the body is too large", detail, "send a smaller request")


def _not_json() -> Problem:
    return Problem(
        400,
        "not-json",
        "请求体不是 JSON / the body is no JSON",
        "the body cannot be decoded as JSON in UTF-8",
        "send one JSON object in UTF-8",
    )
