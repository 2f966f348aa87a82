"""Complaints in a file: JSON Lines, one JSON array, or a CSV table whose first row names the fields."""

import csv
import io
import json
from pathlib import Path
from typing import Any, Final

_TRUE: Final = {"true": True, "是": True, "1": True, "满意": True}
_FALSE: Final = {"false": False, "否": False, "0": False, "不满意": False}
_SWITCHES: Final = ("satisfied", "made_up")


class ComplaintFileFault(Exception):  # noqa: N818  it names what is wrong with a file
    """A file that holds no complaints that can be read; ``remedy`` says what to do."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.remedy = "给出 UTF-8 的 .jsonl、.json 或 .csv 文件 / give JSON Lines, a JSON array or CSV in UTF-8"


def read_complaints(path: Path) -> list[object]:
    """The records of the file, as their sender wrote them.

    Raises:
        ComplaintFileFault: it cannot be read, or a line is no record.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise ComplaintFileFault(f"{path.name}: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise ComplaintFileFault(f"{path.name}: 不是 UTF-8 文本 / is no text in UTF-8") from fault
    if path.suffix == ".csv":
        return [_of_row(row) for row in csv.DictReader(io.StringIO(text))]
    if text.lstrip().startswith("["):
        return _array(path.name, text)
    return [_line(path.name, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _array(name: str, text: str) -> list[object]:
    try:
        found: list[object] = json.loads(text)
    except json.JSONDecodeError as fault:
        raise ComplaintFileFault(f"{name}:{fault.lineno}: 不是 JSON / is no JSON") from fault
    return found


def _line(name: str, number: int, line: str) -> object:
    try:
        found: object = json.loads(line)
    except json.JSONDecodeError as fault:
        raise ComplaintFileFault(f"{name}:{number}: 不是 JSON / is no JSON") from fault
    return found


def _of_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row's cells without the empty ones; a cell beyond the header stays, under a name that is refused."""
    return {
        str(name or "column"): _cell(str(name), value) for name, value in row.items() if value not in (None, "", [])
    }


def _cell(name: str, value: Any) -> Any:
    if name in _SWITCHES and isinstance(value, str):
        return (_TRUE | _FALSE).get(value.strip().lower(), value)
    return value
