"""The register's store as a whole: brought to this release's tables, held to its Kafka cluster."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import OperationalError

from catalog.register.tables import REGISTER, VERSION_TABLE
from connectors.sql import StoreError

MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"

WRITING_KEY: Final = 0x0E7416
"""Key of PostgreSQL's advisory lock under which the register is written; any number that nothing else uses."""


class StoreMissing(StoreError):  # noqa: N818  named for the fact
    """There is nothing that can be read yet."""


class ForeignStore(StoreError):  # noqa: N818  named for the fact
    """The rows belong to another Kafka cluster."""


class OlderStore(StoreMissing):
    """The tables are of an earlier release; the register's process brings them to this one when it starts."""


class NewerStore(StoreError):  # noqa: N818  named for the fact
    """The tables are of a release of the hub that this one does not know."""


def prepare(engine: Engine, cluster_id: str | None) -> None:
    """Bring the store to this release's tables, whatever it holds, and hold it to its cluster.

    Raises:
        NewerStore: the tables are of a release that this one does not know.
        ForeignStore: the rows belong to another cluster.
    """
    with engine.begin() as connection:
        hold_for_writing(connection)
        _demand_known(connection)
        command.upgrade(_config(connection), "head")
        if cluster_id is not None:
            _demand_cluster(connection, cluster_id)


def hold_for_writing(connection: Connection) -> None:
    """Wait until nobody else writes, and keep it so until the transaction ends; SQLite's transactions do by themselves.

    Numbers of changes are counted on from the greatest one: two writers at once would count the same.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITING_KEY})


def demand_readable(engine: Engine) -> None:
    """Hold the store to being there and of this release.

    Raises:
        StoreMissing: nothing was ever written.
        OlderStore: the register's process of this release has not started on it yet.
        NewerStore: the tables are of a release that this one does not know.
    """
    try:
        with engine.connect() as connection:
            found = _demand_known(connection)
    except OperationalError as fault:
        if engine.dialect.name == "sqlite" and "unable to open" in str(fault):
            raise _missing() from None
        raise
    if found is None:
        raise _missing()
    if found != _steps().get_current_head():
        raise OlderStore(
            f"The register's tables are at step {found}, this release reads {_steps().get_current_head()}.",
            "Start the hub of this release, which brings them up to date: onething up.",
        )


def _demand_known(connection: Connection) -> str | None:
    """The step at which the tables are, None for an empty store."""
    found = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    if found is not None and found not in {step.revision for step in _steps().walk_revisions()}:
        raise NewerStore(
            f"The register's tables are at step {found}, this release knows {_steps().get_current_head()}.",
            "Run the release that wrote them, or one newer than both.",
        )
    return found


def _demand_cluster(connection: Connection, cluster_id: str) -> None:
    known = connection.scalar(select(REGISTER.c.value).where(REGISTER.c.name == "cluster_id"))
    if known is None:
        connection.execute(insert(REGISTER), [{"name": "cluster_id", "value": cluster_id}])
    elif known != cluster_id:
        raise ForeignStore(
            f"The register was written beside Kafka cluster {known}, this is {cluster_id}.",
            "Name that cluster again, or set catalog.database_url to a store of this cluster's own.",
        )


def _missing() -> StoreMissing:
    return StoreMissing("There is no register yet.", "Start the hub, which creates it: onething up.")


def _config(connection: Connection) -> Config:
    config = Config()
    # Alembic reads its options as an INI file does: a percent sign in the path stands doubled.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _steps() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))
