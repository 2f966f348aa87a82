"""Which data resources would raise the bundles' success most: what stood in the way, and what if it had not.

A case is *served by data* when nothing stood in its way: every part of its checks that the hub was to answer was
answered, and the applicant brought nothing that a resource of the catalogue supplies. A case that was not served so
would have been, had every resource in its way been there and current. With S the resources that are imagined so,

    gain(r | S) = cases whose obstacles all lie in S ∪ {r}, less cases whose obstacles all lie in S

The resources are chosen one after the other, each with the greatest gain beside those before it; of equal ones the one
that stands in the way of more cases, then the smaller code. An obstacle that no resource is known for keeps its case
from ever being freed, so that nothing is promised of data that nobody has.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

UNKNOWN: Final = ""
"""Stands for the resource of an obstacle that the catalogue knows none for."""


class Obstacle(msgspec.Struct, frozen=True, gc=False):
    """What kept one case from being served by data: the resource, the cause, the event that says so (hex)."""

    case_id: str
    bundle: str
    resource: str
    cause: str
    event_id: str


class ResourceGain(msgspec.Struct, frozen=True, gc=False):
    """One of the resources that would help most.

    Attributes:
        gain: cases that it frees beside those before it in the list.
        alone: cases that it would free if it alone were there.
        touched: cases in whose way it stands, whatever else does.
        causes: cause → how often.
        bundles: bundle → cases touched, the most first.
        cases: ids of cases touched, at most ten.
    """

    resource: str
    gain: int
    alone: int
    touched: int
    causes: Mapping[str, int]
    bundles: Mapping[str, int]
    cases: tuple[str, ...]


class DataSuccess(msgspec.Struct, frozen=True, gc=False):
    """Cases of a period: how many were served by data, how many no data would free, and what would help most."""

    cases: int
    served: int
    not_by_data: int
    resources: tuple[ResourceGain, ...]

    @property
    def would_be_served(self) -> int:
        """Cases served by data if every resource of the list were there and current."""
        return self.served + sum(each.gain for each in self.resources)


def data_success(cases: int, obstacles: Iterable[Obstacle], most: int) -> DataSuccess:
    """Count what stood in the way of ``cases`` cases; at most so many resources are named.

    The order of the obstacles, and repeats of them, change nothing.
    """
    distinct = sorted(set(obstacles), key=lambda each: (each.case_id, each.resource, each.cause, each.event_id))
    in_the_way: dict[str, set[str]] = defaultdict(set)
    for each in distinct:
        in_the_way[each.case_id].add(each.resource)
    freeable = [frozenset(found) for found in in_the_way.values() if UNKNOWN not in found]
    chosen = _chosen(freeable, _touched(in_the_way.values()), most)
    return DataSuccess(
        cases=cases,
        served=cases - len(in_the_way),
        not_by_data=len(in_the_way) - len(freeable),
        resources=tuple(_gain(name, gain, freeable, distinct) for name, gain in chosen),
    )


def _touched(found: Iterable[set[str]]) -> Counter[str]:
    return Counter(resource for each in found for resource in each if resource != UNKNOWN)


def _chosen(freeable: Sequence[frozenset[str]], touched: Counter[str], most: int) -> list[tuple[str, int]]:
    ways = Counter(freeable)
    chosen: list[tuple[str, int]] = []
    there: frozenset[str] = frozenset()
    while len(chosen) < most and len(there) < len(touched):
        gains = _gains(ways, there)
        best = max(touched.keys() - there, key=lambda each: (gains[each], touched[each], _reversed(each)))
        chosen.append((best, gains[best]))
        there |= {best}
    return chosen


def _gains(ways: Counter[frozenset[str]], there: frozenset[str]) -> Counter[str]:
    """What each resource would free beside those that are there: ways that lack it and nothing else."""
    gains: Counter[str] = Counter()
    for way, cases in ways.items():
        lacking = way - there
        if len(lacking) == 1:
            gains[next(iter(lacking))] += cases
    return gains


def _reversed(name: str) -> tuple[int, ...]:
    return tuple(-ord(character) for character in name)


def _gain(resource: str, gain: int, freeable: Sequence[frozenset[str]], obstacles: Sequence[Obstacle]) -> ResourceGain:
    own = [each for each in obstacles if each.resource == resource]
    bundle_of = {each.case_id: each.bundle for each in own}
    bundles = Counter(bundle_of.values())
    return ResourceGain(
        resource=resource,
        gain=gain,
        alone=sum(way == {resource} for way in freeable),
        touched=len(bundle_of),
        causes=dict(sorted(Counter(each.cause for each in own).items())),
        bundles=dict(sorted(bundles.items(), key=lambda each: (-each[1], each[0]))),
        cases=tuple(sorted(bundle_of))[:10],
    )
