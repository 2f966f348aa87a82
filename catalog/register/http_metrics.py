"""The register's figures for Prometheus."""

from collections.abc import Iterator

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, PROCESS_COLLECTOR, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from catalog.register.reader import CatalogReader


class _Figures(Collector):
    """What the store says at the moment it is asked."""

    def __init__(self, reader: CatalogReader) -> None:
        self._reader = reader

    def describe(self) -> Iterator[Metric]:
        """Ask nothing of the store when the figures are registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        counts = GaugeMetricFamily("onething_catalog_entities", "Entities of the register.", labels=["kind"])
        for kind, count in self._reader.counts().items():
            counts.add_metric([kind], count)
        yield counts
        figures = self._reader.figures()
        yield CounterMetricFamily("onething_catalog_changes", "Changes there ever were.", figures.changes)
        yield GaugeMetricFamily("onething_catalog_outbox", "Messages that the log must still get.", figures.untold)
        yield GaugeMetricFamily("onething_catalog_clock", "Entities that the clock will ring for.", figures.timed)


def metrics_router(reader: CatalogReader) -> APIRouter:
    """``GET /metrics``."""
    registry = CollectorRegistry()
    registry.register(PROCESS_COLLECTOR)
    registry.register(_Figures(reader))
    router = APIRouter(tags=["health"])

    @router.get("/metrics", summary="Prometheus")
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
