"""Files that prune: a day is a folder, a subject lies in few row groups, and the filter says where it is not."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from analytics.lake.data_files import ROW_GROUP_ROWS, write_files
from analytics.lake.decode import decode
from analytics.lake.location import Location
from analytics.lake.tables import FACTS
from tests.analytics.lake.log import HOUR_MS, IDS, LICENCES, NOON_MS, licence, logged

SUBJECTS = 5_000
ROWS = 3 * ROW_GROUP_ROWS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a table: many facts of one day, as they arrive, and one of the next day."""
    path = tmp_path_factory.mktemp("lake")
    few = [logged(licence(number), LICENCES, number) for number in range(2)]
    few.append(logged(licence(2), LICENCES, 2, appended_ms=NOON_MS + 24 * HOUR_MS))
    (frame,) = decode(few, IDS).frames["facts"]
    many = pl.concat([frame[:1]] * ROWS).with_columns(
        subject=pl.format("enterprise:{}", (pl.int_range(pl.len()) * 7919 % SUBJECTS).cast(pl.String).str.zfill(6)),
        offset=pl.int_range(pl.len()),
    )
    write_files(Location(str(path)), FACTS, [many, frame[2:]])
    return path / "facts"


def test_each_day_is_a_folder(folder: Path) -> None:
    rows = {path.parent.name: pq.read_metadata(path).num_rows for path in folder.glob("*/*.parquet")}
    assert rows == {"day=2026-09-21": ROWS, "day=2026-09-22": 1}
    assert "day" not in pq.read_schema(next(folder.glob("*/*.parquet"))).names


def test_row_groups_hold_subjects_one_after_the_other(folder: Path) -> None:
    metadata = pq.read_metadata(next(folder.glob("day=2026-09-21/*.parquet")))
    column = metadata.schema.names.index("subject")
    bounds = [metadata.row_group(number).column(column).statistics for number in range(metadata.num_row_groups)]
    assert len(bounds) == 3
    assert all(before.max <= after.min for before, after in pairwise(bounds))


def test_a_subject_that_is_not_there_is_excluded_by_the_filter(folder: Path) -> None:
    path = str(next(folder.glob("day=2026-09-21/*.parquet")))
    with duckdb.connect() as connection:
        asked = "SELECT bool_and(bloom_filter_excludes) FROM parquet_bloom_probe(?, 'subject', ?)"
        absent = [f"enterprise:{number:06}x" for number in range(100)]
        excluded = [connection.execute(asked, [path, subject]).fetchall()[0][0] for subject in absent]
        present = connection.execute(asked, [path, "enterprise:000007"]).fetchall()[0][0]
    assert sum(excluded) > 90
    assert present is False


def test_duckdb_reads_what_was_written(folder: Path) -> None:
    files = str(folder / "*/*.parquet")
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT count(*), count(DISTINCT subject), min(day), octet_length(any_value(event_id)), any_value(known_at)"
            " FROM read_parquet(?, hive_partitioning = true) WHERE day = DATE '2026-09-21'",
            [files],
        ).fetchall()[0]
    assert found[:4] == (ROWS, SUBJECTS, date(2026, 9, 21), 16)
    assert found[4].timestamp() * 1000 == NOON_MS
