"""The live process's figures for Prometheus."""

from collections.abc import Iterator

from prometheus_client import PROCESS_COLLECTOR, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from processors.live.samples import METRICS
from processors.live.standing import Standing

COUNTED_LABELS = ("figure", "department", "bundle", "label")


def live_registry(standing: Standing) -> CollectorRegistry:
    """A registry over what stands, with the process's own figures."""
    registry = CollectorRegistry()
    registry.register(PROCESS_COLLECTOR)
    registry.register(LiveFigures(standing))
    return registry


class LiveFigures(Collector):
    """What stands, as metrics."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        """Every counter and gauge."""
        yield self._counted()
        yield from self._gauges()
        fold = self._standing.fold
        yield CounterMetricFamily("onething_live_messages", "Messages of counts folded.", fold.taken_count)
        yield CounterMetricFamily("onething_live_left_out", "Of these, repeats and late ones.", fold.left_out_count)
        held = GaugeMetricFamily("onething_live_held", "Counts held in a window.", labels=["window"])
        for name, window in fold.windows.items():
            held.add_metric([name], window.size)
        yield held

    def _counted(self) -> Metric:
        family = CounterMetricFamily(
            "onething_live_counted", "What processes counted since this one started.", labels=COUNTED_LABELS
        )
        sums: dict[tuple[str, ...], int] = {}
        for series, count in self._standing.counted().items():
            labels = (series.figure, series.department or "", series.bundle or "", series.label or "")
            sums[labels] = sums.get(labels, 0) + count
        for labelled, count in sums.items():
            family.add_metric(labelled, count)
        return family

    def _gauges(self) -> Iterator[Metric]:
        for name, words in METRICS.items():
            own = [each for each in self._standing.samples if each.metric == name]
            family = GaugeMetricFamily(name, words, labels=sorted({label for each in own for label, _ in each.labels}))
            for each in own:
                family.add_metric([value for _, value in each.labels], each.value)
            yield family
