"""Every archive of a kind of subject in one pass over the store: chunk by chunk, none of them cut in two."""

from collections.abc import Callable, Collection, Iterator
from itertools import groupby
from operator import itemgetter

import msgspec

from processors.archive.keys import FactKey, parse_key
from processors.archive.store import ArchiveStore

CHUNK_FACTS = 40_000
"""About 40 ms of work: as much as a reader beside it may have to wait for memory and the processor's caches."""

SUBJECTS_A_BREATH = 16

Row = tuple[bytes, bytes, bytes, bytes]
"""Subject, resource, key, message."""


class ScannedChunk(msgspec.Struct, frozen=True):
    """Whole archives, one after the other.

    Attributes:
        facts: how many facts were passed over or kept.
        subjects: how many subjects they are about.
        rows: the facts of the wanted resources, in the store's order.
    """

    facts: int
    subjects: int
    rows: list[Row]

    def by_subject(self, wanted: Collection[bytes]) -> Iterator[tuple[str, list[tuple[FactKey, bytes]]]]:
        """The rows of the wanted subjects, as the store gives those of one subject."""
        for subject, rows in groupby(self.rows, key=itemgetter(0)):
            if subject in wanted:
                length = len(subject) + 1
                yield subject.decode(), [(parse_key(key, length), message) for _, _, key, message in rows]


def scan(
    store: ArchiveStore,
    kind: str,
    resources: Collection[str],
    chunk_facts: int = CHUNK_FACTS,
    breathe: Callable[[], None] = lambda: None,
) -> Iterator[ScannedChunk]:
    """Every subject of a kind (``enterprise``, ``person``), as the store knows them when the scan begins.

    Args:
        store: scanned from one snapshot; writing goes on meanwhile.
        kind: what stands before the colon of a subject.
        resources: codes of those whose facts are wanted.
        chunk_facts: a chunk ends with the archive in which it comes to this many facts.
        breathe: called every half millisecond or so: may let others come to their turn.
    """
    wanted = frozenset(code.encode() for code in resources)
    cursor, bounds = store.raw_facts(f"{kind}:".encode(), f"{kind};".encode())
    current, facts, subjects, rows = b"", 0, 0, list[Row]()
    while cursor.valid():
        key = cursor.key()
        subject, resource, _ = key.split(b"\x00", 2)
        if subject != current:
            if facts >= chunk_facts:
                yield ScannedChunk(facts, subjects, rows)
                facts, subjects, rows = 0, 0, []
            current = subject
            subjects += 1
            if subjects % SUBJECTS_A_BREATH == 0:
                breathe()
        if resource in wanted:
            rows.append((subject, resource, key, cursor.value()))
        facts += 1
        cursor.next()
    del bounds  # held until here for the cursor
    if facts:
        yield ScannedChunk(facts, subjects, rows)
