"""What is seen of every request: one structured log line and its figures, without path values, bodies or queries."""

from contextlib import suppress
from secrets import token_hex
from time import perf_counter
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID: Final = b"x-request-id"
_LONGEST_REQUEST_ID: Final = 64
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_QUIET: Final = frozenset(("/health/live", "/health/ready", "/metrics"))
_log = structlog.get_logger(__name__)


class Figures:
    """The gateway's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "onething_http_request_seconds",
            "time from request to last byte of the answer",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.verifications = Counter(
            "onething_verifications_requested", "verifications asked for", ("bundle",), registry=self.registry
        )
        self.applications = Counter(
            "onething_applications_submitted", "applications submitted", ("bundle", "channel"), registry=self.registry
        )
        self.report_seconds = Histogram(
            "onething_verification_report_seconds",
            "time from a request that waits to its report",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.waiting = Gauge("onething_gateway_waiting", "requests that wait for a case", registry=self.registry)


class Observation:
    """ASGI middleware: gives each request an id, logs its answer and counts it."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        started = perf_counter()
        status = 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID, request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, sent)
            finally:
                self._observe(scope, status, perf_counter() - started)

    def _observe(self, scope: Scope, status: int, took_s: float) -> None:
        route = route_template(scope)
        self._figures.requests.labels(scope["method"], route, str(status)).observe(took_s)
        if route not in _QUIET:
            _log.info("request_answered", method=scope["method"], route=route, status=status, ms=round(took_s * 1e3, 1))


def route_template(scope: Scope) -> str:
    """The route as it was declared: a path's values name people and enterprises and are kept out of logs."""
    return str(getattr(scope.get("route"), "path", "unknown"))


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
    with suppress(UnicodeDecodeError):
        text = given.decode("ascii")
        if 0 < len(text) <= _LONGEST_REQUEST_ID and text.replace("-", "").isalnum():
            return text
    return token_hex(8)
