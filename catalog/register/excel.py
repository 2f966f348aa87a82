"""Sheets as Excel or CSV files: cells in and out as text, each named as people name it (``目录!C7``)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path, PurePath
from typing import Any, Final, TypeVar
from zipfile import BadZipFile, ZipFile

import msgspec

MOST_ROWS: Final = 200_000
MOST_UNPACKED_BYTES: Final = 400 << 20
"""So many rows of forty cells take less."""
LONGEST_CELL: Final = 32_000
"""A cell of Excel holds 32,767 characters."""
_FORMULA: Final = ("=", "+", "-", "@")
_WIDEST: Final = 40

_Row = TypeVar("_Row", bound=Sequence[Any])


class Sheet(msgspec.Struct, frozen=True):
    """One sheet: its name, and its rows from the first on, as text; an empty cell is ``""``."""

    name: str
    rows: tuple[tuple[str, ...], ...]


class UnreadableSheet(Exception):  # noqa: N818  named for the fact
    """The file cannot be read as sheets; ``remedy`` says what to do."""

    remedy: Final = "save it as .xlsx, or as .csv in UTF-8 or GB 18030"


def cell_name(sheet: str, row: int, column: int) -> str:
    """The cell at a row and column, both from 0, as ``sheet!C7``."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{sheet}!{letters}{row + 1}"


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Return every sheet of an ``.xlsx`` file, or the one of a ``.csv`` file, which bears the file's name.

    Raises:
        UnreadableSheet: it is neither, is broken, or is larger than a catalogue can be.
    """
    return sheets_of(path.name, path.read_bytes())


def sheets_of(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of what a file of this name holds.

    Raises:
        UnreadableSheet: as ``read_sheets`` does.
    """
    kind = PurePath(name).suffix.lower()
    if kind == ".xlsx":
        return tuple(_of_workbook(name, content))
    if kind == ".csv":
        return (Sheet(PurePath(name).stem, _of_csv(name, content)),)
    raise UnreadableSheet(f"{name} 不是 .xlsx 或 .csv 文件 / is no .xlsx or .csv file")


def write_sheets(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write sheets to an ``.xlsx`` file, or the first one to a ``.csv`` file.

    Raises:
        UnreadableSheet: the file's name ends otherwise.
    """
    if path.suffix.lower() == ".xlsx":
        _write_workbook(path, sheets)
    elif path.suffix.lower() == ".csv":
        # With a byte order mark Excel takes the file for UTF-8.
        path.write_text(csv_text(sheets[0]), encoding="utf-8-sig", newline="")
    else:
        raise UnreadableSheet(f"{path.name} 应以 .xlsx 或 .csv 结尾 / should end in .xlsx or .csv")


def csv_text(sheet: Sheet) -> str:
    """The sheet as CSV; what a spreadsheet would take for a formula stands behind an apostrophe."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_guarded(cell) for cell in row] for row in sheet.rows)
    return out.getvalue()


def _of_workbook(name: str, content: bytes) -> Iterator[Sheet]:
    from openpyxl import load_workbook  # noqa: PLC0415  heavy import, for those who read Excel

    try:
        _unpacked_within_bounds(name, content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = _bounded(name, sheet.iter_rows(values_only=True))
            yield Sheet(sheet.title, tuple(tuple(_text(value) for value in row) for row in rows))
        book.close()
    except (BadZipFile, KeyError, ValueError, OSError) as broken:
        raise UnreadableSheet(f"{name} 打不开 / cannot be opened: {broken}") from broken


def _unpacked_within_bounds(name: str, content: bytes) -> None:
    """Refuse a small file that unpacks to more than a catalogue can be, before any of it is unpacked."""
    with ZipFile(io.BytesIO(content)) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())
    if unpacked > MOST_UNPACKED_BYTES:
        most = MOST_UNPACKED_BYTES >> 20
        raise UnreadableSheet(f"{name} 解压后超过 {most} MB / unpacks to more than {most} MB")


def _of_csv(name: str, content: bytes) -> tuple[tuple[str, ...], ...]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            rows = tuple(_bounded(name, csv.reader(io.StringIO(text, newline=""))))
        except csv.Error as broken:
            raise UnreadableSheet(f"{name} 不是 CSV / is no CSV: {broken}") from broken
        return tuple(tuple(_text(cell) for cell in row) for row in rows)
    raise UnreadableSheet(f"{name} 既非 UTF-8 也非 GB 18030 编码 / is neither UTF-8 nor GB 18030")


def _bounded(name: str, rows: Iterable[_Row]) -> Iterator[_Row]:
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise UnreadableSheet(f"{name} 超过 {MOST_ROWS} 行 / has more than {MOST_ROWS} rows")
        yield row


def _text(value: object) -> str:
    """A cell as text: a day as ``YYYY-MM-DD``, a whole number without its point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text[1:] if text.startswith("'") and text[1:2] in _FORMULA else text


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415  heavy import, for those who write Excel
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        page = book.create_sheet(sheet.name[:31])
        for number, row in enumerate(sheet.rows, 1):
            for column, text in enumerate(row, 1):
                if text:
                    cell = page.cell(number, column)
                    cell.value = text[:LONGEST_CELL]
                    # Text stays text, whatever it begins with.
                    cell.data_type = "s"
                    cell.alignment = Alignment(vertical="top", wrap_text=True)
                    cell.font = Font(bold=number == 1)
        for column in range(1, len(sheet.rows[0]) + 1 if sheet.rows else 1):
            widest = max((len(row[column - 1]) for row in sheet.rows if len(row) >= column), default=0)
            page.column_dimensions[get_column_letter(column)].width = min(_WIDEST, 2 * widest + 2)
        page.freeze_panes = "A2"
    book.save(path)
