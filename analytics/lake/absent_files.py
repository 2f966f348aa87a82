"""Data files that a table lists and that are not there: what takes their place, and how the reader is told.

DuckDB refuses a whole table when one of its files is not there. So a file that cannot be read takes the place of the
absent one, under the same day: queries that do not need the day never open it, and queries that do fail by its name.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

_DAY: Final = re.compile(r"day=(\d{4}-\d{2}-\d{2})")
_STAND_IN: Final = re.compile(r"absent-([0-9a-f]{16})\.parquet")


@dataclass(frozen=True)
class AbsentFile:
    """A data file that is not there; ``day`` is None where its path names none."""

    table: str
    path: str
    day: date | None


class LakeFilesAbsent(Exception):  # noqa: N818  named for the fact
    """A query needs data files that are not there; other days and tables still answer."""

    def __init__(self, absent: Sequence[AbsentFile]) -> None:
        self.absent = tuple(absent)
        tables = sorted({each.table for each in absent})
        days = ", ".join(sorted({"?" if each.day is None else each.day.isoformat() for each in absent}))
        files = ", ".join(each.path for each in absent)
        super().__init__(f"数据文件缺失 data files are not there: {', '.join(tables)} [{days}]: {files}")
        self.remedy = (
            "从日志重建 build their rows again from the log: "
            + "; ".join(_rebuilding(self.absent))
            + "；其他日期和表仍可查询，请限定 day / other days and tables still answer: restrict the query by day"
        )


def absent_among(table: str, paths: Iterable[str]) -> list[AbsentFile]:
    """The local files among these that are not there."""
    return [AbsentFile(table, path, day_of(path)) for path in paths if not Path(path).exists()]


def day_of(path: str) -> date | None:
    """The day whose rows a file holds, by its folder ``day=YYYY-MM-DD``."""
    found = _DAY.search(path)
    return date.fromisoformat(found[1]) if found else None


def stand_in(folder: Path, absent: AbsentFile) -> str:
    """The path of a file that cannot be read, under the absent one's day; it is made where it is not there yet."""
    name = f"absent-{_digest(absent.path)}.parquet"
    place = folder / absent.table / (f"day={absent.day}" if absent.day else "")
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(b"absent")
    return str(place / name)


def named_in(message: str, absent: Iterable[AbsentFile]) -> list[AbsentFile]:
    """The absent files whose stand-ins an engine's message names."""
    digests = set(_STAND_IN.findall(message))
    return [each for each in absent if _digest(each.path) in digests]


def _rebuilding(absent: Sequence[AbsentFile]) -> list[str]:
    """The commands that bring the files' rows back, one for each table and day."""
    asked = sorted({(each.table, f" --day {each.day}" if each.day else "") for each in absent})
    return [f"onething lake rebuild {table}{day}" for table, day in asked]


def _digest(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()[:16]
