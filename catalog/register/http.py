"""The register's door as one application, with its health and figures."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.register.http_metrics import metrics_router
from catalog.register.http_problems import install_problems, json_response
from catalog.register.http_routes import RegisterDoor, register_routers

_ABOUT = """目录登记簿：有什么、谁可以用、谁在何时之前应做什么。

Every change is made by a command and kept for good; the same command id twice is one change. Refusals are
`application/problem+json` that names every fault with field, reason and remedy in Chinese and English.
"""


def register_app(door: RegisterDoor, routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The application over this door; the registrar is closed when the server ends.

    Args:
        door: what the register's own routes work with.
        routers: further routes, which go before the register's own.
    """

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(door.registrar.close)
        door.reader.close()

    app: FastAPI = FastAPIOffline(
        title="OneThing Hub · 目录 catalogue", version="1", description=_ABOUT, lifespan=served
    )
    for router in (*routers, *register_routers(door), _health(door), metrics_router(door.reader)):
        app.include_router(router)
    install_problems(app)
    return app


def _health(door: RegisterDoor) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/health/live")
    def live() -> Response:
        """Whether the register takes commands; a supervisor starts the process again when it does not."""
        fault = door.registrar.fault
        return json_response(
            {"status": "failed", "detail": fault} if fault else {"status": "live"}, 503 if fault else 200
        )

    @router.get("/health/ready")
    def ready() -> Response:
        """Whether the register can be written and read."""
        fault = door.registrar.fault
        if fault:
            return json_response({"status": "failed", "detail": fault}, 503)
        return json_response({"status": "ready", "entities": door.reader.counts()})

    return router
