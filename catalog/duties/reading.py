"""Duties that were written to a file, to be counted again where no hub runs."""

from pathlib import Path
from typing import Final

import msgspec

from catalog.duties.duty import Duty


class UnreadableDuties(Exception):  # noqa: N818  named for the fact
    """The file holds no duties; ``remedy`` says what to do."""

    remedy: Final = "write it anew: onething duty list -o json > duties.json"


class RecordedDuty(msgspec.Struct, frozen=True):
    """A duty as the register holds it, and the instant of its last change (µs UTC)."""

    duty: Duty
    changed_at: int


class _When(msgspec.Struct):
    changed_at: int


def read_duties(path: Path) -> tuple[RecordedDuty, ...]:
    """Return the duties of a file, a JSON array of objects as ``onething duty list -o json`` writes them.

    Raises:
        UnreadableDuties: there is no such file, or it holds something else; where it fails is told.
    """
    try:
        text = path.read_bytes()
        duties = msgspec.json.decode(text, type=tuple[Duty, ...])
        changes = msgspec.json.decode(text, type=tuple[_When, ...])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise UnreadableDuties(f"{path}: {fault}") from fault
    empty = next((duty.id for duty in duties if not duty.facts), None)
    if empty is not None:
        raise UnreadableDuties(f"{path}: {empty}: no facts")
    return tuple(RecordedDuty(duty, when.changed_at) for duty, when in zip(duties, changes, strict=True))
