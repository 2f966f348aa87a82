"""The slowest step of a bundle: the chain of items that really kept each case, and what each link of it took."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Final

import msgspec

DELIVERY: Final = "delivery"
"""The step after the last item: handing the results over."""


class CaseRun(msgspec.Struct, frozen=True, gc=False):
    """A case that has ended: when each of its items was settled; instants are µs UTC."""

    case_id: str
    bundle: str
    began_at: int
    ended_at: int
    settled_at: Mapping[str, int]


class Link(msgspec.Struct, frozen=True, gc=False):
    """One step of a case's critical path and the time that passed in it, µs."""

    item: str
    took_us: int


class StepFigure(msgspec.Struct, frozen=True, gc=False):
    """A step over the cases of a bundle: on how many critical paths it lay, and what it took of them, µs."""

    item: str
    cases: int
    median_us: float
    total_us: int
    share: float


class BundlePath(msgspec.Struct, frozen=True, gc=False):
    """A bundle's steps, the one that took most of its cases' time first."""

    bundle: str
    cases: int
    median_us: float
    steps: tuple[StepFigure, ...]


def critical_path(run: CaseRun, after: Mapping[str, Sequence[str]]) -> tuple[Link, ...]:
    """The chain of items without which the case would have ended earlier, in the order in which they were settled.

    It is followed back from the item that was settled last: each item waited for the last settled of those that go
    before it, else began with the case. The times of its links add up to that of the case.

    Args:
        run: the case.
        after: item → the items that go before it; items that were not settled in this case are passed over.
    """
    if not run.settled_at:
        return (Link(DELIVERY, run.ended_at - run.began_at),)
    item: str | None = max(run.settled_at, key=lambda each: (run.settled_at[each], each))
    links = [] if item is None else [Link(DELIVERY, max(0, run.ended_at - run.settled_at[item]))]
    seen: set[str] = set()
    while item is not None:
        seen.add(item)
        # Whoever goes before an item twice stands in a circle of a faulty definition: it is passed over.
        before = _last_before(run, [each for each in after.get(item, ()) if each not in seen], item)
        start = run.began_at if before is None else run.settled_at[before]
        links.append(Link(item, max(0, run.settled_at[item] - start)))
        item = before
    return tuple(reversed(links))


def bundle_paths(runs: Iterable[CaseRun], after: Mapping[str, Mapping[str, Sequence[str]]]) -> tuple[BundlePath, ...]:
    """The steps of each bundle that has cases, by the bundles' ids.

    Args:
        runs: ended cases of any bundles.
        after: bundle → item → the items that go before it.
    """
    apart: dict[str, list[CaseRun]] = defaultdict(list)
    for run in runs:
        apart[run.bundle].append(run)
    return tuple(_bundle_path(bundle, apart[bundle], after.get(bundle, {})) for bundle in sorted(apart))


def _bundle_path(bundle: str, runs: Sequence[CaseRun], after: Mapping[str, Sequence[str]]) -> BundlePath:
    took: dict[str, list[int]] = defaultdict(list)
    for run in runs:
        for link in critical_path(run, after):
            took[link.item].append(link.took_us)
    whole = sum(map(sum, took.values()))
    steps = sorted((_figure(item, each, whole) for item, each in took.items()), key=lambda each: -each.total_us)
    middle = median(run.ended_at - run.began_at for run in runs)
    return BundlePath(bundle, len(runs), float(middle), tuple(steps))


def _figure(item: str, took: Sequence[int], whole: int) -> StepFigure:
    total = sum(took)
    return StepFigure(item, len(took), float(median(took)), total, total / whole if whole else 0.0)


def _last_before(run: CaseRun, before: Sequence[str], item: str) -> str | None:
    # An item that a person settled anew later than its successor held nothing up any more.
    settled = [each for each in before if run.settled_at.get(each, run.ended_at + 1) <= run.settled_at[item]]
    return max(settled, key=lambda each: (run.settled_at[each], each), default=None)
