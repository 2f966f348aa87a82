"""The archive store: facts and input positions in one RocksDB, written together, so that a restart is a seek."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
from rocksdict import BlockBasedOptions, Cache, Options, Rdict, RdictIter, ReadOptions, WriteBatch

from processors.archive.keys import FactKey, parse_key, subject_end, subject_prefix

FORMAT = 1
_META, _SEGMENTS, _WATCHES = "meta", "segments", "watches"


class StoreOfAnotherClusterError(Exception):
    """The store was filled from another cluster, or a topic was deleted and made anew. Nothing was changed."""

    def __init__(self, path: Path, what: str) -> None:
        """Name the store and what differs."""
        self.remedy = "point the hub at the cluster it was filled from, or clear it: onething broker reset"
        super().__init__(f"the archive store {path} does not belong to this log: {what}")


@dataclass
class Batch:
    """What one micro-batch writes: all of it or nothing."""

    facts: list[tuple[bytes, bytes]] = field(default_factory=list)
    segments: list[tuple[bytes, bytes]] = field(default_factory=list)
    meta: dict[str, bytes] = field(default_factory=dict)


class ArchiveStore:
    """One replica's store. One thread writes, any thread reads."""

    def __init__(self, path: Path, memory_mb: int = 512) -> None:
        """Open or create the store under ``path`` with at most ``memory_mb`` of cache and write buffers."""
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        options = _options(memory_mb)
        families = {name: _options(16) for name in (_META, _SEGMENTS, _WATCHES)}
        self._db = Rdict(str(path / "rocksdb"), options, column_families=families)
        self._families = {name: self._db.get_column_family_handle(name) for name in families}
        self._columns = {name: self._db.get_column_family(name) for name in families}
        self._topics: list[str] = [name for _, name in sorted(self._read_topics())]
        self._numbers = {name: number for number, name in enumerate(self._topics)}
        self._lock = Lock()
        self._check_format()

    def claim(self, cluster_id: str, topic_ids: dict[str, str]) -> None:
        """Bind the store to a log, or confirm that it is bound to it.

        Raises:
            StoreOfAnotherClusterError: cluster or topic ids differ from those it was filled from.
        """
        known = self._get_meta("cluster")
        if known is not None and known != cluster_id.encode():
            raise StoreOfAnotherClusterError(self.path, f"cluster {known.decode()}, now {cluster_id}")
        for topic, topic_id in topic_ids.items():
            before = self._get_meta(f"topic-id/{topic}")
            if before is not None and before != topic_id.encode():
                raise StoreOfAnotherClusterError(self.path, f"topic {topic} had id {before.decode()}, now {topic_id}")
        meta = {f"topic-id/{topic}": topic_id.encode() for topic, topic_id in topic_ids.items()}
        self.write(Batch(meta={"cluster": cluster_id.encode(), **meta}))

    def topic_number(self, topic: str) -> int:
        """The small number under which keys name a topic."""
        number = self._numbers.get(topic)
        if number is None:
            with self._lock:
                if topic in self._numbers:
                    return self._numbers[topic]
                number = len(self._topics)
                self.write(Batch(meta={f"topic-number/{topic}": number.to_bytes(2, "big")}))
                self._topics.append(topic)
                self._numbers[topic] = number
        return number

    def topic(self, number: int) -> str:
        """The topic of a number."""
        return self._topics[number]

    def write(self, batch: Batch) -> None:
        """Write everything in the batch atomically."""
        raw = WriteBatch(raw_mode=True)
        put = raw.put
        for key, value in batch.facts:
            put(key, value)
        segments, meta = self._families[_SEGMENTS], self._families[_META]
        for key, value in batch.segments:
            put(key, value, segments)
        for name, value in batch.meta.items():
            put(name.encode(), value, meta)
        self._db.write(raw)

    def settle_statement(self, event_id: str, resource: str, coverage: bytes) -> None:
        """Replace a waiting coverage statement by what is known of its resource now."""
        raw = WriteBatch(raw_mode=True)
        raw.delete(f"statement/{event_id}".encode(), self._families[_META])
        raw.put(f"settled/{event_id}".encode(), b"", self._families[_META])
        raw.put(f"coverage/{resource}".encode(), coverage, self._families[_META])
        self._db.write(raw)

    def is_settled(self, event_id: str) -> bool:
        """Whether this coverage statement was settled before; a repeat of it says nothing new."""
        return self._get_meta(f"settled/{event_id}") is not None

    def positions(self) -> dict[tuple[str, int], int]:
        """Next offset to read of each (topic, partition) read so far."""
        found = {}
        for key, value in self._scan(_META, b"position/", b"position0"):
            topic, partition = key.decode().removeprefix("position/").rsplit("/", 1)
            found[topic, int(partition)] = int.from_bytes(value, "big")
        return found

    def facts(self, subject: str) -> Iterator[tuple[FactKey, bytes]]:
        """Keys and original message bytes of everything about a subject, in key order, from one snapshot."""
        prefix = subject_prefix(subject)
        length = len(prefix)
        # The iterator reads its bounds where the options keep them: they must live as long as it does.
        bounds = _bounds(prefix, subject_end(subject))
        iterator = self._db.iter(bounds)
        iterator.seek(prefix)
        while iterator.valid():
            yield parse_key(iterator.key(), length), iterator.value()
            iterator.next()

    def raw_facts(self, start: bytes, end: bytes) -> tuple[RdictIter, ReadOptions]:
        """A cursor over keys and values from ``start`` to before ``end``, from one snapshot, standing on the first.

        It reads its bounds where the options keep them: they must live as long as it does.
        """
        bounds = _bounds(start, end)
        cursor = self._db.iter(bounds)
        cursor.seek(start)
        return cursor, bounds

    def segments(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Rows of the segment index from ``start`` to before ``end``."""
        return self._scan(_SEGMENTS, start, end)

    def meta(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Named values whose name starts with the prefix."""
        encoded = prefix.encode()
        end = encoded[:-1] + bytes([encoded[-1] + 1])
        return ((key.decode(), value) for key, value in self._scan(_META, encoded, end))

    def drop_meta(self, names: list[str]) -> None:
        """Drop named values."""
        raw = WriteBatch(raw_mode=True)
        for name in names:
            raw.delete(name.encode(), self._families[_META])
        self._db.write(raw)

    def watches(self) -> Iterator[tuple[bytes, bytes]]:
        """Every watch: key and value."""
        return self._scan(_WATCHES, b"", b"\xff")

    def watches_of(self, subject: str) -> list[tuple[bytes, bytes]]:
        """The watches on one subject."""
        return list(self._scan(_WATCHES, subject_prefix(subject), subject_end(subject)))

    def put_watches(self, watches: list[tuple[bytes, bytes]]) -> None:
        """Set many watches at once."""
        raw = WriteBatch(raw_mode=True)
        family = self._families[_WATCHES]
        for key, value in watches:
            raw.put(key, value, family)
        self._db.write(raw)

    def drop_watch(self, key: bytes) -> None:
        """Drop a watch."""
        self._columns[_WATCHES].delete(key)

    def estimated_facts(self) -> int:
        """About how many facts are kept."""
        return int(self._db.property_int_value("rocksdb.estimate-num-keys") or 0)

    def close(self) -> None:
        """Flush and close."""
        self._db.flush()
        for column in self._columns.values():
            column.close()
        # Every handle keeps the lock on the files; they go before the database does.
        self._columns.clear()
        self._families.clear()
        self._db.close()

    def _scan(self, family: str, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        bounds = _bounds(start, end)
        iterator = self._columns[family].iter(bounds)
        iterator.seek(start)
        while iterator.valid():
            yield iterator.key(), iterator.value()
            iterator.next()

    def _get_meta(self, name: str) -> bytes | None:
        value: bytes | None = self._columns[_META].get(name.encode())
        return value

    def _read_topics(self) -> Iterator[tuple[int, str]]:
        for name, value in self.meta("topic-number/"):
            yield int.from_bytes(value, "big"), name.removeprefix("topic-number/")

    def _check_format(self) -> None:
        known = self._get_meta("format")
        if known is not None and msgspec.json.decode(known) != FORMAT:
            raise StoreOfAnotherClusterError(self.path, f"format {known.decode()}, this release reads {FORMAT}")
        self.write(Batch(meta={"format": msgspec.json.encode(FORMAT)}))


def position_meta(topic: str, partition: int, next_offset: int) -> tuple[str, bytes]:
    """The named value that keeps an input position."""
    return f"position/{topic}/{partition}", next_offset.to_bytes(8, "big")


def _bounds(start: bytes, end: bytes) -> ReadOptions:
    bounds = ReadOptions()
    bounds.set_iterate_lower_bound(start)
    bounds.set_iterate_upper_bound(end)
    return bounds


def _options(memory_mb: int) -> Any:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.create_missing_column_families(True)
    options.set_max_background_jobs(2)
    options.set_write_buffer_size(max(4, memory_mb // 8) * 1024 * 1024)
    options.set_max_write_buffer_number(3)
    options.set_keep_log_file_num(5)
    options.set_max_open_files(512)
    options.set_level_compaction_dynamic_level_bytes(True)
    table = BlockBasedOptions()
    table.set_block_cache(Cache(max(4, memory_mb // 2) * 1024 * 1024))
    table.set_cache_index_and_filter_blocks(True)
    table.set_pin_l0_filter_and_index_blocks_in_cache(True)
    options.set_block_based_table_factory(table)
    return options
