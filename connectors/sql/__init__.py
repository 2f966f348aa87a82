"""SQL stores, SQLite and PostgreSQL alike: one writer that alone writes and checkpoints, readers that cannot."""

from connectors.sql.engine import (
    StoreError,
    StoreInUse,
    checkpoint,
    reader_engine,
    sole_writer,
    sqlite_path,
    store_url,
    writer_engine,
)

__all__ = [
    "StoreError",
    "StoreInUse",
    "checkpoint",
    "reader_engine",
    "sole_writer",
    "sqlite_path",
    "store_url",
    "writer_engine",
]
