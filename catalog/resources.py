"""Data resources: what each department states facts about, and which facts those are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition, repeated
from catalog.organisations import Organisations, load_organisations

RESOURCES_FILE: Final = Path(__file__).parent / "resources.toml"

Family = Literal["licence", "registration", "verification"]
SubjectKind = Literal["enterprise", "person"]

_NAME_SHAPE: Final = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True)
class RecordType:
    """A kind of record in an archive; ``schemas`` are the full names of the facts that tell its life, in its order."""

    code: str
    name: str
    family: Family
    schemas: tuple[str, ...]
    subjects: tuple[SubjectKind, ...]


@dataclass(frozen=True)
class Resource:
    """One department's supply of one record type; its code is ``<department>.<name>``."""

    code: str
    name: str
    department: str
    record_type: str
    family: Family
    schemas: tuple[str, ...]
    subjects: tuple[SubjectKind, ...]
    update_cycle_days: int
    domain: str | None = None

    @property
    def topic(self) -> str:
        """Return the topic that carries its facts: ``<family>.<department>``."""
        return f"{self.family}.{self.department}"


@dataclass(frozen=True)
class Resources:
    """All resources and record types."""

    all: tuple[Resource, ...]
    by_code: Mapping[str, Resource]
    record_types: Mapping[str, RecordType]

    def of_department(self, department: str) -> tuple[Resource, ...]:
        """Return the department's resources, in the file's order; none for an unknown department."""
        return tuple(resource for resource in self.all if resource.department == department)

    def of_record_type(self, record_type: str) -> tuple[Resource, ...]:
        """Return who supplies this record type."""
        return tuple(resource for resource in self.all if resource.record_type == record_type)


@dataclass(frozen=True)
class _Shape:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    family: Family
    facts: tuple[str, ...]


@dataclass(frozen=True)
class _RecordTypeLine:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    name: str
    shape: str
    subjects: tuple[SubjectKind, ...]


@dataclass(frozen=True)
class _ResourceLine:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    name: str
    update_cycle_days: int
    record_type: str | None = None
    domain: str | None = None


@dataclass(frozen=True)
class _ResourcesFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    shapes: dict[str, _Shape]
    record_types: dict[str, _RecordTypeLine]
    resources: dict[str, dict[str, _ResourceLine]]


@read_from(RESOURCES_FILE.name)
def load_resources(path: Path) -> Resources:
    """Return the data resources of the file, held against the organisations.

    Raises:
        DefinitionFaultsError: a shape, record type or department is unknown, a penalty resource names no domain, a name
            stands twice, or an organisation that keeps records has no resource.
    """
    file = read_definition(path, _ResourcesFile)
    demand_none(_faults(path.name, file, load_organisations()))
    record_types = {code: _record_type(code, line, file.shapes[line.shape]) for code, line in file.record_types.items()}
    resources = tuple(
        _resource(department, name, line, record_types[line.record_type or name])
        for department, lines in file.resources.items()
        for name, line in lines.items()
    )
    return Resources(
        all=resources,
        by_code=MappingProxyType({resource.code: resource for resource in resources}),
        record_types=MappingProxyType(record_types),
    )


def _record_type(code: str, line: _RecordTypeLine, shape: _Shape) -> RecordType:
    schemas = tuple(f"onething.{shape.family}.{fact}" for fact in shape.facts)
    return RecordType(code, line.name, shape.family, schemas, line.subjects)


def _resource(department: str, name: str, line: _ResourceLine, record_type: RecordType) -> Resource:
    return Resource(
        code=f"{department}.{name}",
        name=line.name,
        department=department,
        record_type=record_type.code,
        family=record_type.family,
        schemas=record_type.schemas,
        subjects=record_type.subjects,
        update_cycle_days=line.update_cycle_days,
        domain=line.domain,
    )


def _faults(name: str, file: _ResourcesFile, organisations: Organisations) -> Iterator[Fault]:
    for code, record_type in file.record_types.items():
        if record_type.shape not in file.shapes:
            yield Fault(name, f"record_types.{code}.shape", f"no shape {record_type.shape!r}")
    for department, lines in file.resources.items():
        if department not in organisations.by_code:
            yield Fault(name, f"resources.{department}", "no organisation has this code")
        for resource, line in lines.items():
            yield from (
                Fault(name, f"resources.{department}.{resource}", reason)
                for reason in _line_faults(resource, line, file.record_types)
            )
    for organisation in organisations.all:
        if organisation.keeps_records and organisation.code not in file.resources:
            yield Fault(
                name, "resources", f"{organisation.code} ({organisation.name}) keeps records but has no resource"
            )
    for title in repeated(line.name for lines in file.resources.values() for line in lines.values()):
        yield Fault(name, "resources", f"name {title!r} stands more than once")


def _line_faults(resource: str, line: _ResourceLine, record_types: Mapping[str, _RecordTypeLine]) -> Iterator[str]:
    record_type = record_types.get(line.record_type or resource)
    if _NAME_SHAPE.fullmatch(resource) is None:
        yield "the name is not lower-case words and hyphens"
    if line.update_cycle_days < 1:
        yield f"update_cycle_days is {line.update_cycle_days}, at least 1 is due"
    if record_type is None:
        yield f"no record type {line.record_type or resource!r}"
    elif (record_type.shape == "penalty") != (line.domain is not None):
        yield "a resource names a domain when, and only when, its record type has the shape of a penalty"
