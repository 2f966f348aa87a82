"""Every event of the log as a frozen type, past tense; field for field the Avro schema of the same name.

Times are microseconds since 1970-01-01 UTC, dates are days since then, as Avro's logical types store them.
"""

from topics.events.catalog import CatalogChanged
from topics.events.event import (
    CaseEvent,
    Event,
    Fact,
)
from topics.events.facts import (
    CoverageStated,
    DisputeEnded,
    EnterpriseChanged,
    EnterpriseRegistered,
    LicenceChanged,
    LicenceIssued,
    LicenceWithdrawn,
    OffsetRange,
    PenaltyImposed,
    PenaltyRepaired,
    PersonRegistered,
    RegistrationRecorded,
    RegistrationWithdrawn,
    ValueDisputed,
    VerificationRecorded,
    VerificationWithdrawn,
)
from topics.events.handling import (
    ApplicationSubmitted,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    ApprovalSynchronised,
    CaseEvaluated,
    CaseNotified,
    CaseResumed,
    CaseSuspended,
    Choice,
    CommitmentBroken,
    CommitmentChecked,
    Delivery,
    ItemDispatched,
    ItemHandled,
    ItemResult,
    ItemReviewed,
    PaymentConfirmed,
    PaymentRequested,
    Place,
    RectificationAnswered,
    ResultRecorded,
    ResultsDelivered,
    SuppliedMaterial,
)
from topics.events.hotline import (
    HotlineComplaintClosed,
    HotlineComplaintReceived,
)
from topics.events.kept import (
    ArchiveRead,
    RecordRefused,
    RefusalSettled,
)
from topics.events.live import (
    Count,
    CountsTold,
    Gauge,
)
from topics.events.verification import (
    CaseRequested,
    CaseUpdated,
    ChecksAnswered,
    ChecksRequested,
    DeadlinePassed,
    LineState,
    Part,
    PartAnswer,
    ReportIssued,
    SourceCoverage,
    TaskAssigned,
    TaskHandled,
    TaskReviewed,
)

EVENT_TYPES: dict[str, type[Event]] = {
    each.__name__: each
    for base in (Event, Fact, CaseEvent)
    for each in base.__subclasses__()
    if each not in (Fact, CaseEvent)
}
"""Every concrete event type by its name, which is the short name of its schema."""

__all__ = [
    "EVENT_TYPES",
    "ApplicationSubmitted",
    "ApplicationSupplemented",
    "ApplicationWithdrawn",
    "ApprovalSynchronised",
    "ArchiveRead",
    "CaseEvaluated",
    "CaseEvent",
    "CaseNotified",
    "CaseRequested",
    "CaseResumed",
    "CaseSuspended",
    "CaseUpdated",
    "CatalogChanged",
    "ChecksAnswered",
    "ChecksRequested",
    "Choice",
    "CommitmentBroken",
    "CommitmentChecked",
    "Count",
    "CountsTold",
    "CoverageStated",
    "DeadlinePassed",
    "Delivery",
    "DisputeEnded",
    "EnterpriseChanged",
    "EnterpriseRegistered",
    "Event",
    "Fact",
    "Gauge",
    "HotlineComplaintClosed",
    "HotlineComplaintReceived",
    "ItemDispatched",
    "ItemHandled",
    "ItemResult",
    "ItemReviewed",
    "LicenceChanged",
    "LicenceIssued",
    "LicenceWithdrawn",
    "LineState",
    "OffsetRange",
    "Part",
    "PartAnswer",
    "PaymentConfirmed",
    "PaymentRequested",
    "PenaltyImposed",
    "PenaltyRepaired",
    "PersonRegistered",
    "Place",
    "RecordRefused",
    "RectificationAnswered",
    "RefusalSettled",
    "RegistrationRecorded",
    "RegistrationWithdrawn",
    "ReportIssued",
    "ResultRecorded",
    "ResultsDelivered",
    "SourceCoverage",
    "SuppliedMaterial",
    "TaskAssigned",
    "TaskHandled",
    "TaskReviewed",
    "ValueDisputed",
    "VerificationRecorded",
    "VerificationWithdrawn",
]
