"""The four reductions (四减): steps, days, materials and trips that cases really took, beside what they took before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean, median
from typing import Final, Literal, Protocol

import msgspec

MeasureName = Literal["steps", "days", "materials", "trips"]

MEASURES: Final[tuple[MeasureName, ...]] = ("steps", "days", "materials", "trips")

#: Where an applicant has to go; a terminal in the neighbourhood is a way, too.
AWAY_FROM_HOME: Final = frozenset(("counter", "self-service"))
COUNTER: Final = "counter"

WorkingDaysBetween = Callable[[int, int], int]
"""Working days after the day of an instant and before another one, both µs UTC."""


class FinishedCase(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a delivered case took from its applicant.

    Attributes:
        bundle, lead: whose case it was.
        channel: ``online``, ``counter`` or ``self-service``.
        accepted_at, delivered_at: µs UTC.
        paused_us: how long its clock stood, for supplements and suspensions.
        supplements: how often the applicant supplied something later.
        paper_supplements: how many of these times on paper.
        payments: how often the applicant paid.
        delivery_means: how results were handed over, ``counter``, ``mail`` or ``e-licence``.
        deliveries: how many times something was handed over.
        materials_brought: what the applicant brought, on paper or uploaded; what sharing supplied is not among it.
    """

    case_id: str
    bundle: str
    lead: str
    channel: str
    accepted_at: int
    delivered_at: int
    paused_us: int = 0
    supplements: int = 0
    paper_supplements: int = 0
    payments: int = 0
    delivery_means: str = COUNTER
    deliveries: int = 1
    materials_brought: int = 0


class Taken(msgspec.Struct, frozen=True, gc=False):
    """What one case took: each at least 0, days are working days."""

    steps: int
    days: int
    materials: int
    trips: int


class Before(Protocol):
    """What a bundle's cases took before: see ``catalog.bundles.Baseline``; None where it is unstated."""

    @property
    def steps(self) -> int | None: ...  # noqa: D102
    @property
    def days(self) -> int | None: ...  # noqa: D102
    @property
    def materials(self) -> int | None: ...  # noqa: D102
    @property
    def trips(self) -> int | None: ...  # noqa: D102


class Measure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One of the four: what it was before, and what the cases took.

    ``saved`` is before minus the median, below 0 where cases take more than before; None where before is unstated.
    """

    before: int | None
    median: float
    mean: float
    saved: float | None

    @property
    def saved_part(self) -> float | None:
        """What is saved as a part of what it was, None where that is unstated or nothing."""
        return None if self.saved is None or not self.before else self.saved / self.before


class Saving(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The four reductions of a bundle over ``count`` delivered cases, at least one."""

    bundle: str
    count: int
    steps: Measure
    days: Measure
    materials: Measure
    trips: Measure

    def of(self, name: MeasureName) -> Measure:
        """Return one of the four."""
        measure: Measure = getattr(self, name)
        return measure


def measured(case: FinishedCase, working_days_between: WorkingDaysBetween) -> Taken:
    """Return what a case took.

    steps      acts of the applicant: submission, each supplement, each payment, each collection at a counter
    days       working days from acceptance to delivery, without the time in which the clock stood
    materials  what the applicant brought
    trips      ways to a counter or a terminal: to submit, to hand in paper later, to collect
    """
    collections = case.deliveries if case.delivery_means == COUNTER else 0
    # The clock moves a term's end by as long as it stood; the same is taken off here, so that a case that was
    # delivered in its term never took longer than its term.
    running_until = max(case.accepted_at, case.delivered_at - case.paused_us)
    return Taken(
        steps=1 + case.supplements + case.payments + collections,
        days=working_days_between(case.accepted_at, running_until),
        materials=case.materials_brought,
        trips=(case.channel in AWAY_FROM_HOME) + case.paper_supplements + collections,
    )


def savings(
    cases: Iterable[FinishedCase],
    before: Mapping[str, Before | None],
    working_days_between: WorkingDaysBetween,
) -> tuple[Saving, ...]:
    """Return the saving of each bundle that has cases, by the bundles' ids; the order of the cases does not matter.

    Args:
        cases: delivered cases of any bundles.
        before: baseline by bundle; a bundle without one gives what was taken only.
        working_days_between: the calendar.
    """
    taken: dict[str, list[Taken]] = {}
    for case in cases:
        taken.setdefault(case.bundle, []).append(measured(case, working_days_between))
    return tuple(_saving(bundle, taken[bundle], before.get(bundle)) for bundle in sorted(taken))


def _saving(bundle: str, taken: Sequence[Taken], before: Before | None) -> Saving:
    measures = {name: _measure([getattr(each, name) for each in taken], _stated(before, name)) for name in MEASURES}
    return Saving(bundle=bundle, count=len(taken), **measures)


def _stated(before: Before | None, name: MeasureName) -> int | None:
    stated: int | None = getattr(before, name, None)
    return stated


def _measure(values: Sequence[int], before: int | None) -> Measure:
    middle = float(median(values))
    saved = None if before is None else before - middle
    return Measure(before=before, median=middle, mean=fmean(values), saved=saved)
