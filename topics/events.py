"""Every event of the log as a frozen type, past tense; field for field the Avro schema of the same name.

Times are microseconds since 1970-01-01 UTC, dates are days since then, as Avro's logical types store them.
"""

from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What every event has: a 16-byte identifier; the same event always has the same one."""

    event_id: bytes

    def record(self) -> dict[str, Any]:
        """The event as the plain record that the codec encodes."""
        return msgspec.to_builtins(self, builtin_types=(bytes,))  # type: ignore[no-any-return]


class Fact(Event, frozen=True, kw_only=True):
    """What a department states about a subject: the common fields that come first in every fact's schema."""

    source: str
    resource: str
    subject: str
    record_type: str
    record_id: str
    version: int
    valid_at: int
    case_id: str | None = None


class CaseEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a case."""

    case_id: str


class SourceCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """What was known of a source when it was asked."""

    resource: str
    complete_until: int | None = None
    reconciled: int | None = None
    position: str | None = None


class PartAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One honest answer to one part."""

    check_id: str
    department: str
    subject: str
    answer: str
    evidence: tuple[str, ...]
    coverage: tuple[SourceCoverage, ...]
    note: str | None = None
    handled_by: str | None = None
    reviewed_by: str | None = None


class OffsetRange(msgspec.Struct, frozen=True, kw_only=True):
    """A half-open range of offsets of one partition."""

    topic: str
    partition: int
    from_offset: int
    to_offset: int


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One question: a check, to a department, about a subject."""

    check_id: str
    department: str
    subject: str


class LineState(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the report: the check and its answer, None while open."""

    check_id: str
    answer: str | None = None


class LicenceChanged(Fact, frozen=True, kw_only=True):
    """证照变更: a licence's content or state changed; carries the whole licence."""

    licence_type: str
    licence_name: str
    licence_number: str
    licence_identifier: str | None = None
    issuer_name: str
    holder_name: str | None = None
    holder_person_name: bytes | None = None
    issued_on: int
    valid_from: int | None = None
    valid_to: int | None = None
    state: str
    state_reason: str | None = None
    replaces: str | None = None
    scope: str | None = None
    territory: str


class LicenceWithdrawn(Fact, frozen=True, kw_only=True):
    """证照记录撤回: the source states that the record should not have been published."""

    reason: str


class LicenceIssued(Fact, frozen=True, kw_only=True):
    """证照签发: a licence was issued or renewed."""

    licence_type: str
    licence_name: str
    licence_number: str
    licence_identifier: str | None = None
    issuer_name: str
    holder_name: str | None = None
    holder_person_name: bytes | None = None
    issued_on: int
    valid_from: int | None = None
    valid_to: int | None = None
    state: str
    state_reason: str | None = None
    replaces: str | None = None
    scope: str | None = None
    territory: str


class RegistrationWithdrawn(Fact, frozen=True, kw_only=True):
    """登记记录撤回: the source states that the record should not have been published."""

    reason: str


class EnterpriseChanged(Fact, frozen=True, kw_only=True):
    """企业变更登记: a registration changed; carries the whole registration."""

    name: str
    enterprise_type: str | None = None
    legal_representative: bytes | None = None
    registered_capital: str | None = None
    registered_capital_yuan: int | None = None
    scope: str | None = None
    address: str | None = None
    province: str | None = None
    district: str | None = None
    territory: str
    established_on: int | None = None
    closed_on: int | None = None
    state: str
    controlling_shareholder: str | None = None
    actual_controller: str | None = None


class EnterpriseRegistered(Fact, frozen=True, kw_only=True):
    """企业设立登记: an enterprise was registered."""

    name: str
    enterprise_type: str | None = None
    legal_representative: bytes | None = None
    registered_capital: str | None = None
    registered_capital_yuan: int | None = None
    scope: str | None = None
    address: str | None = None
    province: str | None = None
    district: str | None = None
    territory: str
    established_on: int | None = None
    closed_on: int | None = None
    state: str
    controlling_shareholder: str | None = None
    actual_controller: str | None = None


class RegistrationRecorded(Fact, frozen=True, kw_only=True):
    """登记备案: an account, vehicle, property, filing or other registration was recorded or changed."""

    title: str
    number: str | None = None
    category: str | None = None
    status: str
    amount_fen: int | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    person_name: bytes | None = None
    territory: str


class PenaltyImposed(Fact, frozen=True, kw_only=True):
    """行政处罚: an administrative penalty, coercion or dishonesty listing was decided."""

    decision_number: str
    cause: str
    legal_basis: str
    penalty_kind: str
    amount_fen: int | None = None
    decided_at: int
    domain: str
    territory: str
    state: str
    repaired_at: int | None = None


class PersonRegistered(Fact, frozen=True, kw_only=True):
    """人口登记: a person's household registration was made or changed."""

    name: bytes
    resident_id: bytes
    born_on: bytes | None = None
    territory: str
    state: str


