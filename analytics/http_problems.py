"""Refusals at the analysts' doors, as ``application/problem+json`` (RFC 9457), Chinese first, with a remedy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import duckdb
import msgspec
from deltalake.exceptions import DeltaError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from analytics.lake.absent_files import LakeFilesAbsent
from analytics.lake.location import LakeUnreachable

PROBLEM: Final = "application/problem+json"


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
        headers: of the answer.
    """

    status: int
    code: str
    title: str
    detail: str
    remedy: str
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

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


def json_response(content: Any, status: int = 200) -> Response:
    """A JSON answer; content that is ``bytes`` already is passed on as it is."""
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Response(body, status, media_type="application/json")


def problem_response(problem: Problem) -> Response:
    """The problem as a response."""
    return Response(msgspec.json.encode(problem.body()), problem.status, dict(problem.headers), PROBLEM)


def request_refused(faults: Sequence[Fault]) -> Problem:
    """422 with every fault of the request."""
    return Problem(
        422,
        "request-refused",
        "请求内容有误 / the request holds faults",
        "; ".join(f"{each.field}: {each.reason}" for each in faults),
        "请更正 faults 所列各项后重试 / correct every field named under faults and send the request again",
        faults,
    )


def not_found(detail: str, remedy: str) -> Problem:
    """404: there is no such thing."""
    return Problem(404, "not-found", "未找到 / not found", detail, remedy)


def install_problems(app: FastAPI) -> None:
    """Answer every refusal and every unknown path of this application as a problem document."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    for unavailable in (LakeFilesAbsent, LakeUnreachable, OSError, DeltaError):
        app.add_exception_handler(unavailable, _answer_unavailable)
    app.add_exception_handler(duckdb.OutOfMemoryException, _answer_memory)
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
    title = "请求无法处理 / the request cannot be served"
    remedy = "see /docs for the paths and methods of the analysts' process"
    return problem_response(Problem(fault.status_code, "http-fault", title, str(fault.detail), remedy))


def lake_unavailable(fault: Exception) -> Problem:
    """503: the lake, or a part of it, cannot be read; told with what mends it."""
    if isinstance(fault, LakeFilesAbsent):
        return Problem(503, "lake-file-absent", "数据文件缺失 / data files are not there", str(fault), fault.remedy)
    remedy = getattr(fault, "remedy", "查看数据湖状态 / see how the lake stands: onething lake status")
    title = "数据湖暂不可用 / the lake cannot be read now"
    return Problem(503, "lake-unavailable", title, f"{type(fault).__name__}: {fault}", str(remedy))


async def _answer_unavailable(_: Request, fault: Exception) -> Response:
    return problem_response(lake_unavailable(fault))


async def _answer_memory(_: Request, _fault: Exception) -> Response:
    """The hub's own figures share a bound on memory; what one question needs beyond it, a shorter one may not."""
    return problem_response(
        Problem(
            503,
            "figures-memory",
            "计算所需内存超限 / the figure needs more memory than analysts may take",
            "the query that counts was ended; others go on",
            "请缩短期间后重试，或调大 analyst.sql_memory_mb / ask for a shorter period, or raise analyst.sql_memory_mb",
        )
    )


async def _answer_bug(_: Request, bug: Exception) -> Response:
    """What nobody foresaw: it goes on to the log with its traceback, and tells the caller nothing of what it holds."""
    return problem_response(
        Problem(
            500,
            "internal-fault",
            "分析服务内部错误 / a fault of the analysts' process itself",
            f"the request could not be answered ({type(bug).__name__})",
            "请稍后重试；原因见分析服务日志 / try again; the process's log holds the reason",
        )
    )
