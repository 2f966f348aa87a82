"""What is reported and planned of an entry: progress, milestones, goals by period, problems, meetings."""

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from catalog.definitions import repeated
from catalog.ledger import refusals
from catalog.ledger.actions import (
    EntryEntered,
    GoalsPlanned,
    MeetingHeld,
    MilestonePlanned,
    ProblemRaised,
    ProblemResolved,
    Reported,
)
from catalog.ledger.model import UNSTATED, Declared, Meeting, Milestone, Party, Plan, Problem, Progress
from catalog.ledger.progress import done_by
from catalog.ledger.turn import Turn, Turned
from catalog.register.changes import LEDGER_ENTRY, ORGANISATION, Command, Lookup, Refusal

_T = TypeVar("_T")


def progress_reported(turn: Turn) -> Turned:
    """Progress of a milestone by a lead, a responsible unit or a keeper."""
    said = read(turn, Reported)
    entry, command = turn.entry, turn.command
    on = said.on or refusals.day_of(command.at)
    milestone = entry.milestone(said.milestone)
    faults = [
        *refusals.of_party(entry, said.organisation, turn.lookup, turn.standards.keepers),
        *refusals.of_milestone(entry, said.milestone),
        *refusals.of_day("payload.on", on, command),
    ]
    if milestone is not None:
        faults += refusals.of_amount("payload.done", said.done, milestone)
        before = None if milestone.every else done_by(entry, milestone, on)
        faults += refusals.of_less(before, said.done, command)
    told = Progress(
        milestone=said.milestone,
        on=on,
        done=said.done,
        organisation=said.organisation,
        by=command.actor,
        at=command.at,
        note=said.note,
        evidence=said.evidence,
    )
    return Turned(replace(entry, progress=(*entry.progress, told)), tuple(faults))


def milestone_planned(turn: Turn) -> Turned:
    """A milestone of the lead's own."""
    said = read(turn, MilestonePlanned)
    new = said.milestone.planned(refusals.day_of(turn.command.at))
    faults = [*refusals.of_lead(turn.entry, said.organisation, turn.standards.keepers)]
    if turn.entry.milestone(new.id) is not None:
        faults.append(refusals.taken("payload.milestone.id", new.id))
    faults += _of_quantity(new)
    return Turned(replace(turn.entry, planned=(*turn.entry.planned, new)), tuple(faults))


def goals_planned(turn: Turn) -> Turned:
    """Goals of a milestone by period; wholes are covered by their parts."""
    said = read(turn, GoalsPlanned)
    entry = turn.entry
    faults = [
        *refusals.of_lead(entry, said.organisation, turn.standards.keepers),
        *refusals.of_milestone(entry, said.milestone),
    ]
    plan = entry.plans.get(said.milestone, Plan())
    merged = {period: amount for period, amount in plan.goals.items() if period not in said.goals}
    merged |= {period: amount for period, amount in said.goals.items() if amount is not None}
    if (milestone := entry.milestone(said.milestone)) is not None:
        faults += refusals.of_goals(said.goals, merged, milestone)
    standing = plan.standing if said.standing is None else said.standing
    planned = Plan(standing=standing, goals=dict(sorted(merged.items())))
    return Turned(replace(entry, plans={**entry.plans, said.milestone: planned}), tuple(faults))


def problem_raised(turn: Turn) -> Turned:
    """A difficulty, by anybody who has a part in the entry."""
    said = read(turn, ProblemRaised)
    entry, command = turn.entry, turn.command
    faults = [*refusals.of_party(entry, said.organisation, turn.lookup, turn.standards.keepers)]
    if any(each.id == said.id for each in entry.problems):
        faults.append(refusals.taken("payload.id", said.id))
    if said.asked_of and turn.lookup.get(ORGANISATION, said.asked_of) is None:
        faults.append(refusals.unknown_organisation("payload.asked_of", said.asked_of))
    raised = Problem(
        id=said.id,
        text=said.text,
        raised_by=command.actor,
        organisation=said.organisation,
        raised_at=command.at,
        asked_of=said.asked_of,
    )
    return Turned(replace(entry, problems=(*entry.problems, raised)), tuple(faults))


def problem_resolved(turn: Turn) -> Turned:
    """How a difficulty was resolved."""
    said = read(turn, ProblemResolved)
    entry, command = turn.entry, turn.command
    faults = [*refusals.of_party(entry, said.organisation, turn.lookup, turn.standards.keepers)]
    open_ids = [each.id for each in entry.problems if each.resolved_at is None]
    if said.id not in open_ids:
        faults.append(_no_open_problem(said.id, open_ids))
    resolved = {"outcome": said.outcome, "resolved_by": command.actor, "resolved_at": command.at}
    problems = tuple(replace(each, **resolved) if each.id == said.id else each for each in entry.problems)
    return Turned(replace(entry, problems=problems), tuple(faults))


