"""The follower's process: its threads, its door with health and metrics, its end."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.beside import serve_beside

LOOK_S = 0.2
JOIN_S = 30.0

log = structlog.get_logger(__name__)


class Following(Protocol):
    """What runs in a thread of the follower's process: a ``Follower``, or what looks over all archives."""

    @property
    def group(self) -> str: ...  # noqa: D102
    @property
    def consumes(self) -> bool: ...  # noqa: D102
    @property
    def waiting_for(self) -> str | None: ...  # noqa: D102
    @property
    def facts_followed(self) -> int: ...  # noqa: D102
    @property
    def events_told(self) -> int: ...  # noqa: D102
    @property
    def facts_stated(self) -> int: ...  # noqa: D102
    def run(self) -> None: ...  # noqa: D102
    def stop(self) -> None: ...  # noqa: D102


class FollowerService:
    """Followers, each in a thread of its own; when one fails, all end, and what was not committed is read again."""

    def __init__(self, followers: Sequence[Following]) -> None:
        """Take the followers; ``start`` starts them."""
        self._followers = tuple(followers)
        self._threads = [
            threading.Thread(target=self._run, args=(each,), name=each.group, daemon=True) for each in self._followers
        ]
        self._fault: BaseException | None = None

    def start(self) -> None:
        """Start every follower."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each end after the batch in hand."""
        for follower in self._followers:
            follower.stop()
        for thread in self._threads:
            thread.join(JOIN_S)

    def fault(self) -> str | None:
        """What stopped working, if anything did."""
        return None if self._fault is None else f"{type(self._fault).__name__}: {self._fault}"

    def checks(self) -> dict[str, str]:
        """Group → ``ok``, or why it does not follow now."""
        return {each.group: _state(each) for each in self._followers}

    def application(self) -> Starlette:
        """Health and metrics."""
        return Starlette(
            routes=[
                Route("/health/live", self._live),
                Route("/health/ready", self._ready),
                Route("/metrics", self._metrics),
            ]
        )

    def figures(self) -> list[CounterMetricFamily]:
        """Counts since the start, by group."""
        told = {
            "onething_follower_facts": ("Facts read since the start.", "facts_followed"),
            "onething_follower_events": ("Events told because of them.", "events_told"),
            "onething_follower_stated": ("Facts stated on behalf of departments.", "facts_stated"),
        }
        families = [
            (CounterMetricFamily(name, words, labels=["group"]), field) for name, (words, field) in told.items()
        ]
        for family, field in families:
            for each in self._followers:
                family.add_metric([each.group], getattr(each, field))
        return [family for family, _ in families]

    def _run(self, follower: Following) -> None:
        try:
            follower.run()
        except BaseException as fault:
            self._fault = fault
            log.exception("a follower stopped", group=follower.group)

    async def _live(self, _request: Request) -> Response:
        return _json({"status": "live"})

    async def _ready(self, _request: Request) -> Response:
        checks = self.checks()
        is_ready = self._fault is None and all(state == "ok" for state in checks.values())
        return _json({"status": "ready" if is_ready else "unavailable", "checks": checks}, 200 if is_ready else 503)

    async def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    def __init__(self, service: FollowerService) -> None:
        self._service = service

    def collect(self) -> list[CounterMetricFamily]:
        return self._service.figures()


def run_followers(followers: Sequence[Following], *, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Run the followers until SIGTERM or SIGINT.

    Args:
        followers: each with a group of its own.
        host: address of the door.
        port: port of the door; 0 takes a free one.
        announce: told the door's URL once it listens.

    Raises:
        SystemExit: a follower failed; why is in the log.
        OSError: the port is taken.
    """
    service = FollowerService(followers)
    REGISTRY.register(_Figures(service))
    serve_beside(service, service.application(), host=host, port=port, announce=announce, look_s=LOOK_S)
    if fault := service.fault():
        raise SystemExit(f"a follower stopped: {fault}")


def _state(follower: Following) -> str:
    if follower.waiting_for:
        return f"waits: {follower.waiting_for}"
    return "ok" if follower.consumes else "has no partitions yet"


def _json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")
