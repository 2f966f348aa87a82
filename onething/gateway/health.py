"""Whether the gateway lives, whether it can serve, and its figures."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

import structlog
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from onething.gateway.observation import Figures
from onething.gateway.problems import JsonResponse

_CHECK_S: Final = 3.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What one readiness check found."""

    ok: bool
    detail: str
    remedy: str | None = None


ReadinessCheck = Callable[[], Awaitable[Verdict]]


def health_router(checks: Mapping[str, ReadinessCheck], figures: Figures, waiting: Callable[[], int]) -> APIRouter:
    """Routes that supervisors and monitoring ask.

    Args:
        checks: by name; all of them must be ok for the gateway to be ready.
        figures: the metrics.
        waiting: how many requests wait for news of a case.
    """
    router = APIRouter(tags=["运行状况 health"])

    @router.get("/health/live", summary="存活")
    async def live() -> Response:
        return JsonResponse({"status": "live"})

    @router.get("/health/ready", summary="就绪")
    async def ready() -> Response:
        verdicts = await asyncio.gather(*(_verdict(name, check) for name, check in checks.items()))
        found = dict(zip(checks, verdicts, strict=True))
        ok = all(each.ok for each in verdicts)
        body = {
            "status": "ready" if ok else "not-ready",
            "checks": {name: asdict(each) for name, each in found.items()},
        }
        return JsonResponse(body, 200 if ok else 503)

    @router.get("/metrics", summary="指标")
    async def metrics() -> Response:
        figures.waiting.set(waiting())
        return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def _verdict(name: str, check: ReadinessCheck) -> Verdict:
    try:
        async with asyncio.timeout(_CHECK_S):
            return await check()
    except TimeoutError:
        return Verdict(ok=False, detail=f"no answer within {_CHECK_S:g} s", remedy="see what runs: onething doctor")
    except Exception as fault:  # noqa: BLE001  a check that breaks is a check that failed; the others still count
        _log.warning("readiness_check_broke", check=name, fault=type(fault).__name__)
        return Verdict(ok=False, detail=f"{type(fault).__name__}: {fault}", remedy="see what runs: onething doctor")
