"""Duties counted again from their facts: what differs from what was recorded, and the end of many at once."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from catalog.duties.clock import Law
from catalog.duties.duty import Duty, DutyEvent, Rung
from catalog.duties.rule import advance, replayed


class Deviation(msgspec.Struct, frozen=True):
    """A field of a recorded duty that its own facts do not give."""

    duty_id: str
    field: str
    recorded: Any
    counted: Any


def deviations(duty: Duty, as_of: int, law: Law) -> Iterator[Deviation]:
    """Count a duty again from its facts, as of the instant (µs UTC) of its last recorded change; tell what differs."""
    again = replayed((*duty.facts, Rung(as_of)), law)
    for name in Duty.__struct_fields__:
        recorded, counted = getattr(duty, name), None if again is None else getattr(again, name)
        if recorded != counted:
            yield Deviation(duty.id, name, recorded, counted)


def as_of(duty: Duty, at: int, law: Law) -> Duty | None:
    """Return the duty as it stood at an instant; ``None``: it was not received yet."""
    return replayed((*(fact for fact in duty.facts if fact.at <= at), Rung(at)), law)


def folded(events: Iterable[tuple[str, DutyEvent]], law: Law) -> dict[str, Duty]:
    """Return all duties that a log of events makes, each event beside the id of its duty; refused ones make none."""
    duties: dict[str, Duty] = {}
    for duty_id, event in events:
        duty = advance(duties.get(duty_id), event, law).duty
        if duty is not None:
            duties[duty_id] = duty
    return duties
