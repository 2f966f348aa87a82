"""What is measured of the console: its answers, its questions to the hub, and the pages that are open."""

from time import perf_counter
from typing import Final

import structlog
from nicegui import Client
from prometheus_client import CollectorRegistry, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 1.5, 3, 10)
_QUIET: Final = ("/_nicegui", "/health", "/metrics", "/console-static")
_log = structlog.get_logger(__name__)


class Figures:
    """The console's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.pages = Histogram(
            "onething_console_page_seconds",
            "time from a page's request to the last byte of its answer",
            ("route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.questions = Histogram(
            "onething_console_hub_seconds",
            "time that the gateway took to answer a page's question",
            ("method",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        opened = Gauge("onething_console_open_pages", "pages that are open in browsers", registry=self.registry)
        opened.set_function(open_pages)

    def asked(self, method: str, took_s: float) -> None:
        """One question to the hub was answered."""
        self.questions.labels(method).observe(took_s)


def open_pages() -> int:
    """How many pages browsers hold open."""
    return sum(client.has_socket_connection for client in list(Client.instances.values()))


class Observation:
    """ASGI middleware: counts answers by route and logs them without path values, which name people and enterprises."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self._app, self._figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(_QUIET):
            await self._app(scope, receive, send)
            return
        started, status = perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            took_s = perf_counter() - started
            route = str(scope.get("nicegui_page_path") or getattr(scope.get("route"), "path", "unknown"))
            self._figures.pages.labels(route, str(status)).observe(took_s)
            _log.info("page_answered", route=route, status=status, ms=round(took_s * 1e3, 1))
