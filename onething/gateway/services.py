"""Before anything is submitted: the bundles, their questions, one notice, one form, the pre-check."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from catalog.bundles import Bundle
from onething.bundle_rows import listed as bundle_row
from onething.bundle_rows import shown as bundle_view
from onething.bundle_rows import source_order
from onething.gateway.application_request import Persons
from onething.gateway.handling_acts import described
from onething.gateway.json_requests import json_of
from onething.gateway.problems import JsonResponse
from onething.gateway.service_desk import Ground, ServiceDesk, no_such_bundle
from onething.gateway.service_request import (
    CHOICE_PREFIX,
    UNNAMED,
    ServiceBody,
    ServiceRequest,
    request_of_body,
    request_of_query,
)
from onething.gateway.service_view import form_view, notice_view, precheck_view, questions_view
from processors.domain.service import Application, Archive, Service, guidance, notice, one_form

OpenCase = Callable[[str, str], Awaitable[str | None]]
"""The running case of a bundle and a subject, None where there is none."""

ReaderHeader = Annotated[
    str, Header(alias="X-Reader", description="who reads; percent-encoded UTF-8 where it is not ASCII")
]

_QUERY: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": required,
            "description": description,
            "schema": {"type": "string"},
        }
        for name, required, description in (
            ("subject", True, "统一社会信用代码、enterprise:<代码> 或 person:<token>; a person's number: POST instead"),
            (f"{CHOICE_PREFIX}<question>", False, "情形：one for each question, as GET …/questions names them"),
            ("purpose", False, "用途; the bundle's name when left out"),
            ("reader", False, "who reads; the header X-Reader when left out"),
        )
    ]
}


@dataclass(frozen=True)
class ServiceDoor:
    """What the routes work with.

    Attributes:
        bundles: the catalogue.
        desk: reads archives and holds applications against them.
        keys: names persons by tokens.
        open_case: tells the running case of a bundle and a subject.
    """

    bundles: Mapping[str, Bundle]
    desk: ServiceDesk
    keys: Persons
    open_case: OpenCase


def service_router(door: ServiceDoor) -> APIRouter:
    """Routes for whoever thinks of applying for a bundle."""
    router = APIRouter(prefix="/v1/bundles", tags=["办事服务 services"])

    @router.get("", summary="一件事清单")
    async def listed() -> Response:
        return JsonResponse({"bundles": [bundle_row(each) for each in sorted(door.bundles.values(), key=source_order)]})

    @router.get("/{bundle}", summary="一件事定义")
    async def shown(bundle: str) -> Response:
        _service(door, bundle)
        return JsonResponse(bundle_view(door.bundles[bundle]))

    @router.get("/{bundle}/questions", summary="智能导办：情形问题", openapi_extra=_QUERY)
    async def questions(bundle: str, request: Request) -> Response:
        service = _service(door, bundle)
        choices = _choices(request)
        return JsonResponse(questions_view(service, guidance(service, choices)))

    @router.get("/{bundle}/notice", summary="一次告知", openapi_extra=_QUERY)
    async def notice_of_query(bundle: str, request: Request, reader: ReaderHeader = UNNAMED) -> Response:
        service = _service(door, bundle)
        return await _noticed(door, service, request_of_query(service, _pairs(request), reader))

    @router.post("/{bundle}/notice", summary="一次告知", openapi_extra=described(ServiceBody))
    async def notice_of_body(bundle: str, request: Request, reader: ReaderHeader = UNNAMED) -> Response:
        service = _service(door, bundle)
        return await _noticed(door, service, await _asked(door, service, request, reader))

    @router.get("/{bundle}/form", summary="一表申报", openapi_extra=_QUERY)
    async def form_of_query(bundle: str, request: Request, reader: ReaderHeader = UNNAMED) -> Response:
        service = _service(door, bundle)
        return await _formed(door, service, request_of_query(service, _pairs(request), reader))

    @router.post("/{bundle}/form", summary="一表申报", openapi_extra=described(ServiceBody))
    async def form_of_body(bundle: str, request: Request, reader: ReaderHeader = UNNAMED) -> Response:
        service = _service(door, bundle)
        return await _formed(door, service, await _asked(door, service, request, reader))

    @router.post("/{bundle}/precheck", summary="预审", openapi_extra=described(ServiceBody))
    async def prechecked(bundle: str, request: Request, reader: ReaderHeader = UNNAMED) -> Response:
        service = _service(door, bundle)
        return await _prechecked(door, service, await _asked(door, service, request, reader))

    return router


async def _noticed(door: ServiceDoor, service: Service, asked: ServiceRequest) -> Response:
    archive = await _archive(door, service, asked, "notice")
    return JsonResponse(notice_view(notice(service, asked.choices, archive, door.desk.clock())))


async def _formed(door: ServiceDoor, service: Service, asked: ServiceRequest) -> Response:
    archive = await _archive(door, service, asked, "form")
    form = one_form(service, asked.choices, archive, door.desk.clock(), asked.form)
    return JsonResponse(form_view(form))


async def _prechecked(door: ServiceDoor, service: Service, asked: ServiceRequest) -> Response:
    application = Application(
        subject=asked.subject,
        choices=asked.choices,
        form=asked.form,
        materials=asked.materials,
        delivery_means=asked.delivery_means,
    )
    running = await door.open_case(service.bundle, asked.subject)
    found = await door.desk.prechecked(service, application, _ground(service, asked, "precheck"), running)
    return JsonResponse(precheck_view(service, found))


async def _archive(door: ServiceDoor, service: Service, asked: ServiceRequest, what: str) -> Archive:
    return await door.desk.archive(service, asked.subject, _ground(service, asked, what))


def _ground(service: Service, asked: ServiceRequest, what: str) -> Ground:
    return Ground(asked.reader, asked.purpose, f"{what}:{service.bundle}")


async def _asked(door: ServiceDoor, service: Service, request: Request, reader: str) -> ServiceRequest:
    return request_of_body(service, await json_of(request), reader, door.keys, door.desk.clock())


def _service(door: ServiceDoor, bundle: str) -> Service:
    service = door.desk.services.get(bundle)
    if service is None:
        raise no_such_bundle(bundle)
    return service


def _pairs(request: Request) -> list[tuple[str, str]]:
    return list(request.query_params.multi_items())


def _choices(request: Request) -> dict[str, str]:
    named = ((name, value) for name, value in _pairs(request) if name.startswith(CHOICE_PREFIX))
    return {name.removeprefix(CHOICE_PREFIX): value for name, value in named}
