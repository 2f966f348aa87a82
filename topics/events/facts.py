"""What departments state, and what they state about what they stated."""

import msgspec

from topics.events.event import Fact


class OffsetRange(msgspec.Struct, frozen=True, kw_only=True):
    """A half-open range of offsets of one partition."""

    topic: str
    partition: int
    from_offset: int
    to_offset: int


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
