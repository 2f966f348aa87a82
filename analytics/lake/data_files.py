"""Rows become data files: sorted, so that one subject prunes; encoded, so that a licence takes few bytes."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.lake.location import Location
from analytics.lake.table_log import DAY, DataFile
from analytics.lake.tables import Table

ROW_GROUP_ROWS: Final = 16_384
COMPRESSION_LEVEL: Final = 1
"""zstd: what sorting and encodings leave is hashes and times; level 3 finds nothing more, level 9 a fiftieth for twice
the time."""
_DELTA: Final = frozenset(("offset", "known_at", "version", "valid_at", "at"))
"""Numbers whose neighbours are near: their differences take fewer bytes than a dictionary of them."""
_PLAIN: Final = frozenset(("event_id", "subject", "record_id", "case_id", "body", "entity_id", "complaint_id"))
"""Values that hardly repeat: a dictionary would only be a second copy. Sorted neighbours compress by themselves."""
_LOOKED_UP: Final = frozenset(("subject", "case_id"))
"""Columns that are asked for one value: a filter of each row group says where it is not."""
_UNCOMPARED: Final = frozenset(("event_id", "body"))
"""Columns that nobody asks for a range of."""
BLOOM_FPP: Final = 0.01


def write_files(location: Location, table: Table, frames: Sequence[pl.DataFrame]) -> list[DataFile]:
    """Write rows of a table, a file a day; they are nobody's until a commit names them.

    Args:
        location: of the lake.
        table: whose rows they are.
        frames: columns that a frame lacks are null.
    """
    rows = pl.concat(frames, how="diagonal").sort(*table.sort) if len(frames) > 1 else frames[0].sort(*table.sort)
    days = rows[DAY].unique().sort().to_list()
    if len(days) == 1:
        return [write_file(location, table, days[0], rows)]
    return [write_file(location, table, day, rows.filter(pl.col(DAY) == day)) for day in days]


def write_file(location: Location, table: Table, day: date, rows: pl.DataFrame) -> DataFile:
    """Write the sorted rows of one day as one file."""
    content = _encoded(table, as_arrow(table, rows))
    path = f"{DAY}={day.isoformat()}/{uuid4().hex}.parquet"
    _keep(location, content, table.name, path)
    return DataFile(path, day, rows.height, len(content), json.dumps(_stats(table, rows)))


def delete_files(location: Location, table: Table, files: Iterable[DataFile]) -> None:
    """Delete files that no commit came to name."""
    for each in files:
        location.files.delete_file(location.path(table.name, each.path))


def as_arrow(table: Table, rows: pl.DataFrame) -> pa.Table:
    """The rows as they are written: every column of the table but the day, which is in the path."""
    schema = file_schema(table)
    found = {name: rows[name].to_arrow() for name in schema.names if name in rows.columns}
    columns = [
        _cast(found[field.name], field.type) if field.name in found else pa.nulls(rows.height, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def file_schema(table: Table) -> pa.Schema:
    """The columns of the table's files."""
    return pa.schema([field for field in table.schema if field.name != DAY])


def _cast(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    if pa.types.is_fixed_size_binary(wanted):
        return column.cast(pa.binary()).cast(wanted)
    return column if column.type == wanted else column.cast(wanted)


def _encoded(table: Table, rows: pa.Table) -> pa.Buffer:
    names = rows.schema.names
    out = pa.BufferOutputStream()
    pq.write_table(
        rows,
        out,
        row_group_size=ROW_GROUP_ROWS,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        use_dictionary=[name for name in names if name not in _DELTA | _PLAIN],
        column_encoding={name: "DELTA_BINARY_PACKED" for name in names if name in _DELTA},
        write_statistics=[name for name in names if name not in _UNCOMPARED],
        bloom_filter_options=_filters(rows),
        sorting_columns=pq.SortingColumn.from_ordering(rows.schema, [(name, "ascending") for name in table.sort]),
    )
    return out.getvalue()


def _filters(rows: pa.Table) -> dict[str, Any] | None:
    named = {}
    for name in _LOOKED_UP & set(rows.schema.names):
        distinct = rows[name].slice(0, ROW_GROUP_ROWS).drop_null().unique()
        if len(distinct):
            named[name] = {"ndv": len(distinct), "fpp": BLOOM_FPP}
    return named or None


def _keep(location: Location, content: pa.Buffer, *parts: str) -> None:
    path = location.path(*parts)
    if not location.is_local:
        with location.files.open_output_stream(path) as file:
            file.write(content)
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with Path(path).open("xb") as file:
        file.write(content)
        file.flush()
        # The commit that names the file must not outlive it when the machine loses power.
        os.fsync(file.fileno())


def _stats(table: Table, rows: pl.DataFrame) -> Mapping[str, Any]:
    """What other engines skip whole files by."""
    first = table.sort[0]
    lowest, highest = rows[first][0], rows[first][-1]
    named = isinstance(lowest, str) and isinstance(highest, str)
    return {
        "numRecords": rows.height,
        "minValues": {first: lowest} if named else {},
        "maxValues": {first: highest} if named else {},
    }
