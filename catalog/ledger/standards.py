"""The three standards of a close-out (销号) as data: criteria, the shares at which they hold, and who consents."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar, Final, Literal, TypeAlias

from pydantic import ConfigDict

from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition, repeated

STANDARDS_FILE: Final = "ledger/standards.toml"

MeasureName: TypeAlias = Literal[
    "fields-filled",
    "resources-attached",
    "resources-shared",
    "not-asked-again",
    "elements-stated",
    "elements-same",
    "elements-confirmed",
    "reduced",
    "side-by-side",
]


@dataclass(frozen=True)
class Criterion:
    """One criterion; the fields are told in ``standards.toml``."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    name: str
    of: str
    measure: MeasureName
    closes_at: float | None = None
    reopens_below: float | None = None


@dataclass(frozen=True)
class Standard:
    """One of the three standards."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    name: str
    criterion: tuple[Criterion, ...]


@dataclass(frozen=True)
class Standards:
    """All of them, one version."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    version: int
    in_force_from: date
    basis: str
    quote: str
    keepers: tuple[str, ...]
    keepers_quote: str
    least_cases: int
    standard: tuple[Standard, ...]


@read_from(STANDARDS_FILE)
def load_standards(path: Path) -> Standards:
    """Return the standards of the file.

    Raises:
        DefinitionFaultsError: the file does not fit, an id stands twice, a share is none, nobody consents.
    """
    standards = read_definition(path, Standards)
    demand_none(_faults(path.name, standards))
    return standards


def _faults(file: str, standards: Standards) -> list[Fault]:
    criteria = [each for standard in standards.standard for each in standard.criterion]
    ids = [standard.id for standard in standards.standard] + [each.id for each in criteria]
    faults = [Fault(file, "standard", f"the id {id_!r} stands more than once") for id_ in repeated(ids)]
    for each in criteria:
        shares = [share for share in (each.closes_at, each.reopens_below) if share is not None]
        if not all(0 <= share <= 1 for share in shares):
            faults.append(Fault(file, each.id, "a share is between 0 and 1"))
        if each.reopens_below is not None and (each.closes_at is None or each.reopens_below > each.closes_at):
            faults.append(Fault(file, each.id, "what closes at a share must not reopen at that share"))
    faults += [
        Fault(file, standard.id, "no criterion decides: give closes_at")
        for standard in standards.standard
        if all(each.closes_at is None for each in standard.criterion)
    ]
    if not standards.keepers:
        faults.append(Fault(file, "keepers", "nobody consents to a close-out"))
    return faults
