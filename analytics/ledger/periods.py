"""The ledger of a period: every entry with what was planned and done, the leads' sums, what changed since the last."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import duckdb
import msgspec

from analytics.ledger.rule import STATE_NAMES, LedgerRule, StateName, load_rule
from analytics.ledger.standing import MilestoneStanding, entry_state, milestone_standing
from analytics.ledger.stood import Stood, stood
from catalog.ledger.model import Entry, Team
from catalog.ledger.periods import Period, PeriodKind, period_of, previous
from catalog.ledger.team import unrepresented

UNSTATED_LEAD: Final = ""
"""The line of those entries of which no lead is known."""


class EntryStanding(msgspec.Struct, frozen=True, kw_only=True):
    """An entry on a day; shares are parts of 1, means over the milestones that are not wanted again and again.

    ``planned_share`` and ``slippage_share`` are over those of them of which something says what is expected by now.
    """

    entry: Entry
    state: StateName
    milestones: tuple[MilestoneStanding, ...]
    planned_share: float | None
    done_share: float | None
    slippage_share: float | None
    days_late: int
    next_due: date | None
    open_problems: int
    team: Team | None
    unrepresented: tuple[str, ...]

    @property
    def ready_to_close(self) -> bool:
        """Whether every goal is reached and no problem is open: the lead may ask for the close-out."""
        single = [each for each in self.milestones if not each.milestone.every]
        return self.entry.state == "open" and all(each.reached for each in single) and not self.open_problems


class LeadLine(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of one lead, or all of them: how many stand how, and means over them."""

    lead: str
    entries: int
    states: dict[str, int]
    planned_share: float | None
    done_share: float | None
    open_problems: int


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What is other than at the end of the period before: in Chinese, with the kebab-case name of what it is."""

    entry_id: str
    what: str
    told: str


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger of a period as of a day."""

    as_of: date
    period: Period
    previous: Period
    entries: tuple[EntryStanding, ...]
    leads: tuple[LeadLine, ...]
    total: LeadLine
    changes: tuple[Changed, ...]
    names: Mapping[str, str]


def ledger_at(
    connection: duckdb.DuckDBPyConnection, day: date, kind: PeriodKind, rule: LedgerRule | None = None
) -> Ledger:
    """Return the ledger of the period in which a day is, as it stood at the end of that day.

    Args:
        connection: a DuckDB in which the lake's ``catalog_changes`` is a table or view.
        day: in China; the period's goals are whole, what is done is until this day.
        kind: ten days, month, quarter or year.
        rule: how entries are judged; that of ``rule.toml`` when left out.
    """
    judged = rule or load_rule()
    period = period_of(kind, day)
    before = previous(period)
    now, then = stood(connection, day), stood(connection, before.last)
    entries = standings(now, day, period, judged)
    return Ledger(
        as_of=day,
        period=period,
        previous=before,
        entries=entries,
        leads=tuple(_lines(entries)),
        total=_line(UNSTATED_LEAD, entries),
        changes=tuple(_changes(entries, standings(then, before.last, before, judged))),
        names=now.names,
    )


def standings(ledger: Stood, day: date, period: Period, rule: LedgerRule) -> tuple[EntryStanding, ...]:
    """Return how every entry stands at the end of a day."""
    return tuple(_standing(entry, ledger.teams.get(entry.bundle), day, period, rule) for entry in ledger.entries)


def _standing(entry: Entry, team: Team | None, day: date, period: Period, rule: LedgerRule) -> EntryStanding:
    found = tuple(milestone_standing(entry, each, day, period, rule) for each in entry.milestones)
    single = [each for each in found if not each.milestone.every]
    planned = [(each.planned_share, each.done_share) for each in single if each.planned_share is not None]
    ahead = [each.milestone.due for each in found if each.milestone.due and each.milestone.due >= day]
    return EntryStanding(
        entry=entry,
        state=entry_state(entry, found),
        milestones=found,
        planned_share=_mean([share for share, _ in planned]),
        done_share=_mean([each.done_share for each in single]),
        slippage_share=_mean([max(0.0, share - done) for share, done in planned]),
        days_late=max((each.days_late for each in found), default=0) if entry.state != "closed" else 0,
        next_due=min(ahead, default=None),
        open_problems=sum(each.resolved_at is None for each in entry.problems),
        team=team if entry.bundle else None,
        unrepresented=unrepresented(entry, team) if team and entry.bundle else (),
    )


def _lines(entries: tuple[EntryStanding, ...]) -> Iterator[LeadLine]:
    """A line for each lead; an entry with several leads is in each of their lines, and once in the total."""
    by_lead: dict[str, list[EntryStanding]] = {}
    for each in entries:
        for lead in each.entry.leads or (UNSTATED_LEAD,):
            by_lead.setdefault(lead, []).append(each)
    for lead, own in sorted(by_lead.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        yield _line(lead, tuple(own))


def _line(lead: str, entries: tuple[EntryStanding, ...]) -> LeadLine:
    counts = Counter(each.state for each in entries)
    return LeadLine(
        lead=lead,
        entries=len(entries),
        states={name: counts[name] for name in STATE_NAMES},
        planned_share=_mean([each.planned_share for each in entries if each.planned_share is not None]),
        done_share=_mean([each.done_share for each in entries if each.done_share is not None]),
        open_problems=sum(each.open_problems for each in entries),
    )


def _changes(now: tuple[EntryStanding, ...], then: tuple[EntryStanding, ...]) -> Iterator[Changed]:
    before = {each.entry.id: each for each in then}
    for each in now:
        earlier = before.get(each.entry.id)
        if earlier is None:
            yield Changed(entry_id=each.entry.id, what="entered", told="新列入台账")
        yield from _state_changed(each, earlier)
        yield from _life_changed(each, earlier)


def _state_changed(now: EntryStanding, then: EntryStanding | None) -> Iterator[Changed]:
    """How it stands, where that is other; of what is new only that it is closed already."""
    if then is not None and now.state != then.state:
        told = f"由“{STATE_NAMES[then.state]}”转为“{STATE_NAMES[now.state]}”"
        yield Changed(entry_id=now.entry.id, what=f"became-{now.state}", told=told)
    elif then is None and now.state == "closed":
        yield Changed(entry_id=now.entry.id, what="became-closed", told="已销号")


def _life_changed(now: EntryStanding, then: EntryStanding | None) -> Iterator[Changed]:
    id_, earlier = now.entry.id, Entry(id="", kind="own", declared=now.entry.declared) if then is None else then.entry
    reached = {each.milestone.id for each in (then.milestones if then else ()) if each.reached}
    for milestone in now.milestones:
        if milestone.reached and milestone.milestone.id not in reached:
            yield Changed(entry_id=id_, what="milestone-reached", told=f"完成目标“{milestone.milestone.name}”")
    for problem in now.entry.problems[len(earlier.problems) :]:
        yield Changed(entry_id=id_, what="problem-raised", told=f"新提出问题：{problem.text}")
    resolved = {each.id for each in earlier.problems if each.resolved_at is not None}
    for problem in now.entry.problems:
        if problem.resolved_at is not None and problem.id not in resolved:
            yield Changed(entry_id=id_, what="problem-resolved", told=f"问题已解决：{problem.outcome}")
    for reopening in now.entry.reopenings[len(earlier.reopenings) :]:
        yield Changed(entry_id=id_, what="reopened", told=f"重新打开：{reopening.reason}")


def _mean(shares: list[float]) -> float | None:
    return sum(shares) / len(shares) if shares else None
