"""Evaluations (好差评) counted: how many are good, which are bad, whether the bad ones were answered in time."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from statistics import fmean
from typing import Protocol, TypeVar

import msgspec

Key = TypeVar("Key", bound=Hashable)


class Rule(Protocol):
    """What is good and what is bad: see ``catalog.evaluations.EvaluationRule``."""

    @property
    def rectification_days(self) -> int: ...  # noqa: D102
    def is_good(self, stars: int) -> bool: ...  # noqa: D102
    def is_bad(self, stars: int) -> bool: ...  # noqa: D102


class Evaluated(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One case's evaluation, 1 to 5 stars; ``answered_at`` is when a bad one was answered. Times are µs UTC."""

    case_id: str
    bundle: str
    lead: str
    stars: int
    at: int
    answered_at: int | None = None


class Evaluations(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Evaluations of several cases; every count is of ``count``, at least one.

    Attributes:
        mean_stars: 1.0 to 5.0.
        good, bad: how many are good and bad; the rest is neither.
        answered: bad ones that were answered.
        answered_in_time: those of them that were answered within the rule's working days.
        overdue: bad ones that are not answered although their time is over.
        bad_cases: the ids of the cases with a bad one, the earliest evaluation first.
    """

    count: int
    mean_stars: float
    good: int
    bad: int
    answered: int
    answered_in_time: int
    overdue: int
    bad_cases: tuple[str, ...]

    @property
    def good_part(self) -> float:
        """The good ones as a part of all."""
        return self.good / self.count


DueAt = Callable[[int, int], int]
"""The end of the n-th working day after an instant, both µs UTC: (instant, n) → end."""


def evaluations_of(evaluated: Sequence[Evaluated], rule: Rule, due_at: DueAt, now: int) -> Evaluations:
    """Count evaluations, at least one; their order does not matter.

    Raises:
        ValueError: there is none.
    """
    if not evaluated:
        raise ValueError("no evaluation to count")
    bad = sorted((each for each in evaluated if rule.is_bad(each.stars)), key=lambda each: (each.at, each.case_id))
    ends = [due_at(each.at, rule.rectification_days) for each in bad]
    answers = [each.answered_at for each in bad]
    return Evaluations(
        count=len(evaluated),
        mean_stars=fmean(each.stars for each in evaluated),
        good=sum(rule.is_good(each.stars) for each in evaluated),
        bad=len(bad),
        answered=sum(answer is not None for answer in answers),
        answered_in_time=sum(answer is not None and answer <= end for answer, end in zip(answers, ends, strict=True)),
        overdue=sum(answer is None and end < now for answer, end in zip(answers, ends, strict=True)),
        bad_cases=tuple(each.case_id for each in bad),
    )


def evaluations_by(
    key: Callable[[Evaluated], Key], evaluated: Iterable[Evaluated], rule: Rule, due_at: DueAt, now: int
) -> Mapping[Key, Evaluations]:
    """Count the evaluations of each key apart, as of each bundle or each lead; keys in the order they come."""
    apart: dict[Key, list[Evaluated]] = {}
    for each in evaluated:
        apart.setdefault(key(each), []).append(each)
    return {value: evaluations_of(each, rule, due_at, now) for value, each in apart.items()}
