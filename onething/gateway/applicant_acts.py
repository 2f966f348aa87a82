"""What applicants do after the submission: supply what is missing, withdraw, judge how the case was handled."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from onething.gateway.application_request import SupplementBody, read_supplement, supplied
from onething.gateway.applications import REQUESTS_TOPIC, ApplicationDoor
from onething.gateway.case_ids import digest
from onething.gateway.case_seal import COMMENT, opened_form, sealed_form, sealed_text
from onething.gateway.handling_acts import LONGEST_WAIT_S, acted, described, found, read_body
from onething.gateway.handling_rows import StoredHandling
from onething.gateway.handling_view import handling_view
from onething.gateway.json_requests import json_of
from onething.gateway.problems import Fault, JsonResponse, request_refused
from onething.gateway.verification_request import text_fault
from topics.events import ApplicationSupplemented, ApplicationWithdrawn, CaseEvaluated

MOST_STARS: Final = 5
LONGEST_COMMENT: Final = 2000

WaitQuery = Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait until the case has taken it")]


class WithdrawalBody(BaseModel):
    """The applicant no longer wants it (撤回)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(default="", description="理由, required")
    withdrawn_by: str = Field(default="", description="撤回人, required")


class EvaluationBody(BaseModel):
    """How the case was handled (好差评)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    stars: int = Field(default=0, description="1 (非常不满意) to 5 (非常满意), required")
    comment: str | None = Field(default=None, description="评价内容; sealed on the log")
    evaluated_by: str = Field(default="", description="评价人, required")


def applicant_act_router(door: ApplicationDoor) -> APIRouter:
    """Routes for applicants with a case."""
    router = APIRouter(prefix="/v1/applications", tags=["办件 applications"])

    @router.post("/{case_id}/supplement", summary="补正、容缺补交", openapi_extra=described(SupplementBody))
    async def supplement(case_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body, faults = read_supplement(await json_of(request))
        if faults:
            raise request_refused(faults)
        stored = await found(door.handlings, case_id)
        return await _done(door, stored, _supplemented(door, stored, body), wait_s)

    @router.post("/{case_id}/withdraw", summary="撤回申请", openapi_extra=described(WithdrawalBody))
    async def withdraw(case_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = read_body(WithdrawalBody, await json_of(request), _withdrawal_faults)
        stored = await found(door.handlings, case_id)
        return await _done(door, stored, _withdrawn(case_id, body, door.handlings.clock()), wait_s)

    @router.post("/{case_id}/evaluation", summary="好差评", openapi_extra=described(EvaluationBody))
    async def evaluate(case_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = read_body(EvaluationBody, await json_of(request), _evaluation_faults)
        stored = await found(door.handlings, case_id)
        return await _done(door, stored, _evaluated(door, case_id, body), wait_s)

    return router


async def _done(door: ApplicationDoor, stored: StoredHandling, event: Any, wait_s: float) -> Response:
    stored, taken = await acted(door.handlings, stored, REQUESTS_TOPIC, event, wait_s)
    return JsonResponse(handling_view(stored), 200 if taken else 202)


def _supplemented(door: ApplicationDoor, stored: StoredHandling, body: SupplementBody) -> ApplicationSupplemented:
    """The event; a corrected form holds all of its fields, those that were not corrected as they were."""
    case_id, at_us = stored.handling.case_id, door.handlings.clock()
    form: bytes | None = None
    form_digest: bytes | None = None
    if body.form:
        before = opened_form(door.keys, case_id, stored.handling.application.form)
        form, form_digest = sealed_form(door.keys, case_id, before | body.form)
    return ApplicationSupplemented(
        event_id=digest("ApplicationSupplemented", case_id, str(at_us), body.supplemented_by),
        case_id=case_id,
        materials=supplied(body.materials),
        form=form,
        form_digest=form_digest,
        supplemented_by=body.supplemented_by.strip(),
        at=at_us,
    )


def _withdrawn(case_id: str, body: WithdrawalBody, at_us: int) -> ApplicationWithdrawn:
    return ApplicationWithdrawn(
        event_id=digest("ApplicationWithdrawn", case_id, str(at_us)),
        case_id=case_id,
        reason=body.reason.strip(),
        withdrawn_by=body.withdrawn_by.strip(),
        at=at_us,
    )


def _evaluated(door: ApplicationDoor, case_id: str, body: EvaluationBody) -> CaseEvaluated:
    at_us = door.handlings.clock()
    return CaseEvaluated(
        event_id=digest("CaseEvaluated", case_id, str(at_us)),
        case_id=case_id,
        stars=body.stars,
        comment=sealed_text(door.keys, case_id, COMMENT, body.comment),
        evaluated_by=body.evaluated_by.strip(),
        at=at_us,
    )


def _withdrawal_faults(body: WithdrawalBody) -> list[Fault]:
    faults = (text_fault("reason", body.reason), text_fault("withdrawn_by", body.withdrawn_by))
    return [fault for fault in faults if fault is not None]


def _evaluation_faults(body: EvaluationBody) -> list[Fault]:
    faults = [text_fault("evaluated_by", body.evaluated_by)]
    if not 1 <= body.stars <= MOST_STARS:
        faults.append(Fault("stars", "out-of-range", f"stars are 1 to {MOST_STARS}"))
    if len(body.comment or "") > LONGEST_COMMENT:
        faults.append(Fault("comment", "too-long", f"at most {LONGEST_COMMENT} characters are taken"))
    return [fault for fault in faults if fault is not None]
