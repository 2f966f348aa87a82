"""The lake asked about bottlenecks: SQL over its tables, and frozen rows back."""

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import duckdb
import msgspec

from analytics.bottlenecks.known import Known, ReadAge
from analytics.bottlenecks.obstacles import UNKNOWN, Obstacle
from analytics.bottlenecks.paths import CaseRun
from analytics.bottlenecks.rule import BottleneckRule
from analytics.bottlenecks.window import EARLIEST, Window
from analytics.bottlenecks.worked import Worked
from catalog.evaluation_counts import Evaluated
from catalog.evaluations import load_evaluation_rule
from catalog.savings import FinishedCase
from catalog.working_days import WorkingCalendar, load_calendar

By = Literal["department", "item", "bundle"]
Grouping = Literal[By, "department-item"]
_DAY_US: Final = 86_400_000_000
_AHEAD: Final = timedelta(days=400)


class Wait(msgspec.Struct, frozen=True, gc=False):
    """How long work waited and took at a department, for an item, or in a bundle.

    Attributes:
        key: code of the department or item, or the bundle's id.
        ended, open: assignments of items, and questions to the department, that ended in the period, and those open
            when it was over; ``cases`` of both.
        waiting_us: p50, p90, p99 from dispatch until somebody first acted; what nobody acted on counts until the end.
        handling_us: the same of those that ended, from dispatch to end without the time in which the clock stood.
        working_days: the same, in working days.
        with_limit, overdue: those with a time limit, and those of them that ended after it or are open beyond it.
        supplements, passed_on, refused, reviews_returned: how often.
        evaluations, bad: evaluations of cases with a part here, in the period; ``bad_cases`` their ids.
        complaints: complaints of the period that are linked here; ``complaints_inferred`` by department and time only.
    """

    key: str
    ended: int
    open: int
    cases: int
    waiting_us: Sequence[float]
    handling_us: Sequence[float] | None
    working_days: Sequence[float] | None
    with_limit: int
    overdue: int
    supplements: int
    passed_on: int
    refused: int
    reviews_returned: int
    evaluations: int
    bad: int
    bad_cases: Sequence[str]
    complaints: int
    complaints_inferred: int

    @property
    def overdue_share(self) -> float | None:
        """Of those with a time limit; None where there are none."""
        return self.overdue / self.with_limit if self.with_limit else None


