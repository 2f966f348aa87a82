"""The gateway's rows out of the case store."""

import asyncio
import re
from typing import Any, Final

import msgspec

from onething.gateway.case_rows import CaseFilter, Listed, PageOf, StoredCase
from onething.gateway.case_view import iso
from processors.cases import CaseFilter as StoreFilter
from processors.cases import CaseReader, StoreMissing, TaskView
from processors.domain.case import Case

_MARK: Final = re.compile(r"\d{1,18}~[^\x00]{1,500}")
"""What ``CaseReader`` calls a page: an instant that a column can hold, and an id."""

_TASK_FIELDS: Final = ("task_id", "case_id", "department", "status", "bundle", "check_id", "subject", "question")
_TASK_TIMES: Final = ("since", "until", "assigned_at", "due_at")
_CASE_TIMES: Final = ("requested_at", "deadline_at")


class CaseStates(CaseReader):
    """Reads whole cases too, as the rules know them."""

    def state(self, case_id: str) -> Case | None:
        """A verification as it stands, that of a handled case's checks too; None when there is none."""
        return self.check_case(case_id)


class StoredCases:
    """``CaseRows`` over the case store, each read in a thread; a store that is not there yet holds nothing."""

    def __init__(self, reader: CaseStates) -> None:
        self._reader = reader

    async def stored(self, case_id: str) -> StoredCase | None:
        """One case with its newest report."""
        return await asyncio.to_thread(self._stored, case_id)

    async def cases(self, only: CaseFilter, page: PageOf) -> Listed:
        """Cases, the newest first."""
        return await asyncio.to_thread(self._cases, only, page)

    async def tasks(self, department: str, status: str | None, page: PageOf) -> Listed:
        """A department's tasks, those that are due first."""
        return await asyncio.to_thread(self._tasks, department, status, page)

    async def case_of_task(self, department: str, task_id: str) -> StoredCase | None:
        """The case that a department's task belongs to."""
        return await asyncio.to_thread(self._case_of_task, department, task_id)

    async def probe(self) -> None:
        """Read once; raises ``StoreMissing`` until a coordinator has created the store."""
        await asyncio.to_thread(self._reader.cases, limit=1)

    def _stored(self, case_id: str) -> StoredCase | None:
        try:
            case = self._reader.state(case_id) if _can_be_stored(case_id) else None
        except StoreMissing:
            return None
        if case is None:
            return None
        report = self._reader.report(case_id) if case.reports else None
        return StoredCase(case, None if report is None else report.body)

    def _cases(self, only: CaseFilter, page: PageOf) -> Listed:
        if not all(map(_can_be_stored, (only.subject, only.status, only.bundle))):
            return Listed((), None)
        wanted = StoreFilter(kind="verification", subject=only.subject, status=only.status, bundle=only.bundle)
        try:
            found = self._reader.cases(wanted, limit=page.size, page=_mark(page))
        except StoreMissing:
            return Listed((), None)
        return Listed(
            tuple(_with_times(msgspec.to_builtins(each), _CASE_TIMES) for each in found.cases), found.next_page
        )

    def _tasks(self, department: str, status: str | None, page: PageOf) -> Listed:
        try:
            found = self._reader.tasks(department, status, limit=page.size, page=_mark(page))
        except StoreMissing:
            return Listed((), None)
        return Listed(tuple(map(_task, found.tasks)), found.next_page)

    def _case_of_task(self, department: str, task_id: str) -> StoredCase | None:
        try:
            task = self._reader.task(task_id) if _can_be_stored(task_id) else None
        except StoreMissing:
            return None
        return None if task is None or task.department != department else self._stored(task.case_id)


def _can_be_stored(text: str | None) -> bool:
    """Whether a row can hold this text at all: databases refuse to be asked for the others."""
    return text is None or "\x00" not in text


def _mark(page: PageOf) -> str | None:
    if page.after is not None and _MARK.fullmatch(page.after) is None:
        raise ValueError("no mark of an earlier page")
    return page.after


def _task(task: TaskView) -> dict[str, Any]:
    """A task as the HTTP door shows it."""
    proposed, answer = task.proposed, task.answer
    return {
        **{name: getattr(task, name) for name in _TASK_FIELDS},
        "purpose": task.purpose,
        "territory": task.territory,
        **{name: iso(getattr(task, name)) for name in _TASK_TIMES},
        "handled_and_reviewed": task.handled_and_reviewed,
        "proposed": None
        if proposed is None
        else {
            "answer": proposed.answer.answer,
            "evidence": proposed.answer.evidence,
            "note": proposed.answer.note,
            "handled_by": proposed.handled_by,
            "handled_at": iso(proposed.at),
        },
        "answer": None if answer is None else answer.answer,
        "review_note": task.review_note,
    }


def _with_times(row: dict[str, Any], times: tuple[str, ...]) -> dict[str, Any]:
    return {**row, **{name: iso(row[name]) for name in times}}
