"""The reader's side: cases, reports and inboxes, for the gateway and the command line. It can write nothing."""

from typing import Any, Final, Self

import msgspec
from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from processors.cases.engine import StoreMissing, demand_readable, reader_engine
from processors.cases.rows import case_of, task_view
from processors.cases.tables import CASES, REPORTS, TASKS
from processors.cases.views import CaseView, ReportView, TaskView, case_view

MOST_PER_PAGE: Final = 500
_MARK: Final = "~"


class CaseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases are listed; None does not narrow. Times in µs UTC, from ≤ t < until."""

    subject: str | None = None
    status: str | None = None
    bundle: str | None = None
    requested_by: str | None = None
    requested_from: int | None = None
    requested_until: int | None = None


class CaseSummary(msgspec.Struct, frozen=True):
    """A case in a list."""

    case_id: str
    revision: int
    bundle: str
    subject: str
    requested_by: str
    status: str
    requested_at: int
    deadline_at: int


class CasePage(msgspec.Struct, frozen=True):
    """A page of cases, the newest first; ``next_page`` is None on the last one."""

    cases: tuple[CaseSummary, ...]
    next_page: str | None


class TaskPage(msgspec.Struct, frozen=True):
    """A page of tasks, the soonest due first; ``next_page`` is None on the last one."""

    tasks: tuple[TaskView, ...]
    next_page: str | None


class CaseReader:
    """Reads a case store that others write; safe for threads.

    Every method raises ``StoreMissing`` until a coordinator has created the store.
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
        """A case as it stands, None when there is none."""
        row = self._first(select(CASES.c.state).where(CASES.c.case_id == case_id))
        return None if row is None else case_view(case_of(row.state))

    def revision(self, case_id: str) -> int | None:
        """A case's revision: what a long poll compares."""
        row = self._first(select(CASES.c.revision).where(CASES.c.case_id == case_id))
        return None if row is None else int(row.revision)

    def cases(self, wanted: CaseFilter | None = None, *, limit: int = 50, page: str | None = None) -> CasePage:
        """Cases, the newest first; ``page`` is an earlier page's ``next_page``.

        Raises:
            ValueError: ``page`` is not one of those.
        """
        columns = [CASES.c[name] for name in CaseSummary.__struct_fields__]
        query = _narrowed(select(*columns), wanted or CaseFilter()).order_by(
            CASES.c.requested_at.desc(), CASES.c.case_id.desc()
        )
        if page is not None:
            at, case_id = _place(page)
            earlier = and_(CASES.c.requested_at == at, CASES.c.case_id < case_id)
            query = query.where(or_(CASES.c.requested_at < at, earlier))
        rows, more = self._page(query, limit)
        found = tuple(CaseSummary(**_columns(row)) for row in rows)
        return CasePage(found, _mark(found[-1].requested_at, found[-1].case_id) if more else None)

    def tasks(
        self, department: str, status: str | None = None, *, limit: int = 50, page: str | None = None
    ) -> TaskPage:
        """A department's inbox, the soonest due first; ``page`` is an earlier page's ``next_page``.

        Raises:
            ValueError: ``page`` is not one of those.
        """
        query = select(TASKS).where(TASKS.c.department == department).order_by(TASKS.c.due_at, TASKS.c.task_id)
        if status is not None:
            query = query.where(TASKS.c.status == status)
        if page is not None:
            at, task_id = _place(page)
            query = query.where(or_(TASKS.c.due_at > at, and_(TASKS.c.due_at == at, TASKS.c.task_id > task_id)))
        rows, more = self._page(query, limit)
        found = tuple(task_view(_columns(row)) for row in rows)
        return TaskPage(found, _mark(found[-1].due_at, found[-1].task_id) if more else None)

    def task(self, task_id: str) -> TaskView | None:
        """One task, None when there is none."""
        row = self._first(select(TASKS).where(TASKS.c.task_id == task_id))
        return None if row is None else task_view(_columns(row))

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
        """The report that carries this verification code: how a third party checks a paper."""
        row = self._first(_REPORTS.where(REPORTS.c.verification_code == verification_code))
        return None if row is None else _report_view(row)

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


def _narrowed(query: Select[Any], wanted: CaseFilter) -> Select[Any]:
    for name in ("subject", "status", "bundle", "requested_by"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(CASES.c[name] == value)
    if wanted.requested_from is not None:
        query = query.where(CASES.c.requested_at >= wanted.requested_from)
    if wanted.requested_until is not None:
        query = query.where(CASES.c.requested_at < wanted.requested_until)
    return query


def _mark(at: int, key: str) -> str:
    return f"{at}{_MARK}{key}"


def _place(page: str) -> tuple[int, str]:
    at, mark, key = page.partition(_MARK)
    if not mark or not at.lstrip("-").isdigit():
        raise ValueError("page is not a next_page of an earlier answer")
    return int(at), key


def _report_view(row: Row[Any]) -> ReportView:
    return ReportView(**_columns(row))


def _columns(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it


_REPORTS: Final = select(*(REPORTS.c[name] for name in ReportView.__struct_fields__))
