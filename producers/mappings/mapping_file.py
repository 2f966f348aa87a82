"""The file of a mapping: its shape, and what may be wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict

from catalog.definitions import EXACT, Fault, demand_none, read_definition
from catalog.resources import load_resources
from producers.shapes import event_shapes

Take = Literal[
    "text",
    "credit-code",
    "region-of-credit-code",
    "resident-id",
    "whole-number",
    "amount-yuan",
    "date",
    "day-begin",
    "moment",
    "lookup",
]


@dataclass(frozen=True)
class FieldLine:
    """Where a field of the draft comes from: a column and how its cells are taken, or a constant.

    Attributes:
        column: header of the column.
        constant: the same value for every row.
        take: the converter.
        absent: cells that mean that there is no value.
        allowed: the only other cells that there may be; any when empty.
        formats: of dates and times, as ``strptime`` writes them.
        values: what ``lookup`` gives for a cell.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    column: str | None = None
    constant: str | int | None = None
    take: Take = "text"
    absent: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("%Y-%m-%d",)
    values: dict[str, str] | None = None


@dataclass(frozen=True)
class SubjectLine(FieldLine):
    """Where the subject comes from, and of which kind it is."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    kind: Literal["enterprise", "person"] = "enterprise"


@dataclass(frozen=True)
class MappingFile:
    """One mapping as written."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    title: str
    type: str
    source: str
    resource: str
    subject: SubjectLine
    record_id: FieldLine
    version: FieldLine
    valid_at: FieldLine
    content: dict[str, FieldLine]
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: str = ","
    unused: tuple[str, ...] = ()


def read_mapping_file(path: Path) -> MappingFile:
    """The file, held against the catalogue and the event types.

    Raises:
        DefinitionFaultsError: it does not hold together; every fault is named.
    """
    file = read_definition(path, MappingFile)
    demand_none(Fault(path.name, place, reason) for place, reason in (*_faults(file), *_content_faults(file)))
    return file


def _faults(file: MappingFile) -> Iterator[tuple[str, str]]:
    resource = load_resources().by_code.get(file.resource)
    if resource is None:
        yield "resource", f"no resource {file.resource!r}"
    elif resource.department != file.source:
        yield "source", f"{file.resource} is of {resource.department}"
    if len(file.delimiter) != 1:
        yield "delimiter", "is not one character"
    common = {"subject": file.subject, "record_id": file.record_id, "version": file.version, "valid_at": file.valid_at}
    for place, line in {**common, **{f"content.{field}": line for field, line in file.content.items()}}.items():
        yield from ((place, reason) for reason in _line_faults(line))


def _content_faults(file: MappingFile) -> Iterator[tuple[str, str]]:
    shape = event_shapes().get(file.type)
    if shape is None:
        yield "type", f"no event type {file.type!r}"
        return
    required = {rule.name for rule in shape.rules if rule.required}
    for field in sorted(file.content.keys() - shape.names):
        yield f"content.{field}", f"is not a field of {file.type}"
    for field in sorted(required - file.content.keys()):
        yield f"content.{field}", f"is required by {file.type}"


def _line_faults(line: FieldLine) -> Iterator[str]:
    if (line.column is None) == (line.constant is None):
        yield "names either a column or a constant"
    if (line.take == "lookup") != (line.values is not None):
        yield "values belong to take = 'lookup', and it needs them"
