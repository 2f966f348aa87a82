"""Files that the hub answers, handed on to the browser under the console's own address."""

import re
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from nicegui.elements.mixins.text_element import TextElement
from starlette.responses import PlainTextResponse, Response

from onething.console.elements import link
from onething.console.hub import Hub, HubFault

PATH: Final = "/download"
OFFERED: Final = (
    re.compile(r"/v1/verifications/[A-Za-z0-9]{1,64}/report"),
    re.compile(r"/v1/applications/[A-Za-z0-9]{1,64}/receipt"),
    re.compile(r"/v1/bulletins/\d{4}-\d{2}(/[a-z-]{1,80})?\.(xlsx|pdf)"),
)
"""What may be downloaded; everything else is read by pages."""

_PASSED_BACK: Final = ("content-type", "content-disposition")


def download(words: object, path: str) -> TextElement:
    """A link by which a browser takes a file of the hub, at a path such as ``/v1/…/report?format=text``."""
    bare, _, query = path.partition("?")
    shown = link(words, f"{PATH}{quote(bare, safe='/')}" + (f"?{query}" if query else ""), "button")
    return shown.props("download")


def is_offered(path: str) -> bool:
    """Whether a path of the hub may be downloaded."""
    return any(each.fullmatch(path) for each in OFFERED)


def download_router(hub: Hub) -> APIRouter:
    """The route that hands files on."""
    router = APIRouter()

    @router.get(PATH + "/{path:path}")
    async def handed_on(path: str, request: Request) -> Response:
        wanted = f"/{path}"
        if not is_offered(wanted):
            return PlainTextResponse("没有这个文件 / no such file\n", 404)
        try:
            answer = await hub.answered("GET", wanted, query=dict(request.query_params))
        except HubFault as fault:
            return PlainTextResponse(f"{fault.title}\n{fault.detail}\n{fault.remedy}\n", fault.status or 503)
        headers = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
        headers.setdefault("content-disposition", f'attachment; filename="{file_name(wanted, headers)}"')
        return Response(answer.content, headers=headers)

    return router


def file_name(path: str, headers: dict[str, str]) -> str:
    """What a file is called that the hub gives no name: its last two steps and what it is."""
    owner, name = path.rsplit("/", 2)[-2:]
    kind = headers.get("content-type", "").partition(";")[0]
    ending = {"text/plain": ".txt", "application/json": ".json"}.get(kind, "")
    return f"{name}-{owner}{ending}" if ending else name
