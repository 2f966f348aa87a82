"""The organisations that take part: departments, courts, banks, utilities, as the source documents name them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition, repeated

ORGANISATIONS_FILE: Final = Path(__file__).parent / "organisations.toml"

Level = Literal["city", "district", "vertical", "province"]
Kind = Literal[
    "department",
    "court",
    "customs",
    "bank",
    "utility",
    "operator",
    "public-institution",
    "mass-organisation",
    "military",
    "enterprise",
    "government",
    "development-zone",
]

# A code is part of topic names (registration.<code>): lower-case words of ASCII with hyphens, no dot.
_CODE_SHAPE: Final = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True)
class Mention:
    """Where a source names an organisation: document, part (``annex-1``, ``task``, ``reform``) and numbers there."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    source: str
    part: str
    numbers: tuple[int, ...]
    text: str | None = None


@dataclass(frozen=True)
class Organisation:
    """One organisation; ``name`` is what the source writes, ``code`` is its stable name in topics and URLs."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    code: str
    name: str
    level: Level
    kind: Kind
    named_in: tuple[Mention, ...]
    full_name: str | None = None
    aliases: tuple[str, ...] = ()
    keeps_records: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Every way to write it, without repeats: the source's name, the full name, the aliases."""
        return tuple(dict.fromkeys(name for name in (self.name, self.full_name, *self.aliases) if name))


@dataclass(frozen=True)
class Organisations:
    """All organisations, by code and by any of their names."""

    all: tuple[Organisation, ...]
    by_code: Mapping[str, Organisation]
    by_name: Mapping[str, Organisation]

    def mentioned(self, source: str, text: str) -> Organisation | None:
        """Return whom a source's words mean: a name, or words that mean this only there (公安 in the district)."""
        return self.by_name.get(text) or next(
            (
                organisation
                for organisation in self.all
                if any((mention.source, mention.text) == (source, text) for mention in organisation.named_in)
            ),
            None,
        )


@dataclass(frozen=True)
class _OrganisationsFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    organisation: tuple[Organisation, ...]


@read_from(ORGANISATIONS_FILE.name)
def load_organisations(path: Path) -> Organisations:
    """Return the organisations of the file.

    Raises:
        DefinitionFaultsError: the file is no TOML, a field is wrong, or a code or name stands twice.
    """
    organisations = read_definition(path, _OrganisationsFile).organisation
    demand_none(_faults(path.name, organisations))
    return Organisations(
        all=organisations,
        by_code=MappingProxyType({organisation.code: organisation for organisation in organisations}),
        by_name=MappingProxyType({name: organisation for organisation in organisations for name in organisation.names}),
    )


def _faults(file: str, organisations: tuple[Organisation, ...]) -> Iterator[Fault]:
    for place, organisation in enumerate(organisations):
        if _CODE_SHAPE.fullmatch(organisation.code) is None:
            yield Fault(
                file, f"organisation[{place}].code", f"{organisation.code!r} is not lower-case words and hyphens"
            )
        if not organisation.named_in:
            yield Fault(file, f"organisation[{place}].named_in", "no source names it")
    for code in repeated(organisation.code for organisation in organisations):
        yield Fault(file, "organisation", f"code {code!r} stands more than once")
    for name in repeated(name for organisation in organisations for name in organisation.names):
        yield Fault(file, "organisation", f"name {name!r} belongs to more than one organisation")
