"""What departments are asked, and their people's answers: handled by one, reviewed by another."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from catalog.organisations import Organisations
from onething.gateway.case_ids import digest
from onething.gateway.case_news import CaseWaiters
from onething.gateway.case_publisher import CaseEventSink, NotPublished
from onething.gateway.case_rows import CaseRows, PageOf, StoredCase
from onething.gateway.json_requests import json_of
from onething.gateway.pages import PageQuery, PageSizeQuery, listed_page
from onething.gateway.patience import Patience
from onething.gateway.problems import Fault, JsonResponse, Problem, request_refused
from onething.gateway.verification_request import LONGEST_TEXT, text_fault
from processors.domain.answers import GIVEN
from processors.domain.case import task_statuses
from processors.domain.requests import Refusal
from processors.domain.tasks import Task, task_handled, task_reviewed
from topics.declarations import topic_name
from topics.events import PartAnswer, TaskHandled, TaskReviewed

LONGEST_WAIT_S: Final = 30.0
_EVENT_ID: Final = re.compile(r"[0-9a-f]{32}")

TaskState = Literal["open", "handled", "answered", "closed", "any"]
WaitQuery = Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait until the case has taken it")]


class AnswerBody(BaseModel):
    """A person's answer to a task (经办)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    answer: str = Field(default="", description=" | ".join(sorted(GIVEN)))
    handled_by: str = Field(default="", description="经办人, required")
    evidence: list[str] = Field(default=[], description="event ids, 32 hexadecimal characters each")
    note: str | None = Field(default=None, description=f"说明, at most {LONGEST_TEXT} characters, no personal data")


