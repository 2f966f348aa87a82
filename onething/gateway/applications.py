"""Apply for a bundle once, for all of its items: receipt, progress, supplement, withdrawal, evaluation."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from secrets import token_bytes
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from catalog.bundles import Bundle
from catalog.form_fields import Material
from onething.gateway.application_request import (
    Application,
    ApplicationBody,
    Sealed,
    read_application,
    submitted,
)
from onething.gateway.case_ids import RANDOM_LENGTH, case_id_of_key, new_case_id
from onething.gateway.case_seal import (
    ADDRESS,
    SealingKeys,
    request_id,
    sealed_form,
    sealed_text,
)
from onething.gateway.handling_acts import (
    LONGEST_WAIT_S,
    HandlingDoor,
    awaited,
    demand_department,
    described,
    found,
    published,
    refused,
)
from onething.gateway.handling_rows import StoredHandling
from onething.gateway.handling_view import application_links, handling_view
from onething.gateway.json_requests import json_of
from onething.gateway.patience import asked_wait_s
from onething.gateway.prechecks import Precheck, Prechecked
from onething.gateway.problems import Fault, JsonResponse, Problem, request_refused
from onething.gateway.receipt import receipt
from onething.gateway.verification_request import text_fault
from processors.domain.handling import HandlingPlan, handle
from topics.events import ApplicationSubmitted

REQUESTS_TOPIC: Final = "case.requests"
HEARTBEAT_S: Final = 15.0

WaitQuery = Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait until the case has taken it")]
KeyHeader = Annotated[str, Header(alias="Idempotency-Key", description="the same key is the same case")]
PreferHeader = Annotated[str, Header(alias="Prefer", description="wait=N: answer when the case has been opened")]


@dataclass(frozen=True)
class ApplicationDoor:
    """What the routes of applications work with; ``submitted`` hears of every confirmed application."""

    handlings: HandlingDoor
    bundles: Mapping[str, Bundle]
    plans: Mapping[str, HandlingPlan]
    materials: Mapping[str, Material]
    precheck: Precheck
    keys: SealingKeys
    submitted: Callable[[ApplicationSubmitted], None]


def application_router(door: ApplicationDoor) -> APIRouter:
    """Routes for applicants, and for the counters that act for them."""
    router = APIRouter(prefix="/v1/applications", tags=["办件 applications"])

    @router.post("", summary="一口受理：提交申请", status_code=202, openapi_extra=described(ApplicationBody))
    async def submit(
        request: Request, idempotency_key: KeyHeader = "", prefer: PreferHeader = "", wait_s: WaitQuery = 0
    ) -> Response:
        waits_s = min(asked_wait_s(prefer, wait_s), LONGEST_WAIT_S)
        return await _submitted(door, await json_of(request), idempotency_key, waits_s)

    @router.get("/{case_id}", summary="办件进展与结果")
    async def shown(
        case_id: str,
        wait_s: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="long-poll: seconds to wait")] = 0,
        after_revision: int = -1,
        department: Annotated[str, Query(description="whose part is shown; the whole when left out")] = "",
    ) -> Response:
        if department:
            demand_department(door.handlings.organisations, department)
        stored = await awaited(door.handlings, case_id, _is_past(after_revision), wait_s)
        await _demand_not_overtaken(door, stored)
        return JsonResponse(handling_view(stored, department or None))

    @router.get("/{case_id}/events", summary="办件进展 (server-sent events)")
    async def events(case_id: str) -> Response:
        await found(door.handlings, case_id)
        stream = event_stream(door.handlings, case_id)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    @router.get("/{case_id}/receipt", summary="收件凭证")
    async def shown_receipt(
        case_id: str, format_: Annotated[Literal["json", "text"], Query(alias="format")] = "json"
    ) -> Response:
        given = receipt(await found(door.handlings, case_id), door.materials)
        return PlainTextResponse(given["text"]) if format_ == "text" else JsonResponse(given)

    return router


async def event_stream(door: HandlingDoor, case_id: str) -> AsyncGenerator[bytes, None]:
    """The case as server-sent events: as it stands, then each revision; a comment now and then shows that it lives."""
    revision = -1
    with door.waiters.waiting(case_id) as waiter:
        while True:
            stored = await door.stored(case_id)
            view = None if stored is None else handling_view(stored)
            if view is not None and view["revision"] > revision:
                revision = view["revision"]
                yield b"id: %d\nevent: case\ndata: %s\n\n" % (revision, msgspec.json.encode(view))
            if await waiter.next(HEARTBEAT_S) is None:
                yield b": still here\n\n"


async def _submitted(door: ApplicationDoor, raw: object, key: str, waits_s: float) -> Response:
    application, faults = read_application(raw, door.keys, door.handlings.clock())
    if application is None:
        raise request_refused(faults)
    plan = _plan(door.plans, application.bundle)
    faults += _kind_faults(application, plan)
    faults += [] if not key else [each for each in (text_fault("Idempotency-Key", key),) if each]
    case_id = _case_id(door, application, key)
    event_id = request_id(door.keys, case_id, application.told_apart())
    if key and not faults and (known := await door.handlings.stored(case_id)) is not None:
        return await _repeated(door, known, event_id, waits_s)
    await _demand_free(door, application, plan, case_id)
    prechecked = await _prechecked(door, application, faults)
    sealed = _sealed(door.keys, case_id, application, prechecked)
    event = submitted(
        _with_defaults(application, plan, door.bundles[plan.bundle]),
        prechecked.completed,
        sealed,
        case_id,
        event_id,
        plan.version,
        door.handlings.clock(),
    )
    if refusals := handle(None, event, plan).refusals:
        raise replace(refused(refusals), status=422)
    return await _opened(door, event, waits_s)


async def _prechecked(door: ApplicationDoor, application: Application, faults: list[Fault]) -> Prechecked:
    """The application completed; its words' faults and the pre-check's are told together."""
    if any(fault.field.partition(".")[0] == "subject" for fault in faults):
        raise request_refused(faults)
    prechecked = await door.precheck.check(application)
    heads = {fault.field.partition(".")[0] for fault in faults}
    faults += [fault for fault in prechecked.faults if fault.field.partition(".")[0] not in heads]
    if faults:
        raise request_refused(faults)
    return prechecked


async def _demand_free(door: ApplicationDoor, application: Application, plan: HandlingPlan, case_id: str) -> None:
    """See that the bundle can be applied for, and that no other case of it runs for this subject.

    Raises:
        Problem: 409.
    """
    if plan.unrouted:
        raise _unrouted(plan)
    running = None if plan.repeatable else await _running(door, plan.bundle, application.subject)
    if running is not None and running != case_id:
        raise _runs_already(running, plan.name)


async def _running(door: ApplicationDoor, bundle: str, subject: str) -> str | None:
    rows = door.handlings.rows
    if running := await rows.running(bundle, subject):
        return running
    recent = door.handlings.recent.running(bundle, subject, door.handlings.clock())
    # One that has a row by now is told of by the rows: it may have ended.
    return None if recent is None or await rows.handling(recent) is not None else recent


async def _demand_not_overtaken(door: ApplicationDoor, stored: StoredHandling) -> None:
    """See that an application without a row has not lost against another one of the same moment.

    Raises:
        Problem: 409, the coordinator took the other one.
    """
    plan, application = stored.handling.plan, stored.handling.application
    if stored.is_taken or plan.repeatable:
        return
    running = await door.handlings.rows.running(plan.bundle, application.subject)
    if running is not None and running != application.case_id:
        raise _runs_already(running, plan.name)


async def _opened(door: ApplicationDoor, event: ApplicationSubmitted, waits_s: float) -> Response:
    await published(door.handlings.sink, REQUESTS_TOPIC, event)
    door.handlings.recent.add(event)
    door.submitted(event)
    stored = await awaited(door.handlings, event.case_id, _is_taken, waits_s)
    await _demand_not_overtaken(door, stored)
    return JsonResponse(_receipt_of(door, stored), 201 if stored.is_taken else 202, _location(event.case_id))


async def _repeated(door: ApplicationDoor, known: StoredHandling, event_id: bytes, waits_s: float) -> Response:
    case_id = known.handling.case_id
    if known.handling.application.event_id != event_id:
        raise _key_reused(case_id)
    stored = await awaited(door.handlings, case_id, _is_taken, waits_s)
    return JsonResponse(_receipt_of(door, stored), 200, _location(case_id))


def _receipt_of(door: ApplicationDoor, stored: StoredHandling) -> dict[str, Any]:
    given = receipt(stored, door.materials)
    view = handling_view(stored)
    return {
        "case_id": given["case_id"],
        "status": view["status"],
        "revision": view["revision"],
        "receipt": given["text"],
        "items": given["items"],
        "due_at": given["due_at"] or view["due_at"],
        "links": application_links(given["case_id"]),
    }


def _case_id(door: ApplicationDoor, application: Application, key: str) -> str:
    if key:
        return case_id_of_key(key, application.submitted_by)
    return new_case_id(door.handlings.clock(), token_bytes(RANDOM_LENGTH))


def _sealed(keys: SealingKeys, case_id: str, application: Application, prechecked: Prechecked) -> Sealed:
    form, form_digest = sealed_form(keys, case_id, prechecked.completed.form)
    return Sealed(form, form_digest, sealed_text(keys, case_id, ADDRESS, application.address))


def _with_defaults(application: Application, plan: HandlingPlan, bundle: Bundle) -> Application:
    """What the applicant left to the bundle."""
    together = application.together if application.together is not None else bundle.delivery.together
    return replace(application, purpose=application.purpose or plan.name, together=together)


def _plan(plans: Mapping[str, HandlingPlan], bundle: str) -> HandlingPlan:
    if bundle not in plans:
        raise Problem(
            404,
            "no-such-bundle",
            "没有这件事 / no such bundle",
            f"no bundle has the id {bundle[:64]!r}",
            "list the bundles: GET /v1/bundles, or: onething bundle list",
        )
    return plans[bundle]


def _kind_faults(application: Application, plan: HandlingPlan) -> list[Fault]:
    if application.subject.startswith(f"{plan.subject_kind}:"):
        return []
    word = "法人" if plan.subject_kind == "enterprise" else "自然人"
    return [Fault("subject", "wrong-subject-kind", f"本事项面向{word}: a subject of kind {plan.subject_kind} is due")]


def _is_past(revision: int) -> Callable[[StoredHandling], bool]:
    return lambda stored: (stored.handling.revision if stored.is_taken else 0) > revision


def _is_taken(stored: StoredHandling) -> bool:
    return stored.is_taken


def _location(case_id: str) -> dict[str, str]:
    return {"Location": f"/v1/applications/{case_id}"}


def _unrouted(plan: HandlingPlan) -> Problem:
    numbers = "、".join(map(str, plan.unrouted))
    return Problem(
        409,
        "unrouted-items",
        "该事项尚有责任单位未明确，暂不能申请 / nobody is named yet for items of this bundle",
        f"{plan.bundle}: items {numbers} have no department",
        "assign a route in catalog/routes.toml, then: onething bundle lint",
    )


def _runs_already(case_id: str, name: str) -> Problem:
    return Problem(
        409,
        "duplicate-application",
        "该事项正在办理中，不可重复申请 / an application of this bundle is being handled already",
        f"case {case_id} of {name!r} runs for this subject",
        f"follow it: GET /v1/applications/{case_id}; or withdraw it first",
    )


def _key_reused(case_id: str) -> Problem:
    return Problem(
        422,
        "idempotency-key-reused",
        "幂等键已用于另一申请 / this idempotency key was used for another request",
        f"case {case_id} was opened with this key and asks something else",
        "send a new Idempotency-Key with a new request",
    )
