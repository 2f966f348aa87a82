"""What a month's bulletin takes from the lake: rates, ledger, duties, bottlenecks, evaluations and reductions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Final, Protocol

import duckdb
import msgspec

from analytics.bottlenecks.asked import BottleneckReading, By, Wait
from analytics.bottlenecks.known import Known
from analytics.bottlenecks.obstacles import DataSuccess
from analytics.bottlenecks.paths import BundlePath
from analytics.bottlenecks.views import path_view, success_view, wait_view
from analytics.bottlenecks.window import CHINA, Window, instant_of, us_of
from analytics.bulletins.content import (
    ComplaintCount,
    DutyLine,
    EntryLine,
    EvaluationLine,
    RateLine,
    ReductionLine,
    ResourceLine,
    StepLine,
    WaitLine,
)
from analytics.lake.tables import TABLES
from analytics.ledger.periods import EntryStanding, Ledger
from analytics.ledger.rule import STATE_NAMES
from analytics.rates.figures import When
from catalog.duties.board import standing, working_days_left
from catalog.duties.days import load_days
from catalog.duties.duty import Duty
from catalog.duties.entity import duty_of
from catalog.duties.limits import KIND_NAMES as DUTY_KINDS
from catalog.ledger.model import KIND_NAMES as ENTRY_KINDS
from catalog.ledger.model import UNSTATED

_DUTIES: Final = """
    SELECT arg_max(state, (version, known_at)) FROM catalog_changes
    WHERE entity = 'duty' AND known_at < $until GROUP BY entity_id ORDER BY entity_id
"""
_COMPLAINTS: Final = """
    SELECT department, category, link, made_up, count(*) AS count FROM complaint_links
    WHERE list_contains($grievances::VARCHAR[], kind) AND received_at >= $since AND received_at < $until
    GROUP BY ALL ORDER BY ALL
"""

_CITY_DOCUMENTS: Final = "xian"
NO_COMPLAINTS: Final = ComplaintCount(total=0, linked=0, inferred=0, made_up=0, categories=())


class RatesTold(Protocol):
    """Tells rates: see ``analytics.rates.figures.Figures``."""

    @property
    def rule(self) -> Any:
        """The rules of rates; the ids of the rates are the keys of ``rule.definitions.versions``."""

    def by(self, rate: str, when: When, dimension: Any, /) -> dict[str, Any]:
        """One rate with all that belongs to it, and its ``groups`` by a dimension."""


def rate_lines(rates: RatesTold, as_of: date) -> tuple[tuple[RateLine, ...], Mapping[str, tuple[RateLine, ...]]]:
    """The city's rates on a day, and department → its own, in the order of the rates."""
    when = When(as_of)
    figures = [rates.by(rate, when, "department") for rate in rates.rule.definitions.versions]
    city = tuple(_rate_line(each, each, each["value"]) for each in figures)
    apart: dict[str, list[RateLine]] = {}
    for figure in figures:
        for group in figure["groups"]:
            apart.setdefault(str(group["key"]), []).append(_rate_line(figure, group, figure["value"]))
    return city, {code: tuple(lines) for code, lines in apart.items()}


def entry_lines(ledger: Ledger) -> tuple[EntryLine, ...]:
    """The entries of the month's ledger: the city's documents first, in each what is furthest behind in front."""
    order = ("overdue", "slipping", "on-time", "undated", "closed")

    def place(each: EntryLine) -> tuple[bool, int, int, float, str]:
        districts = not each.document.startswith(_CITY_DOCUMENTS)
        return (districts, order.index(each.state), -each.days_late, -(each.slippage or 0), each.id)

    return tuple(sorted((_entry_line(each, ledger.names) for each in ledger.entries), key=place))


def overdue_duties(connection: duckdb.DuckDBPyConnection, window: Window, known: Known) -> tuple[DutyLine, ...]:
    """The duties that were overdue at the end of the window, the longest first."""
    at, days = us_of(window.until), load_days()
    states = connection.execute(_DUTIES, {"until": window.known_before}).fetchall()
    duties = (duty_of(msgspec.json.decode(state)) for (state,) in states)
    late = [_duty_line(each, at, known) for each in duties if standing(each, at, days) == "overdue"]
    return tuple(sorted(late, key=lambda each: (-each.working_days_late, each.id)))


def wait_lines(reading: BottleneckReading, by: By, known: Known) -> tuple[WaitLine, ...]:
    """Where cases wait, the longest handling first."""
    return tuple(_wait_line(each, by, known) for each in reading.waits(by))


