"""Pages that are not there, and pages that broke: in the frame, with what to do."""

from typing import Final

import structlog
from fastapi import Request
from nicegui import Client, app, ui
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from onething.console.frame import page_frame
from onething.console.language import Words, t
from onething.console.states import empty, page_fault, refusal

NOT_FOUND: Final = 404
_log = structlog.get_logger(__name__)


def install_error_pages() -> None:
    """Answer unknown paths and broken pages of the console in its own frame."""
    app.add_exception_handler(NOT_FOUND, _not_found)
    app.on_page_exception(_broken)


async def _not_found(request: Request, _: Exception) -> Response:
    if request.method != "GET" or request.url.path.startswith("/_nicegui"):
        return JSONResponse({"detail": "Not Found"}, NOT_FOUND)
    with Client(ui.page(""), request=request) as client:
        with page_frame(Words("没有这个页面", "No such page")):
            empty(
                t("没有这个页面", "There is no such page"),
                t("回到首页", "Go to the first page"),
                "/",
            )
        return client.build_response(request, NOT_FOUND)


def _broken(bug: Exception) -> None:
    if isinstance(bug, HTTPException):
        raise bug
    _log.error("page_broke", fault=type(bug).__name__, exc_info=bug)
    with page_frame(Words("页面出错", "A fault of this page")):
        refusal(page_fault(bug), ui.navigate.reload)
