"""The tables of the case store, in SQLite and PostgreSQL alike. Times are µs UTC, lists and states are JSON bytes."""

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
)

SCHEMA_VERSION: Final = 1
"""Grows with every change of the tables."""

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
    Column("status", String, nullable=False, comment="running | reported | amended"),
    Column("requested_at", BigInteger, nullable=False),
    Column("deadline_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, comment="deadline that still has to ring"),
    Column("partition", Integer, nullable=False, comment="of case.requests: whose coordinator scans it"),
    Column("state", LargeBinary, nullable=False, comment="processors.domain.case.Case as JSON"),
    Index("cases_by_time", "requested_at", "case_id"),
    Index("cases_by_subject", "subject", "requested_at"),
    Index("cases_by_status", "status", "requested_at"),
)
Index(
    "cases_due", CASES.c.due_at, sqlite_where=CASES.c.due_at.is_not(None), postgresql_where=CASES.c.due_at.is_not(None)
)

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
    Index("outbox_by_place", "place"),
)
