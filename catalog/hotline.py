"""What the complaints of hotlines (12345, 12315, 110) may say: their codes, and the words for these."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict

from catalog.definition_lines import located
from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition

HOTLINE_FILE: Final = Path(__file__).parent / "hotline.toml"


@dataclass(frozen=True)
class ComplaintKind:
    """A kind of complaint (诉求类型); ``grievance``: whoever called was dissatisfied."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    name: str
    grievance: bool


@dataclass(frozen=True)
class HotlineWords:
    """Code → words: hotlines, kinds of complaint, causes, and outcomes of handling."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    channels: Mapping[str, str]
    kinds: Mapping[str, ComplaintKind]
    categories: Mapping[str, str]
    outcomes: Mapping[str, str]

    @property
    def grievances(self) -> frozenset[str]:
        """The kinds by which somebody says that they are dissatisfied."""
        return frozenset(code for code, kind in self.kinds.items() if kind.grievance)


@read_from(HOTLINE_FILE.name)
def load_hotline_words(path: Path) -> HotlineWords:
    """Return the words of the file.

    Raises:
        DefinitionFaultsError: a field is missing or wrong, a table is empty, or a code has no words.
    """
    words = read_definition(path, HotlineWords)
    demand_none(located((Fault(path.name, *fault) for fault in _faults(words)), path))
    return words


def _faults(words: HotlineWords) -> Iterator[tuple[str, str]]:
    named = {code: kind.name for code, kind in words.kinds.items()}
    tables = {"channels": words.channels, "kinds": named, "categories": words.categories, "outcomes": words.outcomes}
    for table, names in tables.items():
        if not names:
            yield table, "is empty, at least one code is due"
        yield from ((f"{table}.{code}", "has no words") for code, name in names.items() if not name.strip())
