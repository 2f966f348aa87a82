"""The reader's side: cases of both kinds, reports and inboxes, for gateway and command line. It writes nothing."""

from collections.abc import Iterator
from typing import Any, Final, Self

import msgspec
from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from catalog.evaluation_counts import Evaluated
from catalog.savings import FinishedCase
from connectors.sql import reader_engine
from processors.cases.engine import StoreMissing, demand_readable
from processors.cases.handling_page import evaluated_case, handling_view
from processors.cases.handling_rows import assignment_view, open_key_of
from processors.cases.handling_views import (
    AssignmentPage,
    AssignmentView,
    EvaluationPage,
    HandlingView,
    NoticeView,
    PaymentView,
)
from processors.cases.rows import task_view
from processors.cases.search import (
    MOST_PER_PAGE,
    CaseFilter,
    CasePage,
    Order,
    ascending,
    case_mark,
    case_summary,
    cases_count,
    cases_query,
    descending,
    mark,
)
from processors.cases.states import STATES, checked_case, stored_case
from processors.cases.tables import ASSIGNMENTS, CASE_DEPARTMENTS, CASES, HANDLING, NOTICES, PAYMENTS, REPORTS, TASKS
from processors.cases.views import CaseView, ReportView, TaskView, case_view
from processors.domain.case import Case
from processors.domain.finished_cases import evaluated, finished_case
from processors.domain.handling import Handling
from processors.domain.handling.state import ACTIVE

ACTIVE_ONES: Final = "active"
"""Assignments that somebody still has to act on, whatever their state."""


class TaskPage(msgspec.Struct, frozen=True):
    """A page of tasks, the soonest due first; ``next_page`` is None on the last one."""

    tasks: tuple[TaskView, ...]
    next_page: str | None


