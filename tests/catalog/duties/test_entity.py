"""Duties in the register's own store: opened by what changes, rung by its clock, asked for by people."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from catalog.duties.clock import Law
from catalog.duties.days import day_tables
from catalog.duties.duty import Fulfilled, Opened, Rung
from catalog.duties.entity import duties_follow, duty_of, duty_rule, load_law, recounting
from catalog.duties.limits import Limits
from catalog.duties.rule import advance, replayed
from catalog.register.changes import Change, Command, Entity, Lookup, State, Step
from catalog.register.rulebook import Rulebook
from catalog.register.store import Applied, CatalogStore, Refused
from catalog.working_days import WorkingCalendar, load_calendar

CHINA = timezone(timedelta(hours=8))
LAW = load_law()
CORRECTION = {"provider": "tax", "disputed_by": "health", "resource": "tax.paid"}
YEARS = frozenset((2024, 2025))
DUTY_ID = "correction:C-1:1"


def us(china: str) -> int:
    moment = datetime.fromisoformat(f"2026-{china}").replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def taken(state: State | None, command: Command, lookup: Lookup) -> Step:
    """A correction as far as duties look at it: whatever is said of it stands."""
    del state, lookup
    change = Change(
        entity=command.entity, entity_id=command.entity_id, action=command.action, state=dict(command.payload)
    )
    return Step(changes=(change,))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CatalogStore]:
    rulebook = Rulebook({"duty": duty_rule(LAW), "correction": taken}, (duties_follow,))
    with CatalogStore(f"sqlite:///{tmp_path}/catalog.db", rulebook, lambda told: told.state.encode()) as opened:
        yield opened


def command(entity: Entity, entity_id: str, action: str, at: str, **payload: Any) -> Command:
    return Command(
        entity=entity,
        entity_id=entity_id,
        action=action,
        actor="someone",
        at=us(at),
        command_id=f"{entity}-{action}-{at.replace(' ', 'T')}",
        payload=payload,
    )


def applied(store: CatalogStore, *commands: Command) -> list[tuple[str, str, int | None]]:
    outcome = store.apply_all(commands)
    assert isinstance(outcome, Applied), outcome
    return [(each.entity, each.action, each.due_at) for each in outcome.changes]


def test_a_dispute_opens_its_duty_in_the_same_transaction(store: CatalogStore) -> None:
    opened = applied(store, command("correction", "C-1", "disputed", "03-02 09:00", **CORRECTION))
    assert opened == [("correction", "disputed", None), ("duty", "opened", us("03-12 00:00"))]


def test_the_clock_warns_and_finds_the_breach_however_late_it_rings(store: CatalogStore) -> None:
    applied(store, command("correction", "C-1", "disputed", "03-02 09:00", **CORRECTION))
    assert store.ring(now=us("03-11 23:59")) == ()
    rung = [each for _ in range(4) for each in store.ring(now=us("04-01 09:00"))]
    assert [(each.action, each.at) for each in rung] == [
        ("warned", us("03-12 00:00")),
        ("warned", us("03-16 00:00")),
        ("breached", us("03-17 00:00")),
    ]
    ended = applied(store, command("correction", "C-1", "corrected", "04-02 09:00", **CORRECTION))
    assert ended == [("correction", "corrected", None), ("duty", "fulfilled", None)]


def test_a_duty_is_replayed_from_its_recorded_state(store: CatalogStore) -> None:
    suspended = command("duty", DUTY_ID, "suspended", "03-04 09:00", evidence=["letter-1"])
    resumed = command("duty", DUTY_ID, "resumed", "03-06 09:00", evidence=["letter-2"])
    applied(store, command("correction", "C-1", "disputed", "03-02 09:00", **CORRECTION), suspended, resumed)
    outcome = store.apply(command("duty", DUTY_ID, "escalated", "03-06 10:00", rung="negotiation", evidence=["m"]))
    assert isinstance(outcome, Applied)
    duty = duty_of(outcome.changes[-1].state)
    assert duty.due_at == us("03-19 00:00")
    assert replayed(duty.facts, LAW) == duty


@pytest.mark.parametrize(
    ("action", "payload", "fields"),
    [
        ("suspended", {"evidence": []}, ["evidence"]),
        ("suspended", {}, ["payload"]),
        ("extended", {"days": "five", "evidence": ["c"]}, ["payload.days"]),
        ("extended", {"days": 3, "evidence": ["c"]}, ["action"]),
        ("escalated", {"rung": "mayor", "evidence": ["c"]}, ["payload.rung"]),
        ("fulfilled", {"evidence": ["c"], "urgent": True}, ["payload"]),
        ("forgotten", {}, ["action"]),
    ],
)
def test_what_is_not_so_is_refused_and_changes_nothing(
    store: CatalogStore, action: str, payload: dict[str, Any], fields: list[str]
) -> None:
    applied(store, command("correction", "C-1", "disputed", "03-02 09:00", **CORRECTION))
    outcome = store.apply(command("duty", DUTY_ID, action, "03-04 09:00", **payload))
    assert isinstance(outcome, Refused)
    assert [each.field for each in outcome.refusals] == fields
    again = store.apply(command("duty", DUTY_ID, "suspended", "03-04 09:01", evidence=["letter"]))
    assert isinstance(again, Applied)
    assert [each.version for each in again.changes] == [2]


def test_the_same_command_twice_is_one_change(store: CatalogStore) -> None:
    applied(store, command("correction", "C-1", "disputed", "03-02 09:00", **CORRECTION))
    suspended = command("duty", DUTY_ID, "suspended", "03-04 09:00", evidence=["letter"])
    first, second = store.apply(suspended), store.apply(suspended)
    assert isinstance(first, Applied)
    assert isinstance(second, Applied)
    assert second.changes == first.changes
    assert second.repeated == (suspended.command_id,)


PLAIN_2026 = WorkingCalendar({day: works for day, works in load_calendar().arranged.items() if day.year < 2026}, YEARS)
UNSTATED = Limits(each for each in LAW.limits if each.kind != "correction")
OPENED = Opened("o", us("02-11 09:00"), "d", "correction", "correction", "C-1", "tax")


@pytest.mark.parametrize(
    ("then", "was_due"),
    [(Law(LAW.limits, day_tables(PLAIN_2026)), us("02-26 00:00")), (Law(UNSTATED, LAW.days), None)],
    ids=["the year was not arranged", "the limit was not entered"],
)
def test_duties_are_counted_anew_when_the_law_differs(then: Law, was_due: int | None) -> None:
    duty = replayed((OPENED,), then)
    assert duty is not None
    assert duty.due_at == was_due
    state, now = msgspec.to_builtins(duty), us("02-12 09:00")
    assert recounting([state], now, then) == ()
    (ring,) = recounting([state], now, LAW)
    step = advance(duty, Rung(ring.at), LAW)
    assert [each.action for each in step.happened] == ["recounted"]
    assert step.duty == replayed((OPENED,), LAW)


def test_a_clock_that_is_to_ring_at_another_time_is_set_anew() -> None:
    """Only the warnings changed: the end is the same, and still the register must ring at another instant."""
    unwarned = Limits(replace(each, warn_before_days=()) for each in LAW.limits)
    duty = replayed((OPENED,), LAW)
    step = advance(duty, Rung(us("02-12 09:00")), Law(unwarned, LAW.days))
    assert [each.action for each in step.happened] == ["recounted"]
    assert duty is not None
    assert step.duty is not None
    assert (step.duty.next_at, step.duty.due_at) == (duty.due_at, duty.due_at)


def test_nothing_is_counted_anew_for_what_has_ended() -> None:
    duty = replayed((OPENED, Fulfilled("f", us("02-12 09:00"), ("e",))), LAW)
    assert recounting([msgspec.to_builtins(duty)], us("02-12 09:00"), Law(UNSTATED, LAW.days)) == ()
