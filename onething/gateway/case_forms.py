"""What applicants wrote, opened for who handles it: only the fields of that department's items, each read on record.

最小够用: the lead sees the whole form and the address, another department the fields that its own items ask for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from os import urandom
from typing import Annotated, Any, Final
from urllib.parse import unquote

from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from catalog.form_fields import FormField
from catalog.items import ItemRegister
from connectors.keyring import KeyRingError
from onething.gateway.archives import UNNAMED_READER
from onething.gateway.case_publisher import NotPublished, ReadsOnRecord
from onething.gateway.case_seal import ADDRESS, COMMENT, SealingKeys, opened_form, opened_text
from onething.gateway.handling_acts import HandlingDoor, demand_department, found
from onething.gateway.handling_view import evaluation_view
from onething.gateway.problems import JsonResponse, Problem, request_refused
from onething.gateway.verification_request import text_fault
from processors.domain.handling import Assignment, Handling
from topics.events import ArchiveRead

FORM_RESOURCE: Final = "case.form"
EVALUATION_RESOURCE: Final = "case.evaluation"

DepartmentQuery = Annotated[str, Query(description="部门代码: the lead, or a department with an assignment; required")]
PurposeQuery = Annotated[str, Query(description="用途, required; kept on record")]
ReaderHeader = Annotated[str, Header(alias="X-Reader", description="who reads; percent-encoded UTF-8")]


@dataclass(frozen=True)
class CaseFormDoor:
    """What the routes of forms work with."""

    handlings: HandlingDoor
    items: ItemRegister
    fields: Mapping[str, FormField]
    keys: SealingKeys
    reads: ReadsOnRecord


@dataclass(frozen=True)
class FormReading:
    """Who reads what of a case, and why."""

    handling: Handling
    department: str
    purpose: str
    reader: str

    @property
    def is_lead(self) -> bool:
        """Whether the whole is the reader's to see."""
        return self.department == self.handling.plan.lead


def case_form_router(door: CaseFormDoor) -> APIRouter:
    """Routes that open what is sealed."""
    router = APIRouter(prefix="/v1/applications", tags=["办件 applications"])

    @router.get("/{case_id}/form", summary="一张表单（经办部门查阅，读取留痕）")
    async def form(
        case_id: str,
        department: DepartmentQuery = "",
        purpose: PurposeQuery = "",
        reader: ReaderHeader = UNNAMED_READER,
    ) -> Response:
        reading = await _reading(door, case_id, department, purpose, reader)
        shown = _opened(lambda: _form(door, reading))
        await _put_on_record(door, reading, FORM_RESOURCE, len(shown["fields"]))
        return JsonResponse(shown)

    @router.get("/{case_id}/evaluation", summary="评价内容（牵头部门查阅，读取留痕）")
    async def evaluation(
        case_id: str,
        department: DepartmentQuery = "",
        purpose: PurposeQuery = "",
        reader: ReaderHeader = UNNAMED_READER,
    ) -> Response:
        reading = await _reading(door, case_id, department, purpose, reader)
        if not reading.is_lead:
            raise _not_yours(department)
        shown = _opened(lambda: _evaluation(door, reading.handling))
        await _put_on_record(door, reading, EVALUATION_RESOURCE, 1)
        return JsonResponse(shown)

    return router


def fields_of(handling: Handling, department: str, items: ItemRegister) -> frozenset[str]:
    """Ids of the fields that a department's items ask for."""
    codes = {
        plan.code
        for plan, state in handling.planned()
        if state.state != "not-applicable" and _works_on(handling, department, plan.number, plan.departments)
    }
    elaborated = (items.by_code[code].elaborated for code in codes if code in items.by_code)
    return frozenset(field for each in elaborated if each is not None for field in each.fields)


def _works_on(handling: Handling, department: str, number: int, planned: tuple[str, ...]) -> bool:
    own = [each for each in handling.of_item(number) if each.department == department]
    return any(map(_is_kept, own)) if own else department in planned


