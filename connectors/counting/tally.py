"""Counting in memory, minute by minute: every message tells a minute as it stands, so that a repeat adds nothing."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from secrets import token_hex
from threading import Lock
from typing import Final

from topics.events import Count, CountsTold, Gauge
from topics.figures import bucket_of

MINUTE_US: Final = 60_000_000
KEPT_MINUTES: Final = 60
"""Minutes that are kept while the log cannot be told; what is older is given up."""

WHOLE_EVERY: Final = 60
"""Each run's first minute, and one an hour, tells every gauge, also those that stand still: the log forgets in time."""

_Series = tuple[str, str | None, str | None, str | None, int | None]
_Measured = tuple[str, str | None, str | None]


@dataclass
class _Minute:
    counts: dict[_Series, int] = field(default_factory=dict)
    gauges: set[_Measured] = field(default_factory=set)
    untold: bool = True


def clock_us() -> int:
    """Now, µs UTC."""
    return time.time_ns() // 1000


class Tally:
    """Counts and gauges of one run of a process; safe to use from any thread, cheap enough for each batch.

    Args:
        process: role and index, e.g. ``archive-0``.
        run: drawn anew at every start; fixed only by who counts the same minutes again from the log.
        now: the clock, µs UTC.
    """

    def __init__(self, process: str, *, run: str | None = None, now: Callable[[], int] = clock_us) -> None:
        self.process = process
        self.run = run or token_hex(8)
        self.minutes_lost = 0
        self._now = now
        self._sequence = 0
        self._minutes: dict[int, _Minute] = {}
        self._gauges: dict[_Measured, int] = {}
        self._lock = Lock()

    def count(
        self,
        figure: str,
        by: int = 1,
        *,
        department: str | None = None,
        bundle: str | None = None,
        label: str | None = None,
        took_us: int | None = None,
        at: int | None = None,
    ) -> None:
        """Count something of the figure, now or at ``at`` µs UTC; ``took_us`` is the time that each of them took."""
        bucket = None if took_us is None else bucket_of(took_us / 1000)
        series = (figure, department, bundle, label, bucket)
        with self._lock:
            minute = self._minute(self._now() if at is None else at)
            minute.counts[series] = minute.counts.get(series, 0) + by
            minute.untold = True

    def set(self, figure: str, value: int, *, department: str | None = None, label: str | None = None) -> None:
        """Say how a gauge stands; the same value again is no news."""
        measured = (figure, department, label)
        with self._lock:
            if self._gauges.get(measured) == value:
                return
            self._gauges[measured] = value
            minute = self._minute(self._now())
            minute.gauges.add(measured)
            minute.untold = True

    def is_alive(self) -> None:
        """Have something to tell, though nothing happened."""
        with self._lock:
            self._minute(self._now()).untold = True

    def take(self) -> tuple[CountsTold, ...]:
        """What changed since it was last taken, each minute as it stands, the oldest first."""
        with self._lock:
            now = self._now()
            self._give_up(now)
            return tuple(self._told(start, now) for start in sorted(self._minutes) if self._minutes[start].untold)

    def take_again(self, minute: int) -> None:
        """Tell this minute once more: the log did not get it."""
        with self._lock:
            if minute in self._minutes:
                self._minutes[minute].untold = True

    def _minute(self, at: int) -> _Minute:
        start = at - at % MINUTE_US
        found = self._minutes.get(start)
        if found is None:
            is_whole = not self._minutes or start // MINUTE_US % WHOLE_EVERY == 0
            found = self._minutes[start] = _Minute(gauges=set(self._gauges) if is_whole else set())
            self._forget(start)
        return found

    def _forget(self, newest: int) -> None:
        """Let go of minutes that were told and are over; the one before may still be told again."""
        for start in [each for each, minute in self._minutes.items() if not minute.untold]:
            if start < newest - 2 * MINUTE_US:
                del self._minutes[start]

    def _give_up(self, now: int) -> None:
        for start in [each for each in self._minutes if each < now - KEPT_MINUTES * MINUTE_US]:
            self.minutes_lost += self._minutes.pop(start).untold

    def _told(self, start: int, now: int) -> CountsTold:
        minute = self._minutes[start]
        minute.untold = False
        self._sequence += 1
        named = f"{self.process}\0{self.run}\0{start}\0{self._sequence}"
        return CountsTold(
            event_id=blake2b(named.encode(), digest_size=16).digest(),
            process=self.process,
            run=self.run,
            minute=start,
            sequence=self._sequence,
            at=now,
            counts=tuple(_counts(minute)),
            gauges=tuple(self._gauge(each) for each in sorted(minute.gauges, key=str)),
        )

    def _gauge(self, measured: _Measured) -> Gauge:
        figure, department, label = measured
        return Gauge(figure=figure, department=department, label=label, value=self._gauges[measured])


def _counts(minute: _Minute) -> Iterator[Count]:
    for (figure, department, bundle, label, bucket), count in minute.counts.items():
        yield Count(figure=figure, department=department, bundle=bundle, label=label, bucket=bucket, count=count)
