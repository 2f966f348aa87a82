"""Mappings: how the columns of a department's table become drafts."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Row
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from producers.faults import Fault, fault
from producers.mappings import converters
from producers.mappings.converters import Converter
from producers.mappings.mapping_file import FieldLine, MappingFile, read_mapping_file
from producers.values import Wrong

MAPPINGS_FOLDER: Final = Path(__file__).parent

_SIMPLE: Final[dict[str, Converter]] = {
    "text": converters.text,
    "credit-code": converters.credit_code,
    "region-of-credit-code": converters.region_of_credit_code,
    "resident-id": converters.resident_id,
    "whole-number": converters.whole_number,
    "amount-yuan": converters.amount_yuan,
}
_OF_TIME: Final = {
    "date": converters.date_in,
    "day-begin": converters.day_begin_in,
    "moment": converters.moment_in,
}


class MappingDoesNotFit(Exception):  # noqa: N818  the name is the fact
    """A file's header is not what its mapping speaks of; ``remedy`` says what to do."""

    remedy = "name every column of the file in the mapping, or list it as unused; or choose another mapping"


@dataclass(frozen=True)
class RowFault:
    """What is wrong in one row: the column (None for the row as a whole), its cell, and the fault."""

    column: str | None
    value: str | None
    fault: Fault


@dataclass(frozen=True)
class RowRefusal:
    """A row that becomes no draft: the line on which it begins, and everything that is wrong with it."""

    line: int
    faults: tuple[RowFault, ...]


@dataclass(frozen=True)
class _Field:
    """A field ready to be taken from rows."""

    place: str
    column: str | None
    constant: Any
    absent: frozenset[str]
    convert: Converter
    required: bool


class Mapping:
    """Turns the rows of one kind of table into drafts."""

    def __init__(self, name: str, file: MappingFile) -> None:
        """Take a file whose faults were looked for; ``load`` does that."""
        self.name = name
        self.title = file.title
        self.encoding = file.encoding
        self.delimiter = file.delimiter
        self._file = file
        self._subject = _field("subject", file.subject, required=True)
        self._common = tuple(
            _field(place, getattr(file, place), required=True) for place in ("record_id", "version", "valid_at")
        )
        self._content = tuple(_field(name, line, required=False) for name, line in file.content.items())

    @classmethod
    def load(cls, path: Path) -> Self:
        """The mapping of a TOML file.

        Raises:
            DefinitionFaultsError: the file does not hold together; every fault is named.
        """
        return cls(path.stem, read_mapping_file(path))

    @property
    def source(self) -> str:
        """The department whose facts the rows state."""
        return self._file.source

    @property
    def resource(self) -> str:
        """The data resource."""
        return self._file.resource

    def demand_header(self, header: Sequence[str]) -> None:
        """Pass when the header has exactly the columns that the mapping names, in any order.

        Raises:
            MappingDoesNotFit: a column is missing, is not spoken of, or stands twice.
        """
        named = {line.column for line in self._lines() if line.column is not None} | set(self._file.unused)
        # A file without a header has data in its first line: only the mapping's own words are repeated.
        told = [
            *(f"column {column} is missing" for column in sorted(named - set(header))),
            *(f"column {column} stands twice" for column in sorted(named) if header.count(column) > 1),
            *(f"the mapping does not name column {at}" for at, each in enumerate(header, 1) if each not in named),
        ]
        if told:
            raise MappingDoesNotFit(f"mapping {self.name} does not fit the header: {'; '.join(told)}")

    def apply(self, row: Row[str, str], line: int) -> dict[str, Any] | RowRefusal:
        """The draft of a row, or everything that is wrong with it.

        Args:
            row: column → cell, as it stands in the file.
            line: where the row begins.
        """
        faults: list[RowFault] = []
        file = self._file
        draft = {
            "type": file.type,
            "source": file.source,
            "resource": file.resource,
            "subject": {"kind": file.subject.kind, "id": _taken(self._subject, row, faults)},
            **{each.place: _taken(each, row, faults) for each in self._common},
            "case_id": None,
            "content": {each.place: _taken(each, row, faults) for each in self._content},
        }
        return RowRefusal(line, _distinct(faults)) if faults else draft

    def _lines(self) -> Iterator[FieldLine]:
        file = self._file
        return iter((file.subject, file.record_id, file.version, file.valid_at, *file.content.values()))


def load_mapping(name_or_path: str) -> Mapping:
    """The mapping of a file, or of the project by its name, e.g. ``registrations-shaanxi``.

    Raises:
        DefinitionFaultsError: there is none, or it does not hold together.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = MAPPINGS_FOLDER / f"{name_or_path}.toml"
    return Mapping.load(path)


def mapping_names() -> tuple[str, ...]:
    """The mappings that the project brings along."""
    return tuple(sorted(path.stem for path in MAPPINGS_FOLDER.glob("*.toml")))


def _field(place: str, line: FieldLine, *, required: bool) -> _Field:
    return _Field(place, line.column, line.constant, frozenset(line.absent), _converter(line), required)


def _converter(line: FieldLine) -> Converter:
    if line.take in _OF_TIME:
        convert = _OF_TIME[line.take](line.formats)
    elif line.take == "lookup":
        convert = converters.lookup_in(line.values or {})
    else:
        convert = _SIMPLE[line.take]
    return converters.among(line.allowed, convert) if line.allowed else convert


def _taken(field: _Field, row: Row[str, str], faults: list[RowFault]) -> Any:
    if field.column is None:
        return field.constant
    cell = row[field.column]
    if cell in field.absent:
        if field.required:
            faults.append(RowFault(field.column, cell, fault("missing-field", field.column)))
        return None
    value = field.convert(cell)
    if isinstance(value, Wrong):
        faults.append(RowFault(field.column, cell, fault(value.code, field.column, value.en, value.zh)))
        return None
    return value


def _distinct(faults: list[RowFault]) -> tuple[RowFault, ...]:
    """Each fault of a column once, however many fields the column feeds."""
    return tuple({(each.column, each.fault.code): each for each in faults}.values())
