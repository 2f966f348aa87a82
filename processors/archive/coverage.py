"""Coverage: when a source's statement "complete up to T" may be believed.

A statement takes effect when the view has read past every range it names and found in them exactly the messages it
counts: their number, and the sum modulo 2^256 of the SHA-256 of their event ids. What was read is indexed in segments:
one row a (resource, topic, partition, micro-batch) with offsets and event ids.
"""

import struct
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np

from processors.archive.store import ArchiveStore

SUM_MODULUS = 1 << 256
_SEGMENT = struct.Struct(">HHQ")
_ID_LENGTH = 16


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a resource's completeness.

    Attributes:
        complete_until: µs; the source's data up to here is in the archive. None when no statement holds.
        reconciled: messages counted and found, over all statements that hold.
        position: the ranges of the newest statement, as text.
        fault: why a statement does not hold, if one does not; nothing later is believed until it is mended.
        broken: the statements that do not hold.
    """

    resource: str
    complete_until: int | None = None
    reconciled: int = 0
    position: str = ""
    source_total: int | None = None
    fault: str | None = None
    broken: tuple["Statement", ...] = ()


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A coverage statement that waits for the view to pass its ranges."""

    event_id: bytes
    resource: str
    complete_until: int
    ranges: tuple[tuple[str, int, int, int], ...]
    message_count: int
    event_ids_sum: bytes
    source_total: int | None

    @property
    def order(self) -> tuple[int, int]:
        """Statements are believed in this order: by their time, and what covers another one after it."""
        return self.complete_until, sum(end - start for _, _, start, end in self.ranges)

    def is_passed(self, positions: Mapping[tuple[str, int], int]) -> bool:
        """Whether every range lies behind the positions (next offsets to read)."""
        return all(positions.get((topic, partition), 0) >= to for topic, partition, _, to in self.ranges)


def statement_of(record: dict[str, Any]) -> Statement:
    """The statement that a CoverageStated record makes."""
    ranges = tuple((r["topic"], r["partition"], r["from_offset"], r["to_offset"]) for r in record["ranges"])
    return Statement(
        event_id=record["event_id"],
        resource=record["resource"],
        complete_until=record["complete_until"],
        ranges=ranges,
        message_count=record["message_count"],
        event_ids_sum=record["event_ids_sum"],
        source_total=record["source_total"],
    )


def accept(coverage: Coverage, statement: Statement, found: tuple[int, int]) -> Coverage:
    """Fold a statement whose ranges were read into what is known.

    Args:
        coverage: what was known before.
        statement: the statement.
        found: number of messages in its ranges, and the sum of their digests.
    """
    stated = statement.message_count, int.from_bytes(statement.event_ids_sum, "big")
    if found != stated:
        fault = f"stated {stated[0]} messages, read {found[0]}"
        broken = (*coverage.broken, statement)
        return msgspec.structs.replace(coverage, fault=fault, broken=broken)
    broken = tuple(each for each in coverage.broken if not _covers(statement, each))
    held = coverage.complete_until
    return msgspec.structs.replace(
        coverage,
        complete_until=held if broken else max(statement.complete_until, held or 0),
        reconciled=coverage.reconciled + found[0],
        position="; ".join(f"{topic}/{partition}/{start}-{end}" for topic, partition, start, end in statement.ranges),
        source_total=statement.source_total,
        fault=coverage.fault if broken else None,
        broken=broken,
    )


def _covers(later: Statement, earlier: Statement) -> bool:
    return all(
        any(topic == t and partition == p and start <= first and end >= last for t, p, start, end in later.ranges)
        for topic, partition, first, last in earlier.ranges
    )


def segment_rows(
    resources: list[str], topics: list[int], partitions: list[int], offsets: list[int], event_ids: list[bytes]
) -> Iterator[tuple[bytes, bytes]]:
    """Index rows of one micro-batch: key (resource, topic number, partition, first offset), value offsets and ids."""
    groups: dict[tuple[str, int, int], list[int]] = {}
    for row, where in enumerate(zip(resources, topics, partitions, strict=True)):
        groups.setdefault(where, []).append(row)
    for (resource, topic, partition), rows in groups.items():
        rows.sort(key=offsets.__getitem__)
        packed = np.array([offsets[row] for row in rows], dtype=">u8").tobytes()
        key = _segment_key(resource, topic, partition, offsets[rows[0]])
        yield key, packed + b"".join([event_ids[row] for row in rows])


def segment_size(key: bytes, value: bytes) -> tuple[str, int, int]:
    """Resource and topic number of an index row, and how many messages it stands for."""
    resource, _, place = key.partition(b"\x00")
    return resource.decode(), _SEGMENT.unpack(place)[0], len(value) // (8 + _ID_LENGTH)


def read_range(store: ArchiveStore, resource: str, topic: str, partition: int, start: int, end: int) -> tuple[int, int]:
    """Number of the resource's messages in [start, end) of a partition, and the sum of their event ids' SHA-256."""
    number = store.topic_number(topic)
    first = _segment_key(resource, number, partition, 0)
    count = total = 0
    for _, value in store.segments(first, _segment_key(resource, number, partition, end)):
        size = len(value) // (8 + _ID_LENGTH)
        if int.from_bytes(value[8 * (size - 1) : 8 * size], "big") < start:
            continue
        for offset, event_id in _entries(value, size):
            if start <= offset < end:
                count += 1
                total += int.from_bytes(sha256(event_id).digest(), "big")
    return count, total % SUM_MODULUS


def _entries(value: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    ids = 8 * size
    for row, offset in enumerate(np.frombuffer(value, ">u8", size).tolist()):
        yield offset, value[ids + row * _ID_LENGTH : ids + (row + 1) * _ID_LENGTH]


def _segment_key(resource: str, topic: int, partition: int, offset: int) -> bytes:
    return resource.encode() + b"\x00" + _SEGMENT.pack(topic, partition, offset)
