"""Views beside the lake's tables, for those who ask it by SQL."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

VIEWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "duties": "SELECT * FROM catalog_changes WHERE entity = 'duty'",
        "facts_latest": """
            SELECT * FROM facts
            QUALIFY row_number() OVER (
                PARTITION BY subject, record_type, record_id ORDER BY version DESC, event_id DESC, known_at
            ) = 1
        """,
        "catalog_current": """
            SELECT * FROM catalog_changes
            QUALIFY row_number() OVER (PARTITION BY entity, entity_id ORDER BY version DESC, known_at) = 1
        """,
        "cases_current": """
            SELECT
                case_id,
                arg_max(bundle, known_at) AS bundle,
                arg_max(subject, known_at) AS subject,
                arg_max(status, (known_at, "offset")) AS status,
                arg_max(stars, known_at) AS stars,
                arg_max(due_at, known_at) AS due_at,
                min("at") AS first_at,
                max("at") AS last_at,
                count(*) AS events
            FROM cases GROUP BY case_id HAVING max(bundle) IS NOT NULL
        """,
    }
)
"""Name → what it selects; a view may stand on those above it.

``facts_latest`` holds the winner of each record (highest version, then event id) as everything now known says it,
withdrawn ones included; ``catalog_current`` the last version of each entity of the register; ``cases_current`` what
was said last of each case, notices that belong to no case left out.
"""
