"""What is said with each action on a demand."""

from typing import Literal

import msgspec

from catalog.demands.model import Text


class Of(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which organisation the actor acts."""

    organisation: Text


class Completion(Of, frozen=True, kw_only=True):
    """Everything that is missing."""

    missing: tuple[Text, ...]


class Decided(Of, frozen=True, kw_only=True):
    """The decision; withheld data is refused on a registered legal basis."""

    outcome: Literal["grant", "refuse"]
    withheld_basis: str = ""


class Consented(Of, frozen=True, kw_only=True):
    """By how many days, what shows the consent, how the requester was told."""

    days: int
    evidence: tuple[Text, ...]
    told: tuple[Text, ...] = ()


class Delivered(Of, frozen=True, kw_only=True):
    """By which means, and where it is found."""

    means: Text
    reference: Text


class Used(Of, frozen=True, kw_only=True):
    """What art. 29 wants kept of a use."""

    scenario: Text
    process: Text
    effect: Text
    storage: Text


class Disposed(Of, frozen=True, kw_only=True):
    """How the data was destroyed, and what shows it."""

    method: Text
    evidence: tuple[Text, ...]


class Escalated(Of, frozen=True, kw_only=True):
    """The rung that is taken, and what shows it."""

    rung: Text
    evidence: tuple[Text, ...]


class Settled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a dispute ended, and what shows it."""

    outcome: Literal["upheld", "reply-again"]
    evidence: tuple[Text, ...]
