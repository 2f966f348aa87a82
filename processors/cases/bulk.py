"""Many rows at once: statements that are made into text once, and on SQLite carry many rows each.

For every row that a statement carries alone, SQLAlchemy looks at each of its values and sqlite3 gives the interpreter
away and takes it back. Both cost more than SQLite's own work on the row.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Insert, Update
from sqlalchemy.dialects import sqlite

Row = Mapping[str, Any]

CHUNKS: Final = (256, 64, 16, 4, 1)
"""Rows in a statement: few sizes, so that sqlite3 keeps what it prepared, and no more values than SQLite takes."""


class ManyInserts:
    """An insert, or an upsert, of any number of rows; each gives every column."""

    def __init__(self, statement: Insert) -> None:
        self._statement = statement
        text, names = _compiled(statement)
        self._values = itemgetter(*names)
        one = f"({', '.join('?' * len(names))})"
        self._texts = {size: text.replace(f"VALUES {one}", f"VALUES {', '.join([one] * size)}", 1) for size in CHUNKS}

    def execute(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write the rows."""
        if connection.dialect.name != "sqlite":
            connection.execute(self._statement, rows)
            return
        cursor = _cursor(connection)
        for chunk in _chunks(rows):
            cursor.execute(self._texts[len(chunk)], tuple(chain.from_iterable(map(self._values, chunk))))
        cursor.close()


class ManyUpdates:
    """An update of any number of rows, one after the other; each gives every parameter."""

    def __init__(self, statement: Update) -> None:
        self._statement = statement
        self._text, names = _compiled(statement)
        self._values = itemgetter(*names)

    def execute(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Change the rows; how many there were to change."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, rows).rowcount
        cursor = _cursor(connection)
        cursor.executemany(self._text, map(self._values, rows))
        changed: int = cursor.rowcount
        cursor.close()
        return changed


def _compiled(statement: Insert | Update) -> tuple[str, list[str]]:
    """SQLite's text of a statement, and the names of its values in their order."""
    compiled: Any = statement.compile(dialect=sqlite.dialect())
    return str(compiled), compiled.positiontup


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    at = 0
    for size in CHUNKS:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()
