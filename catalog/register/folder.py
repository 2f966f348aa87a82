"""Declarations as files: a folder of TOML in which each table is one entity of the register.

Any ``*.toml`` of the folder may hold ``[[organisation]]``, ``[[system]]``, ``[[resource]]``, ``[[licence-type]]`` and
``[[legal-basis]]``, with the fields of ``catalog.register.model``.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from catalog.definitions import DefinitionFaultsError, Fault
from catalog.register.changes import Entity, Refusal, State
from catalog.register.declared import DECLARATIONS, content_of, identifier_of, read_declaration


class Declaration(msgspec.Struct, frozen=True):
    """What a file says of one entity: its content, every field in full, and where it stands."""

    entity: Entity
    entity_id: str
    content: State
    file: str
    place: str


def read_declarations(folder: Path) -> tuple[Declaration, ...]:
    """Return every declaration of the folder's files, in the order of their names.

    Raises:
        DefinitionFaultsError: there is no such folder or nothing in it, a file is no TOML, a table is no kind of
            entity, a field is missing, unknown or of another type, or an entity is declared twice; all at once.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise DefinitionFaultsError([Fault(str(folder), "folder", "there is no folder with *.toml files here")])
    faults: list[Fault] = []
    found = [each for path in paths for each in _of_file(path, faults)]
    faults += _repeated(found)
    if faults:
        raise DefinitionFaultsError(faults)
    return tuple(found)


def _of_file(path: Path, faults: list[Fault]) -> Iterator[Declaration]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        faults.append(Fault(path.name, "text", str(broken)))
        return
    for entity, tables in content.items():
        if entity not in DECLARATIONS or not isinstance(tables, list):
            known = ", ".join(f"[[{each}]]" for each in DECLARATIONS)
            faults.append(Fault(path.name, entity, f"tables of these kinds are due: {known}"))
            continue
        for number, table in enumerate(tables):
            yield from _of_table(path.name, entity, f"{entity}[{number}]", table, faults)


def _of_table(file: str, entity: Any, place: str, table: Any, faults: list[Fault]) -> Iterator[Declaration]:
    read = read_declaration(entity, table)
    if isinstance(read, Refusal):
        inner = read.field.removeprefix("payload").lstrip(".")
        faults.append(Fault(file, f"{place}.{inner}" if inner else place, f"{read.reason} {read.reason_en}"))
        return
    yield Declaration(entity, str(read[identifier_of(entity)]), content_of(entity, read), file, place)


def _repeated(found: list[Declaration]) -> Iterator[Fault]:
    times = Counter((each.entity, each.entity_id) for each in found)
    for each in found:
        if times[each.entity, each.entity_id] > 1:
            yield Fault(each.file, each.place, f"{each.entity} {each.entity_id} is declared more than once")