def items_of_departments(reading: BottleneckReading, known: Known) -> Mapping[str, tuple[WaitLine, ...]]:
    """Department → the items that it had, the longest handling first."""
    apart: dict[str, list[WaitLine]] = {}
    for wait in reading.waits("department-item"):
        department, _, item = wait.key.partition("/")
        apart.setdefault(department, []).append(_wait_line(msgspec.structs.replace(wait, key=item), "item", known))
    return {code: tuple(lines) for code, lines in apart.items()}


def step_lines(paths: Iterable[BundlePath], known: Known) -> tuple[StepLine, ...]:
    """The slowest step of each bundle, the bundles that take longest first."""
    views = [path_view(each, known) for each in paths]
    return tuple(_step_line(each) for each in sorted(views, key=lambda each: (-each["median_days"], each["bundle"])))


def resource_lines(success: DataSuccess, known: Known) -> tuple[ResourceLine, ...]:
    """The resources that would help most."""
    return tuple(_resource_line(each) for each in success_view(success, known)["resources"])


def evaluation_lines(counts: Iterable[Mapping[str, Any]]) -> tuple[EvaluationLine, ...]:
    """Evaluations by lead, as ``bottlenecks.reductions.evaluation_counts`` counts them; the most bad ones first."""
    lines = (
        EvaluationLine(
            department=each["lead"],
            name=each["name"],
            count=each["count"],
            mean_stars=each["mean_stars"],
            good_share=each["good_part"],
            bad=each["bad"],
            answered_in_time=each["answered_in_time"],
            overdue=each["overdue"],
        )
        for each in counts
    )
    return tuple(sorted(lines, key=lambda each: (-each.bad, -each.count, each.department)))


def reduction_lines(views: Iterable[Mapping[str, Any]]) -> tuple[ReductionLine, ...]:
    """四减 by bundle, as ``bottlenecks.reductions.saving_views`` tells them; the most cases first."""
    lines = (
        ReductionLine(
            bundle=each["bundle"],
            name=each["name"],
            lead=each["lead"] or "",
            count=each["count"],
            **{name: (each[name]["before"], each[name]["median"]) for name in ("steps", "days", "materials", "trips")},
        )
        for each in views
    )
    return tuple(sorted(lines, key=lambda each: (-each.count, each.bundle)))


def complaint_counts(reading: BottleneckReading, known: Known) -> ComplaintCount:
    """The grievances of the window."""
    return _complaints(_complaint_rows(reading, known), known)


def complaints_of_departments(reading: BottleneckReading, known: Known) -> Mapping[str, ComplaintCount]:
    """Department → the grievances of the window that are about it."""
    apart: dict[str, list[Mapping[str, Any]]] = {}
    for row in _complaint_rows(reading, known):
        if row["department"]:
            apart.setdefault(row["department"], []).append(row)
    return {code: _complaints(rows, known) for code, rows in apart.items()}


def positions(connection: duckdb.DuckDBPyConnection, window: Window) -> tuple[tuple[str, int, int], ...]:
    """The next offset of each place of the log as the lake held it at the end of the window's day.

    It follows from rows alone, so that it stays what it is however the files are merged later.
    """
    union = " UNION ALL ".join(
        f'SELECT topic, partition, "offset" FROM {table} WHERE day <= $day'  # noqa: S608  names of our own
        for table in TABLES
    )
    query = f'SELECT topic, partition, max("offset") + 1 FROM ({union}) GROUP BY ALL ORDER BY ALL'  # noqa: S608  the same
    return tuple(connection.execute(query, {"day": window.as_of}).fetchall())


def digest_of(places: Iterable[tuple[str, int, int]]) -> str:
    """What these positions are known by: 16 hexadecimal characters."""
    return sha256(repr(sorted(places)).encode()).hexdigest()[:16]


