"""What is known of a refused record without its bytes, and what became of it."""

import re
from typing import Final, Literal

import msgspec

MENDED: Final = "mended"
DISMISSED: Final = "dismissed"
State = Literal["open", "mended", "dismissed"]

ATTEMPT: Final = "mend/"
"""The origin of a record that was sent to mend another one, and was refused in turn: this, then the other's id."""

_PART: Final = re.compile(r"(?P<origin>.*)#(?P<number>[1-9][0-9]*)/(?P<count>[1-9][0-9]*)", re.DOTALL)
_ATTEMPT: Final = re.compile(re.escape(ATTEMPT) + r"(?P<root>[0-9a-f]{32})")


class Place(msgspec.Struct, frozen=True, order=True):
    """A message of the log."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        """``topic/partition/offset``."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Origin(msgspec.Struct, frozen=True):
    """Where a refused record came from.

    Attributes:
        text: as its door says it, without the number of the part; None when it says nothing.
        number, count: which part of the bytes this is, of how many.
        root: id of the refused record that it was to mend; None for any other.
    """

    text: str | None
    number: int = 1
    count: int = 1
    root: str | None = None


class Refused(msgspec.Struct, frozen=True):
    """A refused record as lists show it; nothing in it was said by the record itself, but codes of the catalogue.

    Attributes:
        event_id: 32 hexadecimal characters; of its first part when it was kept in parts.
        department: whose it is; ``hub`` when nobody's.
        door: by which it came: sdk, intake, file, archive, coordinator.
        reasons: as they stand on the log, code, place and text.
        received_at: µs UTC, when it came first.
        last_at: µs UTC, when it came last.
        times: how many messages of the log say so.
        origin: where from.
        content_type: media type of its bytes.
        sealed: whether they are encrypted.
        event_type, resource: what it says it is, when that is a known type and a resource of the catalogue.
        places: of the messages that hold its bytes, in the order of the parts.
        parts: how many there are; fewer places are known while the rest is still on its way.
        state: open, mended or dismissed.
    """

    event_id: str
    department: str
    door: str
    reasons: tuple[str, ...]
    received_at: int
    last_at: int
    times: int
    origin: str | None
    content_type: str
    sealed: bool
    size_bytes: int
    event_type: str | None
    resource: str | None
    places: tuple[Place, ...]
    parts: int
    state: State
    attempt_of: str | None = None
    settled: "Settled | None" = None


class Settled(msgspec.Struct, frozen=True):
    """What became of a refused record; the first act that the log holds is the one that counts."""

    outcome: str
    became: str | None
    receipt: str | None
    body_digest: bytes | None
    reason: str | None
    settled_by: str
    at: int


def origin_of(text: str | None) -> Origin:
    """What an origin says: ``licences.csv:17``, ``record 3#2/4``, ``mend/<id>``."""
    if text is None:
        return Origin(None)
    parted = _PART.fullmatch(text)
    bare = parted["origin"] if parted else text
    attempt = _ATTEMPT.fullmatch(bare)
    root = attempt["root"] if attempt else None
    number, count = (int(parted["number"]), int(parted["count"])) if parted else (1, 1)
    return Origin(bare or None, number, count, root)