def meeting_held(turn: Turn) -> Turned:
    """A meeting that dealt with the entry, and with others."""
    said = read(turn, MeetingHeld)
    entry, command = turn.entry, turn.command
    faults = [
        *refusals.of_party(entry, said.organisation, turn.lookup, turn.standards.keepers),
        *refusals.of_day("payload.on", said.on, command),
        *_of_entries(said.entries, turn.lookup),
    ]
    fields: dict[str, Any] = msgspec.structs.asdict(said)
    held = Meeting(**fields, by=command.actor, at=command.at)
    return Turned(replace(entry, meetings=(*entry.meetings, held)), tuple(faults))


def own_declaration(said: EntryEntered, command: Command, lookup: Lookup) -> Declared:
    """The declaration of an entry of the keepers' own, from the day of the command on."""
    begins = refusals.day_of(command.at)
    return Declared(
        id=command.entity_id,
        kind="own",
        name=said.name,
        source="",
        document=said.document,
        issued=begins,
        milestones=tuple(each.planned(begins) for each in said.milestones),
        text=said.text,
        lead_text="、".join(each.text for each in _parties(said.leads, lookup)),
        lead_parties=_parties(said.leads, lookup),
        responsible_text="、".join(each.text for each in _parties(said.responsible, lookup)) or UNSTATED,
        responsible_parties=_parties(said.responsible, lookup),
        bundle=said.bundle,
    )


def _parties(codes: tuple[str, ...], lookup: Lookup) -> tuple[Party, ...]:
    names = {code: lookup.get(ORGANISATION, code) or {} for code in codes}
    return tuple(Party(text=str(known.get("name", code)), code=code) for code, known in names.items())


def of_declaration(declared: Declared, command: Command, lookup: Lookup) -> Iterator[Refusal]:
    """Faults of a declaration."""
    if declared.id != command.entity_id:
        yield refusals.refusal(
            "payload.id",
            f"内容的标识“{declared.id}”与条目“{command.entity_id}”不符",
            f"the declaration is of {declared.id!r}, the command names {command.entity_id!r}",
            "两处写同一标识",
            "write the same identifier in both",
        )
    for id_ in repeated(each.id for each in declared.milestones):
        yield refusals.taken("payload.milestones", id_)
    for milestone in declared.milestones:
        yield from _of_quantity(milestone)
    for code in dict.fromkeys((*declared.leads, *declared.responsible)):
        if lookup.get(ORGANISATION, code) is None:
            yield refusals.unknown_organisation("payload.lead_parties", code)


def read(turn: Turn, kind: type[_T]) -> _T:
    """The command's payload as this type; msgspec's own error where it does not fit."""
    return msgspec.convert(turn.command.payload, kind)


def _of_quantity(milestone: Milestone) -> Iterator[Refusal]:
    if milestone.target is not None and (milestone.target <= 0 or not milestone.unit):
        yield refusals.refusal(
            "payload.milestone.target",
            f"目标“{milestone.id}”的数量应大于 0 并写明单位",
            f"the target of {milestone.id!r} is more than 0 and has a unit",
            "填写 target 和 unit，或都不填",
            "give target and unit, or neither",
        )
    if milestone.every and milestone.target is None:
        yield refusals.refusal(
            "payload.milestone.every",
            f"按期重复的目标“{milestone.id}”须写明每期数量",
            f"the milestone {milestone.id!r} is wanted every period: it has a target",
            "填写 target 和 unit",
            "give target and unit",
        )


def _of_entries(entries: tuple[str, ...], lookup: Lookup) -> Iterator[Refusal]:
    for place, id_ in enumerate(entries):
        if lookup.get(LEDGER_ENTRY, id_) is None:
            yield refusals.refusal(
                f"payload.entries[{place}]",
                f"台账没有条目“{id_}”",
                f"the ledger has no entry {id_!r}",
                "查找：onething ledger list",
                "look it up: onething ledger list",
            )


def _no_open_problem(id_: str, open_ids: list[str]) -> Refusal:
    return refusals.refusal(
        "payload.id",
        f"没有未解决的问题“{id_}”",
        f"there is no open problem {id_!r}",
        f"未解决的：{'、'.join(open_ids) or '无'}",
        f"open: {', '.join(open_ids) or 'none'}",
    )