def first_day(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The first day of which the lake holds anything; None where it is empty."""
    union = " UNION ALL ".join(f"SELECT min(day) AS day FROM {table}" for table in TABLES)  # noqa: S608  names of our own
    found = connection.execute(f"SELECT min(day) FROM ({union})").fetchone()  # noqa: S608  the same
    day: date | None = found[0] if found else None
    return day


def _complaint_rows(reading: BottleneckReading, known: Known) -> list[dict[str, Any]]:
    return list(reading.rows(_COMPLAINTS, {"grievances": sorted(known.hotline.grievances)}))


def _complaints(rows: Sequence[Mapping[str, Any]], known: Known) -> ComplaintCount:
    categories: dict[str, int] = {}
    for row in rows:
        name = known.hotline.categories.get(row["category"], row["category"])
        categories[name] = categories.get(name, 0) + row["count"]
    return ComplaintCount(
        total=sum(row["count"] for row in rows),
        linked=sum(row["count"] for row in rows if row["link"] in ("case", "item")),
        inferred=sum(row["count"] for row in rows if row["link"] == "inferred"),
        made_up=sum(row["count"] for row in rows if row["made_up"]),
        categories=tuple(sorted(categories.items(), key=lambda each: (-each[1], each[0]))),
    )


def _rate_line(figure: Mapping[str, Any], own: Mapping[str, Any], city: float | None) -> RateLine:
    target, twin = figure["target"], next(iter(own.get("twins") or ()), None)
    value = own["value"]
    return RateLine(
        id=figure["id"],
        version=figure["version"],
        name=figure["name"],
        value=value,
        numerator=own["numerator"],
        denominator=own["denominator"],
        city=city,
        change=(own["previous"] or {}).get("change"),
        target=target["value"] if target else None,
        target_by=target["by"] if target else None,
        met=_met(value, target["value"], figure["better"]) if target else None,
        better=figure["better"],
        why_null=own.get("why_null") or (None if value is not None else "没有应计的"),
        twin=twin["name"] if twin else None,
        twin_value=twin["value"] if twin else None,
    )


def _met(value: float | None, target: float | None, better: str) -> bool | None:
    if value is None or target is None:
        return None
    return value <= target if better == "lower" else value >= target


def _entry_line(standing_: EntryStanding, names: Mapping[str, str]) -> EntryLine:
    entry = standing_.entry
    return EntryLine(
        id=entry.id,
        document=entry.declared.source,
        kind_name=ENTRY_KINDS[entry.kind],
        number=entry.declared.number,
        name=entry.declared.name,
        leads="、".join(names.get(code, code) for code in entry.leads) or _stated(entry.declared.lead_text),
        lead_codes=tuple(entry.leads),
        state=standing_.state,
        state_name=STATE_NAMES[standing_.state],
        due=_due(standing_),
        planned=standing_.planned_share,
        done=standing_.done_share,
        slippage=standing_.slippage_share,
        days_late=standing_.days_late,
        open_problems=standing_.open_problems,
    )


def _stated(text: str) -> str:
    return "" if text == UNSTATED else text


def _due(standing_: EntryStanding) -> str | None:
    """The first date of what is not reached yet, else the last one of all."""
    dated = [(each.milestone.due, each.reached) for each in standing_.milestones if each.milestone.due]
    ahead = [due for due, reached in dated if not reached]
    due = min(ahead) if ahead else max((due for due, _ in dated), default=None)
    return None if due is None else due.isoformat()


def _duty_line(duty: Duty, at: int, known: Known) -> DutyLine:
    left = working_days_left(duty, at, load_days())
    return DutyLine(
        id=duty.id,
        kind_name=DUTY_KINDS.get(duty.kind, duty.kind),
        about=known.resources.get(duty.entity_id, duty.entity_id),
        department=duty.department,
        department_name=known.departments.get(duty.department, duty.department),
        due=_last_day(duty.due_at),
        working_days_late=0 if left is None else max(0, -left),
        basis=duty.limit,
    )


def _last_day(due_us: int | None) -> str:
    return "" if due_us is None else instant_of(due_us - 1).astimezone(CHINA).date().isoformat()


def _wait_line(wait: Wait, by: By, known: Known) -> WaitLine:
    view = wait_view(wait, by, known)
    days = view["working_days"] or {}
    return WaitLine(
        key=wait.key,
        name=view["name"],
        ended=wait.ended,
        open=wait.open,
        waiting_hours_p50=view["waiting_hours"]["p50"],
        waiting_hours_p90=view["waiting_hours"]["p90"],
        working_days_p50=days.get("p50"),
        working_days_p90=days.get("p90"),
        overdue=wait.overdue,
        overdue_share=wait.overdue_share,
        supplements=wait.supplements,
        passed_on=wait.passed_on,
        refused=wait.refused,
        bad=wait.bad,
        complaints=wait.complaints,
    )


def _step_line(view: Mapping[str, Any]) -> StepLine:
    slowest = view["slowest"]
    return StepLine(
        bundle=view["bundle"],
        name=view["name"],
        lead=view["lead"] or "",
        lead_name=view["lead_name"] or "",
        cases=view["cases"],
        median_days=view["median_days"],
        step=slowest["name"],
        step_median_days=slowest["median_days"],
        share=slowest["share"],
    )


def _resource_line(view: Mapping[str, Any]) -> ResourceLine:
    return ResourceLine(
        resource=view["resource"],
        name=view["name"],
        department=view["department"] or "",
        department_name=view["department_name"] or "",
        gain=view["gain"],
        alone=view["alone"],
        touched=view["touched"],
        causes="，".join(f"{each['name']}{each['times']}次" for each in view["causes"]),
    )
