"""Refusals at the HTTP door, as ``application/problem+json`` (RFC 9457) with a remedy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a request: the field, a stable kebab-case code, and the reason."""

    field: str
    code: str
    reason: str


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818  it is a value that travels as an exception through the routes
    """A refusal as the caller reads it.

    Attributes:
        status: HTTP status.
        code: stable kebab-case name; the problem's type is ``urn:onething:problem:<code>``.
        title: what happened, Chinese first.
        detail: the place and the cause; never holds personal data.
        remedy: what to do.
        faults: every fault of the request at once.
    """

    status: int
    code: str
    title: str
    detail: str
    remedy: str
    faults: Sequence[Fault] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Title and detail in one line."""
        return f"{self.title}: {self.detail}"

    def body(self) -> dict[str, Any]:
        """The members of the problem document."""
        members: dict[str, Any] = {
            "type": f"urn:onething:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "remedy": self.remedy,
        }
        return members | ({"faults": [msgspec.to_builtins(each) for each in self.faults]} if self.faults else {})


class JsonResponse(Response):
    """A JSON answer; content that is ``bytes`` already is passed on as it is."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode the content."""
        return content if isinstance(content, bytes) else msgspec.json.encode(content)


def problem_response(problem: Problem) -> Response:
    """The problem as a response."""
    return JsonResponse(problem.body(), problem.status, problem.headers, MEDIA_TYPE)


def install_problems(app: FastAPI) -> None:
    """Answer every refusal and every unknown path of this application as a problem document."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_bug)


async def _answer_problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101  registered for this class
    return problem_response(problem)


async def _answer_invalid(_: Request, invalid: Exception) -> Response:
    assert isinstance(invalid, RequestValidationError)  # noqa: S101  registered for this class
    faults = [
        Fault(".".join(map(str, each["loc"][1:])) or "body", "wrong-type", each["msg"]) for each in invalid.errors()
    ]
    return problem_response(request_refused(faults))


async def _answer_http(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101  registered for this class
    return problem_response(
        Problem(
            fault.status_code,
            "http-fault",
            "请求无法处理 / the request cannot be served",
            str(fault.detail),
            "see /docs for the paths and methods of this hub",
            headers=dict(fault.headers or {}),
        )
    )


async def _answer_bug(_: Request, bug: Exception) -> Response:
    """What nobody foresaw: it goes on to the log with its traceback, and tells the caller nothing of what it holds."""
    return problem_response(
        Problem(
            500,
            "internal-fault",
            "网关内部错误 / a fault of the gateway itself",
            f"the request could not be answered ({type(bug).__name__})",
            "nothing is known of what the request did: look at it again; the gateway's log holds the reason",
        )
    )


def request_refused(faults: Sequence[Fault]) -> Problem:
    """422 with every fault of the request."""
    return Problem(
        422,
        "request-refused",
        "请求内容有误 / the request holds faults",
        "; ".join(f"{each.field}: {each.reason}" for each in faults),
        "correct every field named under faults and send the request again",
        faults,
    )
