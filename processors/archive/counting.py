"""What the archive view counts of its work, for live figures: a few counts a batch, none a fact."""

from collections.abc import Iterable

from connectors.counting import Tally
from connectors.counting.tally import clock_us
from processors.archive.coverage import Coverage
from topics.figures import COMPLETE_UNTIL, FACTS_KEPT, FACTS_REPLAYED, REPLAYED_AFTER_US
from topics.judgement import FactColumns


class FactCounts:
    """Counts facts by resource, and tells up to when resources are complete."""

    def __init__(self, tally: Tally) -> None:
        """Count into this tally."""
        self._tally = tally

    def kept(self, batch: Iterable[FactColumns]) -> None:
        """Facts that were written. Those appended long ago count apart: a store is being filled, nobody publishes."""
        long_ago = clock_us() - REPLAYED_AFTER_US
        for columns in batch:
            # A group's messages come in the order of the log, partition by partition: the last one speaks for them.
            appended_at = columns.messages[-1].timestamp()[1] * 1000
            figure = FACTS_KEPT if appended_at > long_ago else FACTS_REPLAYED
            counts = columns.frame.group_by("source", "resource").len()
            for source, resource, count in counts.iter_rows():
                self._tally.count(figure, count, department=source, label=resource)

    def covered(self, coverage: Coverage) -> None:
        """A resource is complete up to a time."""
        if coverage.complete_until is not None:
            department = coverage.resource.partition(".")[0]
            self._tally.set(COMPLETE_UNTIL, coverage.complete_until, department=department, label=coverage.resource)
