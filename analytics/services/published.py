"""The versions of the list that were published, as the lake holds the register's changes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import duckdb
import msgspec

from analytics.bottlenecks.views import iso
from analytics.bottlenecks.window import instant_of
from catalog.register.list_rows import COLUMNS, row_differences
from catalog.register.lists import DrawnList, list_of

_PUBLISHED: Final = """
    SELECT entity_id, arg_max(state, (version, known_at)) AS state FROM catalog_changes
    WHERE entity = 'list' AND action = 'published' AND known_at < $as_of AND starts_with(entity_id, 'high-frequency.')
    GROUP BY entity_id
"""


def published(connection: duckdb.DuckDBPyConnection, known_before: datetime) -> tuple[DrawnList, ...]:
    """The published versions, the last published first."""
    rows = connection.execute(_PUBLISHED, {"as_of": known_before}).fetchall()
    found = (list_of(msgspec.json.decode(state)) for _, state in rows)
    return tuple(sorted(found, key=lambda each: (-(each.published_at or 0), each.id)))


def version_view(drawn: DrawnList) -> dict[str, Any]:
    """What a version is, without its rows."""
    return {
        "version": drawn.period,
        "id": drawn.id,
        "title": drawn.title,
        "as_of": drawn.as_of,
        "rule_version": drawn.rule_version,
        "rows": drawn.row_count,
        "digest": drawn.digest,
        "drawn_up_by": drawn.drawn_up_by,
        "signed_off_by": drawn.signed_off_by,
        "published_by": drawn.published_by,
        "published_at": iso(_instant(drawn.published_at)),
        "compared_with": drawn.compared_with or None,
    }


def difference_view(earlier: Sequence[Mapping[str, Any]], later: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What came, went and changed between two versions, services by their names."""
    before = {str(row["key"]): row for row in earlier}
    after = {str(row["key"]): row for row in later}
    found = row_differences(before.values(), after.values())
    headings = COLUMNS["high-frequency"]
    return {
        "added": [{"key": key, "name": after[key]["name"]} for key in found.added],
        "removed": [{"key": key, "name": before[key]["name"]} for key in found.removed],
        "changed": [
            {
                "key": key,
                "name": after[key]["name"],
                "columns": [
                    {
                        "column": column,
                        "name": headings.get(column, column),
                        "before": before[key].get(column),
                        "after": after[key].get(column),
                    }
                    for column in columns
                ],
            }
            for key, columns in found.changed
        ],
    }


def _instant(us: int | None) -> datetime | None:
    return None if us is None else instant_of(us)
