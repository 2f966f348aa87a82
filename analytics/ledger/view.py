"""The ledger as JSON; every code with its Chinese name, shares as parts of 1."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from analytics.ledger.arrived import Arrival
from analytics.ledger.periods import Changed, EntryStanding, LeadLine, Ledger
from analytics.ledger.rule import STATE_NAMES
from analytics.ledger.standing import MilestoneStanding
from analytics.ledger.stood import CITY, Happened
from analytics.ledger.words import ACTION_NAMES, HOW_PLANNED_NAMES
from catalog.ledger.measures import Verdict
from catalog.ledger.model import KIND_NAMES, MEETING_NAMES, Entry, Meeting, Party, Problem, Progress, Team
from catalog.ledger.periods import KIND_NAMES as PERIOD_NAMES
from catalog.ledger.periods import Period
from catalog.register.http_views import iso

Names = Mapping[str, str]


def period_view(period: Period) -> dict[str, Any]:
    """A period."""
    return {
        "kind": period.kind,
        "kind_name": PERIOD_NAMES[period.kind],
        "id": period.id,
        "name": period.name,
        "first_day": str(period.first),
        "last_day": str(period.last),
    }


def ledger_view(ledger: Ledger) -> dict[str, Any]:
    """What stands over the entries: the period, the leads' sums, what changed."""
    return {
        "as_of": str(ledger.as_of),
        "period": period_view(ledger.period),
        "previous": period_view(ledger.previous),
        "states": STATE_NAMES,
        "all": lead_view(ledger.total, ledger.names) | {"name": "全部"},
        "leads": [lead_view(each, ledger.names) for each in ledger.leads],
        "changes": [_change(each, ledger) for each in ledger.changes],
    }


def lead_view(line: LeadLine, names: Names) -> dict[str, Any]:
    """One lead's line."""
    return msgspec.structs.asdict(line) | {"name": names.get(line.lead, line.lead) or "未指明具体单位"}


def entry_view(standing: EntryStanding, names: Names) -> dict[str, Any]:
    """One entry of the list."""
    entry, declared = standing.entry, standing.entry.declared
    return {
        "id": entry.id,
        "kind": entry.kind,
        "kind_name": KIND_NAMES[entry.kind],
        "number": declared.number,
        "name": declared.name,
        "section": declared.section,
        "document": declared.document,
        "bundle": entry.bundle or None,
        "leads": [_named(code, names) for code in entry.leads],
        "lead_text": declared.lead_text,
        "responsible_text": declared.responsible_text,
        "state": standing.state,
        "state_name": STATE_NAMES[standing.state],
        "life": entry.state,
        "planned_share": standing.planned_share,
        "done_share": standing.done_share,
        "slippage_share": standing.slippage_share,
        "days_late": standing.days_late,
        "next_due": _text(standing.next_due),
        "open_problems": standing.open_problems,
        "ready_to_close": standing.ready_to_close,
        "team": _team(standing.team, standing.unrepresented, names) if standing.team else None,
        "milestones": [milestone_view(each) for each in standing.milestones],
    }


def milestone_view(each: MilestoneStanding) -> dict[str, Any]:
    """One milestone with how it stands; what is our reading is under ``readings``."""
    milestone = each.milestone
    return {
        "id": milestone.id,
        "name": milestone.name,
        "quote": milestone.quote,
        "origin": milestone.origin,
        "due_text": milestone.due_text,
        "due": _text(milestone.due),
        "quantity_text": milestone.quantity_text,
        "readings": milestone.readings,
        "every": milestone.every or None,
        "rate": milestone.rate or None,
        "target": each.target,
        "unit": each.unit,
        "target_is_stated": milestone.target is not None,
        "planned": each.planned,
        "how_planned": each.how_planned,
        "how_planned_name": HOW_PLANNED_NAMES[each.how_planned],
        "done": each.done,
        "slippage": each.slippage,
        "days_late": each.days_late,
        "missed": each.missed,
        "goals_short": each.goals_short,
        "reached": each.reached,
        "state": each.state,
        "state_name": STATE_NAMES[each.state],
        "period": msgspec.structs.asdict(each.period),
        "forecast": {"reaches_on": _text(each.forecast.reaches_on), "why": each.forecast.why or None},
    }


