"""When a duty ends and when its clock rings, counted from what happened to it, and what time alone brings about."""

from typing import NamedTuple

from msgspec.structs import replace

from catalog.duties.days import DayTables, day_of, end_us, start_us
from catalog.duties.duty import RECOUNTED, RULE_CHANGED, Duty, Happened
from catalog.duties.limits import Limit, Limits
from catalog.register.changes import BREACHED, WARNED


class Law(NamedTuple):
    """By what duties are counted: the legal limits and the calendar."""

    limits: Limits
    days: DayTables


class Caught(NamedTuple):
    """A duty as of an instant, and what the clock brought about until then."""

    duty: Duty
    happened: tuple[Happened, ...]


def due_day(duty: Duty, limit: Limit | None, days: DayTables) -> int | None:
    """Return the last day of the term, were it to run from now on; ``None``: no number of days is stated."""
    if limit is None or limit.working_days is None:
        return None
    received = day_of(duty.received_at)
    day = days.due_day(received, limit.working_days + duty.extended_days + duty.suspended_days)
    if duty.extended_calendar_days:
        day = days.working_day_from(day + duty.extended_calendar_days)
    if duty.resumed_at is not None:
        # Who resumed has that day left, or the next that works, when the term stood still on its last day.
        day = max(day, days.working_day_from(day_of(duty.resumed_at)))
    # A rule that took over a running duty ends no term before its own first working day does.
    return max(day, days.working_day_from(limit.first_day)) if limit.first_day > received else day


def counted(duty: Duty, at: int, law: Law) -> Duty:
    """Return the duty with its term, breach and next instant counted anew, as of ``at``."""
    if duty.ended:
        return duty if duty.next_at is None else replace(duty, next_at=None)
    limit = law.limits.by_id.get(duty.limit)
    day = None if duty.state == "suspended" else due_day(duty, limit, law.days)
    due_at = None if day is None else end_us(day)
    warned = duty.warned if due_at == duty.due_at else _warned_before(limit, day, at, law.days)
    breached_at = None if duty.breached_at is None or due_at is None or at < due_at else due_at
    return replace(
        duty,
        due_at=due_at,
        provisional=day is not None and law.days.is_provisional(day),
        warned=warned,
        breached_at=breached_at,
        next_at=_next_at(duty, limit, law, _Term(day, due_at, warned, breached_at)),
    )


def caught_up(duty: Duty, at: int, law: Law) -> Caught:
    """Return the duty as of ``at`` with the warnings, changes of rule and the breach that came before, in order."""
    happened: list[Happened] = []
    # What was rung or stated already stays: an instant before it says nothing new.
    at = max(at, duty.facts[-1].at, duty.breached_at or at)
    before, duty = duty, counted(_held(duty, law.limits), at, law)
    if duty != before:
        # The arrangement of a year, or a limit, was entered after the term had been counted.
        happened.append(Happened(RECOUNTED, at, duty))
    while duty.next_at is not None and duty.next_at <= at:
        happened.append(_rung(duty, duty.next_at, law))
        duty = happened[-1].duty
    return Caught(duty, tuple(happened))


def _held(duty: Duty, limits: Limits) -> Duty:
    """A limit may have been entered, or renamed, after the duty was received."""
    if duty.ended or duty.limit in limits.by_id:
        return duty
    found = limits.of(duty.kind, duty.place, day_of(duty.received_at))
    return duty if found is None else replace(duty, limit=found.id)


class _Term(NamedTuple):
    day: int | None
    due_at: int | None
    warned: int
    breached_at: int | None


def _next_at(duty: Duty, limit: Limit | None, law: Law, term: _Term) -> int | None:
    if term.breached_at is not None:
        return None
    rings = term.due_at
    if limit is not None and term.day is not None and term.warned < len(limit.warn_before_days):
        rings = _warning_at(limit, term.day, term.warned, law.days)
    changes = _rule_changes_at(duty, limit, law)
    if changes is None:
        return rings
    return changes if rings is None else min(rings, changes)


def _rule_changes_at(duty: Duty, limit: Limit | None, law: Law) -> int | None:
    found = _successor(duty, limit, law)
    return None if found is None else start_us(found.first_day)


def _successor(duty: Duty, limit: Limit | None, law: Law) -> Limit | None:
    received = day_of(duty.received_at)
    after = received if limit is None else max(received, limit.first_day)
    return law.limits.successor(duty.kind, duty.place, after)


def _warning_at(limit: Limit, due: int, number: int, days: DayTables) -> int:
    return start_us(days.first_of_last(due, limit.warn_before_days[number]))


def _warned_before(limit: Limit | None, due: int | None, at: int, days: DayTables) -> int:
    """Of the warnings whose time is over when a term is counted, the last one is still given."""
    if limit is None or due is None:
        return 0
    over = sum(_warning_at(limit, due, number, days) <= at for number in range(len(limit.warn_before_days)))
    return max(over - 1, 0)


def _rung(duty: Duty, at: int, law: Law) -> Happened:
    limit = law.limits.by_id.get(duty.limit)
    successor = _successor(duty, limit, law)
    if successor is not None and start_us(successor.first_day) == at:
        return Happened(RULE_CHANGED, at, counted(replace(duty, limit=successor.id), at, law))
    if at == duty.due_at:
        return Happened(BREACHED, at, replace(duty, breached_at=at, next_at=None))
    at = max(at, duty.facts[-1].at)
    return Happened(WARNED, at, counted(replace(duty, warned=duty.warned + 1), at, law))
