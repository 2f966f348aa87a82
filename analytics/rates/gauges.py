"""Rates for Prometheus: the headline figures of today, counted again when they are five minutes old."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from analytics.rates.figures import Figures, When

FRESH_S: Final = 300.0
_LABELS: Final = ("rate", "version")


class RateGauges(Collector):
    """Value, numerator and denominator of every rate by its definition's version; without a value there is none."""

    def __init__(
        self, figures: Figures, today: Callable[[], date], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Tell these figures as of today; ``clock`` tells seconds."""
        self._figures, self._today, self._clock = figures, today, clock
        self._told: tuple[float, list[dict[str, Any]]] | None = None
        self._lock = threading.Lock()

    def describe(self) -> Iterator[Metric]:
        """Count nothing when the gauges are registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The gauges as they stand."""
        value = GaugeMetricFamily("onething_rate", "Value of a rate as of today, from 0 to 1.", labels=_LABELS)
        top = GaugeMetricFamily("onething_rate_numerator", "What counts.", labels=_LABELS)
        bottom = GaugeMetricFamily("onething_rate_denominator", "What it is out of.", labels=_LABELS)
        for rate in self._fresh():
            labels = [rate["id"], str(rate["version"])]
            if rate["value"] is not None:
                value.add_metric(labels, rate["value"])
            top.add_metric(labels, rate["numerator"])
            bottom.add_metric(labels, rate["denominator"])
        yield from (value, top, bottom)

    def _fresh(self) -> list[dict[str, Any]]:
        with self._lock:
            if self._told is None or self._clock() - self._told[0] > FRESH_S:
                self._told = self._clock(), self._figures.headlines(When(self._today()))
            return self._told[1]