def detail_view(
    standing: EntryStanding,
    verdicts: Iterable[Verdict],
    history: Iterable[Happened],
    meetings: Iterable[tuple[str, Meeting]],
    names: Names,
) -> dict[str, Any]:
    """One entry in full: text, units, goals, progress, problems, meetings, evidence for the close-out, history."""
    entry, declared = standing.entry, standing.entry.declared
    return entry_view(standing, names) | {
        "source": declared.source,
        "issued": str(declared.issued),
        "text": declared.text,
        "lead_parties": [_party(each, names) for each in declared.lead_parties],
        "acting_lead": _named(declared.acting_lead, names) if declared.acting_lead else None,
        "responsible_parties": [_party(each, names) for each in declared.responsible_parties],
        "goals": {name: msgspec.to_builtins(plan) for name, plan in entry.plans.items()},
        "progress": [_progress(each, names) for each in entry.progress],
        "problems": [_problem(each, names) for each in entry.problems],
        "meetings": [_meeting(id_, each, names) for id_, each in meetings],
        "standards": [_verdict(each) for each in verdicts],
        "closing": _closing(entry, names),
        "reopenings": [msgspec.structs.asdict(each) | {"at": iso(each.at)} for each in entry.reopenings],
        "history": [_happened(each) for each in history],
    }


def arrival_view(each: Arrival) -> dict[str, Any]:
    """How a resource arrived."""
    until = each.complete_until
    return msgspec.structs.asdict(each) | {"complete_until": None if until is None else until.isoformat()}


def _change(each: Changed, ledger: Ledger) -> dict[str, Any]:
    name = next(one.entry.declared.name for one in ledger.entries if one.entry.id == each.entry_id)
    return msgspec.structs.asdict(each) | {"name": name}


def _party(party: Party, names: Names) -> dict[str, Any]:
    known = _named(party.code, names) if party.code else None
    return {"text": party.text, "organisation": known, "collective": known is None}


def _progress(each: Progress, names: Names) -> dict[str, Any]:
    told = {"on": str(each.on), "at": iso(each.at), "organisation_name": names.get(each.organisation)}
    return msgspec.structs.asdict(each) | told


def _problem(each: Problem, names: Names) -> dict[str, Any]:
    return msgspec.structs.asdict(each) | {
        "raised_at": iso(each.raised_at),
        "resolved_at": iso(each.resolved_at),
        "organisation_name": names.get(each.organisation),
        "asked_of_name": names.get(each.asked_of),
    }


def _meeting(entry_id: str, each: Meeting, names: Names) -> dict[str, Any]:
    return msgspec.structs.asdict(each) | {
        "entry_id": entry_id,
        "kind_name": MEETING_NAMES[each.kind],
        "on": str(each.on),
        "at": iso(each.at),
        "organisation_name": names.get(each.organisation),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    criteria = {each.id: each for each in verdict.standard.criterion}
    return {
        "id": verdict.standard.id,
        "name": verdict.standard.name,
        "met": verdict.met,
        "needs_statement": verdict.met is None,
        "fallen": verdict.fallen,
        "criteria": [
            {
                "id": figure.criterion,
                "name": criteria[figure.criterion].name,
                "of_name": criteria[figure.criterion].of,
                "closes_at": criteria[figure.criterion].closes_at,
                "count": figure.count,
                "of": figure.of,
                "share": figure.share,
                "missing": figure.missing,
                "why_unmeasured": figure.why_unmeasured or None,
            }
            for figure in verdict.figures
        ],
    }


def _closing(entry: Entry, names: Names) -> dict[str, Any] | None:
    closing = entry.closing
    if closing is None:
        return None
    return {
        "organisation": _named(closing.organisation, names),
        "requested_by": closing.requested_by,
        "requested_at": iso(closing.requested_at),
        "statements": [msgspec.structs.asdict(each) for each in closing.statements],
        "reviews": [
            {"organisation": _named(each.organisation, names), "by": each.by, "at": iso(each.at)}
            for each in closing.reviews
        ],
        "closed_at": iso(closing.closed_at),
        "standards_version": closing.measured.standards_version,
    }


def _team(team: Team, unrepresented: Iterable[str], names: Names) -> dict[str, Any]:
    return {
        "lead": _named(team.lead, names),
        "members": [
            {
                "organisation": _named(each.organisation, names),
                "name": names.get(each.organisation, each.organisation),
                "role": each.role,
                "contact": each.contact,
            }
            for each in team.members
        ],
        "plan": msgspec.to_builtins(team.plan) if team.plan else None,
        "formed_at": iso(team.formed_at),
        "unrepresented": [_named(code, names) for code in unrepresented],
    }


def _happened(each: Happened) -> dict[str, Any]:
    at = each.at.astimezone(CITY).isoformat(timespec="microseconds")
    return msgspec.structs.asdict(each) | {"at": at, "action_name": ACTION_NAMES.get(each.action, each.action)}


def _named(code: str, names: Names) -> dict[str, str]:
    return {"code": code, "name": names.get(code, code)}


def _text(day: object) -> str | None:
    return None if day is None else str(day)
