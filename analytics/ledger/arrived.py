"""Whether the data that a bundle needs really arrives: the twin of “published and shared”, out of the lake."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

import duckdb
import msgspec

from analytics.ledger.stood import CITY, until
from catalog.register.changes import RESOURCE
from catalog.register.list_rows import AsOf

_NEWEST: Final = """
SELECT resource, max(complete_until) AS complete_until
FROM coverages
WHERE day <= $day AND resource IN (SELECT unnest($resources))
GROUP BY resource
"""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A resource: until when its source says that it has told everything, and whether that is within its cycle.

    ``complete_until`` is ``None`` where nothing ever arrived. Of an entry without update cycle anything is in time.
    """

    resource: str
    complete_until: datetime | None
    update_cycle_days: int | None
    in_time: bool


def arrivals(
    connection: duckdb.DuckDBPyConnection, resources: Iterable[str], entries: AsOf, day: date
) -> tuple[Arrival, ...]:
    """Return how each resource arrived by the end of a day, in the order in which they are given."""
    wanted = list(resources)
    asked = {"day": day, "resources": wanted}
    newest: dict[str, datetime] = dict(connection.execute(_NEWEST, asked).fetchall()) if wanted else {}
    return tuple(_arrival(code, newest.get(code), entries, day) for code in wanted)


def _arrival(code: str, complete_until: datetime | None, entries: AsOf, day: date) -> Arrival:
    entry = entries.get(RESOURCE, code) or {}
    cycle = entry.get("update_cycle_days")
    limit = until(day) - timedelta(days=cycle) if cycle else None
    return Arrival(
        resource=code,
        complete_until=None if complete_until is None else complete_until.astimezone(CITY),
        update_cycle_days=cycle,
        in_time=complete_until is not None and (limit is None or complete_until >= limit),
    )
