"""Refusals at the analysts' doors, as ``application/problem+json`` (RFC 9457), Chinese first, with a remedy."""

from typing import Any

import duckdb
import msgspec
from deltalake.exceptions import DeltaError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from analytics.lake.absent_files import LakeFilesAbsent
from analytics.lake.location import LakeUnreachable
from connectors.problems import Fault, Problem, ill_typed, problem_response, request_refused

__all__ = [
    "Fault",
    "Problem",
    "install_problems",
    "json_response",
    "lake_unavailable",
    "not_found",
    "problem_response",
    "request_refused",
]


def json_response(content: Any, status: int = 200) -> Response:
    """A JSON answer; content that is ``bytes`` already is passed on as it is."""
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Response(body, status, media_type="application/json")


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
    return problem_response(ill_typed(invalid))


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
