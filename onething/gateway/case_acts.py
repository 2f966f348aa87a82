"""What the lead and the departments do with a whole case: let it rest, hand out results, check promises, answer."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from onething.gateway.case_ids import digest
from onething.gateway.handling_acts import (
    LONGEST_WAIT_S,
    HandlingDoor,
    acted,
    demand_department,
    described,
    found,
    read_body,
)
from onething.gateway.handling_view import handling_view
from onething.gateway.json_requests import json_of
from onething.gateway.problems import Fault, JsonResponse
from onething.gateway.verification_request import text_fault
from topics.declarations import topic_name
from topics.events import (
    CaseEvent,
    CaseResumed,
    CaseSuspended,
    CommitmentChecked,
    RectificationAnswered,
    ResultsDelivered,
)

WaitQuery = Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait until the case has taken it")]
_EVENT_ID_LENGTH: Final = 32


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    department: str = Field(default="", description="部门代码, required")
    by: str = Field(default="", description="经办人, required")


class SteeringBody(_Act):
    """The lead stops or restarts the clock of the whole case (中止、恢复)."""

    reason: str = Field(default="", description="理由, required")


class DeliveryActBody(_Act):
    """Results were handed over (发证)."""

    items: list[int] = Field(default=[], description="事项序号; everything that is ready when left out")
    means: Literal["counter", "mail", "e-licence"] = Field(default="counter", description="窗口领取、邮寄、电子证照")
    reference: str | None = Field(default=None, description="签收或寄递单号")


class CommitmentBody(_Act):
    """An after-the-fact check of a promised or pending material (事后核查)."""

    material: str = Field(default="", description="材料 id, required")
    kept: bool | None = Field(default=None, description="是否履行, required")
    evidence: list[str] = Field(default=[], description="event ids, 32 hexadecimal characters each")
    note: str | None = Field(default=None, description="说明, no personal data")


class RectificationBody(_Act):
    """The answer to a bad evaluation (差评整改)."""

    answer: str = Field(default="", description="整改答复, required")


@dataclass(frozen=True)
class CaseActDoor:
    """What the routes of a case's lead work with."""

    handlings: HandlingDoor


def case_act_router(door: CaseActDoor) -> APIRouter:
    """Routes for whoever answers for a case."""
    router = APIRouter(prefix="/v1/applications", tags=["办件 applications"])

    @router.post("/{case_id}/suspend", summary="中止", openapi_extra=described(SteeringBody))
    async def suspend(case_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = read_body(SteeringBody, await json_of(request), _steering_faults)
        return await _act(door, case_id, body, _suspended(case_id, body, door.handlings.clock()), wait_s)

    @router.post("/{case_id}/resume", summary="恢复", openapi_extra=described(SteeringBody))
    async def resume(case_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = read_body(SteeringBody, await json_of(request), _steering_faults)
        return await _act(door, case_id, body, _resumed(case_id, body, door.handlings.clock()), wait_s)

    @router.post("/{case_id}/delivery", summary="一窗发证", openapi_extra=described(DeliveryActBody))
    async def deliver(case_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = read_body(DeliveryActBody, await json_of(request), _delivery_faults)
        return await _act(door, case_id, body, _delivered(case_id, body, door.handlings.clock()), wait_s)

    @router.post("/{case_id}/commitments", summary="事后核查", openapi_extra=described(CommitmentBody))
    async def check(case_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = read_body(CommitmentBody, await json_of(request), _commitment_faults)
        return await _act(door, case_id, body, _checked(case_id, body, door.handlings.clock()), wait_s)

    @router.post("/{case_id}/rectification", summary="差评整改", openapi_extra=described(RectificationBody))
    async def rectify(case_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = read_body(RectificationBody, await json_of(request), _rectification_faults)
        return await _act(door, case_id, body, _rectified(case_id, body, door.handlings.clock()), wait_s)

    return router


async def _act(door: CaseActDoor, case_id: str, body: _Act, event: CaseEvent, wait_s: float) -> Response:
    demand_department(door.handlings.organisations, body.department)
    stored = await found(door.handlings, case_id)
    topic = topic_name("case.answers", body.department)
    stored, taken = await acted(door.handlings, stored, topic, event, wait_s)
    return JsonResponse(handling_view(stored), 200 if taken else 202)


def _id(name: str, case_id: str, body: _Act, at_us: int) -> bytes:
    return digest(name, case_id, body.department, body.by, str(at_us))


def _suspended(case_id: str, body: SteeringBody, at_us: int) -> CaseSuspended:
    return CaseSuspended(
        event_id=_id("CaseSuspended", case_id, body, at_us),
        case_id=case_id,
        department=body.department,
        reason=body.reason.strip(),
        suspended_by=body.by.strip(),
        at=at_us,
    )


def _resumed(case_id: str, body: SteeringBody, at_us: int) -> CaseResumed:
    return CaseResumed(
        event_id=_id("CaseResumed", case_id, body, at_us),
        case_id=case_id,
        department=body.department,
        reason=body.reason.strip(),
        resumed_by=body.by.strip(),
        at=at_us,
    )


def _delivered(case_id: str, body: DeliveryActBody, at_us: int) -> ResultsDelivered:
    return ResultsDelivered(
        event_id=_id("ResultsDelivered", case_id, body, at_us),
        case_id=case_id,
        department=body.department,
        items=tuple(body.items),
        means=body.means,
        reference=body.reference or None,
        delivered_by=body.by.strip(),
        at=at_us,
    )


def _checked(case_id: str, body: CommitmentBody, at_us: int) -> CommitmentChecked:
    return CommitmentChecked(
        event_id=_id("CommitmentChecked", case_id, body, at_us),
        case_id=case_id,
        department=body.department,
        material=body.material,
        kept=bool(body.kept),
        evidence=tuple(body.evidence),
        note=body.note or None,
        checked_by=body.by.strip(),
        at=at_us,
    )


def _rectified(case_id: str, body: RectificationBody, at_us: int) -> RectificationAnswered:
    return RectificationAnswered(
        event_id=_id("RectificationAnswered", case_id, body, at_us),
        case_id=case_id,
        department=body.department,
        answer=body.answer.strip(),
        answered_by=body.by.strip(),
        at=at_us,
    )


def _named(body: _Act, *more: Fault | None) -> list[Fault]:
    faults = (text_fault("department", body.department), text_fault("by", body.by), *more)
    return [fault for fault in faults if fault is not None]


def _steering_faults(body: SteeringBody) -> list[Fault]:
    return _named(body, text_fault("reason", body.reason))


def _delivery_faults(body: DeliveryActBody) -> list[Fault]:
    return _named(body, text_fault("reference", body.reference or "", required=False))


def _commitment_faults(body: CommitmentBody) -> list[Fault]:
    faults: list[Fault | None] = [text_fault("material", body.material)]
    faults.append(text_fault("note", body.note or "", required=False))
    if body.kept is None:
        faults.append(Fault("kept", "missing", "is required: true or false"))
    faults += evidence_faults(body.evidence)
    return _named(body, *faults)


def _rectification_faults(body: RectificationBody) -> list[Fault]:
    return _named(body, text_fault("answer", body.answer))


def evidence_faults(evidence: list[str]) -> list[Fault]:
    """Places that are no event ids."""
    return [
        Fault(f"evidence.{place}", "not-an-event-id", "32 lower-case hexadecimal characters are due")
        for place, each in enumerate(evidence)
        if len(each) != _EVENT_ID_LENGTH or not set(each) <= set("0123456789abcdef")
    ]