class CaseReader:
    """Reads a case store that others write; safe for threads.

    Every method raises ``StoreMissing`` until a coordinator has created the store, or brought it to this version.
    """

    def __init__(self, url: str | URL) -> None:
        self._engine = reader_engine(url)
        self._readable = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def case(self, case_id: str) -> CaseView | None:
        """A verification as it stands, that of a handling's checks too; None when there is none."""
        found = self.check_case(case_id)
        return None if found is None else case_view(found)

    def check_case(self, case_id: str) -> Case | None:
        """A verification as the rules know it, that of a handling's checks too; None when there is none."""
        found = self._state(case_id)
        return None if found is None else checked_case(found)

    def handling(self, case_id: str) -> HandlingView | None:
        """A handled case with everything that a page of it shows; None when there is none."""
        found = self.handling_state(case_id)
        return None if found is None else handling_view(found, self.notices(case_id))

    def handling_state(self, case_id: str) -> Handling | None:
        """A handled case as the rules know it, with what is sealed in it; None when there is none."""
        found = self._state(case_id)
        return found if isinstance(found, Handling) else None

    def notices(self, case_id: str) -> tuple[NoticeView, ...]:
        """What was told of a case, the first notice first."""
        query = _NOTICES.where(NOTICES.c.case_id == case_id).order_by(NOTICES.c.at, NOTICES.c.event_id)
        return tuple(NoticeView(**_columns(row)) for row in self._all(query))

    def revision(self, case_id: str) -> int | None:
        """A case's revision: what a long poll compares."""
        row = self._first(select(CASES.c.revision).where(CASES.c.case_id == case_id))
        return None if row is None else int(row.revision)

    def running(self, bundle: str, subject: str) -> str | None:
        """The running handling because of which this subject cannot apply for this bundle again; None without one."""
        row = self._first(select(CASES.c.case_id).where(CASES.c.open_key == open_key_of(bundle, subject)))
        return None if row is None else str(row.case_id)

    def cases(
        self,
        wanted: CaseFilter | None = None,
        *,
        order: Order = "newest",
        limit: int = 50,
        page: str | None = None,
    ) -> CasePage:
        """Cases of both kinds in one of the orders; ``page`` is an earlier page's ``next_page`` in the same one.

        Raises:
            ValueError: ``page`` is not one of those.
        """
        wanted = wanted or CaseFilter()
        rows, more = self._page(cases_query(wanted, order, page), limit)
        (counted,) = self._all(cases_count(wanted))
        found = tuple(map(case_summary, rows))
        return CasePage(found, case_mark(found[-1], order) if more else None, counted[0])

    def tasks(
        self, department: str, status: str | None = None, *, limit: int = 50, page: str | None = None
    ) -> TaskPage:
        """A department's inbox of checks, the soonest due first; ``page`` is an earlier page's ``next_page``.

        Raises:
            ValueError: ``page`` is not one of those.
        """
        query = select(TASKS).where(TASKS.c.department == department)
        if status is not None:
            query = query.where(TASKS.c.status == status)
        rows, more = self._page(ascending(query, TASKS.c.due_at, TASKS.c.task_id, page), limit)
        found = tuple(task_view(_columns(row)) for row in rows)
        return TaskPage(found, mark(found[-1].due_at, found[-1].task_id) if more else None)

    def task(self, task_id: str) -> TaskView | None:
        """One task, None when there is none."""
        row = self._first(select(TASKS).where(TASKS.c.task_id == task_id))
        return None if row is None else task_view(_columns(row))

    def assignments(
        self,
        department: str,
        *,
        state: str | None = None,
        kind: str | None = None,
        due_before: int | None = None,
        limit: int = 50,
        page: str | None = None,
    ) -> AssignmentPage:
        """A department's inbox of handlings, the soonest due first; ``page`` is an earlier page's ``next_page``.

        Args:
            department: its code.
            state: one state of an assignment, or ``active`` for all that somebody still has to act on.
            kind: item, delivery, commitment-check or rectification.
            due_before: µs UTC.
            limit: how many at most.
            page: where to go on.

        Raises:
            ValueError: ``page`` is not one of those.
        """
        query = select(ASSIGNMENTS).where(ASSIGNMENTS.c.department == department)
        if state is not None:
            query = query.where(ASSIGNMENTS.c.state.in_(sorted(ACTIVE) if state == ACTIVE_ONES else [state]))
        if kind is not None:
            query = query.where(ASSIGNMENTS.c.kind == kind)
        if due_before is not None:
            query = query.where(ASSIGNMENTS.c.due_at < due_before)
        rows, more = self._page(ascending(query, ASSIGNMENTS.c.due_at, ASSIGNMENTS.c.assignment_id, page), limit)
        found = tuple(assignment_view(_columns(row)) for row in rows)
        return AssignmentPage(found, mark(rows[-1].due_at, rows[-1].assignment_id) if more else None)

    def assignment(self, assignment_id: str) -> AssignmentView | None:
        """One assignment, None when there is none."""
        row = self._first(select(ASSIGNMENTS).where(ASSIGNMENTS.c.assignment_id == assignment_id))
        return None if row is None else assignment_view(_columns(row))

    def payment(self, payment_id: str) -> PaymentView | None:
        """One payment, None when there is none."""
        row = self._first(_PAYMENTS.where(PAYMENTS.c.payment_id == payment_id))
        return None if row is None else PaymentView(**_columns(row))

    def evaluations(
        self,
        *,
        bundle: str | None = None,
        department: str | None = None,
        most_stars: int | None = None,
        begin: int | None = None,
        end: int | None = None,
        limit: int = 50,
        page: str | None = None,
    ) -> EvaluationPage:
        """Evaluations, the newest first; of cases in which ``department`` takes part; begin ≤ t < end in µs UTC.

        Raises:
            ValueError: ``page`` is not an earlier page's ``next_page``.
        """
        at = CASES.c.evaluated_at
        conditions: list[ColumnElement[bool]] = [at.is_not(None)]
        conditions += [] if bundle is None else [CASES.c.bundle == bundle]
        conditions += [] if most_stars is None else [CASES.c.stars <= most_stars]
        conditions += [] if begin is None else [at >= begin]
        conditions += [] if end is None else [at < end]
        query = STATES.where(*conditions)
        if department is not None:
            of_department = CASE_DEPARTMENTS.c.department == department
            query = query.where(CASES.c.case_id.in_(select(CASE_DEPARTMENTS.c.case_id).where(of_department)))
        rows, more = self._page(descending(query, at, CASES.c.case_id, page), limit)
        found = tuple(evaluated_case(handling) for row in rows if isinstance(handling := stored_case(row), Handling))
        return EvaluationPage(found, mark(found[-1].at, found[-1].case_id) if more else None)

    def finished_cases(
        self, *, bundle: str | None = None, begin: int | None = None, end: int | None = None
    ) -> Iterator[FinishedCase]:
        """What each delivered case took from its applicant, by its end; begin ≤ t < end in µs UTC."""
        return filter(None, map(finished_case, self._handlings_by(CASES.c.ended_at, bundle, begin, end)))

    def evaluated_cases(
        self, *, bundle: str | None = None, begin: int | None = None, end: int | None = None
    ) -> Iterator[Evaluated]:
        """Every evaluation as figures take it, the earliest first; begin ≤ t < end in µs UTC."""
        return filter(None, map(evaluated, self._handlings_by(CASES.c.evaluated_at, bundle, begin, end)))

    def report(self, case_id: str, number: int | None = None) -> ReportView | None:
        """A case's report of this number, or its newest; None when there is none."""
        query = _REPORTS.where(REPORTS.c.case_id == case_id).order_by(REPORTS.c.number.desc())
        row = self._first(query if number is None else query.where(REPORTS.c.number == number))
        return None if row is None else _report_view(row)

    def reports(self, case_id: str) -> tuple[ReportView, ...]:
        """All reports of a case, the first one first."""
        query = _REPORTS.where(REPORTS.c.case_id == case_id).order_by(REPORTS.c.number)
        return tuple(_report_view(row) for row in self._all(query))

    def report_by_code(self, verification_code: str) -> ReportView | None:
        """The report that carries this verification code, or its first characters: how a third party checks a paper."""
        code = REPORTS.c.verification_code
        after_all = f"{verification_code}g"  # codes are hexadecimal: nothing that begins so comes behind it
        row = self._first(_REPORTS.where(code >= verification_code, code < after_all).order_by(code))
        return None if row is None else _report_view(row)

    def _handlings_by(
        self, instant: ColumnElement[Any], bundle: str | None, begin: int | None, end: int | None
    ) -> Iterator[Handling]:
        conditions = [instant.is_not(None), CASES.c.kind == HANDLING]
        conditions += [] if bundle is None else [CASES.c.bundle == bundle]
        conditions += [] if begin is None else [instant >= begin]
        conditions += [] if end is None else [instant < end]
        query = STATES.add_columns(instant.label("instant")).where(*conditions)
        page = None
        while rows := self._all(ascending(query, instant, CASES.c.case_id, page).limit(MOST_PER_PAGE)):
            yield from (found for row in rows if isinstance(found := stored_case(row), Handling))
            page = mark(rows[-1].instant, rows[-1].case_id)

    def _state(self, case_id: str) -> Case | Handling | None:
        row = self._first(STATES.where(CASES.c.case_id == case_id))
        return None if row is None else stored_case(row)

    def _page(self, query: Select[Any], limit: int) -> tuple[list[Row[Any]], bool]:
        limit = max(1, min(limit, MOST_PER_PAGE))
        rows = self._all(query.limit(limit + 1))
        return rows[:limit], len(rows) > limit

    def _first(self, query: Select[Any]) -> Row[Any] | None:
        rows = self._all(query.limit(1))
        return rows[0] if rows else None

    def _all(self, query: Select[Any]) -> list[Row[Any]]:
        if not self._readable:
            demand_readable(self._engine)
            self._readable = True
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(query).all())
        except OperationalError as fault:
            if "unable to open" in str(fault):
                self._readable = False
                raise StoreMissing("The case store has gone.", "Start the hub again: onething up.") from fault
            raise


def _report_view(row: Row[Any]) -> ReportView:
    return ReportView(**_columns(row))


def _columns(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it


_REPORTS: Final = select(*(REPORTS.c[name] for name in ReportView.__struct_fields__))
_NOTICES: Final = select(*(NOTICES.c[name] for name in NoticeView.__struct_fields__))
_PAYMENTS: Final = select(*(PAYMENTS.c[name] for name in PaymentView.__struct_fields__))
