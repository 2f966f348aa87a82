"""The archive specification: which record types an enterprise or a person of a kind should have."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition
from catalog.resources import Resources, SubjectKind, load_resources

SPECIFICATION_FILE: Final = Path(__file__).parent / "archive_specification.toml"

EnterpriseKind = Literal["company", "sole-trader", "cooperative", "other"]

# GB 32100: 9 is the market regulators as registration department; the second character is its category.
_KINDS: Final[Mapping[str, EnterpriseKind]] = MappingProxyType(
    {"91": "company", "92": "sole-trader", "93": "cooperative"},
)


@dataclass(frozen=True)
class ExpectedRecord:
    """A record type that an archive should hold: always, or of ``kinds`` only, or when it ``holds`` another type."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    record_type: str
    resources: tuple[str, ...]
    reason: str
    kinds: tuple[EnterpriseKind, ...] = ()
    holds: str | None = None

    def applies(self, kind: str, held: Collection[str]) -> bool:
        """Tell whether an archive of this kind that holds these record types should have it."""
        return (not self.kinds or kind in self.kinds) and (self.holds is None or self.holds in held)


@dataclass(frozen=True)
class ArchiveSpecification:
    """What archives of enterprises and of persons should hold."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    enterprise: tuple[ExpectedRecord, ...]
    person: tuple[ExpectedRecord, ...]

    def expected(self, subject: str, held: Collection[str]) -> tuple[ExpectedRecord, ...]:
        """Return what the archive of a subject (``enterprise:…``, ``person:…``) should hold, given what it holds."""
        kind, _, name = subject.partition(":")
        if kind == "person":
            return tuple(each for each in self.person if each.applies("person", held))
        return tuple(each for each in self.enterprise if each.applies(enterprise_kind(name), held))

    def missing(self, subject: str, held: Collection[str]) -> tuple[ExpectedRecord, ...]:
        """Return the expected records of which the archive holds none."""
        return tuple(each for each in self.expected(subject, held) if each.record_type not in held)


def enterprise_kind(uscc: str) -> EnterpriseKind:
    """Return the kind that a credit code says; ``other`` is registered elsewhere or of another category."""
    return _KINDS.get(uscc[:2], "other")


@read_from(SPECIFICATION_FILE.name)
def load_archive_specification(path: Path) -> ArchiveSpecification:
    """Return the archive specification of the file, held against the data resources.

    Raises:
        DefinitionFaultsError: a record type or resource is unknown, or a resource cannot supply what is expected.
    """
    specification = read_definition(path, ArchiveSpecification)
    demand_none(
        [
            *_faults(path.name, "enterprise", specification.enterprise, load_resources()),
            *_faults(path.name, "person", specification.person, load_resources()),
        ],
    )
    return specification


def _faults(file: str, kind: SubjectKind, records: tuple[ExpectedRecord, ...], known: Resources) -> Iterator[Fault]:
    for place, record in enumerate(records):
        for reason in _record_faults(kind, record, known):
            yield Fault(file, f"{kind}[{place}]", reason)


def _record_faults(kind: SubjectKind, record: ExpectedRecord, known: Resources) -> Iterator[str]:
    for record_type in (record.record_type, record.holds):
        if record_type is not None and record_type not in known.record_types:
            yield f"no record type {record_type!r}"
        elif record_type is not None and kind not in known.record_types[record_type].subjects:
            yield f"{record_type!r} does not stand in {kind} archives"
    if not record.resources:
        yield "no resource supplies it"
    for code in record.resources:
        resource = known.by_code.get(code)
        if resource is None:
            yield f"no resource {code!r}"
        elif resource.record_type != record.record_type:
            yield f"resource {code!r} supplies {resource.record_type!r}, not {record.record_type!r}"
