"""The ledger, wired: out of this hub's lake, with the hub's own rates beside what was reported."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from fastapi import APIRouter

from analytics.lake.absent_files import LakeFilesAbsent
from analytics.ledger.http import LedgerDoor, ledger_router
from analytics.rates.figures import When
from onething.rates import rate_figures

if TYPE_CHECKING:
    from onething.analyst import AnalystDesk


def ledger_routers(desk: "AnalystDesk") -> Sequence[APIRouter]:
    """The door to the ledger at this desk."""
    figures = rate_figures(desk)

    def rates_of(day: date) -> Mapping[str, float | None]:
        try:
            return {each["id"]: each["value"] for each in figures.headlines(When(day))}
        except LakeFilesAbsent:
            # The ledger needs none of those files: it stands without the rates beside it.
            return {}

    identity = figures.counting.lake.identity
    return (ledger_router(LedgerDoor(desk.session.reading, rates_of, today=desk.today, identity=identity)),)
