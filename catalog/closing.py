"""Which bundles may be applied for when the subject has ended: those that follow the end, or only ask."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict

from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition, repeated

CLOSING_FILE: Final = Path(__file__).parent / "closing.toml"


@dataclass(frozen=True)
class _Follows:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    bundle: str
    reason: str


@dataclass(frozen=True)
class _ClosingFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    follows: tuple[_Follows, ...]


@read_from(CLOSING_FILE.name)
def load_bundles_open_to_closed(path: Path) -> frozenset[str]:
    """Return the ids of the bundles that a subject may apply for, or be applied for, after its end.

    Raises:
        DefinitionFaultsError: the file does not hold together, or a bundle stands twice.
    """
    follows = read_definition(path, _ClosingFile).follows
    demand_none(
        Fault(path.name, "follows", f"bundle {bundle!r} stands more than once")
        for bundle in repeated(each.bundle for each in follows)
    )
    return frozenset(each.bundle for each in follows)
