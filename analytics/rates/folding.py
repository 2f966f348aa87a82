"""Figures from what was counted: sums over any of the dimensions. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Dimension = Literal["department", "district", "level", "class", "theme"]
DIMENSIONS: Final[tuple[Dimension, ...]] = ("department", "district", "level", "class", "theme")


class Place(NamedTuple):
    """Where a unit belongs; what a unit has no word for is ``""``, what no source states is ``unstated``."""

    department: str
    district: str
    level: str
    class_: str
    theme: str

    def along(self, dimension: Dimension) -> str:
        """Its value in a dimension."""
        return self[DIMENSIONS.index(dimension)]


@dataclass(frozen=True)
class Counted:
    """What was counted of some units.

    Attributes:
        numerator: sum of what counts.
        denominator: sum of what it is out of.
        units: how many units there are, those outside the denominator too.
        unstated: of how many of them a source leaves open what would decide.
        twins: of each twin figure, how many units show it.
    """

    numerator: int = 0
    denominator: int = 0
    units: int = 0
    unstated: int = 0
    twins: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Counted") -> "Counted":
        names = self.twins.keys() | other.twins.keys()
        return Counted(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.units + other.units,
            self.unstated + other.unstated,
            {name: self.twins.get(name, 0) + other.twins.get(name, 0) for name in sorted(names)},
        )

    @property
    def value(self) -> float | None:
        """Numerator by denominator; None when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


Cube = Sequence[tuple[Place, Counted]]
"""What was counted, apart for each place."""


def total(cube: Cube) -> Counted:
    """Everything that was counted."""
    return sum((counted for _, counted in cube), Counted())


def along(cube: Cube, dimension: Dimension) -> dict[str, Counted]:
    """What was counted, by a dimension, in the order of its values."""
    return grouped(cube, lambda place: place.along(dimension))


def grouped(cube: Cube, key: Callable[[Place], str]) -> dict[str, Counted]:
    """What was counted, by a key of the places."""
    sums: dict[str, Counted] = {}
    for place, counted in cube:
        at = key(place)
        sums[at] = sums.get(at, Counted()) + counted
    return dict(sorted(sums.items()))


def within(cube: Cube, wanted: Mapping[Dimension, str]) -> Cube:
    """The part of what was counted whose places have these values."""
    return [each for each in cube if all(each[0].along(name) == value for name, value in wanted.items())]


def summed(parts: Iterable[Counted]) -> Counted:
    """All parts together."""
    return sum(parts, Counted())
