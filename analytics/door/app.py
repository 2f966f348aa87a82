"""The analysts' process as one application, with its health and figures."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analytics.door.pool import SqlPool
from analytics.http_problems import install_problems, json_response

_ABOUT = """分析服务：数据湖的只读查询，指标、台账、堵点与通报。

Everything here is computed from the lake and changes nothing. Refusals are `application/problem+json`, in Chinese and
English, with a remedy.
"""


def analyst_app(
    pool: SqlPool,
    routers: Sequence[APIRouter],
    registry: CollectorRegistry,
    check: Callable[[], str | None],
    on_end: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The application; the pool starts and ends with it.

    Args:
        pool: answers SQL.
        routers: of every analyst.
        registry: what ``/metrics`` tells.
        check: why the lake cannot be read now, None when it can.
        on_end: called once no request is served any more; what stands after the server's call may never run, since a
            server that was asked to end by a signal ends by it.
    """

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(pool.start)
        yield
        await run_in_threadpool(pool.close)
        await run_in_threadpool(on_end)

    app: FastAPI = FastAPIOffline(
        title="OneThing Hub · 分析 analysts", version="1", description=_ABOUT, lifespan=served
    )
    for router in (*routers, _health(check), _metrics(registry)):
        app.include_router(router)
    install_problems(app)
    return app


def _health(check: Callable[[], str | None]) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/health/live", summary="存活")
    async def live() -> Response:
        return json_response({"status": "live"})

    @router.get("/health/ready", summary="就绪")
    def ready() -> Response:
        fault = check()
        body = {"status": "ready" if fault is None else "unavailable", "checks": {"lake": fault or "ok"}}
        return json_response(body, 200 if fault is None else 503)

    return router


def _metrics(registry: CollectorRegistry) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/metrics", summary="Prometheus")
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
