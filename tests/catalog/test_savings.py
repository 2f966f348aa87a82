"""The four reductions: what a case took, and what a bundle saves."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.savings import MEASURES, FinishedCase, Taken, measured, savings
from catalog.working_days import load_calendar

CHINA = timezone(timedelta(hours=8))
DAY_US = 86_400_000_000
BETWEEN = load_calendar().working_days_between


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp()) * 1_000_000


def case(**differing: object) -> FinishedCase:
    usual = FinishedCase(
        case_id="case-1",
        bundle="restaurant-opening",
        lead="market-regulation",
        channel="online",
        accepted_at=at("2025-03-03T10:00"),
        delivered_at=at("2025-03-07T16:00"),
        delivery_means="e-licence",
        materials_brought=3,
    )
    return msgspec.structs.replace(usual, **differing)


class Before(msgspec.Struct, frozen=True):
    steps: int | None = None
    days: int | None = None
    materials: int | None = None
    trips: int | None = None


def test_a_case_wholly_online_takes_one_step_and_no_way() -> None:
    assert measured(case(), BETWEEN) == Taken(steps=1, days=4, materials=3, trips=0)


@pytest.mark.parametrize(
    ("differing", "steps", "trips"),
    [
        ({"channel": "counter"}, 1, 1),
        ({"channel": "self-service"}, 1, 1),
        ({"delivery_means": "counter"}, 2, 1),
        ({"delivery_means": "counter", "deliveries": 3}, 4, 3),
        ({"delivery_means": "mail", "deliveries": 3}, 1, 0),
        ({"channel": "counter", "delivery_means": "counter"}, 2, 2),
        ({"supplements": 2}, 3, 0),
        ({"supplements": 2, "paper_supplements": 1}, 3, 1),
        ({"payments": 1}, 2, 0),
    ],
)
def test_each_act_is_a_step_and_each_way_a_trip(differing: dict[str, object], steps: int, trips: int) -> None:
    taken = measured(case(**differing), BETWEEN)
    assert (taken.steps, taken.trips) == (steps, trips)


@pytest.mark.parametrize(
    ("accepted", "delivered", "paused_days", "days"),
    [
        ("2025-03-03T10:00", "2025-03-03T17:00", 0, 0),
        ("2025-03-07T10:00", "2025-03-10T09:00", 0, 1),  # over a weekend
        ("2025-09-30T10:00", "2025-10-09T10:00", 0, 1),  # over National Day and Mid-Autumn
        ("2025-03-03T10:00", "2025-03-07T16:00", 2, 2),
        ("2025-03-03T10:00", "2025-03-07T16:00", 30, 0),
    ],
)
def test_days_are_working_days_without_the_pauses(accepted: str, delivered: str, paused_days: int, days: int) -> None:
    taken = case(accepted_at=at(accepted), delivered_at=at(delivered), paused_us=paused_days * DAY_US)
    assert measured(taken, BETWEEN).days == days


def test_what_is_delivered_in_its_term_took_no_longer_than_the_term() -> None:
    """A term of five working days, moved by a supplement of 50 hours as the clock of an assignment is."""
    calendar = load_calendar()
    accepted, paused_us = at("2025-04-28T15:00"), 50 * 3_600_000_000
    due = calendar.due_at(accepted, 5) + paused_us
    assert measured(case(accepted_at=accepted, delivered_at=due, paused_us=paused_us), BETWEEN).days == 5


def test_a_saving_is_what_it_was_before_minus_the_median() -> None:
    cases = [case(materials_brought=number, case_id=str(number)) for number in (2, 3, 10)]
    (saving,) = savings(cases, {"restaurant-opening": Before(steps=8, days=None, materials=22, trips=7)}, BETWEEN)
    assert (saving.bundle, saving.count) == ("restaurant-opening", 3)
    assert (saving.materials.before, saving.materials.median, saving.materials.mean) == (22, 3.0, 5.0)
    assert (saving.materials.saved, saving.materials.saved_part) == (19.0, 19 / 22)
    assert (saving.steps.saved, saving.trips.saved) == (7.0, 7.0)


def test_what_was_before_is_unstated_gives_what_was_taken_only() -> None:
    (saving,) = savings([case()], {}, BETWEEN)
    assert [(saving.of(name).before, saving.of(name).saved) for name in MEASURES] == [(None, None)] * 4
    assert saving.days.median == 4.0


def test_a_case_that_takes_more_than_before_shows_a_loss() -> None:
    (saving,) = savings([case(supplements=4)], {"restaurant-opening": Before(steps=3, trips=0)}, BETWEEN)
    assert saving.steps.saved == -2.0
    assert saving.trips.saved_part is None


def test_no_cases_no_figures() -> None:
    assert savings([], {"restaurant-opening": Before(steps=3)}, BETWEEN) == ()


instants = st.integers(at("2024-01-01T00:00"), at("2026-12-01T00:00"))
counts = st.integers(0, 9)
finished = st.builds(
    FinishedCase,
    case_id=st.uuids().map(str),
    bundle=st.sampled_from(["a", "b", "c"]),
    lead=st.just("health"),
    channel=st.sampled_from(["online", "counter", "self-service"]),
    accepted_at=instants,
    delivered_at=instants,
    paused_us=st.integers(0, 90 * DAY_US),
    supplements=counts,
    paper_supplements=counts,
    payments=counts,
    delivery_means=st.sampled_from(["counter", "mail", "e-licence"]),
    deliveries=counts,
    materials_brought=counts,
)


@given(finished)
def test_nothing_taken_is_below_nothing(some: FinishedCase) -> None:
    taken = measured(some, BETWEEN)
    assert min(taken.days, taken.materials, taken.trips) >= 0
    assert taken.steps >= 1
    assert taken.trips <= taken.steps + some.paper_supplements


@given(st.lists(finished, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(cases: list[FinishedCase], random: Random) -> None:
    before = {"a": Before(steps=5, days=20, materials=10, trips=4), "b": Before(days=1)}
    assert savings(shuffled(cases, random), before, BETWEEN) == savings(cases, before, BETWEEN)


@given(st.lists(finished, min_size=1, max_size=12))
def test_bundles_do_not_mix(cases: list[FinishedCase]) -> None:
    together = {saving.bundle: saving for saving in savings(cases, {}, BETWEEN)}
    for bundle, saving in together.items():
        assert savings([each for each in cases if each.bundle == bundle], {}, BETWEEN) == (saving,)
    assert sum(saving.count for saving in together.values()) == len(cases)


@given(finished, st.integers(0, 30 * DAY_US))
def test_a_longer_pause_never_makes_a_case_longer(some: FinishedCase, more_us: int) -> None:
    paused = msgspec.structs.replace(some, paused_us=some.paused_us + more_us)
    assert measured(paused, BETWEEN).days <= measured(some, BETWEEN).days


def shuffled(cases: Sequence[FinishedCase], random: Random) -> list[FinishedCase]:
    return random.sample(cases, len(cases))
