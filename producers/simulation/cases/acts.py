"""What people put on the log, and when: events with ids that follow from the case and from what they answer."""

from hashlib import blake2b
from typing import Final

import msgspec

from topics.declarations import HUB
from topics.events import (
    ApplicationSubmitted,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    CaseEvent,
    ChecksAnswered,
    PaymentConfirmed,
    ResultRecorded,
)

SECOND_US: Final = 1_000_000
_OF_APPLICANTS: Final = (ApplicationSubmitted, ApplicationSupplemented, ApplicationWithdrawn, CaseEvaluated)
_OF_THE_HUB: Final = (ChecksAnswered, PaymentConfirmed, ResultRecorded)


class Act(msgspec.Struct, frozen=True):
    """An event that somebody publishes so many seconds after what led to it; its own time says the same."""

    event: CaseEvent
    after_s: float = 0

    @property
    def topic(self) -> str:
        """Where it belongs."""
        if isinstance(self.event, _OF_APPLICANTS):
            return "case.requests"
        if isinstance(self.event, _OF_THE_HUB):
            return f"case.answers.{HUB}"
        return f"case.answers.{self.event.department}"  # type: ignore[attr-defined]  # all others have one


def event_id(*parts: str) -> bytes:
    """The 16-byte id of an event of a simulated case."""
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()