class BottleneckReading:
    """One look at the lake: its temporary tables belong to the connection, which the caller closes."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        window: Window,
        rule: BottleneckRule,
        known: Known,
        worked: Worked | None = None,
        identity: Hashable = None,
    ) -> None:
        """Work the assignments and complaints of the window out, or take them from what was worked out before.

        Args:
            connection: over the lake.
            window: the days that are asked about.
            rule: how bottlenecks are counted.
            known: the catalogue.
            worked: keeps what is worked out; nothing is kept when left out.
            identity: what the lake's rows until the window's day are known by.
        """
        self.window, self._rule, self._known, self._connection = window, rule, known, connection
        key = None if identity is None else (identity, window.known_before, window.until, rule.version)
        (worked or Worked()).tables(key, connection, ("assignments", "complaint_links"), self._work)

    def waits(self, by: Grouping) -> tuple[Wait, ...]:
        """Where cases wait, the longest handling first."""
        asked = {
            "by": by,
            "bad_stars": load_evaluation_rule().bad_stars,
            "grievances": sorted(self._known.hotline.grievances),
        }
        return tuple(msgspec.convert(row, Wait) for row in self.rows(sql("waits"), asked))

    def runs(self) -> Iterator[CaseRun]:
        """The cases that ended in the period, with when each item was settled."""
        case: dict[str, Any] = {}
        for row in self.rows(sql("steps"), {}):
            if case and case["case_id"] != row["case_id"]:
                yield CaseRun(**case)
                case = {}
            settled = case.setdefault("settled_at", {})
            settled[row["item_id"]] = row["settled_at"]
            case |= {name: row[name] for name in ("case_id", "bundle", "began_at", "ended_at")}
        if case:
            yield CaseRun(**case)

    def finished(self) -> tuple[FinishedCase, ...]:
        """The cases that ended in the period, with what they took from their applicants (四减)."""
        leads = self._known.leads
        return tuple(
            msgspec.convert({**row, "lead": leads.get(row["bundle"], "")}, FinishedCase)
            for row in self.rows(sql("finished"), {})
        )

    def evaluated(self) -> tuple[Evaluated, ...]:
        """The evaluations of the period, with when a bad one was answered."""
        leads = self._known.leads
        return tuple(
            msgspec.convert({**row, "lead": leads.get(row["bundle"], "")}, Evaluated)
            for row in self.rows(sql("evaluated"), {})
        )

    def obstacles(self) -> tuple[int, list[Obstacle]]:
        """How many cases began in the period, and what stood in their way."""
        cases: set[str] = set()
        found: list[Obstacle] = []
        for row in self.rows(sql("obstacles"), {}):
            cases.add(row["case_id"])
            if row["cause"] is not None:
                found += obstacles_of(row, self._known)
        return len(cases), found

    def rows(self, query: str, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The rows of a query, each by its columns' names."""
        cursor = self._connection.execute(query, _named(query, {**self._instants(), **parameters}))
        names = [column[0] for column in cursor.description or ()]
        while batch := cursor.fetchmany(10_000):
            yield from (dict(zip(names, row, strict=True)) for row in batch)

    def _work(self) -> None:
        days, until = calendar_lists(load_calendar(), self.window.as_of + _AHEAD)
        checks = self._known.check_items
        names = {"check_keys": ["/".join(each) for each in checks], "check_items": list(checks.values())}
        self._table("assignments", {"calendar_days": days, "working_until": until, **names})
        self._table("complaint_links", {"link_days": self._rule.link_days}, "complaints")

    def _table(self, name: str, parameters: Mapping[str, Any], file: str = "") -> None:
        query = sql(file or name)
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS {query}", _named(query, {**self._instants(), **parameters})
        )

    def _instants(self) -> dict[str, Any]:
        window = self.window
        return {"as_of": window.known_before, "since": window.since, "until": window.until}


def obstacles_of(row: Mapping[str, Any], known: Known) -> Iterator[Obstacle]:
    """The resources that one obstacle is about; one without a known resource is about ``UNKNOWN``."""
    if row["cause"] == "brought":
        resource = known.supplied_by.get(row["name"])
        # What no resource supplies is the applicant's own to bring: it stands in nobody's way.
        resources = [] if resource is None else [resource]
    else:
        reads = known.reads.get((row["bundle"], row["name"], row["department"]), ())
        resources = _behind(json.loads(row["coverage"] or "[]"), reads, row["at_us"]) or [UNKNOWN]
    for resource in resources:
        yield Obstacle(row["case_id"], row["bundle"], resource, row["cause"], row["event_id"])


def calendar_lists(calendar: WorkingCalendar, last: date) -> tuple[list[date], list[int]]:
    """The days from ``EARLIEST`` on, and beside each how many working days there were until it, itself included."""
    days = [EARLIEST + timedelta(days=number) for number in range((last - EARLIEST).days + 1)]
    until, counted = [], 0
    for day in days:
        counted += calendar.is_working_day(day)
        until.append(counted)
    return days, until


@cache
def sql(name: str) -> str:
    """A query of this folder."""
    return files("analytics.bottlenecks").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _behind(coverage: Sequence[Mapping[str, Any]], reads: Sequence[ReadAge], at_us: int) -> list[str]:
    """The resources whose coverage was missing or too old; all that were looked at where none alone was."""
    ages = {each.resource: each.max_age_days for each in reads}
    looked_at = [str(each["resource"]) for each in coverage] or list(ages)
    stale = [str(each["resource"]) for each in coverage if _is_stale(each, ages, at_us)]
    covered = {str(each["resource"]) for each in coverage}
    missing = [resource for resource in ages if resource not in covered] if coverage else []
    return sorted({*stale, *missing}) or sorted(set(looked_at))


def _is_stale(coverage: Mapping[str, Any], ages: Mapping[str, int], at_us: int) -> bool:
    until = coverage.get("complete_until")
    most = ages.get(str(coverage["resource"]), 0) * _DAY_US
    return not isinstance(until, int) or at_us - until > most


def _named(query: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that the query names: the engine refuses others."""
    return {name: value for name, value in parameters.items() if f"${name}" in query}
