"""What becomes of a record that was given to be published."""

from collections.abc import Sequence
from typing import Any

import msgspec

from producers.faults import Fault, Language, as_told


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """The log has it, for good.

    Attributes:
        event_id: 32 hexadecimal characters; a repeat has the same.
        topic, partition, offset: where; a query that carries the receipt waits until a view has come that far.
    """

    event_id: str
    topic: str
    partition: int
    offset: int


class Refusal(msgspec.Struct, frozen=True):
    """It was refused for these faults, and its bytes are kept.

    Attributes:
        faults: everything that is wrong with it.
        kept: where its bytes are, on ``rejected.<department>``; more than one place when they are many.
    """

    faults: tuple[Fault, ...]
    kept: tuple[Receipt, ...] = ()


Outcome = Receipt | Refusal


class Received(msgspec.Struct, frozen=True):
    """A record as it came by a door, for a refusal to keep.

    Attributes:
        body: its bytes.
        draft: what was read from them; None when nothing could be.
        content_type: media type of the bytes.
        origin: where in its file, stream or request, such as ``licences.csv:17``; never a value of it.
    """

    body: bytes
    draft: Any = None
    content_type: str = "application/json"
    origin: str | None = None


def outcome_record(index: int, outcome: Outcome, lang: Language) -> dict[str, Any]:
    """The outcome of the index-th record as a plain record for people and programs."""
    if isinstance(outcome, Receipt):
        return {"index": index, "outcome": "accepted", "receipt": msgspec.to_builtins(outcome), "faults": []}
    return {"index": index, "outcome": "refused", "receipt": None, "faults": as_told(outcome.faults, lang)}


def refused_count(outcomes: Sequence[Outcome]) -> int:
    """How many were refused."""
    return sum(isinstance(outcome, Refusal) for outcome in outcomes)