def _is_kept(assignment: Assignment) -> bool:
    # Who passed an item on or gave it back has nothing to do with it any more.
    return assignment.state not in ("passed-on", "returned")


async def _reading(door: CaseFormDoor, case_id: str, department: str, purpose: str, reader: str) -> FormReading:
    named = unquote(reader)
    faults = [text_fault("department", department), text_fault("purpose", purpose), text_fault("X-Reader", named)]
    if given := [fault for fault in faults if fault is not None]:
        raise request_refused(given)
    demand_department(door.handlings.organisations, department)
    handling = (await found(door.handlings, case_id)).handling
    takes_part = department in {each.department for each in handling.assignments if _is_kept(each)}
    if department != handling.plan.lead and not takes_part:
        raise _not_yours(department)
    return FormReading(handling, department, purpose, named)


def _form(door: CaseFormDoor, reading: FormReading) -> dict[str, Any]:
    handling, application = reading.handling, reading.handling.application
    form = opened_form(door.keys, handling.case_id, application.form)
    allowed = frozenset(form) if reading.is_lead else fields_of(handling, reading.department, door.items)
    return {
        "case_id": handling.case_id,
        "department": reading.department,
        "fields": [_field(door.fields.get(id_), id_, value) for id_, value in form.items() if id_ in allowed],
        "withheld": len(form.keys() - allowed),
        "address": opened_text(door.keys, handling.case_id, ADDRESS, application.delivery.address)
        if reading.is_lead
        else None,
    }


def _field(field: FormField | None, id_: str, value: Any) -> dict[str, Any]:
    known = {"name": field.name, "personal": field.personal} if field else {"name": id_, "personal": True}
    return {"id": id_, **known, "value": value}


def _evaluation(door: CaseFormDoor, handling: Handling) -> dict[str, Any]:
    given = handling.evaluation
    if given is None:
        raise _not_evaluated(handling.case_id)
    comment = opened_text(door.keys, handling.case_id, COMMENT, given.comment)
    return {"case_id": handling.case_id, **(evaluation_view(handling) or {}), "comment": comment}


async def _put_on_record(door: CaseFormDoor, reading: FormReading, resource: str, count: int) -> None:
    """No form is shown before the log has the read."""
    read = ArchiveRead(
        event_id=blake2b(urandom(16), digest_size=16).digest(),
        reader=f"{reading.department}:{reading.reader}",
        purpose=reading.purpose,
        case_id=reading.handling.case_id,
        subjects=(reading.handling.application.subject,),
        resources=(resource,),
        record_count=count,
        at=door.handlings.clock(),
    )
    try:
        await door.reads.record(read)
    except NotPublished as fault:
        raise _not_recorded(str(fault)) from fault


def _opened(open_: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return open_()
    except KeyRingError as fault:
        raise Problem(
            503, "cannot-be-opened", "密钥环无法打开该内容 / the key ring cannot open it", str(fault), fault.remedy
        ) from fault


def _not_yours(department: str) -> Problem:
    return Problem(
        403,
        "not-your-case",
        "该办件没有分派给本部门 / the case gives this department nothing to do",
        f"{department} neither leads the case nor has an assignment of it",
        "read it as the lead or as a department that handles one of its items",
    )


def _not_evaluated(case_id: str) -> Problem:
    return Problem(
        404,
        "not-evaluated",
        "尚无评价 / there is no evaluation yet",
        f"case {case_id} has not been evaluated",
        "an applicant evaluates a case that has ended: POST /v1/applications/<id>/evaluation",
    )


def _not_recorded(detail: str) -> Problem:
    return Problem(
        503,
        "read-not-recorded",
        "读取未能留痕 / the read could not be recorded",
        detail,
        "ask again later; see what runs: onething doctor",
        headers={"Retry-After": "2"},
    )
