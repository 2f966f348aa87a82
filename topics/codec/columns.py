"""Whole columns at once: many bodies of one schema, framed as one in-memory Avro container and read by polars.

Framing is a trust boundary. A body with a second record behind it would shift every following row, so each row's
Avro length, computed from its values, must equal the length of its message; any doubt sends the batch to the row
codec, which names the culprits.
"""

import json
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from topics.codec.rows import MISSING, newest_fields
from topics.codec.schema_ids import WireSchema
from topics.codec.wire import CodecFault
from topics.schemas import newest_schemas

Lengths = npt.NDArray[np.int64]
Branch = tuple[Lengths, npt.NDArray[np.bool_]]
_SYNC = b"\x00" * 16
_PRESENT = 2
"""The one byte that stands for the second branch of a union."""
_VARINT_STEPS = [1 << (7 * width) for width in range(1, 10)]
_LONG_STEPS = np.array(_VARINT_STEPS, dtype=np.uint64)
_COLUMNAR = {"string", "long", "int", "bytes"}
_TYPES: dict[str, type[pl.DataType]] = {
    "string": pl.String,
    "long": pl.Int64,
    "int": pl.Int32,
    "bytes": pl.Binary,
    "fixed": pl.Binary,
}
_WIDEST_TRUSTED_INT = 1 << 26
_WIDEST_TRUSTED_ZIGZAG = np.uint64(1 << 63)


@cache
def is_columnar(text: str) -> bool:
    """Whether every field of this schema has a type whose row length is known from its value alone."""
    return all(_leaf(field["type"]) is not None for field in json.loads(text)["fields"])


@cache
def column_types(text: str) -> dict[str, type[pl.DataType]]:
    """The type of each column that ``decode_columns`` makes of this schema; fields that are not columnar lack."""
    leaves = {field["name"]: _leaf(field["type"]) for field in json.loads(text)["fields"]}
    return {name: _TYPES[leaf] for name, leaf in leaves.items() if leaf is not None}


def decode_columns(schema: WireSchema, bodies: Sequence[bytes], lengths: Lengths) -> pl.DataFrame:
    """One row a body, one column a field; times as Int64 microseconds, dates as Int32 days.

    Args:
        schema: writer schema of all bodies; ``is_columnar`` must hold.
        bodies: Avro bodies without their wire header.
        lengths: their lengths in bytes.

    Raises:
        CodecFault: ``batch-in-doubt`` when any row may not be exactly its message.
    """
    if not (lengths > 0).all():
        # An empty record schema does not exist here; an empty body would let its neighbour's bytes stand for it.
        raise CodecFault("batch-in-doubt", "an empty body")
    data = b"".join(bodies)
    frame = _read_container(schema, data, len(bodies))
    if frame.height != len(bodies):
        raise CodecFault("batch-in-doubt", f"{len(bodies)} messages, {frame.height} rows")
    row_lengths, branches = _layout(schema, frame)
    if not np.array_equal(row_lengths, lengths):
        raise CodecFault("batch-in-doubt", "a row's length differs from its message's")
    _check_branches(data, np.cumsum(lengths) - lengths, branches)
    return frame


