"""Gauges that any process can tell."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from connectors.counting.tally import Tally
from connectors.counting.teller import Measure
from topics.figures import DISK_FREE_PERMILLE, VIEW_LAG


def disk_free(folder: Path) -> Measure:
    """Free space of the disk under a folder."""

    def measure(tally: Tally) -> None:
        usage = shutil.disk_usage(folder)
        tally.set(DISK_FREE_PERMILLE, usage.free * 1000 // usage.total, label=tally.process)

    return measure


def growing(figure: str, totals: Callable[[], Mapping[str, int]]) -> Measure:
    """What totals by label have grown by since they were last looked at, counted under the figure."""
    before: dict[str, int] = {}

    def measure(tally: Tally) -> None:
        for label, total in list(totals().items()):
            if news := total - before.get(label, 0):
                tally.count(figure, news, label=label)
                before[label] = total

    return measure


def view_lag(lag: Callable[[], int]) -> Measure:
    """Messages between a view, named as its process, and the end of the log."""

    def measure(tally: Tally) -> None:
        tally.set(VIEW_LAG, lag(), label=tally.process)

    return measure
