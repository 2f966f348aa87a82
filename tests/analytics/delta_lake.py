"""Small lakes with their log, as the lake's reader finds them, wherever they lie."""

from typing import Any

from deltalake import write_deltalake

from analytics.lake.location import Location
from tests.analytics.lake_tables import lake


def put(location: Location, table: str, *rows: dict[str, Any]) -> None:
    """Add rows to a table of the lake in one commit."""
    with lake(**{table: list(rows)}) as connection:
        whole = connection.table(table).to_arrow_table()
    write_deltalake(
        location.uri(table), whole, mode="append", partition_by=["day"], storage_options=location.storage_options
    )
