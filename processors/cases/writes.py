"""Writing what a batch came to: few statements, each for all its cases, in an order that all writers share."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Insert, Table, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from processors.cases.batch import Changes
from processors.cases.bulk import ManyInserts, ManyUpdates
from processors.cases.handling_rows import (
    application_row,
    assignment_rows,
    department_rows,
    handling_row,
    moving_row,
    notice_row,
    payment_rows,
    plan_row,
)
from processors.cases.rows import Row, case_row, report_row, taking_part, task_rows
from processors.cases.tables import (
    ASSIGNMENTS,
    CASE_DEPARTMENTS,
    CASES,
    NOTICES,
    OUTBOX,
    PAYMENTS,
    PLANS,
    REPORTS,
    TASKS,
)
from processors.domain.handling import Handling, HandlingPlan

Statements = Mapping[Table, ManyInserts]

_KEPT_ONCE: Final = (CASE_DEPARTMENTS, NOTICES, PLANS, OUTBOX)


class StaleRevision(Exception):  # noqa: N818  named for the fact
    """Another coordinator changed a case of the batch meanwhile; nothing was written."""


def statements_for(dialect: str) -> Statements:
    """How rows get into the tables whose rows may be there already; ``dialect`` is ``sqlite`` or ``postgresql``."""
    insert_for: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    keys = {TASKS: "task_id", ASSIGNMENTS: "assignment_id", PAYMENTS: "payment_id"}
    upserts = {table: _upsert(insert_for(table), key) for table, key in keys.items()}
    once = {table: insert_for(table).on_conflict_do_nothing() for table in _KEPT_ONCE}
    return {table: ManyInserts(statement) for table, statement in (upserts | once).items()}


class KeptPlans:
    """The plans of the bundles in force, each with a row; cases that differ from theirs get one of their own."""

    def __init__(self, connection: Connection, plans: Mapping[str, HandlingPlan], statements: Statements) -> None:
        self._insert = statements[PLANS]
        self._known = {bundle: (plan, plan_row(plan)) for bundle, plan in plans.items()}
        if self._known:
            self._insert.execute(connection, [row for _, row in self._known.values()])

    def id_of(self, connection: Connection, plan: HandlingPlan) -> str:
        """The id of this plan's row, which is there from now on."""
        known, row = self._known.get(plan.bundle, (None, None))
        if known is not plan or row is None:
            row = plan_row(plan)
            self._insert.execute(connection, [row])
        return str(row["plan_id"])


def write_cases(connection: Connection, changes: Changes, plans: KeptPlans) -> None:
    """Write the rows of the cases themselves, and of their plans where they have got one of their own.

    Raises:
        StaleRevision: a case has another revision than the one that was read.
        IntegrityError: another writer has just begun a case of this id, or one that may run only once.
    """
    _release(connection, changes)
    _update_cases(connection, changes)
    _replace_fixed(connection, changes, plans)
    known = changes.before
    if rows := [case_row(case, at) for case, at in changes.verifications if case.case_id not in known]:
        connection.execute(insert(CASES), rows)
    begun = [(handling, at) for handling, at in changes.handlings if handling.case_id not in known]
    if rows := [handling_row(handling, at, plans.id_of(connection, handling.plan)) for handling, at in begun]:
        connection.execute(insert(CASES), rows)


def write_parts(connection: Connection, changes: Changes, statements: Statements) -> None:
    """Write the rows of what belongs to the cases: only what the batch changed."""
    rows: dict[Table, list[Row]] = {table: [] for table in statements}
    for case, _ in changes.verifications:
        rows[TASKS] += task_rows(case)
        if case.case_id not in changes.before:
            rows[CASE_DEPARTMENTS] += taking_part(case)
    for handling, _ in changes.handlings:
        before = changes.handled_before.get(handling.case_id)
        rows[TASKS] += _check_tasks(handling, before)
        rows[ASSIGNMENTS] += assignment_rows(handling, before)
        rows[PAYMENTS] += payment_rows(handling, before)
        rows[CASE_DEPARTMENTS] += department_rows(handling, before)
    rows[NOTICES] += map(notice_row, changes.notices)
    for table, found in rows.items():
        if found:
            statements[table].execute(connection, found)


