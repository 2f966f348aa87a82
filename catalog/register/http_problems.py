"""Refusals at the register's door, as ``application/problem+json`` (RFC 9457), in Chinese and English with a remedy."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from catalog.register.changes import Refusal
from catalog.register.registrar import RegistrarEnded
from catalog.register.store import Refused
from connectors.sql import StoreError

PROBLEM: Final = "application/problem+json"

_STATUS: Final = {"entity_id": 404, "entity": 404, "expected_version": 409, "command_id": 409}
"""Refusals of these fields say more than that something was wrong."""


class Problem(Exception):  # noqa: N818  it is a value that travels as an exception through the routes
    """A refusal as the caller reads it."""

    def __init__(self, status: int, code: str, title: str, refusals: Sequence[tuple[int, Refusal]]) -> None:
        self.status, self.code, self.title = status, code, title
        self.refusals = tuple(refusals)
        super().__init__(title)

    def body(self) -> dict[str, Any]:
        """The members of the problem document; ``faults`` names every one, ``place`` the command that it is in."""
        return {
            "type": f"urn:onething:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": "; ".join(f"{each.field}: {each.reason} {each.reason_en}" for _, each in self.refusals),
            "remedy": "; ".join(dict.fromkeys(f"{each.remedy} {each.remedy_en}" for _, each in self.refusals)),
            "faults": [{"place": place} | msgspec.to_builtins(each) for place, each in self.refusals],
        }


def json_response(content: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def refused(answer: Refused) -> Problem:
    """The register's refusal of commands."""
    every = [(command.place, each) for command in answer.commands for each in command.refusals]
    statuses = {_STATUS.get(each.field, 422) for _, each in every}
    status = statuses.pop() if len(statuses) == 1 else 422
    return Problem(status, "command-refused", "操作未被接受 / the command is refused", every)


def request_refused(*refusals: Refusal) -> Problem:
    """422: the request itself is wrong."""
    return Problem(422, "request-refused", "请求内容有误 / the request holds faults", [(0, each) for each in refusals])


def not_found(field: str, what: str) -> Problem:
    """404: there is no such thing."""
    refusal = Refusal(
        field=field,
        reason=f"没有 {what}",
        reason_en=f"there is no {what}",
        remedy="请核对标识",
        remedy_en="check the identifier",
    )
    return Problem(404, "not-found", "未找到 / not found", [(0, refusal)])


def install_problems(app: FastAPI) -> None:
    """Answer every refusal and every unknown path of this application as a problem document."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RegistrarEnded, _answer_unavailable)
    app.add_exception_handler(StoreError, _answer_unavailable)


async def _answer_problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101  registered for this class
    return _response(problem.status, problem.body())


async def _answer_invalid(request: Request, invalid: Exception) -> Response:
    assert isinstance(invalid, RequestValidationError)  # noqa: S101  registered for this class
    refusals = [_wrong_type(".".join(map(str, each["loc"][1:])) or "body", each["msg"]) for each in invalid.errors()]
    return await _answer_problem(request, request_refused(*refusals))


async def _answer_http(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101  registered for this class
    return _response(
        fault.status_code,
        {
            "type": "urn:onething:problem:http-fault",
            "title": "请求无法处理 / the request cannot be served",
            "status": fault.status_code,
            "detail": str(fault.detail),
            "remedy": "see /docs for the paths and methods of the register",
        },
    )


async def _answer_unavailable(_: Request, fault: Exception) -> Response:
    return _response(
        503,
        {
            "type": "urn:onething:problem:register-unavailable",
            "title": "登记簿暂不可用 / the register cannot answer now",
            "status": 503,
            "detail": str(fault),
            "remedy": str(getattr(fault, "remedy", "see what runs: onething doctor")),
        },
    )


def _wrong_type(field: str, reason: str) -> Refusal:
    return Refusal(
        field=field,
        reason=f"格式不符：{reason}",
        reason_en=reason,
        remedy="请按接口说明更正",
        remedy_en="correct the field as /docs describes it",
    )


def _response(status: int, members: dict[str, Any]) -> Response:
    headers = {"retry-after": "2"} if status == 503 else None  # noqa: PLR2004  Service Unavailable
    return Response(msgspec.json.encode(members), status, headers, PROBLEM)
