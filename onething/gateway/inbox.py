"""A department's inbox: what it is to act on, one person's decision, another person's review (经办–审核)."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from catalog.resources import Resources
from onething.gateway.case_ids import digest
from onething.gateway.case_rows import PageOf
from onething.gateway.handling_acts import (
    LONGEST_WAIT_S,
    HandlingDoor,
    acted,
    demand_department,
    described,
    read_body,
)
from onething.gateway.handling_rows import AssignmentSearch, StoredHandling
from onething.gateway.handling_view import assignment_view, handling_view
from onething.gateway.instants import instant_of
from onething.gateway.json_requests import json_of
from onething.gateway.pages import PageQuery, PageSizeQuery, listed_page
from onething.gateway.problems import Fault, JsonResponse, Problem, request_refused
from onething.gateway.verification_request import text_fault
from processors.domain.handling import Assignment
from processors.domain.handling.decisions import DECISIONS
from processors.domain.handling.plan import PAYMENT
from topics.declarations import topic_name
from topics.events import ItemHandled, ItemResult, ItemReviewed
from topics.identifiers import check_licence_identifier

WaitQuery = Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait until the case has taken it")]
State = Literal[
    "active",
    "open",
    "handled",
    "supplementing",
    "suspended",
    "approved",
    "refused",
    "passed-on",
    "returned",
    "answered",
    "closed",
    "any",
]
Kind = Literal["item", "delivery", "commitment-check", "rectification", "any"]
MOST_MISSING: Final = 100
MOST_RESULTS: Final = 20


class ResultBody(BaseModel):
    """A document or record that the item ended with."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(description="结果名称")
    resource: str | None = Field(default=None, description="数据资源 that states it")
    record_id: str | None = Field(default=None, description="记录编号")
    licence_identifier: str | None = Field(default=None, description="电子证照标识 (GB/T 36904)")


class DecisionBody(BaseModel):
    """What a person of the department decides on an item, or asks for (经办)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    decision: str = Field(default="", description=" | ".join(DECISIONS))
    reason: str | None = Field(default=None, description="理由; required for all but approve and resume")
    missing: list[str] = Field(default=[], description="材料 by id or name, with decision=supplement")
    pass_on_to: str | None = Field(default=None, description="部门代码, with decision=pass-on")
    results: list[ResultBody] = Field(default=[], description="结果文件、证照")
    issue: bool = Field(
        default=False,
        description="由平台出具事项库载明的办理结果 with decision=approve: the hub states it for the department",
    )
    fee_fen: int | None = Field(default=None, description="收费（分）; what the register states when left out")
    handled_by: str = Field(default="", description="经办人, required")


class ReviewBody(BaseModel):
    """A second person's review (审核)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    approved: bool | None = Field(default=None, description="true: approved; false: returned; required")
    reviewed_by: str = Field(default="", description="审核人, required; another person than who handled it")
    note: str | None = Field(default=None, description="审核意见")


@dataclass(frozen=True)
class InboxDoor:
    """What the routes of inboxes work with."""

    handlings: HandlingDoor
    resources: Resources


