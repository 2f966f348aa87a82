"""Parts behind the gateway: requests passed on to the process that answers them as they are, and its answers back."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import aiohttp
import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from connectors.departure import unless_gone
from onething.endpoints import Role
from onething.gateway.problems import Problem
from producers.http_answers import BodyTooLarge, bounded_body, too_large

FORWARDED: Final[Mapping[Role, tuple[str, ...]]] = {
    "catalog": ("catalog", "demands", "grants", "duties", "lists", "corrections"),
    "analyst": (
        "lake",
        "rates",
        "ledger",
        "bottlenecks",
        "bulletins",
        "high-frequency-services",
        "reads",
    ),
    "live": ("live",),
}
"""What stands behind ``/v1/`` in the paths that another part answers, by its role."""

_NAMES: Final[Mapping[Role, str]] = {"catalog": "目录服务", "analyst": "分析服务", "live": "实时监测"}

ANSWER_S: Final = 60.0
CONNECT_S: Final = 2.0
_PASSED_ON: Final = ("content-type", "idempotency-key", "accept", "accept-language", "x-reader")
_PASSED_BACK: Final = ("content-type", "content-disposition", "retry-after", "etag", "x-rows", "x-truncated")
_CLIENT_GONE: Final = 499
"""Nobody reads it; the part is told by its connection being closed, and ends what it does for nobody."""
_METHODS: Final = ["GET", "POST", "PUT", "DELETE"]

log = structlog.get_logger(__name__)


class PartProxy:
    """One connection to a part's process, wherever it runs at the moment."""

    def __init__(self, role: Role, urls: Callable[[], Sequence[str]]) -> None:
        """Take the part's role, and a function that tells the base URLs of its processes as they are now."""
        self.role = role
        self._urls = urls
        self._session: aiohttp.ClientSession | None = None

    async def forward(self, request: Request, body: bytes) -> Response:
        """The part's answer to the request.

        Raises:
            Problem: 503, it does not run or does not answer.
        """
        urls = await asyncio.to_thread(self._urls)
        if not urls:
            raise _unavailable(self.role, "no such process runs")
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        url = f"{urls[0]}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
        try:
            async with self._sessioned().request(request.method, url, data=body, headers=headers) as answer:
                back = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
                return Response(await answer.read(), answer.status, back)
        except (aiohttp.ClientError, TimeoutError) as fault:
            log.warning("part_failed", role=self.role, fault=type(fault).__name__)
            raise _unavailable(self.role, type(fault).__name__) from fault

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _sessioned(self) -> aiohttp.ClientSession:
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=ANSWER_S, connect=CONNECT_S)
            self._session = aiohttp.ClientSession(trust_env=False, timeout=limits)
        return self._session


def forwarding_router(proxy: PartProxy, *, largest_body_bytes: int) -> APIRouter:
    """Routes that the part's process answers; what they take is described at its own ``/docs``."""
    router = APIRouter(tags=[f"{_NAMES[proxy.role]} {proxy.role}"])

    async def passed_on(request: Request) -> Response:
        try:
            body = await bounded_body(request, largest_body_bytes)
        except BodyTooLarge as fault:
            return too_large(fault)
        answer = await unless_gone(request, proxy.forward(request, body))
        return Response(status_code=_CLIENT_GONE) if answer is None else answer

    for name in FORWARDED[proxy.role]:
        for path in (f"/v1/{name}", f"/v1/{name}/{{rest:path}}"):
            router.add_api_route(path, passed_on, methods=_METHODS, include_in_schema=False)
    return router


def _unavailable(role: Role, detail: str) -> Problem:
    return Problem(
        503,
        f"no-{role}",
        f"{_NAMES[role]}暂不可用 / {role} cannot be asked",
        detail,
        f"start it: onething run {role}; or see what runs: onething doctor",
        headers={"Retry-After": "2"},
    )
