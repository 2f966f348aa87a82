"""The case store as a whole: whether its tables are there, of which version, of which cluster."""

from typing import Final

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import OperationalError

from connectors.sql import StoreError
from processors.cases.tables import METADATA, SCHEMA_VERSION, STORE
from processors.cases.upgrade import FIRST_VERSION, from_version_1

_LOCK_CREATION: Final = 0x0E7415
"""Key of PostgreSQL's advisory lock under which tables are created; any number that nothing else uses."""


class StoreMissing(StoreError):  # noqa: N818  named for the fact
    """There is nothing that can be read yet."""


class ForeignStore(StoreError):  # noqa: N818  named for the fact
    """The rows belong to another Kafka cluster."""


class OlderStore(StoreMissing):
    """The tables are of an earlier version: nothing can be read until a coordinator has brought them to this one."""


class NewerStore(StoreError):  # noqa: N818  named for the fact
    """The tables are of a version of the hub that this release does not know."""


def prepare(engine: Engine, cluster_id: str | None) -> None:
    """Create the tables where they are missing, bring earlier ones to this version, hold the store to its cluster.

    Raises:
        NewerStore: the tables are of a version that this release does not know.
        ForeignStore: the rows belong to another cluster.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_CREATION})
        if not inspect(connection).has_table(STORE.name):
            METADATA.create_all(connection)
            connection.execute(insert(STORE), [{"name": "schema_version", "value": str(SCHEMA_VERSION)}])
        facts = _facts(connection)
        if facts.get("schema_version") == FIRST_VERSION:
            from_version_1(connection)
            facts = _facts(connection)
        _demand_version(facts)
        if cluster_id is None:
            return
        known = facts.get("cluster_id")
        if known is None:
            connection.execute(insert(STORE), [{"name": "cluster_id", "value": cluster_id}])
        elif known != cluster_id:
            raise ForeignStore(
                f"The cases were written beside Kafka cluster {known}, this is {cluster_id}.",
                "Name that cluster again, or clear both: onething broker reset (clears facts and cases).",
            )


def demand_readable(engine: Engine) -> None:
    """Hold the store to being there and of this version.

    Raises:
        StoreMissing: nothing was ever written.
        OlderStore: no coordinator of this release has brought the tables to its version yet.
        NewerStore: the tables are of a version that this release does not know.
    """
    missing = StoreMissing("There is no case store yet.", "Start the hub, which creates it: onething up.")
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(STORE.name):
                raise missing
            facts = _facts(connection)
    except OperationalError as fault:
        if engine.dialect.name == "sqlite" and "unable to open" in str(fault):
            raise missing from None
        raise
    _demand_version(facts)


def _facts(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in connection.execute(select(STORE.c.name, STORE.c.value))}


def _demand_version(facts: dict[str, str]) -> None:
    found = facts.get("schema_version")
    if found == FIRST_VERSION:
        raise OlderStore(
            f"The case store has tables of version {found}, this release reads {SCHEMA_VERSION}.",
            "Start the hub of this release, which brings them up to date: onething up.",
        )
    if found != str(SCHEMA_VERSION):
        raise NewerStore(
            f"The case store has tables of version {found}, this release knows {SCHEMA_VERSION}.",
            "Run the release that wrote them, or one newer than both.",
        )