def inbox_router(door: InboxDoor) -> APIRouter:
    """Routes for departments."""
    router = APIRouter(prefix="/v1/departments", tags=["部门收件箱 inbox"])

    @router.get("/{code}/assignments", summary="待办事项列表")
    async def listed(
        code: str,
        state: State = "active",
        kind: Kind = "any",
        due_before: Annotated[str, Query(description="ISO 8601 or µs UTC")] = "",
        page: PageQuery = "",
        page_size: PageSizeQuery = 50,
    ) -> Response:
        demand_department(door.handlings.organisations, code)
        only = AssignmentSearch(code, _or_all(state, "any"), _or_all(kind, "any"), instant_of("due_before", due_before))
        found = await listed_page(door.handlings.rows.assignments(only, PageOf(page_size, page or None)))
        return JsonResponse({"assignments": found.rows, "next_page": found.next_page})

    @router.get("/{code}/assignments/{assignment_id}", summary="待办事项")
    async def shown(code: str, assignment_id: str) -> Response:
        stored, assignment = await _found(door, code, assignment_id)
        case = handling_view(stored, code)
        return JsonResponse({**assignment_view(stored.handling, assignment), "case": case})

    @router.post("/{code}/assignments/{assignment_id}/decision", summary="经办", openapi_extra=described(DecisionBody))
    async def decide(code: str, assignment_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        raw = await json_of(request)
        body = read_body(DecisionBody, raw, lambda read: _decision_faults(door, read))
        stored, assignment = await _found(door, code, assignment_id)
        _demand_fee(stored, assignment, body)
        event = _handled(stored, assignment, body, door.handlings.clock())
        return await _taken(door, stored, event, wait_s)

    @router.post("/{code}/assignments/{assignment_id}/review", summary="审核", openapi_extra=described(ReviewBody))
    async def review(code: str, assignment_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = read_body(ReviewBody, await json_of(request), _review_faults)
        stored, _ = await _found(door, code, assignment_id)
        event = _reviewed(stored, code, assignment_id, body, door.handlings.clock())
        return await _taken(door, stored, event, wait_s)

    return router


async def _found(door: InboxDoor, code: str, assignment_id: str) -> tuple[StoredHandling, Assignment]:
    demand_department(door.handlings.organisations, code)
    stored = await door.handlings.rows.case_of_assignment(code, assignment_id)
    assignment = None if stored is None else stored.handling.assignment(assignment_id)
    if stored is None or assignment is None or assignment.department != code:
        raise _no_such_assignment(code)
    return stored, assignment


async def _taken(door: InboxDoor, stored: StoredHandling, event: ItemHandled | ItemReviewed, wait_s: float) -> Response:
    """Publish what the case will take, and tell how the assignment stands once it was taken."""
    topic = topic_name("case.answers", event.department)
    stored, taken = await acted(door.handlings, stored, topic, event, wait_s)
    return JsonResponse(_state(stored, event.assignment_id), 200 if taken else 202)


def _state(stored: StoredHandling, assignment_id: str) -> dict[str, Any]:
    handling = stored.handling
    assignment = handling.assignment(assignment_id)
    item = None if assignment is None else handling.item(assignment.number)
    return {
        "assignment_id": assignment_id,
        "case_id": handling.case_id,
        "state": None if assignment is None else assignment.state,
        "item_state": None if item is None else item.state,
        "case_status": handling.status,
        "revision": handling.revision,
    }


def _handled(stored: StoredHandling, assignment: Assignment, body: DecisionBody, at_us: int) -> ItemHandled:
    return ItemHandled(
        event_id=digest("ItemHandled", assignment.assignment_id, body.handled_by, body.decision, str(at_us)),
        case_id=stored.handling.case_id,
        assignment_id=assignment.assignment_id,
        department=assignment.department,
        decision=body.decision,
        reason=body.reason or None,
        missing=tuple(_material(stored, each) for each in body.missing),
        pass_on_to=body.pass_on_to or None,
        results=(*map(_result, body.results), *([_issued(stored, assignment)] if body.issue else ())),
        fee_fen=body.fee_fen,
        handled_by=body.handled_by.strip(),
        at=at_us,
    )


def _material(stored: StoredHandling, told: str) -> str:
    """The id of a material that was told by its id or its name; what the case's definition does not know, as told."""
    names = stored.handling.plan.material_names
    return next((material for material, name in names.items() if name == told.strip()), told)


def _result(body: ResultBody) -> ItemResult:
    return ItemResult(
        name=body.name,
        resource=body.resource,
        record_id=body.record_id,
        licence_identifier=body.licence_identifier,
    )


def _demand_fee(stored: StoredHandling, assignment: Assignment, body: DecisionBody) -> None:
    """See that a fee whose amount the register leaves open is not passed without one.

    Raises:
        Problem: 422, the decision does not say how much.
    """
    plan = stored.handling.plan.item(assignment.number) if assignment.kind == "item" else None
    is_open = plan is not None and plan.mode == PAYMENT and plan.fee_fen is None
    if is_open and body.decision == "approve" and body.fee_fen is None:
        reason = "应缴金额未定：请填写金额（分），免缴填 0 / say how much is due in fen, 0 where nothing is"
        raise request_refused([Fault("fee_fen", "missing", reason)])


def _issued(stored: StoredHandling, assignment: Assignment) -> ItemResult:
    """The document that the register says the item ends with; without a record id, the hub states it.

    Raises:
        Problem: 422, the register names none.
    """
    plan = stored.handling.plan.item(assignment.number) if assignment.kind == "item" else None
    if plan is None or plan.result_name is None:
        raise request_refused([Fault("issue", "no-result", f"the register names no result of {assignment.text!r}")])
    return ItemResult(name=plan.result_name, resource=plan.result_resource, record_id=None, licence_identifier=None)


def _reviewed(stored: StoredHandling, code: str, assignment_id: str, body: ReviewBody, at_us: int) -> ItemReviewed:
    return ItemReviewed(
        event_id=digest("ItemReviewed", assignment_id, body.reviewed_by, str(body.approved), str(at_us)),
        case_id=stored.handling.case_id,
        assignment_id=assignment_id,
        department=code,
        reviewed_by=body.reviewed_by.strip(),
        approved=bool(body.approved),
        note=body.note or None,
        at=at_us,
    )


def _decision_faults(door: InboxDoor, body: DecisionBody) -> list[Fault]:
    faults = [text_fault("handled_by", body.handled_by), text_fault("reason", body.reason or "", required=False)]
    if body.decision not in DECISIONS:
        faults.append(Fault("decision", "unknown-decision", f"one of {', '.join(DECISIONS)} is due"))
    if body.decision == "pass-on" and body.pass_on_to not in door.handlings.organisations.by_code:
        faults.append(Fault("pass_on_to", "unknown-department", "an organisation's code is due"))
    if body.issue and body.decision != "approve":
        faults.append(Fault("issue", "not-approved", "a result is issued with decision=approve only"))
    if len(body.missing) > MOST_MISSING or len(body.results) > MOST_RESULTS:
        faults.append(Fault("missing", "too-many", f"at most {MOST_MISSING} missing and {MOST_RESULTS} results"))
    faults += [text_fault(f"missing.{place}", each) for place, each in enumerate(body.missing)]
    for place, each in enumerate(body.results):
        faults += _result_faults(door.resources, f"results.{place}", each)
    return [fault for fault in faults if fault is not None]


def _result_faults(resources: Resources, place: str, body: ResultBody) -> list[Fault | None]:
    faults = [
        text_fault(f"{place}.name", body.name),
        text_fault(f"{place}.record_id", body.record_id or "", required=False),
    ]
    if body.resource is not None and body.resource not in resources.by_code:
        faults.append(Fault(f"{place}.resource", "unknown-resource", "no resource of the catalogue has this code"))
    if body.licence_identifier and (reason := check_licence_identifier(body.licence_identifier)):
        faults.append(Fault(f"{place}.licence_identifier", "not-a-licence-identifier", reason))
    return faults


def _review_faults(body: ReviewBody) -> list[Fault]:
    faults = [text_fault("reviewed_by", body.reviewed_by), text_fault("note", body.note or "", required=False)]
    if body.approved is None:
        faults.append(Fault("approved", "missing", "is required: true or false"))
    return [fault for fault in faults if fault is not None]


def _or_all(wanted: str, all_: str) -> str | None:
    return None if wanted == all_ else wanted


def _no_such_assignment(code: str) -> Problem:
    return Problem(
        404,
        "no-such-assignment",
        "该部门没有这项待办 / the department has no such assignment",
        f"no assignment of {code} has this id",
        f"list its assignments: GET /v1/departments/{code}/assignments",
    )
