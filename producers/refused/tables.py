"""The index's tables. All of it follows from the log: in another form, or of another cluster, it is made anew."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

FORM: Final = "1"
"""Of these tables; another one makes the index anew."""

METADATA: Final = MetaData()

MESSAGES: Final = Table(
    "messages",
    METADATA,
    Column("event_id", String(32), primary_key=True),
    Column("whole", String(32), nullable=False, comment="the same for all parts of a record"),
    Column("number", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("department", String, nullable=False),
    Column("door", String, nullable=False),
    Column("codes", Text, nullable=False, comment="of the reasons, each between blanks"),
    Column("reasons", Text, nullable=False, comment="JSON"),
    Column("received_at", BigInteger, nullable=False, comment="µs UTC"),
    Column("last_at", BigInteger, nullable=False, comment="µs UTC"),
    Column("times", Integer, nullable=False),
    Column("origin", Text),
    Column("attempt_of", String(32)),
    Column("content_type", String, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("size_bytes", Integer, nullable=False, comment="on the log: sealed bytes are a little longer"),
    Column("event_type", String),
    Column("resource", String),
    Column("topic", String, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Index("messages_whole", "whole"),
    Index("messages_listed", "department", "number", "last_at", "event_id"),
    Index("messages_attempts", "attempt_of"),
)
"""One row a message that keeps a refused record or a part of one; a repeat counts in ``times``."""

SETTLED: Final = Table(
    "settled",
    METADATA,
    Column("refused_id", String(32), primary_key=True),
    Column("outcome", String, nullable=False),
    Column("became", String(32)),
    Column("receipt", String),
    Column("body_digest", LargeBinary),
    Column("reason", Text),
    Column("settled_by", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
)
"""What became of a refused record: the first act on it that the log holds."""

POSITIONS: Final = Table(
    "positions",
    METADATA,
    Column("topic", String, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)

NOTES: Final = Table(
    "notes",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
"""``form`` of the tables, ``cluster`` whose log they follow."""