class PenaltyRepaired(Fact, frozen=True, kw_only=True):
    """信用修复: the record of a penalty was repaired or revoked; carries the whole decision."""

    decision_number: str
    cause: str
    legal_basis: str
    penalty_kind: str
    amount_fen: int | None = None
    decided_at: int
    domain: str
    territory: str
    state: str
    repaired_at: int | None = None


class VerificationWithdrawn(Fact, frozen=True, kw_only=True):
    """核验记录撤回: the source states that the record should not have been published."""

    reason: str


class VerificationRecorded(Fact, frozen=True, kw_only=True):
    """核验结果: a department recorded what it verified for a period."""

    item: str
    outcome: str
    period_from: int | None = None
    period_to: int | None = None
    amount_fen: int | None = None
    count: int | None = None
    summary: str | None = None
    territory: str


class CoverageStated(Fact, frozen=True, kw_only=True):
    """覆盖声明: resource R is complete up to a time; takes effect when the ranges were read and reconciled."""

    complete_until: int
    ranges: tuple[OffsetRange, ...]
    message_count: int
    event_ids_sum: bytes
    source_total: int | None = None


class DisputeEnded(Fact, frozen=True, kw_only=True):
    """争议结束: corrected, mark removed or undeterminable."""

    disputed_resource: str
    disputed_record_type: str
    disputed_record_id: str
    outcome: str
    reason: str


class ValueDisputed(Fact, frozen=True, kw_only=True):
    """争议标注: a value is disputed and marked until the dispute ends."""

    disputed_resource: str
    disputed_record_type: str
    disputed_record_id: str
    field: str | None = None
    reason: str


class TaskAssigned(CaseEvent, frozen=True, kw_only=True):
    """核查任务: what only people can answer."""

    task_id: str
    department: str
    bundle: str
    check_id: str
    subject: str
    question: str
    since: int
    until: int
    territory: str
    purpose: str
    assigned_at: int
    due_at: int
    handled_and_reviewed: bool


class ReportIssued(CaseEvent, frozen=True, kw_only=True):
    """核查报告: a report, an amendment or a change of its status."""

    revision: int
    kind: str
    at: int
    body: str


class ChecksAnswered(CaseEvent, frozen=True, kw_only=True):
    """核查答复: one answerer answered its parts."""

    answered_by: str
    answered_at: int
    answers: tuple[PartAnswer, ...]


class ChecksRequested(CaseEvent, frozen=True, kw_only=True):
    """核查分派: parts that one answerer should answer."""

    bundle: str
    bundle_version: int
    answerer: str
    parts: tuple[Part, ...]
    since: int
    until: int
    territory: str
    purpose: str
    include_related: bool
    requested_at: int
    deadline_at: int


class CaseUpdated(CaseEvent, frozen=True, kw_only=True):
    """办件进展: lines changed or the case moved on."""

    revision: int
    status: str
    at: int
    lines: tuple[LineState, ...]


class TaskReviewed(CaseEvent, frozen=True, kw_only=True):
    """任务审核: a second person approved the answer or returned it."""

    task_id: str
    department: str
    reviewed_by: str
    approved: bool
    note: str | None = None
    at: int


class TaskHandled(CaseEvent, frozen=True, kw_only=True):
    """任务经办: a person of the department answered a task."""

    task_id: str
    department: str
    answer: PartAnswer
    handled_by: str
    at: int


class CaseRequested(CaseEvent, frozen=True, kw_only=True):
    """办件申请: a bundle was asked for."""

    bundle: str
    bundle_version: int
    subjects: tuple[str, ...]
    purpose: str
    requested_by: str
    look_back_years: int
    territory: str
    requested_at: int
    deadline_at: int
    include_related: bool


class DeadlinePassed(CaseEvent, frozen=True, kw_only=True):
    """时限届满: the case's deadline passed."""

    at: int


class ArchiveRead(Event, frozen=True, kw_only=True):
    """档案读取: an archive was read for a purpose."""

    reader: str
    purpose: str
    case_id: str | None = None
    grant_id: str | None = None
    subjects: tuple[str, ...]
    resources: tuple[str, ...]
    record_count: int
    as_of: int | None = None
    at: int


class RecordRefused(Event, frozen=True, kw_only=True):
    """拒收记录: a record was refused, its bytes kept."""

    department: str
    door: str
    reasons: tuple[str, ...]
    received_at: int
    origin: str | None = None
    content_type: str
    sealed: bool
    key: bytes | None = None
    body: bytes


EVENT_TYPES: dict[str, type[Event]] = {
    each.__name__: each
    for base in (Event, Fact, CaseEvent)
    for each in base.__subclasses__()
    if each not in (Fact, CaseEvent)
}
"""Every concrete event type by its name, which is the short name of its schema."""
