"""Cases as durable rows: one writer folds events into them, anyone may read them."""

from processors.cases.arrivals import Arrival, ReceivedMessage
from processors.cases.engine import (
    ForeignStore,
    NewerStore,
    StoreError,
    StoreInUse,
    StoreMissing,
)
from processors.cases.reader import CaseFilter, CasePage, CaseReader, CaseSummary, TaskPage
from processors.cases.store import Applied, CaseStore, OutboxRow, StaleRevision
from processors.cases.views import CaseView, LineView, ReportView, TaskView

__all__ = [
    "Applied",
    "Arrival",
    "CaseFilter",
    "CasePage",
    "CaseReader",
    "CaseStore",
    "CaseSummary",
    "CaseView",
    "ForeignStore",
    "LineView",
    "NewerStore",
    "OutboxRow",
    "ReceivedMessage",
    "ReportView",
    "StaleRevision",
    "StoreError",
    "StoreInUse",
    "StoreMissing",
    "TaskPage",
    "TaskView",
]
