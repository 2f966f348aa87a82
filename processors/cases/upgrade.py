"""A store of an earlier version, brought to this one in place: tables, columns and indexes are added to it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, bindparam, func, insert, inspect, select, text, update
from sqlalchemy.schema import CreateColumn

from processors.cases.rows import case_of, taking_part
from processors.cases.tables import CASE_DEPARTMENTS, CASES, METADATA, REPORTS, STORE

FIRST_VERSION: Final = "1"
UNUSED_INDEX: Final = "outbox_by_place"
CHUNK: Final = 500
"""Cases whose state is read at once."""


def from_version_1(connection: Connection) -> None:
    """Give a store of version 1 the tables and columns of version 2; its cases say who leads them and takes part.

    In one transaction, the caller's: a store that was interrupted is still of version 1.
    """
    for column in _missing_columns(connection):
        described = CreateColumn(column).compile(dialect=connection.dialect)
        connection.execute(text(f"ALTER TABLE {CASES.name} ADD COLUMN {described}"))
    METADATA.create_all(connection)
    for index in CASES.indexes:
        index.create(connection, checkfirst=True)
    connection.execute(text(f"DROP INDEX {UNUSED_INDEX}"))
    for chunk in _chunks(connection):
        _tell_departments(connection, chunk)
    connection.execute(_ENDED_BY_REPORT)
    connection.execute(update(STORE).where(STORE.c.name == "schema_version").values(value="2"))


def _missing_columns(connection: Connection) -> Iterator[Column[Any]]:
    known = {each["name"] for each in inspect(connection).get_columns(CASES.name)}
    yield from (column for column in CASES.columns if column.name not in known)


def _chunks(connection: Connection) -> Iterator[Sequence[Any]]:
    last = ""
    query = select(CASES.c.case_id, CASES.c.state).order_by(CASES.c.case_id).limit(CHUNK)
    while chunk := connection.execute(query.where(CASES.c.case_id > last)).all():
        yield chunk
        last = chunk[-1].case_id


def _tell_departments(connection: Connection, chunk: Sequence[Any]) -> None:
    cases = [(row, case_of(row.state)) for row in chunk]
    leads = [{"led": row.case_id, "by": case.definition.lead} for row, case in cases]
    connection.execute(_LEAD, leads)
    connection.execute(insert(CASE_DEPARTMENTS), [row for _, case in cases for row in taking_part(case)])


_LEAD: Final = update(CASES).where(CASES.c.case_id == bindparam("led")).values(lead=bindparam("by"))
_ENDED_BY_REPORT: Final = update(CASES).values(
    ended_at=select(func.min(REPORTS.c.issued_at)).where(REPORTS.c.case_id == CASES.c.case_id).scalar_subquery()
)
