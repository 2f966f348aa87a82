"""The register: entities as they stand, what they are found by, every change, commands taken, the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of an empty store."""
    _register()
    _entities()
    _entity_fields()
    _changes()
    _commands()
    _outbox()


def _register() -> None:
    op.create_table(
        "catalog_register",
        sa.Column("name", sa.String, primary_key=True, comment="cluster_id | filtered"),
        sa.Column("value", sa.String, nullable=False),
    )


def _entities() -> None:
    op.create_table(
        "catalog_entities",
        sa.Column("entity", sa.String, nullable=False, comment="kind of entity"),
        sa.Column("entity_id", sa.String, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, comment="counts its changes, from 1"),
        sa.Column("action", sa.String, nullable=False, comment="of its last change"),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, comment="instant that still has to ring"),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entity", "entity_id"),
    )
    due = sa.text("due_at IS NOT NULL")
    columns = ["due_at", "entity", "entity_id"]
    op.create_index("catalog_entities_due", "catalog_entities", columns, sqlite_where=due, postgresql_where=due)


def _entity_fields() -> None:
    op.create_table(
        "catalog_fields",
        sa.Column("entity", sa.String, nullable=False),
        sa.Column("field", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("entity_id", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("entity", "field", "value", "entity_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("catalog_fields_of", "catalog_fields", ["entity", "entity_id"])


def _changes() -> None:
    op.create_table(
        "catalog_changes",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False, comment="counts all changes, from 1"),
        sa.Column("entity", sa.String, nullable=False),
        sa.Column("entity_id", sa.String, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("command_id", sa.String, nullable=False),
        sa.UniqueConstraint("entity", "entity_id", "version", name="catalog_changes_once"),
    )
    op.create_index("catalog_changes_by_command", "catalog_changes", ["command_id"])
    op.create_index("catalog_changes_by_time", "catalog_changes", ["entity", "at"])


def _commands() -> None:
    digest = "of what was asked: the same id must ask the same"
    op.create_table(
        "catalog_commands",
        sa.Column("command_id", sa.String, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, comment=digest),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "catalog_outbox",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False, comment="of the change"),
        sa.Column("event_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
