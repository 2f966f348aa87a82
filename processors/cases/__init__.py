"""Cases as durable rows: one writer folds events into them, anyone may read them."""

from connectors.kafka.outbox import OutboxRow
from connectors.sql import StoreError, StoreInUse
from processors.cases.arrivals import Arrival, ReceivedMessage
from processors.cases.engine import (
    ForeignStore,
    NewerStore,
    OlderStore,
    StoreMissing,
)
from processors.cases.handling_views import (
    AssignmentPage,
    AssignmentView,
    EvaluatedCase,
    EvaluationPage,
    HandlingView,
    ItemView,
    Moment,
    NoticeView,
    PaymentView,
)
from processors.cases.reader import CaseReader, TaskPage
from processors.cases.search import CaseFilter, CasePage, CaseSummary
from processors.cases.store import Applied, CaseStore
from processors.cases.views import CaseView, LineView, ReportView, TaskView
from processors.cases.writes import StaleRevision

__all__ = [
    "Applied",
    "Arrival",
    "AssignmentPage",
    "AssignmentView",
    "CaseFilter",
    "CasePage",
    "CaseReader",
    "CaseStore",
    "CaseSummary",
    "CaseView",
    "EvaluatedCase",
    "EvaluationPage",
    "ForeignStore",
    "HandlingView",
    "ItemView",
    "LineView",
    "Moment",
    "NewerStore",
    "NoticeView",
    "OlderStore",
    "OutboxRow",
    "PaymentView",
    "ReceivedMessage",
    "ReportView",
    "StaleRevision",
    "StoreError",
    "StoreInUse",
    "StoreMissing",
    "TaskPage",
    "TaskView",
]
