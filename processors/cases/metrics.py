"""A coordinator's figures for Prometheus."""

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import PROCESS_COLLECTOR, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


def coordinator_registry(figures: Callable[[], dict[str, Any]]) -> CollectorRegistry:
    """A registry over a coordinator's own counts, with those of its process."""
    registry = CollectorRegistry()
    registry.register(PROCESS_COLLECTOR)
    registry.register(_CoordinatorFigures(figures))
    return registry


class _CoordinatorFigures(Collector):
    def __init__(self, figures: Callable[[], dict[str, Any]]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Counts since the start; all nothing while the store is not open yet."""
        now = self._figures()
        yield CounterMetricFamily("onething_coordinator_taken", "Messages folded into cases.", now.get("taken", 0))
        yield CounterMetricFamily("onething_coordinator_refused", "Messages that no case took.", now.get("refused", 0))
        yield CounterMetricFamily("onething_coordinator_batches", "Transactions.", now.get("batches", 0))
        yield GaugeMetricFamily("onething_coordinator_queued", "Messages read and not folded yet.", now["queued"])
        partitions = len(now["partitions"])
        yield GaugeMetricFamily("onething_coordinator_partitions", "Case partitions that are its own.", partitions)
