"""The gateway as one application: its routes, its readiness, and what runs beside them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline

from onething import __version__
from onething.gateway.archives import archive_router
from onething.gateway.health import ReadinessCheck, health_router
from onething.gateway.observation import Figures, Observation
from onething.gateway.problems import install_problems
from onething.gateway.replicas import ArchiveReplicas
from onething.gateway.tasks import TaskDoor, task_router
from onething.gateway.verifications import VerificationDoor, verification_router

_ABOUT = """一条日志，一份档案，一次办好。One log, one archive, one answer.

Every refusal is `application/problem+json` with `title`, `detail` and `remedy`; a request with several faults
names all of them under `faults`. Times are ISO 8601 in China's time.
"""


@dataclass(frozen=True)
class GatewayParts:
    """What the gateway is made of.

    Attributes:
        verifications: what the routes of verifications work with.
        tasks: what the routes of departments' tasks work with.
        replicas: who answers reads of archives.
        checks: what must hold for the gateway to be ready, by name.
        handled: routers of handled cases and of what leads to them: applications, inboxes, services, items, policies.
        intake: further routers: intake of facts, protection of personal fields.
        start: awaited on the event loop before the first request.
        stop: awaited after the last one, in this order.
    """

    verifications: VerificationDoor
    tasks: TaskDoor
    replicas: ArchiveReplicas
    figures: Figures
    checks: Mapping[str, ReadinessCheck]
    handled: Sequence[APIRouter] = ()
    intake: Sequence[APIRouter] = ()
    start: Callable[[], Awaitable[None]] | None = None
    stop: Sequence[Callable[[], Awaitable[None]]] = field(default_factory=tuple)


def gateway_app(parts: GatewayParts) -> FastAPI:
    """The application over these parts."""
    app: FastAPI = FastAPIOffline(
        title="一件事 OneThing Hub",
        version=__version__,
        description=_ABOUT,
        lifespan=_lifespan(parts),
    )
    waiters = parts.verifications.waiters
    routers = (
        verification_router(parts.verifications),
        task_router(parts.tasks),
        archive_router(parts.replicas),
        *parts.handled,
        *parts.intake,
        health_router(parts.checks, parts.figures, lambda: len(waiters)),
    )
    for router in routers:
        app.include_router(router)
    install_problems(app)
    app.add_middleware(Observation, figures=parts.figures)
    return app


def _lifespan(parts: GatewayParts) -> Callable[[FastAPI], "AsyncIterator[None]"]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if parts.start is not None:
            await parts.start()
        try:
            yield
        finally:
            for stop in parts.stop:
                await stop()
            await parts.replicas.close()

    return lifespan  # type: ignore[return-value]  # a context manager factory, as FastAPI takes it
