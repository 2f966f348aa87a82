"""Files of drafts: JSON lines, or CSV with a header, as records that keep each line's bytes and number."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final

from catalog.resources import Resources
from producers.drafts import CheckedDraft, DraftRules, examine
from producers.faults import Fault, fault
from producers.intake.desk import judged, publishing_departments
from producers.intake.reading import Record, read_json
from producers.mappings.rows import FileRow, read_rows
from producers.outcomes import Received
from producers.shapes import event_shapes

_BOM: Final = b"\xef\xbb\xbf"
_TOKEN: Final = re.compile("[0-9a-f]{32}")
_WHOLE_NUMBER: Final = re.compile("-?[0-9]{1,19}")
_COMMON: Final = ("type", "source", "resource", "record_id", "version", "valid_at", "case_id")
_SUBJECT: Final = ("subject_kind", "subject_id")
_CONTENT: Final = "content."
_SHEET: Final = "text/csv"


class FileForm(StrEnum):
    """How a file of drafts is written."""

    JSONL = "jsonl"
    CSV = "csv"


_BY_SUFFIX: Final = {".jsonl": FileForm.JSONL, ".ndjson": FileForm.JSONL, ".csv": FileForm.CSV}


class FileDoesNotFit(Exception):  # noqa: N818  the name is the fact
    """A file that holds no drafts as a whole; ``remedy`` says how they are written."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


def form_of(path: Path) -> FileForm:
    """How the file is written, by its name.

    Raises:
        FileDoesNotFit: its name does not say.
    """
    form = _BY_SUFFIX.get(path.suffix.lower())
    if form is None:
        remedy = "name its form: --form jsonl, or --form csv; or map its columns: --mapping"
        raise FileDoesNotFit(f"the name of {path.name} does not say how it is written", remedy)
    return form


def read_records(path: Path, form: FileForm) -> Iterator[Record]:
    """Each record of the file, blank lines left out; ``origin`` is the file's name and the line.

    Raises:
        FileDoesNotFit: a CSV file whose header is no header of drafts.
        OSError: the file cannot be read.
    """
    if form is FileForm.CSV:
        return rows_to_records(path.name, read_rows(path, "utf-8", ","))
    return _json_lines(path)


def check_records(
    records: Iterator[Record], resources: Resources, now_us: int
) -> Iterator[tuple[Record, tuple[Fault, ...]]]:
    """Each record with everything that is wrong with it; nothing is sent."""
    sources = publishing_departments(resources)
    for record in records:
        source, faults = judged(record, None, sources)
        if not faults:
            examined = examine(record.received.draft, DraftRules(source, resources), now_us)
            faults = () if isinstance(examined, CheckedDraft) else examined
        yield record, faults


def rows_to_records(name: str, rows: Iterator[FileRow]) -> Iterator[Record]:
    """The records of rows of which the first is a header of drafts.

    Raises:
        FileDoesNotFit: it is not.
    """
    header = _header(name, next(rows, None))
    return (_row_record(name, header, row) for row in rows if not row.is_blank)


def draft_of_row(header: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """The draft of one row; an empty cell says nothing, as if its column were not there."""
    named = {column: cell for column, cell in zip(header, cells, strict=True) if cell}
    kinds = _kinds(named.get("type", ""))
    draft: dict[str, Any] = {column: named[column] for column in _COMMON if column in named}
    for column in ("version", "valid_at"):
        if column in draft:
            draft[column] = _number(draft[column])
    if any(column in named for column in _SUBJECT):
        draft["subject"] = _subject(named.get("subject_kind"), named.get("subject_id", ""))
    content = {column[len(_CONTENT) :]: cell for column, cell in named.items() if column.startswith(_CONTENT)}
    draft["content"] = {field: _number(cell) if field in kinds else cell for field, cell in content.items()}
    return draft


def _json_lines(path: Path) -> Iterator[Record]:
    with path.open("rb") as file:
        yield from _lines(path.name, file)


def _lines(name: str, file: BinaryIO) -> Iterator[Record]:
    for number, line in enumerate(file, start=1):
        body = line.removesuffix(b"\n")
        if body.strip():
            draft, faults = read_json(body.removeprefix(_BOM) if number == 1 else body)
            yield Record(Received(body, draft, origin=f"{name}:{number}"), faults, number)


def _header(name: str, row: FileRow | None) -> tuple[str, ...]:
    remedy = "its first line names the columns: type,source,resource,subject_kind,subject_id,record_id,version,"
    remedy += "valid_at and content.<field>; a file with other columns needs --mapping"
    if row is None or row.fault is not None:
        raise FileDoesNotFit(f"{name} has no header that can be read", remedy)
    unknown = [
        place
        for place, column in enumerate(row.cells, start=1)
        if column not in (*_COMMON, *_SUBJECT) and not column.startswith(_CONTENT)
    ]
    if unknown or len(set(row.cells)) != len(row.cells):
        # A file without a header has data in its first line: its cells are not repeated.
        raise FileDoesNotFit(f"{name}: column(s) {unknown or 'named twice'} are no columns of drafts", remedy)
    return row.cells


def _row_record(name: str, header: Sequence[str], row: FileRow) -> Record:
    origin = f"{name}:{row.line}"
    if row.fault is not None:
        return Record(Received(row.body, None, _SHEET, origin), (row.fault,), row.line)
    if len(row.cells) != len(header):
        found, due = len(row.cells), len(header)
        counts = fault("wrong-cell-count", "", f"{found} where {due} are due", f"{found} 列，应为 {due} 列")
        return Record(Received(row.body, None, _SHEET, origin), (counts,), row.line)
    return Record(Received(row.body, draft_of_row(header, row.cells), _SHEET, origin), (), row.line)


def _kinds(event_type: str) -> Mapping[str, str]:
    """The fields of an event type that are numbers; times may be written as numbers too."""
    shape = event_shapes().get(event_type)
    rules = shape.rules if shape is not None else ()
    return {rule.name: rule.kind for rule in rules if rule.kind in ("long", "timestamp-micros")}


def _number(cell: str) -> str | int:
    return int(cell) if _WHOLE_NUMBER.fullmatch(cell) else cell


def _subject(kind: str | None, name: str) -> dict[str, str | None]:
    if kind == "person" and _TOKEN.fullmatch(name):
        return {"kind": kind, "token": name}
    return {"kind": kind, "id": name}
