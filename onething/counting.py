"""What the hub's processes tell of themselves for live figures, wired: tallies, tellers and their gauges."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from catalog.duties.clock import Law
from catalog.duties.roll import DutyRoll
from catalog.register.reader import CatalogReader
from connectors.counting import Measure, Tally, Teller, disk_free
from connectors.counting.tally import clock_us
from connectors.kafka import KafkaOptions
from onething.settings import Settings
from topics.codec import RowCodec, SchemaIds
from topics.figures import DUTIES_OVERDUE, OUTBOX_AGE_S, OUTBOX_WAITS

BOARD_S: Final = 30.0
"""How often the duty board is added up: it changes by the day."""


@contextmanager
def telling(
    settings: Settings, options: KafkaOptions, ids: SchemaIds, process: str, *measures: Measure
) -> Iterator[Tally]:
    """A tally that is told while the block runs, with the disk of the data directory."""
    tally, codec = Tally(process), RowCodec(ids)
    teller = Teller(options, lambda: codec, tally, (disk_free(settings.data_dir), *measures))
    teller.start()
    try:
        yield tally
    finally:
        teller.close()


def register_measures(reader: CatalogReader, roll: DutyRoll, law: Law) -> tuple[Measure, ...]:
    """How the register's outbox stands, and whose duties are overdue."""
    return outbox(lambda: reader.figures().untold), seldom(BOARD_S, duties_overdue(roll, law))


def outbox(waiting: Callable[[], int]) -> Measure:
    """Messages that wait, and since when some have waited without a pause."""
    since: int | None = None

    def measure(tally: Tally) -> None:
        nonlocal since
        count, now = waiting(), clock_us()
        since = None if count == 0 else since or now
        tally.set(OUTBOX_WAITS, count, label=tally.process)
        tally.set(OUTBOX_AGE_S, 0 if since is None else (now - since) // 1_000_000, label=tally.process)

    return measure


def duties_overdue(roll: DutyRoll, law: Law) -> Measure:
    """Duties past their limit, of every department that has duties."""

    def measure(tally: Tally) -> None:
        for line in roll.board(clock_us(), law.days):
            tally.set(DUTIES_OVERDUE, line.counts["overdue"], department=line.department)

    return measure


def seldom(every_s: float, measure: Measure) -> Measure:
    """The same measure, taken no more often."""
    due_at = 0.0

    def measured(tally: Tally) -> None:
        nonlocal due_at
        if monotonic() >= due_at:
            due_at = monotonic() + every_s
            measure(tally)

    return measured
