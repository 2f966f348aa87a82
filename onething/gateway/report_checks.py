"""Whether a report is genuine, for whoever holds one: by its verification code, or by the report itself.

Nothing personal is told: what kind of report, of which day, how it stands, and its subject with the middle left out.
"""

import asyncio
import re
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from onething.gateway.case_view import iso
from onething.gateway.json_requests import json_of
from onething.gateway.problems import Fault, JsonResponse, Problem, request_refused
from onething.gateway.stored_cases import CaseStates
from processors.cases import StoreMissing
from processors.cases.views import ReportView
from processors.domain.report import FORMAT, verification_code

SHORT_CODE_LENGTH: Final = 16
"""The first characters of a code that name a report well enough to be typed: 64 bits."""

_CODE: Final = re.compile(r"[0-9a-f]{16,64}")
_EDGE: Final = 4


def report_check_router(reader: CaseStates) -> APIRouter:
    """Routes that anybody may ask."""
    router = APIRouter(prefix="/v1/report-checks", tags=["报告验证 report checks"])

    @router.get("/{code}", summary="按验证码验证报告")
    async def by_code(code: str) -> Response:
        asked = code.strip().lower().replace("-", "")
        if _CODE.fullmatch(asked) is None:
            raise request_refused([Fault("code", "not-a-code", f"{SHORT_CODE_LENGTH} to 64 of 0-9 a-f are due")])
        found = await asyncio.to_thread(_found, reader, asked)
        if found is None:
            raise _no_such_report()
        return JsonResponse(checked(found))

    @router.post("", summary="按报告原文验证")
    async def by_report(request: Request) -> Response:
        report = await json_of(request)
        if not isinstance(report, dict) or report.get("format") != FORMAT:
            raise request_refused([Fault("body", "not-a-report", f"a report of the format {FORMAT} is due, as JSON")])
        if report.get("verification_code") != verification_code(report):
            return JsonResponse({"genuine": False, "changed": True})
        found = await asyncio.to_thread(_found, reader, str(report["verification_code"]))
        if found is None:
            return JsonResponse({"genuine": False, "changed": False})
        return JsonResponse(checked(found))

    return router


def checked(report: ReportView) -> dict[str, Any]:
    """What anybody may know of a report."""
    body = msgspec.json.decode(report.body)
    return {
        "genuine": True,
        "changed": False,
        "status": report.status,
        "title": body["title"],
        "bundle": {"name": body["bundle"]["name"], "document": body["bundle"]["document"]},
        "lead": body["lead"]["name"],
        "number": report.number,
        "issued_on": iso(report.issued_at)[:10],
        "subjects": [covered(each["subject"]) for each in body["subjects"]],
        "short_code": report.verification_code[:SHORT_CODE_LENGTH],
    }


def covered(subject: str) -> str:
    """A subject with the middle of its code left out; of a person nothing but that it is one."""
    kind, _, code = subject.partition(":")
    if kind != "enterprise":
        return "自然人"
    return code[:_EDGE] + "*" * max(len(code) - 2 * _EDGE, _EDGE) + code[-_EDGE:]


def _found(reader: CaseStates, code: str) -> ReportView | None:
    try:
        return reader.report_by_code(code)
    except StoreMissing:
        return None


def _no_such_report() -> Problem:
    return Problem(
        404,
        "no-such-report",
        "没有这份报告 / no such report",
        "no report that went out bears this code",
        "compare the code with the paper, character by character; a paper whose code is not found is not genuine",
    )
