"""Grants: compiled once from a demand, issued, ended; never edited."""

from typing import Any, Final

import msgspec

from catalog.demands.model import Demand, Grant
from catalog.demands.refusals import refusal
from catalog.register.canonical import canonical, digest_of, plain
from catalog.register.changes import (
    CLOCK,
    DEMAND,
    DISPOSAL_DUE,
    ENDED,
    GRANT,
    ISSUED,
    RUNG,
    Change,
    Command,
    Lookup,
    State,
    Step,
)
from catalog.register.refusals import not_there, unknown_action

EXPIRED: Final = "期限届满 the term has passed"
_LIVE: Final = frozenset(("granted", "delivered"))


def compile_grant(demand: Demand, issued_by: str, at: int) -> Grant:
    """Return what a complete demand comes to when it is granted; equal demands at one instant give one grant."""
    assert demand.until is not None  # noqa: S101  a demand is granted only when it is complete
    assert demand.subjects is not None  # noqa: S101  as above
    grant = Grant(
        id="",
        demand=demand.id,
        demand_version=demand.version,
        reader=demand.readers or (demand.requester,),
        resources=demand.resources,
        fields={each.resource: each.fields for each in demand.scope},
        subjects=demand.subjects,
        purpose=demand.purpose,
        means=demand.means,
        since=at,
        until=demand.until,
        issued_by=issued_by,
        reason=demand.scenario,
    )
    return msgspec.structs.replace(grant, id=content_id(grant))


def content_id(grant: Grant) -> str:
    """Return the id that follows from what a grant grants, whatever became of it since."""
    content = {name: value for name, value in plain(grant).items() if name not in _NOT_CONTENT}
    return f"G-{digest_of(canonical(content)).hex()}"


def issued(grant: Grant) -> Change:
    """The change by which a grant comes into being; the clock ends a standing one, a demand ends its own."""
    return Change(
        entity=GRANT,
        entity_id=grant.id,
        action=ISSUED,
        state=plain(grant),
        due_at=None if grant.demand else grant.until,
    )


def ended(grant: Grant, by: str, at: int, reason: str) -> Change:
    """The change by which a grant ends."""
    state = msgspec.structs.replace(grant, state="ended", ended_at=at, ended_by=by, end_reason=reason)
    return Change(entity=GRANT, entity_id=grant.id, action=ENDED, state=plain(state), reason=reason)


def grant_of(state: State) -> Grant:
    """Return the grant that the register holds in this state."""
    return msgspec.convert(state, Grant)


def grant_rule(state: State | None, command: Command, lookup: Lookup) -> Step:
    """Issue a standing grant, or end a grant; when a demand's grant ends early, its data is due to be disposed of."""
    if command.action == ISSUED:
        return _issue(state, command)
    if command.action not in (ENDED, RUNG):
        return Step(refusals=(unknown_action(command, (ENDED,)),))
    if state is None:
        return Step(refusals=(not_there(command),))
    return _end(grant_of(state), command, lookup)


def _issue(state: State | None, command: Command) -> Step:
    grant = msgspec.convert({**command.payload, "id": command.entity_id}, Grant)
    if state is None:
        return Step(changes=(issued(grant),))
    if content_id(grant_of(state)) == content_id(grant):
        return Step()
    return Step(
        refusals=(
            refusal(
                "entity_id",
                "授权一经签发不得更改",
                "a grant is never edited",
                "终止该授权，另以新编号签发",
                "end it, and issue another under an id of its own",
            ),
        )
    )


def _end(grant: Grant, command: Command, lookup: Lookup) -> Step:
    if grant.state == "ended":
        return Step()
    reason = EXPIRED if command.actor == CLOCK else command.reason or ""
    if not reason.strip():
        return Step(
            refusals=(
                refusal("reason", "终止授权须说明理由", "a grant ends for a reason", "填写事由", "give the reason"),
            )
        )
    own = ended(grant, command.actor, command.at, reason)
    return Step(changes=(own, *_demands_own(grant, command, lookup, reason)))


def _demands_own(grant: Grant, command: Command, lookup: Lookup, reason: str) -> tuple[Change, ...]:
    """The grant's demand, whose data must be disposed of now."""
    state: Any = lookup.get(DEMAND, grant.demand) if grant.demand else None
    if state is None or state["state"] not in _LIVE:
        return ()
    demand = msgspec.convert(state, Demand)
    return (disposal_due(demand, command.at, reason),)


def disposal_due(demand: Demand, at: int, reason: str) -> Change:
    """The change by which what a demand delivered is due to be disposed of (art. 27)."""
    due = msgspec.structs.replace(demand, state="disposal-due", disposal_due_at=at, version=demand.version + 1)
    return Change(entity=DEMAND, entity_id=demand.id, action=DISPOSAL_DUE, state=plain(due), reason=reason)


_NOT_CONTENT: Final = frozenset(("id", "state", "ended_at", "ended_by", "end_reason"))
