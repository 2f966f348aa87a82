"""The register's tables, in SQLite and PostgreSQL alike. Times are µs UTC, states are canonical JSON.

Names begin with ``catalog_``, for a PostgreSQL database may hold the cases as well. ``catalog.migrations`` brings a
store to these tables; a test holds the two against each other.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, PrimaryKeyConstraint, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

VERSION_TABLE: Final = "catalog_version"
"""Where Alembic notes the step at which the tables are."""

METADATA: Final = MetaData()

REGISTER = Table(
    "catalog_register",
    METADATA,
    Column("name", String, primary_key=True, comment="cluster_id | filtered"),
    Column("value", String, nullable=False),
)
"""Facts about the store as a whole."""

ENTITIES = Table(
    "catalog_entities",
    METADATA,
    Column("entity", String, nullable=False, comment="kind of entity"),
    Column("entity_id", String, nullable=False),
    Column("version", BigInteger, nullable=False, comment="counts its changes, from 1"),
    Column("action", String, nullable=False, comment="of its last change"),
    Column("changed_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, comment="instant that still has to ring"),
    Column("state", Text, nullable=False),
    PrimaryKeyConstraint("entity", "entity_id"),
    Index("catalog_entities_by_change", "entity", "changed_at", "entity_id"),
)
"""Every entity as it stands."""

_DUE = ENTITIES.c.due_at.is_not(None)
Index(
    "catalog_entities_due",
    ENTITIES.c.due_at,
    ENTITIES.c.entity,
    ENTITIES.c.entity_id,
    sqlite_where=_DUE,
    postgresql_where=_DUE,
)

ENTITY_FIELDS = Table(
    "catalog_fields",
    METADATA,
    Column("entity", String, nullable=False),
    Column("field", String, nullable=False),
    Column("value", String, nullable=False),
    Column("entity_id", String, nullable=False),
    PrimaryKeyConstraint("entity", "field", "value", "entity_id"),
    Index("catalog_fields_of", "entity", "entity_id"),
    sqlite_with_rowid=False,
)
"""What entities are found by: the values of the fields in ``FILTERED``, one row for each element of a list."""

CHANGES = Table(
    "catalog_changes",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="counts all changes, from 1"),
    Column("entity", String, nullable=False),
    Column("entity_id", String, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", Text),
    Column("due_at", BigInteger),
    Column("state", Text, nullable=False),
    Column("command_id", String, nullable=False),
    Unique("entity", "entity_id", "version", name="catalog_changes_once"),
    Index("catalog_changes_by_command", "command_id"),
    Index("catalog_changes_by_time", "entity", "at"),
)
"""Every change there ever was; rows are added and never touched again."""

COMMANDS = Table(
    "catalog_commands",
    METADATA,
    Column("command_id", String, primary_key=True),
    Column("digest", LargeBinary, nullable=False, comment="of what was asked: the same id must ask the same"),
    Column("at", BigInteger, nullable=False),
)
"""Commands that were taken: the same one again changes nothing."""

OUTBOX = Table(
    "catalog_outbox",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="of the change"),
    Column("event_id", LargeBinary, nullable=False, unique=True),
    Column("topic", String, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
)
"""Messages that the log must still get."""

FILTERED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "organisation": ("name", "level", "kind"),
        "system": ("name", "owner", "level", "state", "batch", "vertical"),
        "resource": (
            "name",
            "catalogue_code",
            "provider",
            "sharing_class",
            "theme",
            "level",
            "record_type",
            "topic",
            "system",
            "negative_list",
            "state",
        ),
        "licence-type": ("name", "authority"),
        "legal-basis": ("title",),
        "demand": ("state", "sharing", "requester", "provider", "resources", "grant"),
        "grant": ("state", "reader", "resources", "demand", "purpose"),
        "duty": ("state", "kind", "department", "counterpart", "entity", "entity_id", "limit"),
        "list": ("kind", "department", "state"),
        "correction": ("state", "subject", "resource", "record_id", "provider", "disputed_by"),
        "ledger-entry": ("state", "kind", "bundle", "leads", "responsible"),
        "team": ("bundle", "lead", "organisations"),
    }
)
"""Top-level fields of a state by which its kind of entity is found. A field that grows here is filled at the start."""
