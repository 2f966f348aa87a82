"""What a publisher put into the log since its last statement, resource by resource: ranges, counts, sums."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from topics.events import OffsetRange

Partition = tuple[str, int]
"""(topic, partition)."""

_MODULUS: Final = 1 << 256


@dataclass
class Tally:
    """The messages of one resource: count, sum of hashes, and (first, last) offset in each partition."""

    count: int = 0
    ids_sum: int = 0
    spans: dict[Partition, tuple[int, int]] = field(default_factory=dict)

    def sum_bytes(self) -> bytes:
        """The sum modulo 2^256, 32 bytes, big-endian."""
        return (self.ids_sum % _MODULUS).to_bytes(32, "big")

    def note(self, partition: Partition, offset: int, event_id: bytes) -> None:
        """Count one message."""
        self.count += 1
        self.ids_sum += int.from_bytes(hashlib.sha256(event_id).digest(), "big")
        span = self.spans.get(partition)
        self.spans[partition] = (offset, offset) if span is None else (min(span[0], offset), max(span[1], offset))

    def add(self, other: "Tally") -> None:
        """Count another tally's messages too."""
        self.count += other.count
        self.ids_sum += other.ids_sum
        for partition, (first, last) in other.spans.items():
            span = self.spans.get(partition, (first, last))
            self.spans[partition] = (min(span[0], first), max(span[1], last))


class PublishedSince:
    """The tallies of every resource, and which offsets hold this publisher's messages.

    A statement's ranges hold no offset of anybody else: another publisher's messages of the same resource between
    ours would be in the ranges, but not in our count.
    """

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}
        self._own: dict[Partition, list[list[int]]] = {}
        self._undelivered: dict[str, set[bytes]] = {}
        self._lock = threading.Lock()

    def note(self, resource: str, topic: str, partition: int, offset: int, event_id: bytes) -> None:
        """Count a message that the log has; offsets of one partition come in their order."""
        place = (topic, partition)
        with self._lock:
            runs = self._own.get(place)
            if runs is None:
                self._own[place] = [[offset, offset + 1]]
            elif runs[-1][1] == offset:
                runs[-1][1] = offset + 1
            else:
                runs.append([offset, offset + 1])
            tally = self._tallies.get(resource)
            if tally is None:
                tally = self._tallies[resource] = Tally()
            tally.note(place, offset, event_id)
            if self._undelivered:
                self._undelivered.get(resource, set()).discard(event_id)

    def note_undelivered(self, resource: str, event_id: bytes) -> None:
        """Remember a message whose delivery failed, until the same event is delivered."""
        with self._lock:
            self._undelivered.setdefault(resource, set()).add(event_id)

    def undelivered(self, resource: str) -> int:
        """How many events of the resource failed and were not delivered since."""
        with self._lock:
            return len(self._undelivered.get(resource, ()))

    def take(self, resource: str) -> tuple[Tally, tuple[OffsetRange, ...]]:
        """The resource's tally since its last statement, and its ranges; it begins anew."""
        with self._lock:
            tally = self._tallies.pop(resource, None) or Tally()
            return tally, tuple(self._ranges(tally))

    def give_back(self, resource: str, tally: Tally) -> None:
        """Undo ``take``: the statement was not delivered."""
        with self._lock:
            self._tallies.setdefault(resource, Tally()).add(tally)

    def forget_stated(self) -> None:
        """Let go of the offsets that no resource has still to state."""
        with self._lock:
            for place, runs in self._own.items():
                firsts = [tally.spans[place][0] for tally in self._tallies.values() if place in tally.spans]
                first = min(firsts, default=runs[-1][0])
                self._own[place] = [run for run in runs if run[1] > first] or runs[-1:]

    def _ranges(self, tally: Tally) -> Iterator[OffsetRange]:
        for place, (first, last) in sorted(tally.spans.items()):
            for begin, end in self._own[place]:
                start, stop = max(begin, first), min(end, last + 1)
                if start < stop:
                    yield OffsetRange(topic=place[0], partition=place[1], from_offset=start, to_offset=stop)
