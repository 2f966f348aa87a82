"""Names of one thing, and names that tell nothing: data, all of it ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import ConfigDict

from catalog.definitions import EXACT, Fault, demand_none, read_definition, repeated
from catalog.name_likeness import normalised

NAMES_FILE: Final = Path(__file__).parent / "names.toml"


@dataclass(frozen=True)
class Names:
    """Normalised names: ``synonyms`` leads each to the first name of its group."""

    synonyms: Mapping[str, str]
    generic: frozenset[str]
    identifiers: frozenset[str]
    technical: frozenset[str]


@dataclass(frozen=True)
class _NamesFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    synonyms: tuple[tuple[str, ...], ...]
    generic: tuple[str, ...]
    identifiers: tuple[str, ...]
    technical: tuple[str, ...]


@cache
def load_names(path: Path = NAMES_FILE) -> Names:
    """Return the names of the file.

    Raises:
        DefinitionFaultsError: the file does not fit, or a name stands in two groups.
    """
    file = read_definition(path, _NamesFile)
    everywhere = [
        normalised(name)
        for names in (*file.synonyms, file.generic, file.identifiers, file.technical)
        for name in dict.fromkeys(names)
    ]
    demand_none(Fault(path.name, "names", f"{name!r} stands twice") for name in repeated(everywhere))
    return Names(
        synonyms=MappingProxyType(
            {normalised(name): normalised(group[0]) for group in file.synonyms for name in group}
        ),
        generic=_folded(file.generic),
        identifiers=_folded(file.identifiers),
        technical=_folded(file.technical),
    )


def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normalised(name) for name in names)
