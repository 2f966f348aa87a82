"""The gateway's rows of handled cases out of the case store."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from catalog.evaluation_counts import Evaluated
from catalog.savings import FinishedCase
from onething.gateway.case_rows import Listed, PageOf
from onething.gateway.case_view import iso
from onething.gateway.handling_rows import AssignmentSearch, CaseSearch, EvaluationSearch, Span, StoredHandling
from processors.cases import CaseFilter, CaseReader, CaseSummary, StoreMissing
from processors.domain.handling import Handling

_CASE_TIMES: Final = ("requested_at", "deadline_at", "ended_at")
_ASSIGNMENT_TIMES: Final = ("dispatched_at", "due_at", "paused_since", "decided_at")
_EVALUATION_TIMES: Final = ("at", "answered_at")
Found = TypeVar("Found")


class StoredHandlings:
    """``HandlingRows`` over the case store, each read in a thread; a store that is not there yet holds nothing."""

    def __init__(self, reader: CaseReader) -> None:
        self._reader = reader

    async def handling(self, case_id: str) -> StoredHandling | None:
        """One handled case with its newest report and its notices."""
        return await self._read(lambda: self._handling(case_id), None, case_id)

    async def running(self, bundle: str, subject: str) -> str | None:
        """The id of the case because of which this subject cannot apply again."""
        return await self._read(lambda: self._reader.running(bundle, subject), None, bundle, subject)

    async def search(self, only: CaseSearch, page: PageOf) -> Listed:
        """Cases of both kinds, in the order asked for."""
        texts = (only.subject, only.bundle, only.department, only.lead, only.place, only.channel, only.state)
        return await self._read(lambda: self._search(only, page), NOTHING, *texts, page.after)

    async def assignments(self, only: AssignmentSearch, page: PageOf) -> Listed:
        """A department's assignments, those that are due first."""
        return await self._read(lambda: self._assignments(only, page), NOTHING, only.state, only.kind, page.after)

    async def case_of_assignment(self, department: str, assignment_id: str) -> StoredHandling | None:
        """The case that a department's assignment belongs to."""
        return await self._read(lambda: self._case_of(department, assignment_id), None, assignment_id)

    async def evaluations(self, only: EvaluationSearch, page: PageOf) -> Listed:
        """Evaluations without their words, the newest first."""
        return await self._read(lambda: self._evaluations(only, page), NOTHING, only.bundle, page.after)

    async def finished(self, bundle: str | None, span: Span) -> tuple[FinishedCase, ...]:
        """What delivered cases took from their applicants."""
        read = self._reader.finished_cases
        return await self._read(lambda: tuple(read(bundle=bundle, begin=span.begin, end=span.end)), (), bundle)

    async def evaluated(self, bundle: str | None, span: Span) -> tuple[Evaluated, ...]:
        """Evaluations as figures take them."""
        read = self._reader.evaluated_cases
        return await self._read(lambda: tuple(read(bundle=bundle, begin=span.begin, end=span.end)), (), bundle)

    async def _read(self, read: Callable[[], Found], nothing: Found, *texts: str | None) -> Found:
        # Databases refuse to be asked for a text that no row can hold.
        if any(text is not None and "\x00" in text for text in texts):
            return nothing
        try:
            return await asyncio.to_thread(read)
        except StoreMissing:
            return nothing

    def _handling(self, case_id: str) -> StoredHandling | None:
        handling = self._reader.handling_state(case_id)
        return None if handling is None else self._with_report(handling)

    def _with_report(self, handling: Handling) -> StoredHandling:
        case_id = handling.case_id
        has_report = handling.checks is not None and bool(handling.checks.reports)
        report = self._reader.report(case_id) if has_report else None
        return StoredHandling(handling, None if report is None else report.body, self._reader.notices(case_id))

    def _case_of(self, department: str, assignment_id: str) -> StoredHandling | None:
        assignment = self._reader.assignment(assignment_id)
        if assignment is None or assignment.department != department:
            return None
        return self._handling(assignment.case_id)

    def _search(self, only: CaseSearch, page: PageOf) -> Listed:
        wanted = CaseFilter(
            subject=only.subject,
            bundle=only.bundle,
            kind=only.kind,
            state=only.state,
            department=only.department,
            lead=only.lead,
            channel=only.channel,
            place=only.place,
            overdue=only.overdue,
            due_before=only.due_before,
        )
        found = self._reader.cases(wanted, order=only.order, limit=page.size, page=page.after)
        return Listed(tuple(map(case_row, found.cases)), found.next_page, found.total)

    def _assignments(self, only: AssignmentSearch, page: PageOf) -> Listed:
        found = self._reader.assignments(
            only.department,
            state=only.state,
            kind=only.kind,
            due_before=only.due_before,
            limit=page.size,
            page=page.after,
        )
        return Listed(tuple(_assignment(each) for each in found.assignments), found.next_page)

    def _evaluations(self, only: EvaluationSearch, page: PageOf) -> Listed:
        found = self._reader.evaluations(
            bundle=only.bundle,
            department=only.department,
            most_stars=only.most_stars,
            begin=only.begin,
            end=only.end,
            limit=page.size,
            page=page.after,
        )
        return Listed(tuple(_evaluation(each) for each in found.evaluations), found.next_page)


NOTHING: Final = Listed((), None)


def case_row(summary: CaseSummary) -> dict[str, Any]:
    """A case in a list."""
    return _row(summary, _CASE_TIMES)


def _row(row: msgspec.Struct, times: tuple[str, ...]) -> dict[str, Any]:
    """A row with its instants as people read them."""
    members: dict[str, Any] = msgspec.to_builtins(row)
    return members | {name: None if members[name] is None else iso(members[name]) for name in times}


def _assignment(assignment: msgspec.Struct) -> dict[str, Any]:
    row = _row(assignment, _ASSIGNMENT_TIMES)
    proposed = row.pop("proposed")
    shown = ("decision", "reason", "results", "fee_fen", "handled_by")
    return row | {"proposed": None if proposed is None else {name: proposed[name] for name in shown}}


def _evaluation(evaluation: msgspec.Struct) -> dict[str, Any]:
    row = _row(evaluation, _EVALUATION_TIMES)
    return row | {"comment": None, "has_comment": row["comment"] is not None}
