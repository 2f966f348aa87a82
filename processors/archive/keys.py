"""Keys of the archive store, for one fact and for whole columns.

``subject 0 resource 0 record-id 0`` and then 44 bytes: inverted version, inverted event id, append time (ms), topic
number, partition, offset. Newest version first; a repeat of an event lies behind its first appearance, so writes are
blind and the earliest ``known_at`` survives. No part may contain byte 0.
"""

import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

SEPARATOR = b"\x00"
_TAIL = struct.Struct(">Q16sQHHQ")
TAIL_LENGTH = _TAIL.size
_SIGN = 1 << 63
_ALL = (1 << 64) - 1
_INVERTED = bytes(range(255, -1, -1))
_TAIL_COLUMNS = np.dtype(
    [("version", ">u8"), ("event", "V16"), ("known", ">u8"), ("topic", ">u2"), ("partition", ">u2"), ("offset", ">u8")]
)


class FactKey(NamedTuple):
    """What a key says; times in ms."""

    resource: str
    record_id: str
    version: int
    event_id: bytes
    known_at_ms: int
    topic_number: int
    partition: int
    offset: int


def subject_prefix(subject: str) -> bytes:
    """What every key of a subject starts with."""
    return subject.encode() + SEPARATOR


def subject_end(subject: str) -> bytes:
    """The first key behind a subject's keys."""
    return subject.encode() + b"\x01"


def parse_key(key: bytes, prefix_length: int) -> FactKey:
    """Read a key whose subject prefix is ``prefix_length`` bytes long."""
    resource, record_id = key[prefix_length : -TAIL_LENGTH - 1].split(SEPARATOR)
    version, event_id, known_at_ms, topic, partition, offset = _TAIL.unpack(key[-TAIL_LENGTH:])
    return FactKey(
        resource.decode(),
        record_id.decode(),
        _signed(version),
        event_id.translate(_INVERTED),
        known_at_ms,
        topic,
        partition,
        offset,
    )


def fact_key(subject: str, key: FactKey) -> bytes:
    """The key of one fact."""
    tail = _TAIL.pack(
        (key.version + _SIGN) ^ _ALL,
        key.event_id.translate(_INVERTED),
        key.known_at_ms,
        key.topic_number,
        key.partition,
        key.offset,
    )
    return SEPARATOR.join((subject.encode(), key.resource.encode(), key.record_id.encode(), tail))


def column_keys(
    frame: pl.DataFrame,
    known_at_ms: npt.NDArray[np.int64],
    topics: npt.NDArray[np.int64],
    partitions: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
) -> list[bytes]:
    """The keys of all rows of a frame that has the common fields of facts."""
    tail = np.empty(frame.height, dtype=_TAIL_COLUMNS)
    version = frame.get_column("version").to_numpy().view(np.uint64)
    tail["version"] = ~(version ^ np.uint64(_SIGN))
    tail["event"] = _inverted(frame.get_column("event_id"))
    tail["known"] = known_at_ms
    tail["topic"] = topics
    tail["partition"] = partitions
    tail["offset"] = offsets
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(TAIL_LENGTH), frame.height, [None, pa.py_buffer(tail)])
    joined = pc.binary_join_element_wise(
        _binary(frame.get_column("subject")),
        _binary(frame.get_column("resource")),
        _binary(frame.get_column("record_id")),
        fixed.cast(pa.large_binary()),
        pa.scalar(SEPARATOR, pa.large_binary()),
    )
    return list(joined.to_pylist())


def _binary(column: pl.Series) -> pa.Array:
    return column.to_arrow().cast(pa.large_binary())


def _inverted(event_ids: pl.Series) -> npt.NDArray[np.void]:
    raw = np.frombuffer(b"".join(event_ids.to_list()), dtype=np.uint8)
    return np.bitwise_not(raw).view("V16")


def _signed(inverted: int) -> int:
    return (inverted ^ _ALL) - _SIGN
