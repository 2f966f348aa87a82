"""A month's bulletin drawn up from the lake."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

import duckdb

from analytics.bottlenecks.asked import BottleneckReading
from analytics.bottlenecks.known import Known
from analytics.bottlenecks.obstacles import data_success
from analytics.bottlenecks.paths import bundle_paths
from analytics.bottlenecks.reductions import evaluation_counts, saving_views
from analytics.bottlenecks.rule import BottleneckRule
from analytics.bottlenecks.window import Window
from analytics.bulletins import gathering, paragraphs
from analytics.bulletins.content import (
    CITY,
    Bulletin,
    ComplaintCount,
    DataServed,
    DutyLine,
    EntryLine,
    EvaluationLine,
    Footing,
    Page,
    RateLine,
    ReductionLine,
    ResourceLine,
    StepLine,
    WaitLine,
)
from analytics.bulletins.gathering import RatesTold
from analytics.bulletins.months import name_of
from analytics.bulletins.words import BulletinWords
from analytics.ledger.periods import ledger_at
from analytics.ledger.rule import STATE_NAMES, load_rule

CITY_NAME: Final = "全市"


@dataclass(frozen=True)
class BulletinAsked:
    """What a bulletin is drawn up of.

    Attributes:
        window: the days of the month, as of the last of them that is counted.
        provisional: that day is not over.
        console_url: where the live figures are shown.
    """

    window: Window
    provisional: bool
    console_url: str


@dataclass(frozen=True)
class _Month:
    """Everything of a month, before it is parted among the pages."""

    rates: tuple[RateLine, ...]
    rates_of: Mapping[str, tuple[RateLine, ...]]
    entries: tuple[EntryLine, ...]
    duties: tuple[DutyLine, ...]
    departments: tuple[WaitLine, ...]
    items: tuple[WaitLine, ...]
    items_of: Mapping[str, tuple[WaitLine, ...]]
    steps: tuple[StepLine, ...]
    resources: tuple[ResourceLine, ...]
    evaluations: tuple[EvaluationLine, ...]
    reductions: tuple[ReductionLine, ...]
    complaints: ComplaintCount
    complaints_of: Mapping[str, ComplaintCount]
    served: DataServed


def draw_up(
    connection: duckdb.DuckDBPyConnection,
    rates: RatesTold,
    asked: BulletinAsked,
    words: BulletinWords,
    rule: BottleneckRule,
    known: Known,
) -> Bulletin:
    """Return the bulletin of a month.

    Args:
        connection: over the lake; temporary tables are made in it.
        rates: tells the rates of any day.
        asked: which month.
        words: what stands on it beside its figures.
        rule: how bottlenecks are counted.
        known: the catalogue.
    """
    window = asked.window
    month = _month(connection, rates, window, rule, known)
    year, number = window.first.year, window.first.month
    return Bulletin(
        month=name_of(window.first),
        title=f"关于{year}年{number}月“高效办成一件事”工作推进情况的通报",
        issuer=words.issuer,
        addressees=words.addressees,
        plan=words.plan,
        as_of=min(window.last, window.as_of),
        provisional=asked.provisional,
        city=_city_page(month, asked),
        departments=tuple(_department_page(month, asked, code, known) for code in _departments(month, known)),
        data_served=month.served,
        footing=_footing(connection, month, window, rule),
    )


def _month(
    connection: duckdb.DuckDBPyConnection, rates: RatesTold, window: Window, rule: BottleneckRule, known: Known
) -> _Month:
    reading = BottleneckReading(connection, window, rule, known)
    cases, obstacles = reading.obstacles()
    success = data_success(cases, obstacles, rule.top_resources)
    day = min(window.last, window.as_of)
    city, own = gathering.rate_lines(rates, day)
    departments = gathering.wait_lines(reading, "department", known)
    return _Month(
        rates=city,
        rates_of=own,
        entries=gathering.entry_lines(ledger_at(connection, day, "month")),
        duties=gathering.overdue_duties(connection, window, known),
        departments=departments,
        items=gathering.wait_lines(reading, "item", known),
        items_of=gathering.items_of_departments(reading, known),
        steps=gathering.step_lines(bundle_paths(reading.runs(), known.after), known),
        resources=gathering.resource_lines(success, known),
        evaluations=gathering.evaluation_lines(evaluation_counts(reading, "lead")),
        reductions=gathering.reduction_lines(saving_views(reading)),
        complaints=gathering.complaint_counts(reading, known),
        complaints_of=gathering.complaints_of_departments(reading, known),
        served=DataServed(
            cases=success.cases,
            served=success.served,
            would_be_served=success.would_be_served,
            not_by_data=success.not_by_data,
        ),
    )


def _city_page(month: _Month, asked: BulletinAsked) -> Page:
    return Page(
        code=CITY,
        name=CITY_NAME,
        paragraphs=(
            paragraphs.rate_sentence(month.rates),
            paragraphs.ledger_sentence(month.entries),
            paragraphs.duty_sentence(month.duties, named=True),
            paragraphs.wait_sentence(month.departments, month.departments, month.steps),
            paragraphs.resource_sentence(month.served, month.resources),
            paragraphs.evaluation_sentence(month.evaluations, month.complaints),
            paragraphs.reduction_sentence(month.reductions),
        ),
        rates=month.rates,
        entries=month.entries,
        entry_states=_states(month.entries),
        duties=month.duties,
        departments=month.departments,
        items=month.items,
        steps=month.steps,
        resources=month.resources,
        evaluations=month.evaluations,
        reductions=month.reductions,
        complaints=month.complaints,
        live_url=_live_url(asked, CITY),
    )


def _department_page(month: _Month, asked: BulletinAsked, code: str, known: Known) -> Page:
    rates = month.rates_of.get(code, ())
    entries = tuple(each for each in month.entries if code in each.lead_codes)
    duties = tuple(each for each in month.duties if each.department == code)
    waits = tuple(each for each in month.departments if each.key == code)
    items = month.items_of.get(code, ())
    steps = tuple(each for each in month.steps if each.lead == code)
    evaluations = tuple(each for each in month.evaluations if each.department == code)
    reductions = tuple(each for each in month.reductions if each.lead == code)
    complaints = month.complaints_of.get(code, gathering.NO_COMPLAINTS)
    return Page(
        code=code,
        name=known.departments.get(code, code),
        paragraphs=(
            paragraphs.ledger_sentence(entries),
            paragraphs.duty_sentence(duties, named=False),
            paragraphs.wait_sentence(waits, items, steps),
            paragraphs.evaluation_sentence(evaluations, complaints),
        ),
        rates=rates,
        entries=entries,
        entry_states=_states(entries),
        duties=duties,
        departments=waits,
        items=items,
        steps=steps,
        resources=tuple(each for each in month.resources if each.department == code),
        evaluations=evaluations,
        reductions=reductions,
        complaints=complaints,
        live_url=_live_url(asked, code),
    )


def _departments(month: _Month, known: Known) -> list[str]:
    """Whoever has a rate, leads an entry, owes something overdue or had work, in the order of the catalogue."""
    having = {
        *month.rates_of,
        *(code for each in month.entries for code in each.lead_codes),
        *(each.department for each in month.duties),
        *(each.key for each in month.departments),
        *(each.department for each in month.evaluations),
    }
    return [code for code in known.departments if code in having]


def _states(entries: Sequence[EntryLine]) -> dict[str, int]:
    counts = {name: sum(each.state == state for each in entries) for state, name in STATE_NAMES.items()}
    return {name: count for name, count in counts.items() if count}


def _footing(connection: duckdb.DuckDBPyConnection, month: _Month, window: Window, rule: BottleneckRule) -> Footing:
    places = gathering.positions(connection, window)
    return Footing(
        definitions=tuple(_definitions(month.rates, rule)),
        positions=places,
        positions_digest=gathering.digest_of(places),
    )


def _definitions(rates: Sequence[RateLine], rule: BottleneckRule) -> Iterator[tuple[str, str]]:
    yield from ((each.name, f"{each.id} 第{each.version}版") for each in rates)
    yield "堵点", f"bottlenecks 第{rule.version}版"
    yield "工作台账", f"ledger 第{load_rule().version}版"


def _live_url(asked: BulletinAsked, code: str) -> str:
    """The live figures as of the same day."""
    day: date = min(asked.window.last, asked.window.as_of)
    query: dict[str, Any] = {"as_of": day.isoformat(), **({"department": code} if code else {})}
    return f"{asked.console_url.rstrip('/')}/rates?{urlencode(query)}"
