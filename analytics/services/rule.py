"""Which services stand on the list: a rule that is data, applied to counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Final, Literal

import msgspec
from pydantic import ConfigDict

from analytics.own_files import own_or_shipped
from catalog.definitions import EXACT, Fault, demand_none, read_definition

RULE_FILE: Final = Path(__file__).parent / "rule.toml"
OWN_NAME: Final = "high-frequency.toml"
ServiceKind = Literal["bundle", "item"]
KINDS: Final[tuple[ServiceKind, ...]] = ("bundle", "item")


@dataclass(frozen=True)
class VolumeGround:
    """办件量大: at least so many, and among the first places of its kind."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    least: int
    places: int


@dataclass(frozen=True)
class GrowthGround:
    """增长快: at least so many, and this part more than before."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    least: int
    growth: float


@dataclass(frozen=True)
class ToImprove:
    """What is to be improved: shares below these; good evaluations of at least so many."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    online_below: float
    good_below: float
    evaluations: int


@dataclass(frozen=True)
class ServiceRule:
    """What ``rule.toml`` says."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    version: int
    months: int
    volume: VolumeGround
    growth: GrowthGround
    to_improve: ToImprove


class ServiceCount(msgspec.Struct, frozen=True, gc=False):
    """What was counted of a service: applications now and before, those online, evaluations and the good ones."""

    kind: ServiceKind
    code: str
    volume: int
    previous: int
    online: int
    evaluations: int
    good: int

    @property
    def growth(self) -> float | None:
        """The part by which it grew; None where there was nothing before."""
        return self.volume / self.previous - 1 if self.previous else None

    @property
    def online_share(self) -> float | None:
        """Of the applications; None of none."""
        return self.online / self.volume if self.volume else None

    @property
    def good_share(self) -> float | None:
        """Of the evaluations; None of none."""
        return self.good / self.evaluations if self.evaluations else None


class ListedService(msgspec.Struct, frozen=True, gc=False):
    """A service on the list, with the grounds for it and what is to be improved, in Chinese."""

    count: ServiceCount
    grounds: tuple[str, ...]
    to_improve: tuple[str, ...]


@cache
def load_service_rule(path: Path | None = None) -> ServiceRule:
    """Return the rule of the file; without one, of an office's own ``high-frequency.toml``, else of what ships.

    Raises:
        DefinitionFaultsError: a field is missing or wrong, or a number makes no sense.
    """
    found = path or own_or_shipped(OWN_NAME, RULE_FILE)
    rule = read_definition(found, ServiceRule)
    demand_none(Fault(found.name, place, reason) for place, reason in _faults(rule))
    return rule


def listed(counts: Iterable[ServiceCount], rule: ServiceRule) -> tuple[ListedService, ...]:
    """Return the services on the list, bundles before items, the most asked for first; order changes nothing."""
    ranked = sorted(counts, key=lambda each: (KINDS.index(each.kind), -each.volume, each.code))
    by_kind = [[each for each in ranked if each.kind == kind] for kind in KINDS]
    return tuple(found for own in by_kind for found in _of_kind(own, rule))


def _of_kind(ranked: Sequence[ServiceCount], rule: ServiceRule) -> Iterator[ListedService]:
    for place, each in enumerate(ranked, 1):
        grounds = tuple(_grounds(each, place, rule))
        if grounds:
            yield ListedService(each, grounds, tuple(_to_improve(each, rule.to_improve)))


def _grounds(count: ServiceCount, place: int, rule: ServiceRule) -> Iterator[str]:
    if count.volume >= rule.volume.least and place <= rule.volume.places:
        yield "办件量大"
    if count.volume < rule.growth.least:
        return
    if count.growth is None:
        yield "新增需求"
    elif count.growth >= rule.growth.growth:
        yield "增长快"


def _to_improve(count: ServiceCount, rule: ToImprove) -> Iterator[str]:
    if count.online_share is not None and count.online_share < rule.online_below:
        yield "线上占比低"
    if count.good_share is not None and count.evaluations >= rule.evaluations and count.good_share < rule.good_below:
        yield "好评率低"


def _faults(rule: ServiceRule) -> Iterator[tuple[str, str]]:
    numbers = {
        "version": rule.version,
        "months": rule.months,
        "volume.least": rule.volume.least,
        "volume.places": rule.volume.places,
        "growth.least": rule.growth.least,
        "to_improve.evaluations": rule.to_improve.evaluations,
    }
    yield from ((name, f"is {value}, at least 1 is due") for name, value in numbers.items() if value < 1)
    shares = {
        "to_improve.online_below": rule.to_improve.online_below,
        "to_improve.good_below": rule.to_improve.good_below,
    }
    yield from ((name, f"is {value}, 0 to 1 is due") for name, value in shares.items() if not 0 <= value <= 1)
    if rule.growth.growth <= 0:
        yield "growth.growth", f"is {rule.growth.growth}, more than 0 is due"
