"""Rows of an answer as JSON, piece by piece, so that an answer that grows too large is cut in time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import msgspec

CHUNK_ROWS: Final = 512
_NESTED: Final = ("[", "STRUCT", "MAP", "UNION")
_CONVERTED: Final = ("BLOB", "HUGEINT", "BIGNUM", "VARINT", "BIT", *_NESTED)
_MOST_INT: Final = 2**64
_LEAST_INT: Final = -(2**63)


@dataclass(frozen=True)
class Column:
    """One column of an answer, its type as the engine names it."""

    name: str
    type: str


@dataclass(frozen=True)
class Fetched:
    """Rows as JSON arrays, a comma between them; ``truncated`` tells that there are more."""

    rows: int
    json: bytes
    truncated: bool


def columns_of(cursor: duckdb.DuckDBPyConnection) -> list[Column]:
    """The columns of the result that is open."""
    return [Column(str(each[0]), str(each[1])) for each in cursor.description or ()]


def fetched(cursor: duckdb.DuckDBPyConnection, columns: Sequence[Column], most_rows: int, most_bytes: int) -> Fetched:
    """The rows of the open result, up to a number of rows and about a number of bytes.

    Instants are ISO 8601 with the city's offset, binary is hex, numbers that JSON readers would round are texts.
    """
    converters = {
        place: plain for place, each in enumerate(columns) if each.type.startswith(_CONVERTED) or "[" in each.type
    }
    pieces: list[bytes] = []
    rows = size = 0
    while rows <= most_rows and size <= most_bytes:
        chunk = cursor.fetchmany(min(CHUNK_ROWS, most_rows + 1 - rows))
        if not chunk:
            return Fetched(rows, b",".join(pieces), truncated=False)
        kept = chunk[: most_rows - rows]
        if kept:
            pieces.append(msgspec.json.encode([_row(row, converters) for row in kept])[1:-1])
            size += len(pieces[-1])
        rows += len(kept)
        if len(kept) < len(chunk):
            break
    return Fetched(rows, b",".join(pieces), truncated=True)


def plain(value: Any) -> Any:
    """A value as JSON can say it, however deep it is nested."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {_key(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, int) and not _LEAST_INT <= value < _MOST_INT:
        return str(value)
    return value


def _row(row: tuple[Any, ...], converters: Mapping[int, Callable[[Any], Any]]) -> list[Any] | tuple[Any, ...]:
    if not converters:
        return row
    return [converters[place](value) if place in converters else value for place, value in enumerate(row)]


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(plain(key))
