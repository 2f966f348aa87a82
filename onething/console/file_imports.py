"""A file of the catalogue on its way from the browser to the register: too large for a page's socket, so by HTTP."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from onething.console.hub import Hub, HubFault
from onething.console.language import t

PATH: Final = "/import/catalogue"
LARGEST_BYTES: Final = 8 << 20
"""As the register's door has it; what is larger does not leave the browser."""

SENT: Final = """async () => {
    const field = document.getElementById('import-file');
    const file = field && field.files[0];
    if (!file) { emit({missing: true}); return; }
    if (file.size > %(largest)d) { emit({large: true}); return; }
    const query = new URLSearchParams({file: file.name, dry_run: '%(dry_run)s', actor: %(actor)s});
    emit(await (await fetch('%(path)s?' + query, {method: 'POST', body: file})).json());
}"""
"""Sends the file that stands in the field ``import-file``, and emits what came of it."""


def import_router(hub: Hub) -> APIRouter:
    """The route that hands a file on, and answers ``{"found": …}`` or ``{"fault": …}``."""
    router = APIRouter()

    @router.post(PATH)
    async def handed_on(request: Request, file: str, actor: str, dry_run: str = "true") -> Response:
        content = await _bounded(request)
        if content is None:
            return JSONResponse({"large": True})
        try:
            found = await hub.send("/v1/catalog/imports", content, file=file, actor=actor, dry_run=dry_run)
        except HubFault as fault:
            return JSONResponse({"fault": _told(fault)})
        return JSONResponse({"found": found})

    return router


async def _bounded(request: Request) -> bytes | None:
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > LARGEST_BYTES:
            return None
    return bytes(read)


def _told(fault: HubFault) -> dict[str, Any]:
    return {
        "title": fault.title,
        "detail": fault.detail,
        "remedy": fault.remedy,
        "faults": list(fault.faults),
        "status": fault.status,
    }


def answered(sent: dict[str, Any]) -> dict[str, Any]:
    """What the register found in the file.

    Raises:
        HubFault: it refused, or there was nothing to send.
    """
    if sent.get("missing"):
        raise HubFault(t("还没有选择文件", "No file was chosen"), "", t("请先选择文件。", "Choose a file first."))
    if sent.get("large"):
        most = LARGEST_BYTES >> 20
        raise HubFault(
            t(f"文件超过 {most} MB", f"The file is larger than {most} MB"),
            "",
            t("请按部门分成几个文件。", "Divide it, by department."),
        )
    if "fault" in sent:
        fault = sent["fault"]
        raise HubFault(fault["title"], fault["detail"], fault["remedy"], tuple(fault["faults"]), fault["status"])
    found: dict[str, Any] = sent["found"]
    return found
