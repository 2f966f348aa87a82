"""The door's figures for Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60)


class DoorFigures:
    """Queries by how they ended, how long they took, and how many run and wait."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register them."""
        self.queries = Counter(
            "onething_sql_queries", "Queries of analysts by how they ended.", ["outcome"], registry=registry
        )
        self.seconds = Histogram(
            "onething_sql_seconds", "How long queries of analysts took.", buckets=_BUCKETS, registry=registry
        )
        self.rows = Counter("onething_sql_rows", "Rows that answers carried.", registry=registry)
        self._running = Gauge("onething_sql_running", "Queries that run.", registry=registry)
        self._waiting = Gauge("onething_sql_waiting", "Queries that wait for their turn.", registry=registry)

    def watch(self, running: Callable[[], float], waiting: Callable[[], float]) -> None:
        """Tell how many run and wait at the moment of being asked."""
        self._running.set_function(running)
        self._waiting.set_function(waiting)
