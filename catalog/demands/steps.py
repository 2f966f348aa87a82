"""What the steps of a demand's life share: its changes, its grant's end, how its resources are shared."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from catalog.demands import grants, refusals
from catalog.demands.model import Application, Demand, Sharing
from catalog.register.canonical import plain
from catalog.register.changes import DEMAND, GRANT, GRANTED, RESOURCE, Change, Command, Lookup, Refusal, State, Step

RECORDS_YEARS: Final = 3
"""Art. 29."""

_CHINA: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def demand_of(state: State) -> Demand:
    """Return the demand that the register holds in this state."""
    return msgspec.convert(state, Demand)


def sharing_of(scope: tuple[Any, ...], lookup: Lookup) -> Sharing:
    """The strictest class of the resources; what is unstated is decided by a person, as conditional data is."""
    classes = {str((lookup.get(RESOURCE, each.resource) or {}).get("sharing_class")) for each in scope}
    if "withheld" in classes:
        return "withheld"
    return "unconditional" if classes == {"unconditional"} else "conditional"


def years_later(at: int, years: int) -> int:
    """The same moment so many years later; of 29 February, 1 March."""
    moment = (_EPOCH + timedelta(microseconds=at)).astimezone(_CHINA)
    try:
        later = moment.replace(year=moment.year + years)
    except ValueError:
        later = moment.replace(year=moment.year + years, month=3, day=1)
    return (later - _EPOCH) // timedelta(microseconds=1)


def granting(demand: Demand, issued_by: str, at: int, **more: Any) -> tuple[Change, Change]:
    """The changes by which a demand is granted: its grant is issued, and it stands granted."""
    grant = grants.compile_grant(demand, issued_by, at)
    granted = advanced(demand, state="granted", grant=grant.id, **more)
    return grants.issued(grant), change_of(granted, GRANTED)


def grant_ends(demand: Demand, command: Command, lookup: Lookup, reason: str) -> tuple[Change, ...]:
    """The change by which the demand's grant ends, where it still holds."""
    state = lookup.get(GRANT, demand.grant)
    if state is None or state["state"] == "ended":
        return ()
    return (grants.ended(grants.grant_of(state), command.actor, command.at, reason),)


def application_of(demand: Demand) -> Application:
    """What the demand asks for, as it was applied for."""
    return Application(
        requester=demand.requester,
        provider=demand.provider,
        scope=demand.scope,
        basis=demand.basis,
        scenario=demand.scenario,
        purpose=demand.purpose,
        subjects=demand.subjects,
        means=demand.means,  # type: ignore[arg-type]  # taken from an application
        until=demand.until,
        readers=demand.readers,
    )


def moved(demand: Demand, action: str, **changed: Any) -> Step:
    """The step by which the demand alone changes, and how."""
    return Step(changes=(change_of(advanced(demand, **changed), action),))


def advanced(demand: Demand, **changed: Any) -> Demand:
    """The demand one version on, with these fields changed."""
    return replace(demand, version=demand.version + 1, **changed)


def change_of(demand: Demand, action: str, reason: str | None = None) -> Change:
    """The demand's change as the register records it; the clock rings when a running grant's term ends."""
    rings = demand.until if demand.state in ("granted", "delivered") else None
    return Change(entity=DEMAND, entity_id=demand.id, action=action, state=plain(demand), reason=reason, due_at=rings)


def refused(*found: Refusal) -> Step:
    """The step that changes nothing, and why."""
    return Step(refusals=found)


def empty(field: str) -> Refusal:
    """Something that must be said is not."""
    return refusals.refusal(field, "未填写", "is empty", "填写该项", "fill it in")
