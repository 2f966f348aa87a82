"""What an event does to a duty: pure, timed by the event alone; the same events give the same dates bit for bit."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec.structs import replace

from catalog.duties import refusals
from catalog.duties.clock import Law, caught_up, counted
from catalog.duties.days import day_of
from catalog.duties.duty import (
    Duty,
    DutyEvent,
    DutyFact,
    DutyStep,
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
from catalog.duties.limits import Limit
from catalog.register.changes import OPENED, Refusal


def advance(duty: Duty | None, event: DutyEvent, law: Law) -> DutyStep:
    """Return what the event does to the duty (``None``: there is none yet).

    First the clock brings about what lay before the event, then the event itself; whether the clock was rung in
    between makes no difference. An event that the duty knows already changes nothing; a refused one neither.
    """
    if isinstance(event, Opened):
        return _opened(duty, event, law)
    if duty is None:
        return DutyStep(None, refusals=(refusals.no_duty(),))
    if isinstance(event, Rung):
        caught = caught_up(duty, event.at, law)
        return DutyStep(caught.duty, caught.happened)
    if any(each.event_id == event.event_id for each in duty.facts):
        return DutyStep(duty)
    return _befallen(duty, event, law)


def replayed(events: Iterable[DutyEvent], law: Law) -> Duty | None:
    """Return the duty that these events make; refused ones change nothing."""
    duty: Duty | None = None
    for event in events:
        duty = advance(duty, event, law).duty
    return duty


def _opened(duty: Duty | None, event: Opened, law: Law) -> DutyStep:
    if duty is not None:
        known = duty.facts[0].event_id == event.event_id
        return DutyStep(duty, refusals=() if known else (refusals.opened_already(duty),))
    found = tuple(refusals.of_opened(event, law.days))
    if found:
        return DutyStep(None, refusals=found)
    limit = law.limits.of(event.kind, event.place, day_of(event.at))
    opened = Duty(
        id=event.duty_id,
        kind=event.kind,
        entity=event.entity,
        entity_id=event.entity_id,
        department=event.department,
        counterpart=event.counterpart,
        place=event.place,
        received_at=event.at,
        limit="" if limit is None else limit.id,
        facts=(event,),
    )
    return _happened((), OPENED, event, counted(opened, event.at, law), law)


def _befallen(duty: Duty, event: DutyFact, law: Law) -> DutyStep:
    if event.at < duty.facts[-1].at:
        return DutyStep(duty, refusals=(refusals.not_in_order(duty, event.at),))
    if not law.days.covers(event.at):
        return DutyStep(duty, refusals=(refusals.outside_calendar(event.at),))
    current, happened = caught_up(duty, event.at, law)
    check, apply = BEFALLS[type(event)]
    limit = law.limits.by_id.get(current.limit)
    found: tuple[Refusal, ...] = tuple(check(current, event, limit))
    if found:
        return DutyStep(duty, refusals=found)
    changed = replace(apply(current, event, limit, law), facts=(*current.facts, event))
    return _happened(happened, event.__struct_config__.tag, event, counted(changed, event.at, law), law)


def _happened(before: tuple[Happened, ...], action: Any, event: DutyFact, duty: Duty, law: Law) -> DutyStep:
    now = (*before, Happened(action, event.at, duty))
    if duty.next_at is None or duty.next_at > event.at:
        return DutyStep(duty, now)
    # The new term leaves so little time that its warning is given at once.
    current, at_once = caught_up(duty, event.at, law)
    return DutyStep(current, (*now, *at_once))


def _suspended(duty: Duty, event: Suspended, limit: Limit | None, law: Law) -> Duty:
    del limit, law
    return replace(duty, state="suspended", suspended_at=event.at)


def _resumed(duty: Duty, event: Resumed, limit: Limit | None, law: Law) -> Duty:
    """Working days after the day of suspension, up to and including that of resumption, do not count."""
    del limit
    since = event.at if duty.suspended_at is None else duty.suspended_at
    stood = law.days.count(day_of(event.at)) - law.days.count(day_of(since))
    return replace(
        duty, state="running", suspended_at=None, resumed_at=event.at, suspended_days=duty.suspended_days + stood
    )


def _extended(duty: Duty, event: Extended, limit: Limit | None, law: Law) -> Duty:
    del law
    if limit is not None and limit.extension_unit == "calendar-days":
        calendar_days = duty.extended_calendar_days + event.days
        return replace(duty, extensions=duty.extensions + 1, extended_calendar_days=calendar_days)
    return replace(duty, extensions=duty.extensions + 1, extended_days=duty.extended_days + event.days)


def _fulfilled(duty: Duty, event: Fulfilled, limit: Limit | None, law: Law) -> Duty:
    del limit, law
    late = duty.due_at is not None and event.at >= duty.due_at
    return replace(
        duty,
        state="fulfilled-late" if late else "fulfilled",
        ended_at=event.at,
        breached_at=duty.breached_at if late else None,
    )


def _lapsed(duty: Duty, event: Lapsed, limit: Limit | None, law: Law) -> Duty:
    del limit, law
    return replace(duty, state="lapsed", ended_at=event.at)


def _escalated(duty: Duty, event: Escalated, limit: Limit | None, law: Law) -> Duty:
    del limit, law
    return replace(duty, rung=event.rung)


def _settled(duty: Duty, event: Settled, limit: Limit | None, law: Law) -> Duty:
    del limit, law
    return replace(duty, settled=event.outcome)


_Check = Callable[[Duty, Any, "Limit | None"], Iterable[Refusal]]
_Apply = Callable[[Duty, Any, "Limit | None", Law], Duty]

#: What may befall a duty that is open: what speaks against it, and what it does.
BEFALLS: Final[dict[type, tuple[_Check, _Apply]]] = {
    Suspended: (refusals.of_suspended, _suspended),
    Resumed: (refusals.of_resumed, _resumed),
    Extended: (refusals.of_extended, _extended),
    Fulfilled: (refusals.of_fulfilled, _fulfilled),
    Lapsed: (refusals.of_lapsed, _lapsed),
    Escalated: (refusals.of_escalated, _escalated),
    Settled: (refusals.of_settled, _settled),
}
