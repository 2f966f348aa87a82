"""Connections: one writer that alone writes and checkpoints, and readers that cannot do either."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

CHECKPOINT_PAGES: Final = 16_384
"""64 MB of write-ahead log."""

CACHE_KB: Final = 32_768


class StoreError(Exception):
    """A store cannot be used as asked; ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        self.remedy = remedy
        super().__init__(f"{what} {remedy}")


class StoreInUse(StoreError):  # noqa: N818  named for the fact
    """Another process writes this SQLite file."""


def store_url(url: str | URL) -> URL:
    """The URL with the driver that the hub brings."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.get_backend_name() == "postgresql" else parsed


def sqlite_path(url: URL) -> Path | None:
    """The file of a SQLite URL, None for anything else."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def writer_engine(url: str | URL) -> Engine:
    """The engine through which rows are written; on SQLite one connection, to be used by one thread."""
    parsed = store_url(url)
    path = sqlite_path(parsed)
    if path is None:
        return create_engine(parsed, pool_size=1, max_overflow=0, pool_pre_ping=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    # isolation_level None hands BEGIN to the listener below: Python's own would start transactions too late.
    engine = create_engine(parsed, connect_args={"isolation_level": None}, pool_size=1, max_overflow=0)
    event.listen(engine, "connect", _prepare_writer)
    event.listen(engine, "begin", _begin_writing)
    return engine


def reader_engine(url: str | URL) -> Engine:
    """An engine that can only read; on SQLite its connections can neither write nor checkpoint.

    SQLite before 3.51.3 may damage a WAL database when a second connection writes or checkpoints at the wrong moment.
    """
    parsed = store_url(url)
    path = sqlite_path(parsed)
    if path is None:
        engine = create_engine(parsed, pool_pre_ping=True)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("SET TRANSACTION READ ONLY"))
        return engine
    read_only = URL.create("sqlite", database=path.absolute().as_uri(), query={"mode": "ro", "uri": "true"})
    engine = create_engine(read_only)
    event.listen(engine, "connect", _prepare_reader)
    return engine


@contextmanager
def sole_writer(url: str | URL, *, writer: str, setting: str) -> Iterator[None]:
    """Holds a SQLite file for this process alone; PostgreSQL takes many writers.

    Args:
        url: of the store.
        writer: what such a process is called.
        setting: the name of the setting that holds the url.

    Raises:
        StoreInUse: another process holds it.
    """
    path = sqlite_path(store_url(url))
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path.with_name(f"{path.name}-writer"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreInUse(
                f"{path} is written by another {writer}.",
                f"Stop it, or set {setting} to PostgreSQL, which takes several.",
            ) from None
        yield
    finally:
        os.close(descriptor)


def checkpoint(connection: Connection) -> None:
    """Move SQLite's write-ahead log into the file, so far as no reader is in the way; nothing on PostgreSQL."""
    if connection.dialect.name == "sqlite":
        # Straight to the driver: SQLAlchemy would open a transaction first, inside of which nothing is checkpointed.
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA wal_checkpoint(PASSIVE)").close()


def _begin_writing(connection: Connection) -> None:
    # Straight to the driver: it is said with every batch.
    driver: Any = connection.connection.dbapi_connection
    driver.execute("BEGIN IMMEDIATE")


def _prepare_writer(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        # Every commit is on the disk before the Kafka offset that it stands for: see docs/decisions/0005.
        "synchronous=FULL",
        # Checkpoints are made between batches, by ``checkpoint``; a commit makes one itself only beyond this.
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        "busy_timeout=5000",
        # Rows are written all over their indexes; of SQLite's own 2 MB, most pages would be read again each time.
        f"cache_size=-{CACHE_KB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reader(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA busy_timeout=5000")
