"""Rates, wired: counted over this hub's lake, with their door and their gauges."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter

from analytics.rates.counting import Counting
from analytics.rates.definition import DEFINITIONS_FOLDER, load_definitions
from analytics.rates.figures import Figures, Rule
from analytics.rates.forecast import load_rule
from analytics.rates.gauges import RateGauges
from analytics.rates.http import RatesDoor, rates_router
from analytics.rates.keeping import Keeping
from analytics.rates.lake import RateLake
from analytics.rates.targets import load_targets

if TYPE_CHECKING:
    from onething.analyst import AnalystDesk

FRESH_S: Final = 10.0
"""So long figures stand while the lake goes on being written."""


def rate_figures(desk: "AnalystDesk") -> Figures:
    """What tells rates at this desk; an operator's own folder ``rates`` takes the place of the shipped definitions."""
    own = desk.settings.catalog.folder
    folder = own / "rates" if own is not None and (own / "rates").is_dir() else DEFINITIONS_FOLDER
    kept = desk.folder / "rollups"
    kept.mkdir(parents=True, exist_ok=True)
    counting = Counting(RateLake(desk.session, desk.reader, kept, FRESH_S))
    rule = Rule(load_definitions(folder), load_targets(), load_rule())
    return Figures(counting, rule, desk.reader.positions)


def rate_routers(desk: "AnalystDesk") -> Sequence[APIRouter]:
    """The door to rates at this desk; its gauges are told with the desk's other figures."""
    figures = rate_figures(desk)
    desk.registry.register(RateGauges(figures, desk.today))
    return (rates_router(RatesDoor(figures, desk.today, Keeping(figures.counting.lake))),)
