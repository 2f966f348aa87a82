"""What happens to facts on their way: repeats, disorder, lateness, and malformed records among them."""

from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec

from producers.simulation.calendar import DAY_US, HOUR_US
from producers.simulation.drafts import Draft
from producers.simulation.malformed import malformed
from producers.simulation.planned import Kind, Planned, Rates

_WITHDRAWALS_AND_DISPUTES: Final = ("Withdrawn", "Disputed", "DisputeEnded")
#: A fact is usually published within the hour.
_DELAY_US: Final = HOUR_US
_LATE_DAYS: Final = (35, 200)
_DISORDERED_DAYS: Final = (2, 30)
_REPEATED_DAYS: Final = (0, 25)


class Arrival(msgspec.Struct, frozen=True):
    """A publication and the instant at which it is made."""

    at: int
    planned: Planned


class Origin(msgspec.Struct, frozen=True):
    """What the facts of one record have in common."""

    subject: str
    record_type: str
    topic: str
    department: str


def arrivals(
    stream: Random, rates: Rates, origin: Origin, facts: list[Draft], last_instant: int, resident_id: str
) -> Iterator[Arrival]:
    """The publications of a record's facts, none after ``last_instant``; the caller puts them in order."""
    for place, fact in enumerate(facts):
        following = facts[place + 1]["version"] if place + 1 < len(facts) else None
        kind, at = _way(stream, rates, fact, following)
        at = min(at, last_instant)
        planned = Planned(kind, fact, origin.subject, origin.record_type, _topic(origin, fact))
        yield Arrival(at, planned)
        if stream.random() < rates.duplicate:
            again = at + stream.randrange(_REPEATED_DAYS[0] * DAY_US + 1, _REPEATED_DAYS[1] * DAY_US)
            yield Arrival(min(again, last_instant), msgspec.structs.replace(planned, kind="duplicate"))
        if stream.random() < rates.malformed:
            yield Arrival(at, malformed(stream, planned, resident_id))


def _way(stream: Random, rates: Rates, fact: Draft, following: int | None) -> tuple[Kind, int]:
    """The kind of a fact and the instant of its publication; ``following`` is when the record changed next."""
    happened = fact["version"]
    chance = stream.random()
    if chance < rates.late:
        return "late", happened + stream.randrange(_LATE_DAYS[0] * DAY_US, _LATE_DAYS[1] * DAY_US)
    if chance < rates.late + rates.disordered:
        if following is not None:
            return "disordered", following + 2 * _DELAY_US
        return "disordered", happened + stream.randrange(_DISORDERED_DAYS[0] * DAY_US, _DISORDERED_DAYS[1] * DAY_US)
    kind: Kind = "correction" if fact["type"].endswith(_WITHDRAWALS_AND_DISPUTES) else "normal"
    return kind, happened + stream.randrange(_DELAY_US)


def _topic(origin: Origin, fact: Draft) -> str:
    if fact["type"] in ("ValueDisputed", "DisputeEnded"):
        return f"correction.{origin.department}"
    return origin.topic
