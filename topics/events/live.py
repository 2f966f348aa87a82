"""What the hub's processes count of their own work while they work, for live figures."""

import msgspec

from topics.events.event import Event


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """One series and how often it was counted since the minute began; ``bucket`` is of the time it took."""

    figure: str
    department: str | None = None
    bundle: str | None = None
    label: str | None = None
    bucket: int | None = None
    count: int


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """One measure as it stood last."""

    figure: str
    department: str | None = None
    label: str | None = None
    value: int


class CountsTold(Event, frozen=True, kw_only=True):
    """计数上报: what one run of a process counted in one minute so far; a later message of the minute replaces it.

    Counts are cumulative within (process, run, minute), so that a repeated message adds nothing.
    """

    process: str
    run: str
    minute: int
    sequence: int
    at: int
    counts: tuple[Count, ...]
    gauges: tuple[Gauge, ...]
