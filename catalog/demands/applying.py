"""A demand is applied for, and completed once."""

from typing import Final

import msgspec
from msgspec.structs import replace

from catalog.demands import refusals
from catalog.demands.model import Application, Demand
from catalog.demands.sayings import Completion
from catalog.demands.steps import advanced, change_of, demand_of, empty, granting, refused, sharing_of
from catalog.register.changes import APPLIED, COMPLETED, COMPLETION_ASKED, Change, Command, Lookup, State, Step

BY_RULE: Final = "无条件共享，依规则即时授权 shared unconditionally, granted by rule"


def applied(state: State | None, command: Command, lookup: Lookup) -> Step:
    """Take an application, or ask at once for everything that it leaves out."""
    asked = msgspec.convert(command.payload, Application)
    faults = tuple(refusals.of_application(asked, command.at, lookup))
    if state is not None:
        faults = (refusals.wrong_state(demand_of(state), APPLIED, ("—",)), *faults)
    if faults:
        return refused(*faults)
    absent = refusals.missing(asked)
    demand = _demand(command.entity_id, asked, command, lookup)
    own = change_of(demand, APPLIED)
    if absent:
        return Step(changes=(own, _completion_asked(demand, absent, command.at)))
    return _by_rule(demand, command, (own,))


def ask_completion(demand: Demand, said: Completion, command: Command, _: Lookup) -> Step:
    """The provider asks for what is missing: once."""
    if demand.completion_asked_at is not None:
        return refused(refusals.asked_already(demand))
    if not said.missing:
        return refused(empty("payload.missing"))
    return Step(changes=(_completion_asked(demand, said.missing, command.at),))


def complete(demand: Demand, said: Application, command: Command, lookup: Lookup) -> Step:
    """The requester states the whole application again; parties stay, and so does the number."""
    faults = [*refusals.of_application(said, command.at, lookup), *refusals.still_missing(refusals.missing(said))]
    faults.extend(
        refusals.not_theirs(getattr(said, field), getattr(demand, field), "原申请的机构", "application's own")
        for field in ("requester", "provider")
        if getattr(said, field) != getattr(demand, field)
    )
    if faults:
        return refused(*faults)
    anew = replace(
        _demand(demand.id, said, command, lookup),
        version=demand.version + 1,
        applied_by=demand.applied_by,
        applied_at=demand.applied_at,
        completion_asked_at=demand.completion_asked_at,
    )
    return _by_rule(anew, command, (change_of(anew, COMPLETED),))


def _demand(demand_id: str, asked: Application, command: Command, lookup: Lookup) -> Demand:
    return Demand(
        id=demand_id,
        version=1,
        state="applied",
        sharing=sharing_of(asked.scope, lookup),
        requester=asked.requester,
        provider=asked.provider,
        resources=tuple(each.resource for each in asked.scope),
        scope=asked.scope,
        basis=asked.basis,
        scenario=asked.scenario,
        purpose=asked.purpose,
        subjects=asked.subjects,
        means=asked.means,
        until=asked.until,
        readers=asked.readers,
        applied_by=command.actor,
        applied_at=command.at,
    )


def _by_rule(demand: Demand, command: Command, before: tuple[Change, ...]) -> Step:
    """What is shared unconditionally is granted at once, by nobody's decision."""
    if demand.sharing != "unconditional":
        return Step(changes=before)
    return Step(changes=(*before, *granting(demand, BY_RULE, command.at)))


def _completion_asked(demand: Demand, absent: tuple[str, ...], at: int) -> Change:
    asked = advanced(demand, state="completing", missing=absent, completion_asked_at=at)
    return change_of(asked, COMPLETION_ASKED, f"待补正 to complete: {', '.join(absent)}")
