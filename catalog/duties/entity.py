"""Duties as entities of the register: its commands as events, its changes as what happened, and what causes them."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from catalog.duties.causes import DutyCause, duties_of
from catalog.duties.clock import Law, caught_up
from catalog.duties.days import load_days
from catalog.duties.duty import (
    Duty,
    DutyEvent,
    Escalated,
    Extended,
    Fulfilled,
    Happened,
    Lapsed,
    Opened,
    Resumed,
    Rung,
    Settled,
    Suspended,
)
from catalog.duties.limits import load_limits
from catalog.duties.rule import advance
from catalog.register.changes import CLOCK, DUTY, RUNG, Change, Command, Lookup, RecordedChange, Rule, State, Step
from catalog.register.refusals import unknown_action

_EVENTS: Final[dict[str, Any]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (Opened, Suspended, Resumed, Extended, Fulfilled, Lapsed, Escalated, Settled)
}


def load_law() -> Law:
    """Return the limits and the calendar in force."""
    return Law(load_limits(), load_days())


def duty_rule(law: Law) -> Rule:
    """Return the register's rule for duties: the action is what befell the duty, the payload says the rest."""

    def rule(state: State | None, command: Command, lookup: Lookup) -> Step:
        del lookup
        if command.action not in _EVENTS and command.action != RUNG:
            return Step(refusals=(unknown_action(command, tuple(_EVENTS)),))
        step = advance(None if state is None else duty_of(state), _event(command), law)
        return Step(changes=tuple(map(_change, step.happened)), refusals=step.refusals)

    return rule


def duties_follow(change: RecordedChange, lookup: Lookup) -> tuple[Command, ...]:
    """Return what must befall duties when the register changed so, as commands."""
    return tuple(_command(cause, change) for cause in duties_of(change, lookup))


def recounting(states: Iterable[State], at: int, law: Law) -> tuple[Command, ...]:
    """Return the commands that count anew those duties whose term differs by the limits and the calendar of now.

    It is asked when a process starts: a year's holidays or a limit may have been entered since.
    """
    open_duties = (duty for duty in map(duty_of, states) if not duty.ended)
    return tuple(_ring(duty, at) for duty in open_duties if caught_up(duty, at, law).happened)


def duty_of(state: State) -> Duty:
    """Return the duty that the register holds in this state."""
    return msgspec.convert(state, Duty)


def _event(command: Command) -> DutyEvent:
    if command.action == RUNG:
        return Rung(command.at)
    said = {"event_id": command.command_id, "at": command.at, "action": command.action}
    if command.action == Opened.__struct_config__.tag:
        said["duty_id"] = command.entity_id
    event: DutyEvent = msgspec.convert({**command.payload, **said}, _EVENTS[command.action])
    return event


def _change(happened: Happened) -> Change:
    state = msgspec.to_builtins(happened.duty)
    return Change(
        entity=DUTY,
        entity_id=happened.duty.id,
        action=happened.action,
        state=state,
        due_at=happened.duty.next_at,
    )


def _command(cause: DutyCause, change: RecordedChange) -> Command:
    payload = msgspec.to_builtins(cause.event)
    action = payload.pop("action")
    for said in ("event_id", "at", "duty_id"):
        payload.pop(said, None)
    return Command(
        entity=DUTY,
        entity_id=cause.duty_id,
        action=action,
        actor=change.actor,
        at=change.at,
        command_id=cause.event.event_id,
        payload=payload,
    )


def _ring(duty: Duty, at: int) -> Command:
    return Command(
        entity=DUTY, entity_id=duty.id, action=RUNG, actor=CLOCK, at=at, command_id=f"recount/{duty.id}/{at}"
    )
