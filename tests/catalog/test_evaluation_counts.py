"""Evaluations counted: good, bad, answered in time."""

from operator import attrgetter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evaluation_counts import Evaluated, Evaluations, evaluations_by, evaluations_of
from catalog.evaluations import load_evaluation_rule

RULE = load_evaluation_rule()
DAY_US = 86_400_000_000


def due_at(from_us: int, days: int) -> int:
    return from_us + days * DAY_US


def judged(stars: int, at: int = 0, answered_at: int | None = None, **other: str) -> Evaluated:
    words = {"case_id": f"case-{stars}-{at}", "bundle": "newborn", "lead": "health"} | other
    return Evaluated(stars=stars, at=at, answered_at=answered_at, **words)


def counted(*evaluated: Evaluated, now: int = 100 * DAY_US) -> Evaluations:
    return evaluations_of(evaluated, RULE, due_at, now)


def test_four_and_five_stars_are_good_and_one_and_two_are_bad() -> None:
    told = counted(*(judged(stars) for stars in (1, 2, 3, 4, 5)))
    assert (told.count, told.good, told.bad, told.mean_stars, told.good_part) == (5, 2, 2, 3.0, 0.4)
    assert told.bad_cases == ("case-1-0", "case-2-0")


def test_a_bad_one_is_answered_in_time_late_or_not_at_all() -> None:
    limit = RULE.rectification_days * DAY_US
    told = counted(judged(1, 0, limit), judged(1, 1, limit + 2), judged(2, 2), judged(3, 3, limit))
    assert (told.bad, told.answered, told.answered_in_time, told.overdue) == (3, 2, 1, 1)


def test_one_that_is_not_due_yet_is_not_overdue() -> None:
    limit = RULE.rectification_days * DAY_US
    assert counted(judged(1), now=limit).overdue == 0
    assert counted(judged(1), now=limit + 1).overdue == 1


def test_no_evaluation_is_no_figure() -> None:
    with pytest.raises(ValueError, match="no evaluation"):
        counted()


many = st.lists(
    st.builds(
        Evaluated,
        case_id=st.uuids().map(str),
        bundle=st.sampled_from(["a", "b"]),
        lead=st.sampled_from(["health", "tax"]),
        stars=st.integers(1, 5),
        at=st.integers(0, 20 * DAY_US),
        answered_at=st.none() | st.integers(0, 40 * DAY_US),
    ),
    min_size=1,
    max_size=12,
)


@given(many, st.randoms(use_true_random=False))
def test_their_order_does_not_matter(evaluated: list[Evaluated], random: Random) -> None:
    assert counted(*random.sample(evaluated, len(evaluated))) == counted(*evaluated)


@given(many)
def test_counted_apart_they_add_up(evaluated: list[Evaluated]) -> None:
    apart = evaluations_by(attrgetter("bundle"), evaluated, RULE, due_at, 0)
    whole = counted(*evaluated, now=0)
    for name in ("count", "good", "bad", "answered", "answered_in_time", "overdue"):
        assert sum(getattr(each, name) for each in apart.values()) == getattr(whole, name)
