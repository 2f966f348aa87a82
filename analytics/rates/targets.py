"""What the sources demand of rates, by when, in their own sentences."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict

from catalog.definitions import EXACT, read_definition

TARGETS_FILE: Final = Path(__file__).parent / "targets.toml"


@dataclass(frozen=True)
class Target:
    """One demand; ``value`` is None where the source states no number."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    rate: str
    by: date
    source: str
    text: str
    value: float | None = None

    def met(self, value: float | None) -> bool | None:
        """Whether a value reaches it; None where either is not there."""
        return None if value is None or self.value is None else value >= self.value


@dataclass(frozen=True)
class _TargetsFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    target: tuple[Target, ...]


@cache
def load_targets(path: Path = TARGETS_FILE) -> tuple[Target, ...]:
    """Return the targets in the order of their days.

    Raises:
        catalog.definitions.DefinitionFaultsError: the file does not hold together; every fault is named.
    """
    return tuple(sorted(read_definition(path, _TargetsFile).target, key=lambda each: each.by))


def target_of(rate: str, as_of: date, targets: tuple[Target, ...]) -> Target | None:
    """Return the target to which a rate is held on a day: the next that is due, else the last that was."""
    own = [each for each in targets if each.rate == rate]
    return next((each for each in own if each.by >= as_of), own[-1] if own else None)
