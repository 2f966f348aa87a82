"""Kafka → lake against bare ``consume()`` on two cores; bytes a licence; merging; the rows of one subject."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import msgspec

from analytics.lake.compaction import compact
from analytics.lake.data_files import write_files
from analytics.lake.decode import decode
from analytics.lake.following import LakeFollower
from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.tables import FACTS
from benchmarks.apart import apart
from benchmarks.archive_assembly import bare_seconds
from benchmarks.figures import Figure, at_most, told
from benchmarks.hub import bench_hub, publish_spliced
from benchmarks.lake_volume import volume
from catalog.registry import LiveSchemaIds
from connectors.kafka import KafkaOptions
from onething.settings import LakeSettings
from processors.archive.service import prepare_interpreter
from producers.simulation.planned import Rates
from producers.simulation.simulate import Simulation
from topics.codec import RowCodec, SchemaIds
from topics.events import EVENT_TYPES

if TYPE_CHECKING:
    import duckdb

CORES: Final = 2
CITY: Final = (12_000, 12_000)
UNTIL: Final = date(2026, 11, 22)
STARTED_MS: Final = 1_790_000_000_000
PUBLISHED_A_MS: Final = 3
VOLUME_ROWS: Final = 4_000_000
VOLUME_DAYS: Final = 44


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--commit-rows", type=int, default=LakeSettings().commit_rows)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    found = [*writing(asked), *licence_size(), *subject_reading()]
    print(told("lake", found, as_json=asked.json))


def writing(asked: argparse.Namespace) -> list[Figure]:
    """Bare consume and lake in turn, ``rounds`` times; then the last lake's files are merged."""
    folder = tempfile.mkdtemp(prefix="onething-bench-lake-")
    try:
        with bench_hub() as hub:
            servers = hub.options.bootstrap_servers
            published = apart(publish_spliced, bootstrap_servers=servers, events=asked.events).value
            _say(f"published {asked.events:,} facts in {published:.1f} s")
            rounds = [_round(servers, asked, folder) for _ in range(asked.rounds)]
        merged = apart(merging_seconds, folder=folder)
    finally:
        shutil.rmtree(folder)
    bare, kept, memory = (median(each[place] for each in rounds) for place in range(3))
    ratio = median(each[1] / each[0] for each in rounds)
    return [
        Figure("facts on the log", asked.events, "events"),
        Figure("bare consume() on 2 cores", bare, "events/s"),
        Figure("Kafka → lake, committed", kept, "events/s"),
        Figure("Kafka → lake / bare consume()", ratio, "", 0.25),
        at_most("peak memory of the writing process", memory, "MB", 2048),
        Figure("merging files", asked.events / merged.value, "rows/s"),
    ]


def _round(servers: str, asked: argparse.Namespace, folder: str) -> tuple[float, float, float]:
    shutil.rmtree(folder)
    bare = apart(bare_on_two_cores, bootstrap_servers=servers, events=asked.events)
    kept = apart(
        lake_seconds, bootstrap_servers=servers, events=asked.events, folder=folder, commit_rows=asked.commit_rows
    )
    _say(f"bare {asked.events / bare.value:,.0f}/s, lake {asked.events / kept.value:,.0f}/s")
    return asked.events / bare.value, asked.events / kept.value, kept.peak_memory_mb


def bare_on_two_cores(bootstrap_servers: str, events: int) -> float:
    """Seconds that ``consume()`` alone takes for all of it."""
    _on_two_cores()
    return bare_seconds(bootstrap_servers, events)


def lake_seconds(bootstrap_servers: str, events: int, folder: str, commit_rows: int) -> float:
    """Seconds from the first look at the partitions until every fact is committed."""
    _on_two_cores()
    prepare_interpreter()
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    commit_s = LakeSettings().commit_s
    follower = LakeFollower(
        options, Location(folder), LiveSchemaIds(options), commit_s=commit_s, commit_rows=commit_rows
    )
    follower.prepare()
    while not follower.owned:
        follower.step()
    started = time.perf_counter()
    read = 0
    while read < events:
        read += follower.step()
    follower.settle()
    seconds = time.perf_counter() - started
    assert LakeReader(Location(folder)).files(FACTS.name).rows == events
    return seconds


def merging_seconds(folder: str) -> float:
    """Seconds until each day's files are one."""
    _on_two_cores()
    started = time.perf_counter()
    compact(Location(folder), quiet_s=0)
    return time.perf_counter() - started


def licence_size() -> list[Figure]:
    """The licences of the made-up city, published at one go, in one merged file."""
    messages = list(_licences())
    frames = decode(messages, SchemaIds.published()).frames[FACTS.name]
    with tempfile.TemporaryDirectory(prefix="onething-bench-lake-") as folder:
        files = write_files(Location(folder), FACTS, frames)
    rows, size = sum(each.rows for each in files), sum(each.size_bytes for each in files)
    on_the_log = sum(len(each.body) for each in messages)
    return [
        Figure("licence events of the made-up city", rows, "events"),
        Figure("a licence event on the log", on_the_log / rows, "bytes"),
        at_most("a licence event in the lake", size / rows, "bytes", 60),
    ]


