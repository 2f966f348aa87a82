"""A duty and what happens to it: frozen data; instants are µs UTC, days are days in China.

No record refers back to itself: the collector of cycles need not walk a million duties (``gc=False``).
"""

from typing import Final, Literal, TypeAlias

import msgspec

from catalog.register.changes import Refusal

RECOUNTED: Final = "recounted"
RULE_CHANGED: Final = "rule-changed"
SETTLED: Final = "settled"

DutyState = Literal["running", "suspended", "fulfilled", "fulfilled-late", "lapsed"]
RungName = Literal["negotiation", "data-office", "common-upper-office", "government"]


class Opened(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="action", tag="opened"):
    """Something was received from which a duty arises: ``at`` is its receipt.

    ``entity`` and ``entity_id`` say what the duty is about; ``department`` and ``counterpart`` are organisations;
    ``place`` is the administrative division whose rules hold.
    """

    event_id: str
    at: int
    duty_id: str
    kind: str
    entity: str
    entity_id: str
    department: str
    counterpart: str = ""
    place: str = "610100"


class Suspended(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="action", tag="suspended"):
    """The term stands still from the next day on; ``evidence`` are ids of what shows it."""

    event_id: str
    at: int
    evidence: tuple[str, ...]
    reason: str = ""


class Resumed(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="action", tag="resumed"):
    """The term runs on from the next day."""

    event_id: str
    at: int
    evidence: tuple[str, ...]


class Extended(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="action", tag="extended"):
    """The term was extended with consent (``evidence``); ``told`` are ids of how the requester was told."""

    event_id: str
    at: int
    days: int
    evidence: tuple[str, ...]
    told: tuple[str, ...] = ()


class Fulfilled(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="action", tag="fulfilled"):
    """What was owed was done."""

    event_id: str
    at: int
    evidence: tuple[str, ...] = ()


class Lapsed(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="action", tag="lapsed"):
    """Nothing is owed any more: what the duty is about was withdrawn."""

    event_id: str
    at: int
    reason: str = ""


class Escalated(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="action", tag="escalated"):
    """The parties took their dispute one rung up the ladder of art. 28."""

    event_id: str
    at: int
    rung: RungName
    evidence: tuple[str, ...]


class Settled(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="action", tag="settled"):
    """The dispute was settled on the rung that it had reached."""

    event_id: str
    at: int
    outcome: str
    evidence: tuple[str, ...]


class Rung(msgspec.Struct, frozen=True, gc=False, tag_field="action", tag="rung"):
    """The clock rang: it is this late; nothing else happened."""

    at: int


DutyFact: TypeAlias = Opened | Suspended | Resumed | Extended | Fulfilled | Lapsed | Escalated | Settled
DutyEvent: TypeAlias = DutyFact | Rung


class Duty(msgspec.Struct, frozen=True, gc=False):
    """One duty: what is owed to whom until when, computed from ``facts`` and nothing else.

    Attributes:
        id: the duty's own id.
        kind: what is owed, see ``limits.toml``.
        entity: what kind of entity the duty is about.
        entity_id: which one.
        department: who owes it.
        counterpart: to whom, where one organisation is.
        place: the administrative division whose rules hold.
        received_at: when it was received; that day is not counted.
        limit: id of the limit; ``""``: none is in force.
        state: ``suspended``: the term stands still.
        due_at: end of the term, exclusive; ``None``: it stands still, has ended, or none is stated.
        provisional: the term ends in a year whose holidays are not arranged yet.
        next_at: when the clock must ring next.
        warned: how many warnings of this term were given.
        breached_at: when the term ended without the duty being fulfilled.
        ended_at: when it was fulfilled or lapsed.
        suspended_at: since when the term stands still.
        resumed_at: when it last ran on.
        suspended_days: working days for which it stood still before.
        extended_days: working days by which it was extended.
        extended_calendar_days: calendar days by which it was extended.
        extensions: how often it was extended.
        rung: the rung that a dispute about it has reached; ``""``: none.
        settled: how the dispute was settled; ``""``: it was not.
        facts: what happened, in order.
    """

    id: str
    kind: str
    entity: str
    entity_id: str
    department: str
    counterpart: str
    place: str
    received_at: int
    limit: str
    state: DutyState = "running"
    due_at: int | None = None
    provisional: bool = False
    next_at: int | None = None
    warned: int = 0
    breached_at: int | None = None
    ended_at: int | None = None
    suspended_at: int | None = None
    resumed_at: int | None = None
    suspended_days: int = 0
    extended_days: int = 0
    extended_calendar_days: int = 0
    extensions: int = 0
    rung: str = ""
    settled: str = ""
    facts: tuple[DutyFact, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing is owed any more."""
        return self.ended_at is not None


class Happened(msgspec.Struct, frozen=True, gc=False):
    """One change of a duty: the past-tense word, when it took effect, and the duty after it."""

    action: str
    at: int
    duty: Duty


class DutyStep(msgspec.Struct, frozen=True, gc=False):
    """What an event does to a duty: the duty after it, what happened in order, or why the event was refused."""

    duty: Duty | None
    happened: tuple[Happened, ...] = ()
    refusals: tuple[Refusal, ...] = ()
