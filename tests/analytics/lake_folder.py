"""Small lakes on disk without their log: Parquet files under a folder a day, listed as the lake's reader lists them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from analytics.lake.tables import TABLES
from tests.analytics.lake_tables import lake


@dataclass(frozen=True)
class Listed:
    version: int
    paths: tuple[str, ...]


@dataclass(frozen=True)
class File:
    path: str
    day: date


class FolderLake:
    """A lake that grows by ``put``; each call is a commit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.versions: dict[str, int] = defaultdict(lambda: -1)

    def put(self, table: str, *rows: dict[str, Any]) -> list[Path]:
        """Add rows, a file for each of their days."""
        with lake(**{table: list(rows)}) as connection:
            whole = connection.table(table).to_arrow_table().cast(TABLES[table].schema)
        number = self.versions[table] + 1
        paths = [self._written(table, whole, day, number) for day in sorted(set(whole["day"].to_pylist()))]
        self.versions[table] = number
        return paths

    def files(self, table: str) -> Listed:
        return Listed(
            self.versions[table], tuple(str(each) for each in sorted((self.root / table).glob("*/*.parquet")))
        )

    def dataset(self, table: str) -> pads.Dataset:
        raise NotImplementedError(table)

    def missing(self, table: str) -> Sequence[File]:
        raise NotImplementedError(table)

    def _written(self, table: str, rows: pa.Table, day: date, number: int) -> Path:
        path = self.root / table / f"day={day}" / f"{number}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows.filter(pc.equal(rows["day"], pa.scalar(day))).drop_columns(["day"]), path)
        return path
