"""The ledger's entities as they stood at an instant, out of the lake's ``catalog_changes``."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import msgspec

from catalog.ledger.model import Entry, Team
from catalog.ledger.rule import entry_of
from catalog.ledger.team import team_of
from catalog.register.changes import GRANT, LEDGER_ENTRY, ORGANISATION, RESOURCE, TEAM, State
from catalog.register.list_rows import AsOf

CITY: Final = ZoneInfo("Asia/Shanghai")
_DAY: Final = timedelta(days=1)

# The last change of each entity that the log knew by the end of a day, as every figure of the lake is asked: what comes
# later never changes what a day that has passed was told to be. A message that is in the log twice is the same version
# twice. Kinds are named one by one: the lake's files are sorted by them, and what others hold is never read.
_LAST: Final = """
SELECT entity, entity_id, arg_max(state, version) AS state
FROM catalog_changes
WHERE entity IN ({kinds}) AND day <= $day
GROUP BY entity, entity_id
ORDER BY entity, entity_id
"""

_HISTORY: Final = """
SELECT version, action, actor, "at", reason
FROM catalog_changes
WHERE entity = $entity AND entity_id = $entity_id AND day <= $day
QUALIFY row_number() OVER (PARTITION BY version ORDER BY "offset") = 1
ORDER BY version
"""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One change of an entity: what was done, by whom, when (time of China), and why."""

    version: int
    action: str
    actor: str
    at: datetime
    reason: str | None


class Stood(msgspec.Struct, frozen=True, kw_only=True):
    """Entries in the order of the sources, teams by bundle, names of organisations by code."""

    entries: tuple[Entry, ...]
    teams: Mapping[str, Team]
    names: Mapping[str, str]


def until(day: date) -> datetime:
    """Return the end of a day in China: the first instant after it."""
    return datetime.combine(day + _DAY, time(), CITY).astimezone(UTC)


def stood(connection: duckdb.DuckDBPyConnection, day: date) -> Stood:
    """Return the ledger as it stood at the end of a day."""
    states = _states(connection, (LEDGER_ENTRY, TEAM, ORGANISATION), day)
    entries = sorted((entry_of(state) for state in states.get(LEDGER_ENTRY, {}).values()), key=_place)
    teams = (team_of(state) for state in states.get(TEAM, {}).values())
    return Stood(
        entries=tuple(entries),
        teams={team.bundle: team for team in teams if team.ended_at is None},
        names={code: str(state["name"]) for code, state in states.get(ORGANISATION, {}).items()},
    )


def what_closings_rest_on(connection: duckdb.DuckDBPyConnection, day: date) -> AsOf:
    """Return the resources and grants of the register as they stood at the end of a day."""
    return AsOf(_states(connection, (RESOURCE, GRANT), day))


def history(connection: duckdb.DuckDBPyConnection, entity: str, entity_id: str, day: date) -> tuple[Happened, ...]:
    """Return every change of an entity by the end of a day, from its first."""
    asked = {"entity": entity, "entity_id": entity_id, "day": day}
    rows = connection.execute(_HISTORY, asked).fetchall()
    return tuple(
        Happened(version=version, action=action, actor=actor, at=at.astimezone(CITY), reason=reason)
        for version, action, actor, at, reason in rows
    )


def _states(connection: duckdb.DuckDBPyConnection, entities: Iterable[str], day: date) -> dict[str, dict[str, State]]:
    found: dict[str, dict[str, State]] = {}
    kinds = {f"kind_{place}": entity for place, entity in enumerate(entities)}
    query = _LAST.format(kinds=", ".join(f"${name}" for name in kinds))
    asked: dict[str, Any] = {"day": day} | kinds
    for entity, entity_id, state in connection.execute(query, asked).fetchall():
        found.setdefault(entity, {})[entity_id] = msgspec.json.decode(state)
    return found


_KINDS: Final = ("goal", "task", "bundle", "step", "own")


def _place(entry: Entry) -> tuple[str, int, int, str]:
    """By document, the latest first as its name says; within it goals, tasks, bundles, steps."""
    declared = entry.declared
    return (
        "" if declared.source.startswith("xian") else declared.source or "~",
        _KINDS.index(declared.kind),
        declared.number or 0,
        entry.id,
    )
