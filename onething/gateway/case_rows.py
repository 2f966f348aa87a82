"""The rows of cases as the gateway reads them; only coordinators write them."""

from dataclasses import dataclass
from typing import Any, Protocol

from processors.domain.case import Case


@dataclass(frozen=True)
class StoredCase:
    """A case with its newest report's JSON, None before the first."""

    case: Case
    report: bytes | None


@dataclass(frozen=True)
class CaseFilter:
    """Which cases are listed; None takes all."""

    status: str | None = None
    bundle: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class PageOf:
    """Which rows: at most ``size``, behind the place that an earlier page's ``next_page`` marks."""

    size: int
    after: str | None = None


@dataclass(frozen=True)
class Listed:
    """One page of JSON-ready rows; ``next_page`` is None on the last one, ``total`` None where nobody counts."""

    rows: tuple[dict[str, Any], ...]
    next_page: str | None
    total: int | None = None


class CaseRows(Protocol):
    """Reads committed rows, off the event loop.

    Raises, from both lists:
        ValueError: ``after`` is no mark of an earlier page.
    """

    async def stored(self, case_id: str) -> StoredCase | None:
        """One case, None while no coordinator has taken its request."""

    async def cases(self, only: CaseFilter, page: PageOf) -> Listed:
        """Cases, the newest first."""

    async def tasks(self, department: str, status: str | None, page: PageOf) -> Listed:
        """A department's tasks, those that are due first."""

    async def case_of_task(self, department: str, task_id: str) -> StoredCase | None:
        """The case that a department's task belongs to, None where the department has no such task."""

    async def probe(self) -> None:
        """Read once; raises whatever stands in the way."""
