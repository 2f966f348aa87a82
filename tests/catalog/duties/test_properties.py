"""Laws of the clock: replay, repetition, interleaving and rings in between change no date."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.duties.clock import Law
from catalog.duties.days import DAY_US, date_of, day_number, day_of, end_us, load_days
from catalog.duties.duty import (
    Duty,
    DutyEvent,
    DutyFact,
    Escalated,
    Extended,
    Fulfilled,
    Lapsed,
    Opened,
    Resumed,
    Rung,
    Suspended,
)
from catalog.duties.limits import KIND_NAMES, load_limits
from catalog.duties.rule import advance, replayed
from catalog.working_days import load_calendar

LAW = Law(load_limits(), load_days())
CHANGING = Law(load_limits(Path(__file__).parent / "rule-changes.toml"), load_days())
LAWS = st.sampled_from((LAW, CHANGING))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = (datetime(2025, 9, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
KINDS = st.sampled_from(sorted(KIND_NAMES))
GAPS = st.integers(0, 9 * DAY_US)
LIFE = st.lists(st.tuples(st.sampled_from(("suspend", "resume", "extend", "fulfil", "lapse", "escalate")), GAPS))


def fact_of(word: str, event_id: str, at: int) -> DutyFact:
    match word:
        case "suspend":
            return Suspended(event_id, at, ("e",))
        case "resume":
            return Resumed(event_id, at, ("e",))
        case "extend":
            return Extended(event_id, at, 2, ("e",), ("t",))
        case "fulfil":
            return Fulfilled(event_id, at, ("e",))
        case "lapse":
            return Lapsed(event_id, at, "gone")
        case _:
            return Escalated(event_id, at, "negotiation", ("e",))


@st.composite
def lives(draw: st.DrawFn, duty_id: str = "d") -> list[DutyEvent]:
    """The events of one duty in the order of time; some of them will be refused."""
    at = EARLIEST + draw(st.integers(0, 300 * DAY_US))
    events: list[DutyEvent] = [Opened(f"{duty_id}-0", at, duty_id, draw(KINDS), "demand", "D", "tax")]
    for number, (word, gap) in enumerate(draw(LIFE), 1):
        at += gap
        events.append(fact_of(word, f"{duty_id}-{number}", at))
    return events


def bits(duty: Duty | None) -> bytes:
    return msgspec.json.encode(duty)


@given(lives(), LAWS)
def test_a_duty_is_what_its_own_facts_make(events: list[DutyEvent], law: Law) -> None:
    duty = replayed(events, law)
    assert duty is not None
    assert bits(replayed(duty.facts, law)) == bits(duty)


@given(lives(), st.randoms(use_true_random=False))
def test_the_same_event_twice_is_one(events: list[DutyEvent], chance: random.Random) -> None:
    once: Duty | None = None
    twice: Duty | None = None
    for place, event in enumerate(events):
        once = advance(once, event, LAW).duty
        repeated = [each for each in events[: place + 1] if known(once, each)]
        for each in (event, *chance.sample(repeated, len(repeated))):
            twice = advance(twice, each, LAW).duty
    assert bits(once) == bits(twice)


def known(duty: Duty | None, event: DutyEvent) -> bool:
    return duty is not None and event in duty.facts


@given(lives(), st.lists(st.integers(0, 400 * DAY_US)), LAWS)
def test_rings_in_between_change_nothing(events: list[DutyEvent], rings: list[int], law: Law) -> None:
    last = Rung(events[-1].at + 400 * DAY_US)
    rung: list[DutyEvent] = [Rung(events[0].at + each) for each in rings]
    # A ring never comes before an event of its time is done: sorted() keeps the facts in front.
    together = sorted((*events, *rung), key=lambda each: each.at)
    assert bits(replayed((*together, last), law)) == bits(replayed((*events, last), law))


@given(lives(), st.lists(st.integers(0, 60 * DAY_US)), LAWS)
def test_a_ring_that_comes_late_changes_nothing(events: list[DutyEvent], rings: list[int], law: Law) -> None:
    """A clock that was stopped rings for instants that are over; the facts since then stand."""
    duty = replayed((*events, Rung(events[-1].at)), law)
    late = duty
    for each in rings:
        late = advance(late, Rung(events[-1].at - each), law).duty
    assert bits(late) == bits(duty)


@given(st.lists(st.integers(1, 5).flatmap(lambda n: lives(duty_id=f"d{n}")), max_size=5), st.randoms())
@settings(max_examples=50)
def test_other_duties_in_between_change_nothing(found: list[list[DutyEvent]], chance: random.Random) -> None:
    alone = [bits(replayed(events, LAW)) for events in found]
    mixed: list[Duty | None] = [None] * len(found)
    waiting = [list(events) for events in found]
    while any(waiting):
        place = chance.choice([place for place, events in enumerate(waiting) if events])
        mixed[place] = advance(mixed[place], waiting[place].pop(0), LAW).duty
    assert [bits(each) for each in mixed] == alone


@given(lives())
def test_a_refused_event_leaves_the_duty_as_it_was(events: list[DutyEvent]) -> None:
    duty: Duty | None = None
    for event in events:
        step = advance(duty, event, LAW)
        if step.refusals:
            assert step.duty is duty
            assert not step.happened
        duty = step.duty


@given(lives())
def test_a_duty_rings_later_than_what_was_done(events: list[DutyEvent]) -> None:
    duty = replayed(events, LAW)
    assert duty is not None
    assert duty.next_at is None or duty.next_at > duty.facts[-1].at
    assert duty.breached_at is None or duty.breached_at <= events[-1].at
    if duty.ended:
        assert duty.next_at is None


@given(KINDS, st.integers(0, 300 * DAY_US), GAPS, GAPS)
def test_the_end_is_that_of_the_calendar_day_by_day(kind: str, start: int, waits: int, stands: int) -> None:
    """The oracle walks the calendar day by day: a working day counts unless the term stood still for it.

    Whoever resumes has the day of it left, or the next that works.
    """
    opened = Opened("0", EARLIEST + start, "d", kind, "demand", "D", "tax")
    suspended = Suspended("1", opened.at + waits, ("e",))
    resumed = Resumed("2", suspended.at + stands, ("e",))
    first = replayed((opened,), LAW)
    assert first is not None
    if first.due_at is None or suspended.at >= first.due_at:
        return
    duty = replayed((opened, suspended, resumed), LAW)
    assert duty is not None
    working_days = LAW.limits.by_id[duty.limit].working_days
    assert working_days is not None
    last, again = walked(day_of(opened.at), working_days, suspended, resumed), walked(day_of(resumed.at) - 1, 1)
    assert duty.due_at == end_us(max(last, again))


def walked(received: int, working_days: int, suspended: Suspended | None = None, resumed: Resumed | None = None) -> int:
    calendar, day = load_calendar(), received
    stood = (
        range(0) if suspended is None or resumed is None else range(day_of(suspended.at) + 1, day_of(resumed.at) + 1)
    )
    while working_days:
        day += 1
        working_days -= calendar.is_working_day(date_of(day)) and day not in stood
    return day


@given(st.dates(date(2016, 1, 1), date(2070, 1, 1)), st.integers(0, 250))
def test_the_tables_say_what_the_calendar_says(received: date, working_days: int) -> None:
    day = day_number(received)
    assert end_us(LAW.days.due_day(day, working_days)) == load_calendar().due_at(end_us(day) - 1, working_days)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_years_that_are_arranged_are_not_provisional(year: int) -> None:
    days = LAW.days
    assert not days.is_provisional(day_number(date(year, 1, 1)))
    assert not days.is_provisional(day_number(date(year, 12, 31)))
    assert days.is_provisional(day_number(date(2027, 1, 1)))
    assert days.is_provisional(day_number(date(2023, 12, 31)))
