"""How much a case takes, and from when on: nobody's clock, and nobody's patience, makes it grow without end."""

from typing import Final

from processors.domain.handling.state import Handling
from processors.domain.handling.words import word_faults
from processors.domain.requests import Refusal
from topics.events import CaseEvent, CaseSuspended, ItemHandled, ItemReviewed

MOST_ACTS: Final = 1000
"""So many acts are remembered in a case; beyond them only what leads to its end is taken."""

EARLY_US: Final = 86_400_000_000
"""So far may a department's clock be behind; whatever is said to have happened earlier was never meant."""


def unfit(handling: Handling, event: CaseEvent) -> tuple[Refusal, ...]:
    """Why an act is not taken, whatever it is about; empty when it may be."""
    refusals = (too_early(event, handling.application.submitted_at), _too_many(handling, event))
    return (*word_faults(event), *(each for each in refusals if each is not None))


def too_early(event: CaseEvent, submitted_at: int) -> Refusal | None:
    """Why this cannot have happened in a case that was applied for then, or None."""
    at = getattr(event, "at", None)
    if isinstance(at, int) and at < submitted_at - EARLY_US:
        return Refusal("bad-time", "it is said to have happened before the application")
    return None


def leads_on(event: CaseEvent) -> bool:
    """Whether an act leads to the end of a case, or out of a rest; no case can have many of these in a row."""
    match event:
        case ItemHandled():
            return event.decision in ("approve", "refuse", "resume")
        case ItemReviewed():
            return event.approved
        case CaseSuspended():
            return False
        case _:
            return True


def _too_many(handling: Handling, event: CaseEvent) -> Refusal | None:
    if len(handling.taken) < MOST_ACTS or leads_on(event):
        return None
    return Refusal("too-many-acts", f"{MOST_ACTS} acts were taken; only what leads to the end is taken now")