class ReviewBody(BaseModel):
    """A second person's review (审核)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    approved: bool | None = Field(default=None, description="true: approved; false: returned; required")
    reviewed_by: str = Field(default="", description="审核人, required; another person than who handled it")
    note: str | None = Field(default=None, description="审核意见")


@dataclass(frozen=True)
class TaskDoor:
    """What the routes of tasks work with; ``clock`` tells µs UTC."""

    organisations: Organisations
    rows: CaseRows
    sink: CaseEventSink
    waiters: CaseWaiters
    clock: Callable[[], int]


def task_router(door: TaskDoor) -> APIRouter:
    """Routes for departments."""
    router = APIRouter(prefix="/v1/departments", tags=["部门待办 tasks"])

    @router.get("/{code}/tasks", summary="待办列表")
    async def listed(
        code: str,
        status: TaskState = "open",
        page: PageQuery = "",
        page_size: PageSizeQuery = 50,
    ) -> Response:
        _demand_department(door.organisations, code)
        wanted = None if status == "any" else status
        found = await listed_page(door.rows.tasks(code, wanted, PageOf(page_size, page or None)))
        return JsonResponse({"tasks": found.rows, "next_page": found.next_page})

    @router.post("/{code}/tasks/{task_id}/answer", summary="经办", openapi_extra=_described(AnswerBody))
    async def answer(code: str, task_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = _read(AnswerBody, await json_of(request), _answer_faults)
        stored, task = await _found(door, code, task_id)
        event = _handled(stored, task, body, door.clock())
        return await _taken(door, stored, event, task_handled(task, event), wait_s)

    @router.post("/{code}/tasks/{task_id}/review", summary="审核", openapi_extra=_described(ReviewBody))
    async def review(code: str, task_id: str, request: Request, wait_s: WaitQuery = 5.0) -> Response:
        body = _read(ReviewBody, await json_of(request), _review_faults)
        stored, task = await _found(door, code, task_id)
        event = _reviewed(stored, task, body, door.clock())
        return await _taken(door, stored, event, task_reviewed(task, event), wait_s)

    return router


async def _found(door: TaskDoor, code: str, task_id: str) -> tuple[StoredCase, Task]:
    _demand_department(door.organisations, code)
    stored = await door.rows.case_of_task(code, task_id)
    task = None if stored is None else next((each for each in stored.case.tasks if each.task_id == task_id), None)
    if stored is None or task is None or task.part.department != code:
        raise _no_such_task(code)
    return stored, task


async def _taken(
    door: TaskDoor, stored: StoredCase, event: TaskHandled | TaskReviewed, foreseen: Task | Refusal, wait_s: float
) -> Response:
    """Publish what the case will take, and tell how the task stands once it was taken."""
    if isinstance(foreseen, Refusal):
        raise _refused(foreseen)
    with door.waiters.waiting(event.case_id) as waiter:
        try:
            await door.sink.publish(topic_name("case.answers", event.department), event)
        except NotPublished as fault:
            raise _not_confirmed(str(fault)) from fault
        patience = Patience(wait_s)
        while not patience.is_over:
            await waiter.next(patience.next_look_s)
            stored = await door.rows.stored(event.case_id) or stored
            if any(event.event_id in task.taken for task in stored.case.tasks):
                return JsonResponse(_state(stored, event.task_id))
    return JsonResponse(_state(stored, event.task_id), 202)


def _state(stored: StoredCase, task_id: str) -> dict[str, Any]:
    return {
        "task_id": task_id,
        "case_id": stored.case.case_id,
        "status": task_statuses(stored.case)[task_id],
        "case_status": stored.case.status,
        "revision": stored.case.revision,
    }


def _handled(stored: StoredCase, task: Task, body: AnswerBody, at_us: int) -> TaskHandled:
    part = task.part
    answer = PartAnswer(
        check_id=part.check_id,
        department=part.department,
        subject=part.subject,
        answer=body.answer,
        evidence=tuple(body.evidence),
        coverage=(),
        note=body.note or None,
    )
    return TaskHandled(
        event_id=digest("TaskHandled", task.task_id, body.handled_by, body.answer, str(at_us)),
        case_id=stored.case.case_id,
        task_id=task.task_id,
        department=part.department,
        answer=answer,
        handled_by=body.handled_by.strip(),
        at=at_us,
    )


def _reviewed(stored: StoredCase, task: Task, body: ReviewBody, at_us: int) -> TaskReviewed:
    return TaskReviewed(
        event_id=digest("TaskReviewed", task.task_id, body.reviewed_by, str(body.approved), str(at_us)),
        case_id=stored.case.case_id,
        task_id=task.task_id,
        department=task.part.department,
        reviewed_by=body.reviewed_by.strip(),
        approved=bool(body.approved),
        note=body.note or None,
        at=at_us,
    )


Body = TypeVar("Body", bound=BaseModel)


def _read(shape: type[Body], raw: object, faults_of: Callable[[Body], list[Fault]]) -> Body:
    try:
        read = shape.model_validate(raw)
    except ValidationError as refused:
        raise request_refused(
            [Fault(".".join(map(str, each["loc"])) or "body", "wrong-type", each["msg"]) for each in refused.errors()]
        ) from None
    if faults := faults_of(read):
        raise request_refused(faults)
    return read


def _answer_faults(body: AnswerBody) -> list[Fault]:
    faults = [text_fault("handled_by", body.handled_by), text_fault("note", body.note or "", required=False)]
    if body.answer not in GIVEN:
        faults.append(Fault("answer", "unknown-answer", f"one of {', '.join(sorted(GIVEN))} is due"))
    for place, evidence in enumerate(body.evidence):
        if _EVENT_ID.fullmatch(evidence) is None:
            faults.append(Fault(f"evidence.{place}", "not-an-event-id", "32 lower-case hexadecimal characters are due"))
    return [fault for fault in faults if fault is not None]


def _review_faults(body: ReviewBody) -> list[Fault]:
    faults = [text_fault("reviewed_by", body.reviewed_by), text_fault("note", body.note or "", required=False)]
    if body.approved is None:
        faults.append(Fault("approved", "missing", "is required: true or false"))
    return [fault for fault in faults if fault is not None]


def _described(shape: type[BaseModel]) -> dict[str, Any]:
    content = {"application/json": {"schema": shape.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


def _demand_department(organisations: Organisations, code: str) -> None:
    if code not in organisations.by_code:
        raise Problem(
            404,
            "no-such-department",
            "没有这个部门代码 / no department has this code",
            f"{code[:64]!r} is no organisation's code",
            "use the code of catalog/organisations.toml, such as urban-management",
        )


def _no_such_task(code: str) -> Problem:
    return Problem(
        404,
        "no-such-task",
        "该部门没有这项待办 / the department has no such task",
        f"no task of {code} has this id",
        f"list its tasks: GET /v1/departments/{code}/tasks",
    )


_UNFIT: Final = frozenset(("unknown-answer", "no-person", "other-part"))


def _refused(refusal: Refusal) -> Problem:
    return Problem(
        422 if refusal.code in _UNFIT else 409,
        refusal.code,
        _TITLES.get(refusal.code, "待办未能受理 / the task does not take this"),
        refusal.detail,
        _REMEDIES.get(refusal.code, "see how the task stands: GET /v1/departments/<code>/tasks?status=any"),
    )


_TITLES: Final = {
    "same-person": "经办人不得审核自己的答复 / who handled an answer cannot review it",
    "nothing-to-review": "没有待审核的答复 / no answer waits for review",
    "unknown-answer": "答复不在规定之列 / the answer is not one that a department may give",
}
_REMEDIES: Final = {
    "same-person": "let another person of the department review it",
    "nothing-to-review": "answer the task first",
}


def _not_confirmed(detail: str) -> Problem:
    return Problem(
        503,
        "not-confirmed",
        "答复未能确认写入 / the log did not confirm the answer",
        detail,
        "send it again; see what runs: onething doctor",
        headers={"Retry-After": "2"},
    )
