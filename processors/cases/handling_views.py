"""Handled cases, and what departments are given to do in them, as people and pages see them."""

import msgspec

from processors.cases.views import LineView, TaskView
from processors.domain.case import IssuedReport
from processors.domain.handling.state import Decision, Evaluation, Pause, Payment, Piece, Supplement
from topics.events import Choice, ItemHandled, Place


class AssignmentView(msgspec.Struct, frozen=True, kw_only=True):
    """What one department was given to do; ``due_at`` is None where nothing states a time.

    ``proposed`` waits for its review; ``paused_since`` says since when the clock stands.
    """

    assignment_id: str
    case_id: str
    department: str
    state: str
    kind: str
    bundle: str
    subject: str
    purpose: str
    item: str
    number: int
    text: str
    received_place: str
    handled_place: str
    dispatched_at: int
    due_at: int | None
    overdue: bool
    handled_and_reviewed: bool
    joint: bool
    paused_since: int | None = None
    proposed: ItemHandled | None = None
    decision: str | None = None
    decided_at: int | None = None
    handled_by: str | None = None
    reviewed_by: str | None = None
    reason: str | None = None
    review_note: str | None = None
    missing: tuple[str, ...] = ()
    material: str | None = None


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the case.

    Attributes:
        mode: lead, check, handled or payment.
        due_at: when the first of its departments is due, None while nobody is or nothing states a time.
        paused: whether every clock of it stands.
        answer: what a check said.
    """

    number: int
    item_id: str
    code: str
    text: str
    mode: str
    departments: tuple[str, ...]
    after: tuple[int, ...]
    limit_days: int | None
    state: str
    due_at: int | None
    paused: bool
    overdue: bool
    decision: Decision | None
    payment: Payment | None
    answer: str | None
    reason: str | None
    delivered_at: int | None
    delivered_by: str | None


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """What a department (its code) or the ``applicant`` was told."""

    recipient: str
    kind: str
    number: int | None
    text: str
    due_at: int | None
    at: int


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to the case; ``by`` is a person's name, or a department's code."""

    at: int
    what: str
    by: str
    number: int | None = None
    department: str | None = None
    note: str | None = None


class HandlingView(msgspec.Struct, frozen=True, kw_only=True):
    """A handled case with everything that a page of it shows; what was sealed stays out of it.

    Attributes:
        names: each department's Chinese name by its code.
        materials: how each comes, and until when a promised or later one is due.
        has_form: whether a sealed form lies with the case.
        lines: its checks with their parts; ``tasks``: what departments are asked for them; ``reports``: on them.
        timeline: what happened, the first thing first.
        next_due: when the case's timer rings next.
    """

    case_id: str
    revision: int
    status: str
    outcome: str | None
    reason: str | None
    bundle: str
    bundle_version: int
    name: str
    document: str
    subject: str
    purpose: str
    submitted_by: str
    channel: str
    mode: str
    received_at: Place
    handled_at: Place
    agent: str | None
    authority: str | None
    choices: tuple[Choice, ...]
    policy: str | None
    has_form: bool
    fields_total: int
    fields_filled: int
    fields_shareable: int
    delivery_together: bool
    delivery_means: str
    submitted_at: int
    decided_at: int | None
    ended_at: int | None
    next_due: int | None
    overdue: bool
    lead: str
    names: dict[str, str]
    items: tuple[ItemView, ...]
    assignments: tuple[AssignmentView, ...]
    materials: tuple[Piece, ...]
    supplements: tuple[Supplement, ...]
    pauses: tuple[Pause, ...]
    pause: Pause | None
    evaluation: Evaluation | None
    lines: tuple[LineView, ...]
    tasks: tuple[TaskView, ...]
    reports: tuple[IssuedReport, ...]
    timeline: tuple[Moment, ...]
    notices: tuple[NoticeView, ...]
    repeatable: bool


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """A fee; ``state`` is requested or paid."""

    payment_id: str
    case_id: str
    item: str
    number: int
    amount_fen: int
    state: str
    requested_at: int
    paid_at: int | None


class AssignmentPage(msgspec.Struct, frozen=True):
    """A page of assignments, the soonest due first; ``next_page`` is None on the last one."""

    assignments: tuple[AssignmentView, ...]
    next_page: str | None


class EvaluatedCase(msgspec.Struct, frozen=True, kw_only=True):
    """How an applicant judged a case; ``comment`` is sealed, ``answer`` is the lead's to a bad one."""

    case_id: str
    bundle: str
    lead: str
    departments: tuple[str, ...]
    stars: int
    comment: bytes | None
    evaluated_by: str
    at: int
    answer: str | None
    answered_by: str | None
    answered_at: int | None


class EvaluationPage(msgspec.Struct, frozen=True):
    """A page of evaluations, the newest first; ``next_page`` is None on the last one."""

    evaluations: tuple[EvaluatedCase, ...]
    next_page: str | None
