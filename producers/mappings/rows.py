"""Rows of a delimited file, each with the line on which it begins and its bytes as they are."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from producers.faults import Fault, fault

#: How many lines a quoted cell may span. An open quote at the wrong place must not swallow the rows behind it.
_MOST_LINES: Final = 50
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class FileRow:
    """One row: where it begins, its bytes with their line end, and its cells, or why they cannot be read."""

    line: int
    body: bytes
    cells: tuple[str, ...]
    fault: Fault | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands on the line."""
        return not self.body.strip()


def read_rows(path: Path, encoding: str, delimiter: str) -> Iterator[FileRow]:
    """The rows of a file from its first line on, header included; together their bytes are the file.

    Quotes are taken as RFC 4180 says and no other way. A row that cannot be read never hides the next one.
    """
    with path.open("rb") as file:
        lines = _Lines(file)
        while (first := lines.take()) is not None:
            yield _row(first, lines, encoding, delimiter)


class _Lines:
    """The lines of a file, with those that were looked at and put back first."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ahead: deque[bytes] = deque()
        self.number = 0

    def take(self) -> bytes | None:
        line = self._ahead.popleft() if self._ahead else self._file.readline()
        if not line:
            return None
        self.number += 1
        return line

    def put_back(self, lines: list[bytes]) -> None:
        self._ahead.extendleft(reversed(lines))
        self.number -= len(lines)


def _row(first: bytes, lines: _Lines, encoding: str, delimiter: str) -> FileRow:
    begin = lines.number
    row, is_open = _cells(begin, first, encoding, delimiter)
    further: list[bytes] = []
    while is_open and len(further) < _MOST_LINES and (line := lines.take()) is not None:
        further.append(line)
        longer, is_open = _cells(begin, first + b"".join(further), encoding, delimiter)
        if not is_open and longer.fault is None:
            return longer
    lines.put_back(further)
    return row


def _cells(line: int, body: bytes, encoding: str, delimiter: str) -> tuple[FileRow, bool]:
    """The row that the bytes are, and whether a quoted cell is still open at their end."""
    try:
        text = (body.removeprefix(_BOM) if line == 1 else body).decode(encoding)
    except UnicodeDecodeError:
        told = f"bytes that are no {encoding}", f"字节不是 {encoding} 编码"
        return FileRow(line, body, (), fault("unreadable", "", *told)), False
    try:
        (cells,) = csv.reader([text], delimiter=delimiter, strict=True) if text.strip() else ([],)
    except csv.Error as error:
        is_open = "unexpected end of data" in str(error)
        told = (
            ("a quote is opened and not closed", "引号未闭合") if is_open else ("quotes that do not pair", "引号不成对")
        )
        return FileRow(line, body, (), fault("unreadable", "", *told)), is_open
    return FileRow(line, body, tuple(cells)), False
