"""What a correction is: frozen data, times µs UTC, organisations and resources by their codes."""

from typing import Annotated, Final, Literal

import msgspec

from catalog.register.changes import CORRECTED, MARK_REMOVED, UNDETERMINABLE

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
Long = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
EventId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]

CorrectionState = Literal["disputed", "corrected", "mark-removed", "undeterminable", "withdrawn"]
Outcome = Literal["corrected", "mark-removed", "undeterminable"]

OUTCOMES: Final = (CORRECTED, MARK_REMOVED, UNDETERMINABLE)
"""How the source department ends a dispute: the fact says them in the same words."""


class Disputed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value as it is disputed.

    Attributes:
        subject: whose record it is.
        resource: code of the record's resource; what stands before its dot is the source department.
        field: the data item's name; ``None``: the whole record.
        event_id: of the fact that states the value, hexadecimal.
        version: that fact's.
        earlier: event ids of the facts before it that state the same value, newest first.
        appeared_at: when the log had the first of them all.
        disputed_by: the organisation that disputes it, or at whose window the subject does.
        by: who does it there; never a person's name or number where that is the subject.
        by_subject: whether the subject disputes it, at the window of ``disputed_by``.
        evidence: ids of what shows it.
        grant: under which it was read.
        case: for which it was read.
    """

    subject: Text
    resource: Text
    record_type: Text
    record_id: Text
    event_id: EventId
    version: int
    appeared_at: int
    disputed_by: Text
    by: Text
    field: Text | None = None
    earlier: tuple[EventId, ...] = ()
    by_subject: bool = False
    evidence: tuple[Text, ...] = ()
    grant: str = ""
    case: str = ""


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute and its end.

    Attributes:
        id: its own; the mark on the record carries it.
        value: what is disputed, by whom, on what ground.
        provider: the source department, which owes the correction.
        reason: why the value is disputed.
        corrected_by: event id of the fact that corrects it, hexadecimal; ``""``: none does.
        corrected_at: when the log had that fact.
        ended_by: the organisation that ended it.
    """

    id: str
    state: CorrectionState
    value: Disputed
    subject: str
    resource: str
    record_id: str
    provider: str
    disputed_by: str
    reason: str
    disputed_at: int
    ended_at: int | None = None
    ended_by: str = ""
    end_reason: str = ""
    corrected_by: str = ""
    corrected_at: int | None = None


class Ended(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which organisation the actor ends a dispute."""

    organisation: Text


class CorrectedBy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The source's newer fact, which says what is right: its event id, version, and when the log had it."""

    organisation: Text
    event_id: EventId
    version: int
    known_at: int


def source_of(resource: str) -> str:
    """The department whose resource it is."""
    return resource.partition(".")[0]
