"""A handled case on the log: what applicants and departments did, and what the hub told of it."""

import msgspec

from topics.events.event import CaseEvent


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where: a level of the four, and its code."""

    level: str
    code: str


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a situation question."""

    question: str
    choice: str


class SuppliedMaterial(msgspec.Struct, frozen=True, kw_only=True):
    """A material and how it comes."""

    material: str
    means: str
    reference: str | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How the applicant takes the results."""

    together: bool
    means: str
    address: bytes | None = None


class ItemResult(msgspec.Struct, frozen=True, kw_only=True):
    """A document or record that an item ended with."""

    name: str
    resource: str | None = None
    record_id: str | None = None
    licence_identifier: str | None = None


class ApplicationSubmitted(CaseEvent, frozen=True, kw_only=True):
    """办件提交: an applicant asked for a bundle to be handled."""

    bundle: str
    bundle_version: int
    subject: str
    purpose: str
    submitted_by: str
    channel: str
    mode: str
    received_at: Place
    handled_at: Place
    agent: str | None = None
    authority: str | None = None
    choices: tuple[Choice, ...]
    form: bytes | None = None
    form_digest: bytes | None = None
    materials: tuple[SuppliedMaterial, ...]
    fields_total: int
    fields_filled: int
    fields_shareable: int
    delivery: Delivery
    policy: str | None = None
    submitted_at: int


class ApplicationSupplemented(CaseEvent, frozen=True, kw_only=True):
    """办件补正: the applicant supplied what was asked for or promised for later."""

    materials: tuple[SuppliedMaterial, ...]
    form: bytes | None = None
    form_digest: bytes | None = None
    supplemented_by: str
    at: int


class ApplicationWithdrawn(CaseEvent, frozen=True, kw_only=True):
    """办件撤回: the applicant withdrew the application."""

    reason: str
    withdrawn_by: str
    at: int


class CaseEvaluated(CaseEvent, frozen=True, kw_only=True):
    """好差评: the applicant evaluated how the case was handled."""

    stars: int
    comment: bytes | None = None
    evaluated_by: str
    at: int


class ItemHandled(CaseEvent, frozen=True, kw_only=True):
    """事项经办: a person of the department decided, or asked for something."""

    assignment_id: str
    department: str
    decision: str
    reason: str | None = None
    missing: tuple[str, ...]
    pass_on_to: str | None = None
    results: tuple[ItemResult, ...]
    fee_fen: int | None = None
    handled_by: str
    at: int


class ItemReviewed(CaseEvent, frozen=True, kw_only=True):
    """事项审核: a second person approved the decision or returned it."""

    assignment_id: str
    department: str
    reviewed_by: str
    approved: bool
    note: str | None = None
    at: int


class CaseSuspended(CaseEvent, frozen=True, kw_only=True):
    """办件中止: the lead stopped the clock of the whole case."""

    department: str
    reason: str
    suspended_by: str
    at: int


class CaseResumed(CaseEvent, frozen=True, kw_only=True):
    """办件恢复: the lead let the clock of the case go on."""

    department: str
    reason: str
    resumed_by: str
    at: int


class ResultsDelivered(CaseEvent, frozen=True, kw_only=True):
    """结果送达: results were handed over, mailed or issued as e-licences."""

    department: str
    items: tuple[int, ...]
    means: str
    reference: str | None = None
    delivered_by: str
    at: int


class CommitmentChecked(CaseEvent, frozen=True, kw_only=True):
    """承诺核查: an after-the-fact check found a promise kept or broken."""

    department: str
    material: str
    kept: bool
    evidence: tuple[str, ...]
    note: str | None = None
    checked_by: str
    at: int


class RectificationAnswered(CaseEvent, frozen=True, kw_only=True):
    """差评整改: the lead answered a bad evaluation."""

    department: str
    answer: str
    answered_by: str
    at: int


class ResultRecorded(CaseEvent, frozen=True, kw_only=True):
    """结果入档: a licence or registration that carries the case id entered the archive."""

    department: str
    resource: str
    record_type: str
    record_id: str
    fact: str
    fact_event_id: bytes
    withdrawn: bool
    at: int


class PaymentConfirmed(CaseEvent, frozen=True, kw_only=True):
    """缴费确认: the payment office confirmed a payment."""

    payment_id: str
    amount_fen: int
    paid_at: int


class ItemDispatched(CaseEvent, frozen=True, kw_only=True):
    """事项分派: a department is to act on an item."""

    assignment_id: str
    department: str
    bundle: str
    item: str
    number: int
    text: str
    subject: str
    purpose: str
    kind: str
    dispatched_at: int
    due_at: int | None = None
    handled_and_reviewed: bool
    joint: bool


class PaymentRequested(CaseEvent, frozen=True, kw_only=True):
    """缴费通知: a fee is due."""

    payment_id: str
    item: str
    number: int
    payer: str
    amount_fen: int
    at: int


class ApprovalSynchronised(CaseEvent, frozen=True, kw_only=True):
    """监管同步: an approval was pushed to supervision."""

    department: str
    bundle: str
    item: str
    number: int
    subject: str
    decision: str
    results: tuple[ItemResult, ...]
    decided_by: str
    reviewed_by: str | None = None
    at: int


class CommitmentBroken(CaseEvent, frozen=True, kw_only=True):
    """承诺失信: a promise made for an approval was found broken."""

    department: str
    bundle: str
    subject: str
    material: str
    evidence: tuple[str, ...]
    at: int


class CaseNotified(CaseEvent, frozen=True, kw_only=True):
    """办件通知: someone is to be told something about a case."""

    recipient: str
    kind: str
    number: int | None = None
    text: str
    due_at: int | None = None
    at: int
