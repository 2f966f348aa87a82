"""The lake's process: follows the log, merges small files beside it, and says how it is."""

import gc
import threading
import time
from collections.abc import Callable
from typing import Final

import msgspec
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from analytics.lake.compaction import compact, vacuum
from analytics.lake.following import LakeFollower
from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.tables import TABLES, UNDECODED
from catalog.registry import LiveSchemaIds
from connectors.beside import serve_beside
from connectors.kafka import KafkaOptions

COMPACTION_PAUSE_S: Final = 30.0
VACUUM_EVERY_S: Final = 3600.0
WATCH_S: Final = 0.5
JOIN_S: Final = 60.0
COLLECTOR_THRESHOLDS: Final = (50_000, 20, 100)
"""A micro-batch makes tens of thousands of objects without cycles; Python's defaults look through them too often."""

log = structlog.get_logger(__name__)

Metric = CounterMetricFamily | GaugeMetricFamily


class LakeService:
    """The follower's thread, the compaction's, and the door."""

    def __init__(self, follower: LakeFollower, location: Location) -> None:
        """Run this follower of the lake at this place."""
        self.follower = follower
        self._location = location
        self._reader = LakeReader(location)
        self._stopping = threading.Event()
        self._fault: BaseException | None = None
        self._following = threading.Thread(target=self._guarded, args=(follower.run,), name="lake", daemon=True)
        self._merging = threading.Thread(target=self._guarded, args=(self._compact,), name="compaction", daemon=True)

    def start(self) -> None:
        """Begin both."""
        self._following.start()
        self._merging.start()

    def stop(self) -> None:
        """End both; what was read is committed."""
        self._stopping.set()
        self.follower.stop()
        self._following.join(JOIN_S)
        self._merging.join(JOIN_S)

    def fault(self) -> str | None:
        """What stopped working, if anything did."""
        return None if self._fault is None else f"{type(self._fault).__name__}: {self._fault}"

    def application(self) -> Starlette:
        """Health and metrics."""
        return Starlette(
            routes=[
                Route("/health/live", self._live),
                Route("/health/ready", self._ready),
                Route("/metrics", self._metrics),
            ]
        )

    def figures(self) -> list[Metric]:
        """What the writer did since it began, and what the lake holds."""
        committed = self.follower.writer.committed
        rows = CounterMetricFamily("onething_lake_rows", "Rows committed since the start.", labels=["table"])
        files = GaugeMetricFamily("onething_lake_files", "Data files of the table.", labels=["table"])
        size = GaugeMetricFamily("onething_lake_bytes", "What they take.", labels=["table"])
        for name in TABLES:
            listed = self._reader.files(name)
            rows.add_metric([name], committed.rows.get(name, 0))
            files.add_metric([name], len(listed.files))
            size.add_metric([name], listed.bytes)
        undecoded = committed.rows.get(UNDECODED, 0)
        return [
            rows,
            files,
            size,
            CounterMetricFamily("onething_lake_undecoded", "Records kept aside since the start.", value=undecoded),
            CounterMetricFamily("onething_lake_commits", "Commits since the start.", value=committed.commits),
            GaugeMetricFamily("onething_lake_lag", "Messages behind the log.", value=self.follower.lag()),
            GaugeMetricFamily(
                "onething_lake_uncommitted_seconds", "Age of the oldest row not committed.", value=self._waited_s()
            ),
            GaugeMetricFamily(
                "onething_lake_commit_age_seconds", "Time since the last commit.", value=self._commit_age_s()
            ),
        ]

    def _waited_s(self) -> float:
        return self.follower.writer.waited_s

    def _commit_age_s(self) -> float:
        last = self.follower.writer.committed.last_s
        return float("nan") if last is None else time.monotonic() - last

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as fault:
            self._fault = fault
            log.exception("the lake stopped")

    def _compact(self) -> None:
        vacuumed_s = time.monotonic()
        while not self._stopping.wait(COMPACTION_PAUSE_S):
            compact(self._location, goes_on=lambda: not self._stopping.is_set())
            if time.monotonic() - vacuumed_s > VACUUM_EVERY_S:
                vacuumed_s = time.monotonic()
                log.info("unused files deleted", files=vacuum(self._location))

    async def _live(self, _request: Request) -> Response:
        return _json({"status": "live"})

    async def _ready(self, _request: Request) -> Response:
        fault = self.fault()
        state = fault or ("ok" if self.follower.owned else "has no partitions yet")
        is_ready = state == "ok"
        body = {"status": "ready" if is_ready else "unavailable", "checks": {"lake": state}}
        return _json(body, 200 if is_ready else 503)

    async def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    def __init__(self, service: LakeService) -> None:
        self._service = service

    def collect(self) -> list[Metric]:
        return self._service.figures()


def run_lake(
    options: KafkaOptions,
    location: Location,
    *,
    index: int,
    commit_s: float,
    commit_rows: int,
    host: str,
    port: int,
    announce: Callable[[str], None],
    began: Callable[[LakeFollower], None] = lambda _: None,
) -> None:
    """Write the lake until SIGTERM or SIGINT.

    Args:
        options: the cluster.
        location: of the lake.
        index: of this writer.
        commit_s: rows wait no longer than this for their commit.
        commit_rows: nor do more rows than these.
        host: address of the door.
        port: port of the door; 0 takes a free one.
        announce: told the door's URL once it listens.
        began: given the follower before it begins, for who watches it.

    Raises:
        LakeOfAnotherClusterError: the lake was filled from another cluster.
        SystemExit: the writer failed; why is in the log.
        OSError: the port is taken.
    """
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    follower = LakeFollower(
        options, location, LiveSchemaIds(options), commit_s=commit_s, commit_rows=commit_rows, index=index
    )
    follower.prepare()
    began(follower)
    service = LakeService(follower, location)
    REGISTRY.register(_Figures(service))
    serve_beside(service, service.application(), host=host, port=port, announce=announce, look_s=WATCH_S)
    if fault := service.fault():
        raise SystemExit(f"the lake stopped: {fault}")


def _json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")
