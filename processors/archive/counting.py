"""What the archive view counts of its work, for live figures: a few counts a batch, none a fact."""

from collections.abc import Callable, Iterable

from connectors.counting import Tally
from connectors.counting.tally import clock_us
from processors.archive.coverage import Coverage, segment_size
from topics.declarations import department_of
from topics.figures import COMPLETE_UNTIL, FACTS_KEPT, FACTS_REPLAYED, REPLAYED_AFTER_US


class FactCounts:
    """Counts facts by resource, and tells up to when resources are complete."""

    def __init__(self, tally: Tally) -> None:
        """Count into this tally."""
        self._tally = tally

    def kept(self, segments: Iterable[tuple[bytes, bytes]], topic: Callable[[int], str], appended_at: int) -> None:
        """Count the facts of a batch.

        Args:
            segments: the index rows that were written with it: they have its facts by resource already.
            topic: the topic of a number; its last part is whose facts they are.
            appended_at: of its newest message, µs. A batch of long ago counts apart: a store is being filled, nobody
                publishes.
        """
        figure = FACTS_KEPT if appended_at > clock_us() - REPLAYED_AFTER_US else FACTS_REPLAYED
        for resource, number, count in (segment_size(*each) for each in segments):
            self._tally.count(figure, count, department=department_of(topic(number)), label=resource)

    def covered(self, coverage: Coverage) -> None:
        """A resource is complete up to a time."""
        if coverage.complete_until is not None:
            department = coverage.resource.partition(".")[0]
            self._tally.set(COMPLETE_UNTIL, coverage.complete_until, department=department, label=coverage.resource)