def upcast_columns(schema: WireSchema, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in the newest published version of its schema: columns added since hold their defaults.

    Raises:
        CodecFault: ``cannot-upcast`` when a column is missing that has no default.
    """
    published = newest_schemas().get(schema.name)
    if published is None or published.full_name != schema.full_name:
        return frame
    fields = newest_fields(schema.name)
    missing = [_default_of(name, fields[name]).alias(name) for name in fields if name not in frame.columns]
    return frame.with_columns(missing).select(list(fields)) if missing or len(fields) != frame.width else frame


def _default_of(name: str, default: object) -> pl.Expr:
    if default is MISSING:
        raise CodecFault("cannot-upcast", f"column {name} is missing and has no default")
    return pl.lit(default)


def _read_container(schema: WireSchema, data: bytes, rows: int) -> pl.DataFrame:
    block = b"".join((_header(schema.text), _zigzag(rows), _zigzag(len(data)), data, _SYNC))
    try:
        frame = pl.read_avro(BytesIO(block))
    except BaseException as fault:
        # polars raises PanicException, a BaseException, on truncated bodies.
        if isinstance(fault, KeyboardInterrupt | SystemExit):
            raise
        raise CodecFault("batch-in-doubt", f"unreadable: {type(fault).__name__}") from None
    return frame.with_columns(pl.col(pl.Datetime).to_physical(), pl.col(pl.Date).to_physical())


def _layout(schema: WireSchema, frame: pl.DataFrame) -> tuple[Lengths, list[Branch]]:
    """The length of each row, and where in each row the values of nullable fields say that they are present."""
    total = np.zeros(frame.height, dtype=np.int64)
    branches: list[Branch] = []
    for field in schema.parsed["fields"]:
        column = frame.get_column(field["name"])
        if isinstance(field["type"], list) and column.null_count() < len(column):
            branches.append((total.copy(), column.is_not_null().to_numpy()))
        total += _field_lengths(field["type"], column)
    return total, branches


def _check_branches(data: bytes, starts: Lengths, branches: list[Branch]) -> None:
    octets = np.frombuffer(data, dtype=np.uint8)
    for within, present in branches:
        if not (octets[(starts + within)[present]] == _PRESENT).all():
            # polars takes every branch but null's for the value's; other readers cannot read such a body at all.
            raise CodecFault("batch-in-doubt", "a union branch that the schema does not have")


def _field_lengths(avro_type: Any, column: pl.Series) -> Lengths | int:
    if isinstance(avro_type, list):
        if column.null_count() == len(column):
            return 1
        present = column.is_not_null().to_numpy()
        return np.where(present, 1 + _field_lengths(avro_type[1], _filled(column)), 1)
    if isinstance(avro_type, dict):
        return int(avro_type["size"])
    if avro_type == "string":
        return _counted(column.str.len_bytes().to_numpy())
    if avro_type == "bytes":
        return _counted(column.bin.size().to_numpy())
    return _varint_lengths(avro_type, column.to_numpy())


def _filled(column: pl.Series) -> pl.Series:
    if column.null_count() == 0:
        return column
    if column.dtype == pl.String:
        return column.fill_null("")
    return column.fill_null(b"") if column.dtype == pl.Binary else column.fill_null(0)


def _counted(sizes: npt.NDArray[Any]) -> Lengths:
    lengths = sizes.astype(np.int64)
    doubled = lengths * 2
    total = lengths + 1
    for step in _VARINT_STEPS[:4]:
        over = doubled >= step
        if not over.any():
            break
        total += over
    return total


def _varint_lengths(avro_type: str, values: npt.NDArray[Any]) -> Lengths:
    wide = values.astype(np.int64)
    if avro_type == "int" and (np.abs(wide) >= _WIDEST_TRUSTED_INT).any():
        # A 35-bit varint would be cut to 32 bits without a sign of it; the row codec sees all of it.
        raise CodecFault("batch-in-doubt", "an int near the edge of its range")
    zigzag = ((wide << 1) ^ (wide >> 63)).view(np.uint64)
    if (zigzag >= _WIDEST_TRUSTED_ZIGZAG).any():
        # Ten bytes hold 70 bits: polars drops those beyond 64, and the length does not tell.
        raise CodecFault("batch-in-doubt", "a long near the edge of its range")
    return np.searchsorted(_LONG_STEPS, zigzag, side="right").astype(np.int64) + 1


def _leaf(avro_type: Any) -> str | None:
    if isinstance(avro_type, list):
        nullable = len(avro_type) == 2 and avro_type[0] == "null"  # noqa: PLR2004
        return _leaf(avro_type[1]) if nullable else None
    if isinstance(avro_type, dict):
        return "fixed" if avro_type["type"] == "fixed" else _leaf(avro_type["type"])
    return avro_type if avro_type in _COLUMNAR else None


@cache
def _header(schema_text: str) -> bytes:
    metadata = _zigzag(2) + _text("avro.schema") + _text(schema_text) + _text("avro.codec") + _text("null")
    return b"Obj\x01" + metadata + _zigzag(0) + _SYNC


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _zigzag(len(encoded)) + encoded


def _zigzag(number: int) -> bytes:
    rest = number << 1
    out = bytearray()
    while rest > 0x7F:  # noqa: PLR2004
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
