"""A handled case as it stands: frozen, and all that its rule needs."""

from typing import Final, Literal

import msgspec

from processors.domain.case import Case
from processors.domain.handling.plan import HandlingPlan, ItemPlan
from topics.events import ApplicationSubmitted, ItemHandled, ItemResult

HandlingStatus = Literal[
    "accepted", "handling", "supplementing", "suspended", "deciding", "delivered", "refused", "withdrawn"
]
ItemState = Literal[
    "waiting",
    "open",
    "handled",
    "supplementing",
    "suspended",
    "checking",
    "paying",
    "approved",
    "refused",
    "not-applicable",
    "stopped",
]
AssignmentState = Literal[
    "open",
    "handled",
    "supplementing",
    "suspended",
    "approved",
    "refused",
    "passed-on",
    "returned",
    "answered",
    "closed",
]
AssignmentKind = Literal["item", "delivery", "commitment-check", "rectification"]
PieceState = Literal["held", "due", "overdue", "broken", "kept"]

DECIDED: Final = frozenset(("approved", "refused", "not-applicable", "stopped"))
"""States of an item that nothing but a correction changes."""

ACTIVE: Final = frozenset(("open", "handled", "supplementing", "suspended"))
"""States of an assignment that somebody still has to act on."""

ENDED: Final = frozenset(("delivered", "refused", "withdrawn"))
"""Statuses of a case that has come to its end."""

CASE_PAUSE: Final = "case"


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How an assignment or an item ended, by whom, and with what."""

    decision: Literal["approve", "refuse"]
    decided_by: str
    at: int
    reviewed_by: str | None = None
    reason: str | None = None
    results: tuple[ItemResult, ...] = ()


class Assignment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one department was given to do.

    Attributes:
        assignment_id: 32 hexadecimal characters.
        kind: an item, the delivery, the after-the-fact check of a promise, the answer to a bad evaluation.
        number: the item's number, 0 for the whole case.
        due_at: µs UTC, shifted by every pause; None when the sources state no time.
        paused_since: since when the clock stands, None while it runs.
        paused_for: why it stands: ``supplement``, ``suspended``, ``case``.
        paused_us: how long it stood so far.
        proposed: the decision that waits for its review.
        decided: the decision, once final.
        supplement_asked: whether the applicant was asked to supply something; that is done once.
        missing: what was asked for and is not there yet.
        material: of a commitment check.
        review_note: why the last review returned the decision.
    """

    assignment_id: str
    kind: AssignmentKind = "item"
    number: int
    department: str
    text: str
    state: AssignmentState = "open"
    dispatched_at: int
    due_at: int | None
    handled_and_reviewed: bool = False
    joint: bool = False
    paused_since: int | None = None
    paused_for: tuple[str, ...] = ()
    paused_us: int = 0
    proposed: ItemHandled | None = None
    decided: Decision | None = None
    supplement_asked: bool = False
    missing: tuple[str, ...] = ()
    material: str | None = None
    reminded: bool = False
    overdue: bool = False
    reason: str | None = None
    review_note: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether somebody still has to act on it."""
        return self.state in ACTIVE


class Payment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fee that is due, or paid."""

    payment_id: str
    amount_fen: int
    requested_at: int
    paid_at: int | None = None


class HandledItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An item of the case; ``answer`` is what a check said, ``reason`` why it was refused or stopped.

    ``asked_from`` is the place among the case's assignments from which on they are about the item as it stands: a
    check that says something else after a person decided is decided anew.
    """

    number: int
    state: ItemState
    decision: Decision | None = None
    payment: Payment | None = None
    answer: str | None = None
    reason: str | None = None
    delivered_at: int | None = None
    delivered_by: str | None = None
    asked_from: int = 0

    @property
    def is_decided(self) -> bool:
        """Whether it has come to its end."""
        return self.state in DECIDED


class Piece(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A material of the case and how it comes.

    Attributes:
        means: archive, upload, paper, promise or later.
        state: ``due`` until a promised or later one is supplied or checked.
        due_at: µs UTC; None while no due date runs.
    """

    material: str
    means: str
    reference: str | None = None
    state: PieceState = "held"
    due_at: int | None = None
    supplied_at: int | None = None
    checked_by: str | None = None
    evidence: tuple[str, ...] = ()


class Supplement(msgspec.Struct, frozen=True, gc=False):
    """Something that the applicant supplied after the submission: when, by whom, and which materials."""

    at: int
    supplemented_by: str
    materials: tuple[str, ...]


class Pause(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A time in which the lead let the whole case rest; ``until`` is None while it does."""

    since: int
    reason: str
    suspended_by: str
    until: int | None = None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How the applicant judged the case; ``answer`` is the lead's to a bad one."""

    stars: int
    comment: bytes | None
    evaluated_by: str
    at: int
    answer: str | None = None
    answered_by: str | None = None
    answered_at: int | None = None


class Handling(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything that is known of a handled case.

    Attributes:
        application: as submitted.
        plan: the definition under which it runs.
        revision: grows by one with every change.
        checks: the verification case of its checking items, None where none applies.
        assignments: in the order of dispatch.
        taken: ids of the events that were taken, so that a repeat changes nothing.
        told: the items' states as last told.
        outcome: ``approved``, ``partly`` or ``refused`` once every item is decided.
    """

    application: ApplicationSubmitted
    plan: HandlingPlan
    items: tuple[HandledItem, ...]
    pieces: tuple[Piece, ...]
    status: HandlingStatus = "accepted"
    revision: int = 0
    checks: Case | None = None
    assignments: tuple[Assignment, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    pauses: tuple[Pause, ...] = ()
    evaluation: Evaluation | None = None
    outcome: Literal["approved", "partly", "refused"] | None = None
    reason: str | None = None
    decided_at: int | None = None
    ended_at: int | None = None
    taken: tuple[bytes, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def case_id(self) -> str:
        """The case's number."""
        return self.application.case_id

    @property
    def ended(self) -> bool:
        """Whether it was delivered, refused or withdrawn."""
        return self.status in ENDED

    @property
    def pause(self) -> Pause | None:
        """The pause that lasts, if one does."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].until is None else None

    def item(self, number: int) -> HandledItem | None:
        """The item of this number, None when there is none."""
        return next((each for each in self.items if each.number == number), None)

    def assignment(self, assignment_id: str) -> Assignment | None:
        """The assignment of this id, None when there is none."""
        return next((each for each in self.assignments if each.assignment_id == assignment_id), None)

    def of_item(self, number: int) -> tuple[Assignment, ...]:
        """What departments were given to do for an item."""
        return tuple(each for each in self.assignments if each.kind == "item" and each.number == number)

    def planned(self) -> tuple[tuple[ItemPlan, HandledItem], ...]:
        """Each item's plan beside its state."""
        return tuple(zip(self.plan.items, self.items, strict=True))


def with_item(handling: Handling, item: HandledItem) -> Handling:
    """The case with this item in its place."""
    items = tuple(item if each.number == item.number else each for each in handling.items)
    return msgspec.structs.replace(handling, items=items)


def with_assignment(handling: Handling, assignment: Assignment) -> Handling:
    """The case with this assignment in its place, or as its last one."""
    if handling.assignment(assignment.assignment_id) is None:
        return msgspec.structs.replace(handling, assignments=(*handling.assignments, assignment))
    assignments = tuple(
        assignment if each.assignment_id == assignment.assignment_id else each for each in handling.assignments
    )
    return msgspec.structs.replace(handling, assignments=assignments)
