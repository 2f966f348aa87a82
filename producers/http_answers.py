"""Bodies within bounds, and refusals as ``application/problem+json`` (RFC 9457) with a remedy."""

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

PROBLEM: Final = "application/problem+json"


class BodyTooLarge(Exception):  # noqa: N818  the name is the fact
    """A request's body is larger than this door takes."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"the body is larger than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


async def bounded_body(request: Request, limit_bytes: int) -> bytes:
    """The body, never more of it in memory than the limit.

    Raises:
        BodyTooLarge: it is larger, whatever its Content-Length says.
    """
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > limit_bytes:
        raise BodyTooLarge(limit_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise BodyTooLarge(limit_bytes)
    return bytes(body)


def problem(status: int, code: str, title: str, detail: str, remedy: str, **more: Any) -> Response:
    """A refusal of the whole request; none of these texts holds a value of the request."""
    members = {
        "type": f"urn:onething:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "remedy": remedy,
        **more,
    }
    headers = {"retry-after": "5"} if status == 503 else None  # noqa: PLR2004  Service Unavailable
    return Response(msgspec.json.encode(members), status, headers, PROBLEM)


def too_large(fault: BodyTooLarge) -> Response:
    """413."""
    remedy = "分批发送 / send fewer records a request"
    return problem(413, "body-too-large", "请求体过大 / the body is too large", str(fault), remedy)


def answer(status: int, content: Any) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")
