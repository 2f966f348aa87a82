"""One publication of the made-up city: what is handed in, when, and what should become of it."""

from typing import Final, Literal

import msgspec

from producers.simulation.drafts import Draft

_BEHIND_DAYS: Final = {"fire-rescue.administrative-penalty": 40}

Kind = Literal["normal", "duplicate", "late", "disordered", "malformed", "correction"]
KINDS: Final[tuple[Kind, ...]] = ("normal", "duplicate", "late", "disordered", "malformed", "correction")


class Planned(msgspec.Struct, frozen=True):
    """A draft in the order of publication.

    Attributes:
        kind: normal; duplicate (the same draft once more); late (long after it happened); disordered (behind a later
            one); malformed (must be refused); correction (a withdrawal, a dispute or its end).
        draft: as the publishing door takes it; identifiers and personal fields in clear.
        subject: ``enterprise:<USCC>`` or ``person#<number>``: who it is about, without an identity number.
        record_type: of the archive.
        topic: where it is published to, or would be.
        raw: bytes that are handed in instead of the draft, None for a draft.
        refusal: the code of the fault that it must be refused for; None when it must be accepted.
    """

    kind: Kind
    draft: Draft
    subject: str
    record_type: str
    topic: str
    raw: bytes | None = None
    refusal: str | None = None


class Rates(msgspec.Struct, frozen=True):
    """Shares of the facts that are disturbed on their way."""

    duplicate: float = 0.02
    disordered: float = 0.03
    late: float = 0.02
    malformed: float = 0.005


class Feed(msgspec.Struct, frozen=True):
    """How well the sources keep up: whose coverage is never stated, and whose ends some days before the others'."""

    uncovered: tuple[str, ...] = ("science.administrative-penalty",)
    behind_days: dict[str, int] = msgspec.field(default_factory=lambda: dict(_BEHIND_DAYS))
