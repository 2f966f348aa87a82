"""The ledger, wired: out of this hub's lake, with the hub's own rates beside what was reported."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from fastapi import APIRouter

from analytics.lake.absent_files import LakeFilesAbsent
from analytics.ledger.http import LedgerDoor, ledger_router
from analytics.rates.figures import When
from analytics.rates.folding import total
from onething.rates import rate_figures

if TYPE_CHECKING:
    from onething.analyst import AnalystDesk


def ledger_routers(desk: "AnalystDesk") -> Sequence[APIRouter]:
    """The door to the ledger at this desk."""
    figures = rate_figures(desk)

    def rate_of(rate: str, day: date) -> float | None:
        if rate not in figures.rule.definitions.versions:
            return None
        try:
            definition, count = figures.count(rate, When(day))
        except LakeFilesAbsent:
            # The ledger needs none of those files: it stands without the rate beside it.
            return None
        return total(count.cube).value if definition else None

    identity = figures.counting.lake.identity
    return (ledger_router(LedgerDoor(desk.session.reading, rate_of, today=desk.today, identity=identity)),)
