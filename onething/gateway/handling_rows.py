"""The rows of handled cases as the gateway reads them; only coordinators write them."""

from dataclasses import dataclass
from typing import Literal, Protocol

from catalog.evaluation_counts import Evaluated
from catalog.savings import FinishedCase
from onething.gateway.case_rows import Listed, PageOf
from processors.cases.handling_views import NoticeView
from processors.domain.handling import Handling


@dataclass(frozen=True)
class StoredHandling:
    """A handled case, the newest report on its checks as JSON (None before the first), and what was told of it.

    ``is_taken`` is false while the application is on the log and no coordinator has looked at it yet.
    """

    handling: Handling
    report: bytes | None = None
    notices: tuple[NoticeView, ...] = ()
    is_taken: bool = True


@dataclass(frozen=True)
class CaseSearch:
    """Which cases are listed; None takes all.

    Attributes:
        place: where it was received or is handled: a region code, whose trailing zeros stand for all below it.
        state: ``open``, ``ended``, or a status.
        due_before: µs UTC; cases whose own time ends earlier.
        overdue: whether something of it is past its time.
        lead: the department that answers for the whole.
        order: ``newest`` or ``oldest`` first, or by deadline: ``due``, ``due-last``.
    """

    kind: Literal["verification", "handling"] | None = None
    subject: str | None = None
    bundle: str | None = None
    department: str | None = None
    lead: str | None = None
    place: str | None = None
    channel: str | None = None
    state: str | None = None
    due_before: int | None = None
    overdue: bool | None = None
    order: Literal["newest", "oldest", "due", "due-last"] = "newest"


@dataclass(frozen=True)
class EvaluationSearch:
    """Which evaluations are listed; None takes all. Times in µs UTC, begin ≤ t < end."""

    bundle: str | None = None
    department: str | None = None
    most_stars: int | None = None
    begin: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Span:
    """A span of time, begin ≤ t < end in µs UTC; None leaves it open."""

    begin: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class AssignmentSearch:
    """Which assignments of a department are listed; None takes all."""

    department: str
    state: str | None = None
    kind: str | None = None
    due_before: int | None = None


class HandlingRows(Protocol):
    """Reads committed rows, off the event loop.

    Raises, from both lists:
        ValueError: ``after`` is no mark of an earlier page.
    """

    async def handling(self, case_id: str) -> StoredHandling | None:
        """One handled case, None while no coordinator has taken its application."""

    async def running(self, bundle: str, subject: str) -> str | None:
        """The id of a case of this bundle that runs for this subject, None where none does."""

    async def search(self, only: CaseSearch, page: PageOf) -> Listed:
        """Cases of both kinds as JSON-ready rows."""

    async def assignments(self, only: AssignmentSearch, page: PageOf) -> Listed:
        """A department's assignments as JSON-ready rows, those that are due first."""

    async def case_of_assignment(self, department: str, assignment_id: str) -> StoredHandling | None:
        """The case that a department's assignment belongs to, None where the department has no such assignment."""

    async def evaluations(self, only: EvaluationSearch, page: PageOf) -> Listed:
        """Evaluations without their words, as JSON-ready rows, the newest first."""

    async def finished(self, bundle: str | None, span: Span) -> tuple[FinishedCase, ...]:
        """What each delivered case that ended in this span took from its applicant."""

    async def evaluated(self, bundle: str | None, span: Span) -> tuple[Evaluated, ...]:
        """Every evaluation of this span as figures take it."""
