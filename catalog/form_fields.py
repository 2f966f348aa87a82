"""Fields of forms and materials: each once, whichever items ask for them (一表申报)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

import topics
from catalog.definition_lines import located
from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition
from catalog.resources import Resource, Resources, load_resources

FORM_FIELDS_FILE: Final = Path(__file__).parent / "form_fields.toml"
MATERIALS_FILE: Final = Path(__file__).parent / "materials.toml"

FieldType = Literal["text", "number", "date", "choice", "boolean", "uscc", "resident-id", "phone", "address"]
MaterialForm = Literal["licence", "document", "statement"]

_SCHEMAS: Final = Path(topics.__path__[0]) / "schemas"
_COMMON_FIELDS: Final = frozenset(
    ("event_id", "source", "resource", "subject", "record_type", "record_id", "version", "valid_at", "case_id")
)
_ID_SHAPE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Fill:
    """Where sharing supplies a value: the field ``content`` of the subject's records of ``resource``."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    resource: str
    content: str


@dataclass(frozen=True)
class Supply:
    """Where sharing supplies a material: a record in force of ``resource``."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    resource: str


@dataclass(frozen=True)
class FormField:
    """A field of a form; ``fill`` is None where sharing cannot supply it, ``personal`` values travel sealed."""

    id: str
    name: str
    type: FieldType
    required: bool
    personal: bool
    choices: tuple[str, ...]
    fill: Fill | None


@dataclass(frozen=True)
class Material:
    """A material (申请材料); ``supplied_by`` is None where the applicant brings it."""

    id: str
    name: str
    form: MaterialForm
    supplied_by: Supply | None
    personal: bool


@dataclass(frozen=True)
class _FieldLine:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    name: str
    type: FieldType
    required: bool = True
    personal: bool = False
    choices: tuple[str, ...] = ()
    fill: Fill | None = None


@dataclass(frozen=True)
class _MaterialLine:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    name: str
    form: MaterialForm
    supplied_by: Supply | None = None
    personal: bool = False


@read_from(FORM_FIELDS_FILE.name)
def load_form_fields(path: Path) -> Mapping[str, FormField]:
    """Return the fields of forms by their id, in the file's order.

    Raises:
        DefinitionFaultsError: an id is not kebab-case, a choice has no choices, or a value's source does not exist.
    """
    lines = read_definition(path, dict[str, _FieldLine])
    resources = load_resources()
    demand_none(
        located(
            (Fault(path.name, *fault) for id_, line in lines.items() for fault in _field_faults(id_, line, resources)),
            path,
        )
    )
    return MappingProxyType(
        {
            id_: FormField(id_, line.name, line.type, line.required, line.personal, line.choices, line.fill)
            for id_, line in lines.items()
        }
    )


@read_from(MATERIALS_FILE.name)
def load_materials(path: Path) -> Mapping[str, Material]:
    """Return the materials by their id, in the file's order.

    Raises:
        DefinitionFaultsError: an id is not kebab-case, or the resource that supplies a material does not exist.
    """
    lines = read_definition(path, dict[str, _MaterialLine])
    resources = load_resources()
    demand_none(
        located(
            (
                Fault(path.name, *fault)
                for id_, line in lines.items()
                for fault in _material_faults(id_, line, resources)
            ),
            path,
        )
    )
    return MappingProxyType(
        {id_: Material(id_, line.name, line.form, line.supplied_by, line.personal) for id_, line in lines.items()}
    )


def _field_faults(id_: str, line: _FieldLine, resources: Resources) -> Iterator[tuple[str, str]]:
    yield from _id_and_name_faults(id_, line.name)
    if (line.type == "choice") != bool(line.choices):
        yield f"{id_}.choices", "a field has choices when, and only when, its type is choice"
    if line.fill is not None:
        resource = resources.by_code.get(line.fill.resource)
        if resource is None:
            yield f"{id_}.fill.resource", f"no resource {line.fill.resource!r}"
        elif line.fill.content not in contents_of(resource):
            yield f"{id_}.fill.content", f"no fact of {resource.code} has a field {line.fill.content!r}"


def _material_faults(id_: str, line: _MaterialLine, resources: Resources) -> Iterator[tuple[str, str]]:
    yield from _id_and_name_faults(id_, line.name)
    if line.supplied_by is not None and line.supplied_by.resource not in resources.by_code:
        yield f"{id_}.supplied_by.resource", f"no resource {line.supplied_by.resource!r}"


def _id_and_name_faults(id_: str, name: str) -> Iterator[tuple[str, str]]:
    if _ID_SHAPE.fullmatch(id_) is None:
        yield id_, "the id is not lower-case words and hyphens"
    if not name.strip():
        yield f"{id_}.name", "is empty"


def contents_of(resource: Resource) -> frozenset[str]:
    """Return the names of the fields that the facts of a resource have, beside those that every fact has."""
    own = {field for schema in resource.schemas for field in _fields_of(schema.rpartition(".")[2])}
    return frozenset(own - _COMMON_FIELDS)


@cache
def _fields_of(schema: str) -> tuple[str, ...]:
    files = _SCHEMAS.glob(f"{schema}.v*.avsc")
    return tuple(field["name"] for file in files for field in json.loads(file.read_bytes())["fields"])
