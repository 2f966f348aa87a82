"""The tables of the case store, in SQLite and PostgreSQL alike. Times are µs UTC, lists and states are JSON bytes.

Columns that version 2 added have defaults, so that a store of version 1 gains them in place.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

SCHEMA_VERSION: Final = 2
"""Grows with every change of the tables."""

OPEN_ENDED: Final = 10**18 - 1
"""Stands for "no deadline" in columns that are sorted by, after every real instant."""

VERIFICATION: Final = "verification"
HANDLING: Final = "handling"

METADATA: Final = MetaData()

STORE = Table(
    "case_store",
    METADATA,
    Column("name", String, primary_key=True, comment="schema_version | cluster_id"),
    Column("value", String, nullable=False),
)

CASES = Table(
    "cases",
    METADATA,
    Column("case_id", String, primary_key=True),
    Column("revision", BigInteger, nullable=False, comment="guards every update"),
    Column("bundle", String, nullable=False),
    Column("subject", String, nullable=False, comment="the applicant"),
    Column("requested_by", String, nullable=False),
    Column("status", String, nullable=False, comment="of a Case or of a Handling"),
    Column("requested_at", BigInteger, nullable=False),
    Column("deadline_at", BigInteger, nullable=False, comment="when the next of it is due, or OPEN_ENDED"),
    Column("due_at", BigInteger, comment="instant that still has to ring"),
    Column("partition", Integer, nullable=False, comment="of case.requests: whose coordinator scans it"),
    Column("state", LargeBinary, nullable=False, comment="a Case, or a Handling without plan and application"),
    Column("kind", String, nullable=False, server_default=VERIFICATION, comment="verification | handling"),
    Column("lead", String, nullable=False, server_default="", comment="department that leads"),
    Column("channel", String, comment="of handlings: online | counter | self-service"),
    Column("mode", String, comment="of handlings: whole-online | collected-elsewhere | joint-places"),
    Column("received_place", String, comment="region code"),
    Column("handled_place", String, comment="region code"),
    Column("overdue", Boolean, nullable=False, server_default=false()),
    Column("ended_at", BigInteger, comment="None while open"),
    Column("open_key", String, comment="bundle/subject of a running handling that may run only once"),
    Column("stars", Integer, comment="1 to 5, once evaluated"),
    Column("evaluated_at", BigInteger),
    Column("plan_id", String, comment="of handlings: see plans"),
    Column("application", LargeBinary, comment="of handlings: ApplicationSubmitted as JSON"),
    Index("cases_by_time", "requested_at", "case_id"),
    Index("cases_by_subject", "subject", "requested_at"),
    Index("cases_by_status", "status", "requested_at"),
    Index("cases_by_deadline", "deadline_at", "case_id"),
    Index("cases_by_lead", "lead", "requested_at"),
)


def _partial_index(name: str, *columns: str, unique: bool = False) -> Index:
    """An index over the rows in which its first column says something."""
    holds = CASES.c[columns[0]].is_not(None)
    indexed = (CASES.c[column] for column in columns)
    return Index(name, *indexed, unique=unique, sqlite_where=holds, postgresql_where=holds)


_partial_index("cases_due", "due_at")
_partial_index("cases_by_end", "ended_at", "case_id")
_partial_index("cases_open_once", "open_key", unique=True)
_partial_index("cases_by_evaluation", "evaluated_at", "case_id")
_partial_index("cases_by_received_place", "received_place", "requested_at")
_partial_index("cases_by_handled_place", "handled_place", "requested_at")

CASE_DEPARTMENTS = Table(
    "case_departments",
    METADATA,
    Column("department", String, nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("case_id", String, nullable=False),
    PrimaryKeyConstraint("department", "requested_at", "case_id"),
    sqlite_with_rowid=False,
)
"""Who takes part in a case, its lead included."""

TASKS = Table(
    "tasks",
    METADATA,
    Column("task_id", String, primary_key=True),
    Column("case_id", String, nullable=False),
    Column("department", String, nullable=False),
    Column("status", String, nullable=False, comment="open | handled | answered | closed"),
    Column("bundle", String, nullable=False),
    Column("check_id", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("question", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("territory", String, nullable=False),
    Column("assigned_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("handled_and_reviewed", Boolean, nullable=False),
    Column("proposed", LargeBinary, comment="TaskHandled that waits for review, as JSON"),
    Column("answer", LargeBinary, comment="approved PartAnswer, as JSON"),
    Column("review_note", Text, comment="why the last review returned the answer"),
    Index("tasks_inbox", "department", "status", "due_at", "task_id"),
    Index("tasks_of_case", "case_id"),
)

PLANS = Table(
    "plans",
    METADATA,
    Column("plan_id", String, primary_key=True, comment="hash of its body"),
    Column("body", LargeBinary, nullable=False, comment="HandlingPlan as JSON"),
)
"""The definitions under which handlings run, each once for all its cases."""

ASSIGNMENTS = Table(
    "assignments",
    METADATA,
    Column("assignment_id", String, primary_key=True),
    Column("case_id", String, nullable=False),
    Column("department", String, nullable=False),
    Column("state", String, nullable=False),
    Column("kind", String, nullable=False, comment="item | delivery | commitment-check | rectification"),
    Column("bundle", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("item", String, nullable=False, comment="code of the item register, empty for the whole case"),
    Column("number", Integer, nullable=False, comment="of the item in its bundle, 0 for the whole case"),
    Column("text", Text, nullable=False),
    Column("received_place", String, nullable=False),
    Column("handled_place", String, nullable=False),
    Column("dispatched_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False, comment="OPEN_ENDED without one"),
    Column("overdue", Boolean, nullable=False),
    Column("handled_and_reviewed", Boolean, nullable=False),
    Column("joint", Boolean, nullable=False),
    Column("paused_since", BigInteger, comment="since when its clock stands"),
    Column("proposed", LargeBinary, comment="ItemHandled that waits for review, as JSON"),
    Column("decision", String, comment="approve | refuse"),
    Column("decided_at", BigInteger),
    Column("handled_by", String),
    Column("reviewed_by", String),
    Column("reason", Text),
    Column("review_note", Text, comment="why the last review returned the decision"),
    Column("missing", LargeBinary, nullable=False, comment="materials that the applicant still owes, JSON"),
    Column("material", String, comment="whose promise is to be checked"),
    Index("assignments_inbox", "department", "state", "due_at", "assignment_id"),
    Index("assignments_of_case", "case_id"),
)

PAYMENTS = Table(
    "payments",
    METADATA,
    Column("payment_id", String, primary_key=True),
    Column("case_id", String, nullable=False),
    Column("item", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("state", String, nullable=False, comment="requested | paid"),
    Column("requested_at", BigInteger, nullable=False),
    Column("paid_at", BigInteger),
    Index("payments_of_case", "case_id"),
)

NOTICES = Table(
    "notices",
    METADATA,
    Column("event_id", LargeBinary(16), primary_key=True),
    Column("case_id", String, nullable=False),
    Column("recipient", String, nullable=False, comment="a department's code, or applicant"),
    Column("kind", String, nullable=False),
    Column("number", Integer, comment="of the item"),
    Column("text", Text, nullable=False),
    Column("due_at", BigInteger),
    Column("at", BigInteger, nullable=False),
    Index("notices_of_case", "case_id", "at"),
)

REPORTS = Table(
    "reports",
    METADATA,
    Column("case_id", String, nullable=False),
    Column("number", Integer, nullable=False, comment="1, 2, … within the case"),
    Column("kind", String, nullable=False, comment="report | amendment"),
    Column("status", String, nullable=False, comment="current | amended | superseded"),
    Column("issued_at", BigInteger, nullable=False),
    Column("verification_code", String, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False, comment="canonical JSON"),
    PrimaryKeyConstraint("case_id", "number"),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("event_id", LargeBinary(16), primary_key=True),
    Column("place", BigInteger, nullable=False, comment="order of writing"),
    Column("topic", String, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("written_at", BigInteger, nullable=False),
)
"""Without an index but its key: each row comes and goes with its message, and only leftovers are looked for."""
