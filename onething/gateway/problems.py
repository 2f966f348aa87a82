"""Refusals at the HTTP door, as ``application/problem+json`` (RFC 9457) with a remedy."""

from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from connectors.problems import Fault, Problem, ill_typed, problem_response, request_refused

__all__ = [
    "Fault",
    "JsonResponse",
    "Problem",
    "install_problems",
    "problem_response",
    "request_refused",
]


class JsonResponse(Response):
    """A JSON answer; content that is ``bytes`` already is passed on as it is."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode the content."""
        return content if isinstance(content, bytes) else msgspec.json.encode(content)


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
    return problem_response(ill_typed(invalid))


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