@dataclass(frozen=True)
class _Logged:
    """A licence as the log would give it."""

    body: bytes
    subject: bytes
    name: str
    number: int

    def value(self) -> bytes:
        return self.body

    def key(self) -> bytes:
        return self.subject

    def topic(self) -> str:
        return self.name

    def partition(self) -> int:
        return self.subject[-1] % 4

    def offset(self) -> int:
        return self.number

    def timestamp(self) -> tuple[int, int]:
        return 2, STARTED_MS + self.number // PUBLISHED_A_MS


def _licences() -> Iterator[_Logged]:
    codec = RowCodec(SchemaIds.published())
    firms, persons = CITY
    city = Simulation(firms, persons, 1, UNTIL, Rates(0, 0, 0, 0))
    for number, planned in enumerate(city.publications()):
        if str(planned.draft["type"]).startswith("Licence"):
            yield _logged(codec, planned.draft, planned.subject, planned.record_type, planned.topic, number)


def _logged(codec: RowCodec, draft: Any, key: str, record_type: str, topic: str, number: int) -> _Logged:
    kind, _, person = key.partition("#")
    # A person's key is an HMAC: 32 hexadecimal characters without any order in them.
    subject = f"{kind}:{blake2b(person.encode(), digest_size=16).hexdigest()}" if person else key
    content = {name: _stored(name, value) for name, value in draft["content"].items()}
    common = {name: draft[name] for name in ("source", "resource", "record_id", "version", "valid_at")}
    event_id = blake2b(f"{number}".encode(), digest_size=16).digest()
    record = {"event_id": event_id, "subject": subject, "record_type": record_type, **common, **content}
    event = msgspec.convert(record, EVENT_TYPES[draft["type"]], builtin_types=(bytes,))
    return _Logged(codec.encode(event), subject.encode(), topic, number)


def _stored(name: str, value: Any) -> Any:
    """A draft's value as Avro stores it: dates as days; a sealed name is its length and 29 bytes more."""
    if value is None:
        return None
    if name in ("issued_on", "valid_from", "valid_to"):
        return (date.fromisoformat(value) - date(1970, 1, 1)).days
    return bytes(29) + value.encode() if name == "holder_person_name" else value


def subject_reading() -> list[Figure]:
    """How many rows lie in the row groups that cannot be passed over when one subject is asked for."""
    import duckdb  # noqa: PLC0415  it complains at the end of processes that freeze their objects, as the writer's

    with tempfile.TemporaryDirectory(prefix="onething-bench-lake-") as parent:
        folder = Path(parent) / "lake"
        volume(folder, VOLUME_ROWS, VOLUME_DAYS, CORES)
        reader = LakeReader(Location(str(folder)))
        paths = list(reader.files(FACTS.name).paths)
        with duckdb.connect(config={"threads": CORES}) as connection:
            connection.from_parquet(paths, hive_partitioning=True).create_view("facts")
            sample = connection.execute("SELECT subject FROM facts USING SAMPLE 20 ROWS")
            asked = [row[0] for row in sample.fetchall()]
            whole = _seconds(connection, "SELECT count(DISTINCT subject) FROM facts")
            one = median(_seconds(connection, "SELECT * FROM facts WHERE subject = ?", each) for each in asked)
            day = _seconds(connection, "SELECT count(DISTINCT subject) FROM facts WHERE day = DATE '2026-11-20'")
            kept = median(_rows_left(connection, paths, each) for each in asked)
    return [
        Figure("facts of the larger lake", VOLUME_ROWS, "rows"),
        Figure("rows left to read for one subject", kept / VOLUME_ROWS * 100, "%"),
        Figure("one subject, every column", one * 1000, "ms"),
        Figure("one day, its subjects", day * 1000, "ms"),
        Figure("every day, its subjects", whole * 1000, "ms"),
    ]


def _seconds(connection: "duckdb.DuckDBPyConnection", sql: str, *parameters: str) -> float:
    started = time.perf_counter()
    connection.execute(sql, parameters).fetchall()
    return time.perf_counter() - started


def _rows_left(connection: "duckdb.DuckDBPyConnection", paths: list[str], subject: str) -> int:
    """Rows of the row groups that neither their bounds nor their filter exclude."""
    bounds = connection.execute(
        "SELECT file_name, row_group_id, row_group_num_rows FROM parquet_metadata(?)"
        " WHERE path_in_schema = 'subject' AND stats_min_value <= ? AND stats_max_value >= ?",
        [paths, subject, subject],
    ).fetchall()
    filters = connection.execute(
        "SELECT file_name, row_group_id FROM parquet_bloom_probe(?, 'subject', ?) WHERE NOT bloom_filter_excludes",
        [paths, subject],
    ).fetchall()
    possible = set(filters)
    return sum(rows for file, group, rows in bounds if (file, group) in possible)


def _on_two_cores() -> None:
    """Where the machine has more, this process and its threads keep to two."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:CORES]))


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