def write_reports(connection: Connection, changes: Changes) -> None:
    """Add the reports of a batch, and tell the earlier ones of their cases how they stand by now."""
    if not changes.reports:
        return
    connection.execute(insert(REPORTS), [report_row(case, issued) for case, issued in changes.reports])
    statuses = [
        {"of_case": case.case_id, "of_number": each.number, "new_status": each.status}
        for case in {case.case_id: case for case, _ in changes.reports}.values()
        for each in case.reports[:-1]
    ]
    if statuses:
        connection.execute(_REPORT_STATUS, statuses)


def _release(connection: Connection, changes: Changes) -> None:
    # Before anything begins: what has ended makes room for who may run only once.
    ended = [
        {"released": handling.case_id}
        for handling, _ in changes.handlings
        if handling.ended_at is not None
        and (before := changes.handled_before.get(handling.case_id)) is not None
        and before.ended_at is None
    ]
    if ended:
        connection.execute(_RELEASE, ended)


def _update_cases(connection: Connection, changes: Changes) -> None:
    verifications = [
        {**case_row(case, at), **_guard(case.case_id, changes)}
        for case, at in changes.verifications
        if case.case_id in changes.before
    ]
    handlings = [
        {**moving_row(handling), **_guard(handling.case_id, changes)}
        for handling, _ in changes.handlings
        if handling.case_id in changes.before
    ]
    for statement, rows in ((_UPDATE_VERIFICATION, verifications), (_UPDATE_HANDLING, handlings)):
        if rows and statement.execute(connection, rows) != len(rows):
            raise StaleRevision("a case has another revision than the one that was read")


def _guard(case_id: str, changes: Changes) -> Row:
    return {"guarded_case_id": case_id, "guarded_revision": changes.before[case_id]}


def _replace_fixed(connection: Connection, changes: Changes, plans: KeptPlans) -> None:
    """Of cases whose applicant sent another form, or in which somebody takes part whom the plan does not name."""
    replaced = [
        {"of_case": handling.case_id, "plan": plans.id_of(connection, handling.plan), **application_row(handling)}
        for handling, _ in changes.handlings
        if (before := changes.handled_before.get(handling.case_id)) is not None
        and (before.application is not handling.application or before.plan is not handling.plan)
    ]
    if replaced:
        connection.execute(_REPLACE_FIXED, replaced)


def _check_tasks(handling: Handling, before: Handling | None) -> Iterator[Row]:
    checks = handling.checks
    if checks is not None and (before is None or before.checks is not checks):
        yield from task_rows(checks)


def _upsert(statement: Any, key: str) -> Insert:
    changed = {column.name: column for column in statement.excluded if column.name != key}
    return statement.on_conflict_do_update(index_elements=[key], set_=changed)  # type: ignore[no-any-return]


def _update(*columns: str) -> ManyUpdates:
    guarded = update(CASES).where(
        CASES.c.case_id == bindparam("guarded_case_id"), CASES.c.revision == bindparam("guarded_revision")
    )
    return ManyUpdates(guarded.values({name: bindparam(name) for name in columns}))


_UPDATE_VERIFICATION: Final = _update("revision", "status", "due_at", "ended_at", "state")
_UPDATE_HANDLING: Final = _update(
    "revision", "status", "deadline_at", "due_at", "overdue", "ended_at", "stars", "evaluated_at", "state"
)
_RELEASE: Final = update(CASES).where(CASES.c.case_id == bindparam("released")).values(open_key=None)
_REPLACE_FIXED: Final = (
    update(CASES)
    .where(CASES.c.case_id == bindparam("of_case"))
    .values(application=bindparam("application"), plan_id=bindparam("plan"))
)
_REPORT_STATUS: Final = (
    update(REPORTS)
    .where(REPORTS.c.case_id == bindparam("of_case"), REPORTS.c.number == bindparam("of_number"))
    .values(status=bindparam("new_status"))
)
