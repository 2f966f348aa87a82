"""A table format (Delta) against plain Parquet with a manifest of our own: what a commit and an opening cost.

    python -m benchmarks.lake_formats

Both keep rows and positions in one step that only one writer can make: Delta by the next entry of its log, the manifest
by the next number of a file that lists everything. The data files are the same, so they are not written here.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

from analytics.lake.location import Location
from analytics.lake.positions import Place
from analytics.lake.table_log import DataFile, TableLog, data_files, opened
from analytics.lake.tables import FACTS
from benchmarks.figures import Figure, told

FIRST_DAY: Final = date(2024, 1, 1)
PLACES: Final[list[Place]] = [
    (f"licence.department-{number}", partition) for number in range(25) for partition in range(4)
]
COMMITS: Final = 30


class ManifestLog:
    """The plain way: each commit writes a manifest of all files and positions under the next number."""

    def __init__(self, folder: Path) -> None:
        """Open the folder; empty at first."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.number, self.content = self._newest()

    def append(self, files: list[DataFile], positions: Mapping[Place, int]) -> None:
        """Add files and move positions; FileExistsError when another writer was first."""
        rows = [{"path": each.path, "day": str(each.day), "rows": each.rows, "stats": each.stats} for each in files]
        moved = {f"{topic}/{partition}": at for (topic, partition), at in positions.items()}
        content = {
            "files": [*self.content["files"], *rows],
            "positions": {**self.content["positions"], **moved},
        }
        path = self._folder / f"{self.number + 1:020}.json"
        fresh = path.with_suffix(".fresh")
        fresh.write_text(json.dumps(content))
        os.link(fresh, path)
        fresh.unlink()
        self.number, self.content = self.number + 1, content

    def _newest(self) -> tuple[int, dict[str, Any]]:
        found = max(self._folder.glob("*.json"), default=None)
        if found is None:
            return -1, {"files": [], "positions": {}}
        return int(found.stem), json.loads(found.read_text())


def main() -> None:
    """Print what both cost, by how many files the table has."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    found = [figure for files in (100, 1_000, 10_000) for figure in _figures(files)]
    print(told("lake formats", found, as_json=asked.json))


def _figures(files: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="onething-bench-formats-") as folder:
        location = Location(f"{folder}/delta")
        delta = TableLog(location, FACTS)
        plain = ManifestLog(Path(folder) / "manifest")
        first = [_file(number) for number in range(files)]
        delta.append(first, {})
        plain.append(first, {})
        numbers = range(1, COMMITS + 1)
        delta_ms = [_ms(delta.append, [_file(files + number)], _moves(number)) for number in numbers]
        plain_ms = [_ms(plain.append, [_file(files + number)], dict.fromkeys(PLACES, number)) for number in numbers]
        listed_ms = [_ms(_listed, location) for _ in range(9)]
        read_ms = [_ms(ManifestLog, Path(folder) / "manifest") for _ in range(9)]
        return [
            Figure(f"{files:,} files: Delta, a commit of 100 positions", median(delta_ms), "ms"),
            Figure(f"{files:,} files: manifest, the same", median(plain_ms), "ms"),
            Figure(f"{files:,} files: Delta, written a commit", _newest_bytes(f"{folder}/delta/facts/_delta_log"), "B"),
            Figure(f"{files:,} files: manifest, the same", _newest_bytes(f"{folder}/manifest"), "B"),
            Figure(f"{files:,} files: Delta, opened and listed", median(listed_ms), "ms"),
            Figure(f"{files:,} files: manifest, the same", median(read_ms), "ms"),
        ]


def _listed(location: Location) -> None:
    table = opened(location, FACTS.name)
    assert table is not None
    data_files(table)


def _moves(number: int) -> dict[Place, tuple[int, int]]:
    return dict.fromkeys(PLACES, (number - 1, number))


def _file(number: int) -> DataFile:
    day = FIRST_DAY + timedelta(days=number % 1_096)
    stats = json.dumps({"numRecords": 90_000, "minValues": {"subject": "enterprise:91"}, "maxValues": {}})
    return DataFile(f"day={day}/{number:032x}.parquet", day, 90_000, 5_000_000, stats)


def _newest_bytes(folder: str) -> float:
    """What the newest commit wrote; a checkpoint, which Delta makes once in fifty commits, is not counted."""
    return max(Path(folder).glob("*.json")).stat().st_size


def _ms(work: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
