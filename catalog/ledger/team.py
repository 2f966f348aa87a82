"""一事一组: the team of a bundle: formed by its lead out of the responsible units, with contacts and a work plan.

Pure: a team and a command give the change, or every reason why not. The team's id is the bundle's.
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from catalog.ledger import refusals
from catalog.ledger.actions import (
    FORMED,
    MEMBER_JOINED,
    PLAN_ADOPTED,
    TEAM_ACTIONS,
    Acting,
    MemberJoined,
    MemberLeft,
    PlanAdopted,
    TeamFormed,
)
from catalog.ledger.model import Entry, Member, Team
from catalog.ledger.rule import entry_of
from catalog.ledger.standards import Standards
from catalog.register.canonical import plain
from catalog.register.changes import ENDED, LEDGER_ENTRY, TEAM, Change, Command, Lookup, Refusal, Rule, State, Step
from catalog.register.refusals import not_there, unknown_action

_Outcome = tuple[Team, tuple[Refusal, ...]]


def team_rule(standards: Standards) -> Rule:
    """Return the rule of teams; ``standards`` names the keepers of the ledger."""

    def ruled(state: State | None, command: Command, lookup: Lookup) -> Step:
        if command.action not in TEAM_ACTIONS:
            return Step(refusals=(unknown_action(command, TEAM_ACTIONS),))
        entry_state = lookup.get(LEDGER_ENTRY, f"bundle.{command.entity_id}")
        if entry_state is None or (state is None and command.action != FORMED):
            return Step(refusals=(not_there(command),))
        entry, standing = entry_of(entry_state), None if state is None else team_of(state)
        team, faults = _turned(entry, standing, command, standards.keepers)
        if told := (*refusals.of_words(command), *faults):
            return Step(refusals=told)
        return Step() if team == standing else Step(changes=(_change(team, command),))

    return ruled


def team_of(state: State) -> Team:
    """Return the team that the register holds in this state."""
    return msgspec.convert(state, Team)


def unrepresented(entry: Entry, team: Team) -> tuple[str, ...]:
    """Return the leads and responsible units of an entry, by code, that have nobody in its team."""
    return tuple(each for each in dict.fromkeys((*entry.leads, *entry.responsible)) if each not in team.organisations)


def _turned(entry: Entry, standing: Team | None, command: Command, keepers: tuple[str, ...]) -> _Outcome:
    if command.action == FORMED:
        return _formed(entry, standing, command, keepers)
    assert standing is not None  # noqa: S101  the caller has looked
    team, organisation, faults = _changed(entry, standing, command)
    ended = () if standing.ended_at is None else (_has_ended(standing),)
    return team, (*refusals.of_lead(entry, organisation, keepers), *ended, *faults)


def _formed(entry: Entry, standing: Team | None, command: Command, keepers: tuple[str, ...]) -> _Outcome:
    said = msgspec.convert(command.payload, TeamFormed)
    team = Team(
        id=command.entity_id,
        bundle=entry.bundle,
        lead=said.organisation,
        members=said.members,
        organisations=tuple(each.organisation for each in said.members),
        formed_at=command.at,
        formed_by=command.actor,
    )
    there = () if standing is None or standing.ended_at is not None else (refusals.taken("entity_id", team.id),)
    faults = (*refusals.of_lead(entry, said.organisation, keepers), *there, *_of_members(entry, team))
    return team, faults


def _changed(entry: Entry, team: Team, command: Command) -> tuple[Team, str, tuple[Refusal, ...]]:
    """The team afterwards, for which organisation the actor acts, and what is wrong."""
    if command.action == MEMBER_JOINED:
        joined = msgspec.convert(command.payload, MemberJoined)
        others = tuple(each for each in team.members if each.organisation != joined.member.organisation)
        after = _of(team, (*others, joined.member))
        return after, joined.organisation, tuple(_of_members(entry, after))
    if command.action == PLAN_ADOPTED:
        adopted = msgspec.convert(command.payload, PlanAdopted)
        return replace(team, plan=adopted.plan), adopted.organisation, ()
    if command.action == ENDED:
        return replace(team, ended_at=command.at), msgspec.convert(command.payload, Acting).organisation, ()
    left = msgspec.convert(command.payload, MemberLeft)
    after = _of(team, tuple(each for each in team.members if each.organisation != left.member))
    missing = (_no_member(left.member, team),) if after == team else ()
    return after, left.organisation, (*missing, *_of_members(entry, after))


def _of(team: Team, members: tuple[Member, ...]) -> Team:
    return replace(team, members=members, organisations=tuple(each.organisation for each in members))


def _of_members(entry: Entry, team: Team) -> Iterator[Refusal]:
    """Members are of the lead and the responsible units, each once, and the lead is among them."""
    allowed = dict.fromkeys((team.lead, *entry.leads, *entry.responsible))
    for place, member in enumerate(team.members):
        if member.organisation not in allowed:
            yield refusals.refusal(
                f"payload.members[{place}].organisation",
                f"“{member.organisation}”不是本“一件事”的责任单位",
                f"{member.organisation!r} is not responsible for this bundle",
                f"可用：{'、'.join(allowed)}",
                f"one of: {', '.join(allowed)}",
            )
    if len(set(team.organisations)) < len(team.organisations):
        yield refusals.taken("payload.members", next(_repeated(team.organisations)))
    if team.lead not in team.organisations:
        yield refusals.refusal(
            "payload.members",
            f"组员中没有牵头单位“{team.lead}”",
            f"the lead {team.lead!r} is not among the members",
            "列入牵头单位及其联络岗位",
            "add the lead with its contact",
        )


def _repeated(organisations: tuple[str, ...]) -> Iterator[str]:
    return (each for place, each in enumerate(organisations) if each in organisations[:place])


def _has_ended(team: Team) -> Refusal:
    return refusals.refusal(
        "action",
        f"“{team.id}”的工作组已结束",
        f"the team of {team.id!r} has ended",
        "重新组建：formed",
        "form it anew: formed",
    )


def _no_member(organisation: str, team: Team) -> Refusal:
    return refusals.refusal(
        "payload.member",
        f"“{organisation}”不是组员",
        f"{organisation!r} is no member",
        f"组员：{'、'.join(team.organisations)}",
        f"members: {', '.join(team.organisations)}",
    )


def _change(team: Team, command: Command) -> Change:
    return Change(entity=TEAM, entity_id=team.id, action=command.action, state=plain(team), reason=command.reason)
