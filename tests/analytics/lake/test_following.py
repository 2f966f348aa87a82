"""The lake on a real log: killed writers, two writers, topics that appear, another cluster, a day built again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pyarrow.parquet as pq
import pytest

from analytics.lake.claim import LakeOfAnotherClusterError
from analytics.lake.compaction import compact
from analytics.lake.following import LakeFollower
from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.rebuild import RebuildFailed, rebuild
from analytics.lake.tables import TABLES, UNDECODED
from catalog.registry import LiveSchemaIds, RegistryWriter, register_published
from connectors.kafka import KafkaOptions, admin, producer
from connectors.kafka.topic_admin import apply
from tests.analytics.lake.log import licence, reading
from topics.codec import RowCodec
from topics.declarations import PartitionCounts, TopicDeclaration, declared_topics

pytestmark = pytest.mark.broker

MESSAGES = 3_000
PROCESS = Path(__file__).with_name("writer_process.py")
ROOT = Path(__file__).parents[3]
PATIENCE_S = 90.0


@pytest.fixture(scope="module")
def cluster(own_kafka: str) -> KafkaOptions:
    """A log with the topics of two departments and the schemas, and some thousand messages."""
    options = KafkaOptions(own_kafka)
    topics = declared_topics({"tax": ["licence"]}, PartitionCounts(fact=2, case=1))
    apply(admin(options), topics)
    writer = RegistryWriter(options)
    register_published(writer, topics)
    writer.close()
    publish(options, "licence.tax", range(MESSAGES))
    publish(options, "access.reads", range(200))
    return options


def publish(options: KafkaOptions, topic: str, numbers: range) -> None:
    codec = RowCodec(LiveSchemaIds(options).ids)
    out = producer(options, linger_ms=5)
    department = topic.rsplit(".", 1)[-1]
    for number in numbers:
        if number % 50 == 49:
            out.produce(topic, b"not a message", b"key")
        elif topic == "access.reads":
            out.produce(topic, codec.encode(reading(number)), b"key")
        else:
            subject = f"enterprise:{number % 300}"
            fact = licence(number, subject=subject, source=department, resource=f"{department}.permit")
            out.produce(topic, codec.encode(fact), subject.encode())
    out.flush()


@contextmanager
def process(cluster: KafkaOptions, folder: Path, index: int = 0) -> Iterator[subprocess.Popen[str]]:
    """A writer in a process of its own, killed at the end if it still runs."""
    command = [sys.executable, str(PROCESS), cluster.bootstrap_servers, str(folder), str(index)]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    ) as one:
        try:
            yield one
        finally:
            one.kill()


def follower(cluster: KafkaOptions, folder: Path, index: int = 0) -> LakeFollower:
    return LakeFollower(
        cluster, Location(str(folder)), LiveSchemaIds(cluster), commit_s=0.05, commit_rows=500, index=index
    )


def until(is_so: Callable[[], bool], step: Callable[[], object]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end_s, "it did not come to it in time"
        step()


def test_nothing_is_missing_or_doubled_after_writers_were_killed(cluster: KafkaOptions, tmp_path: Path) -> None:
    """Each dies by SIGKILL at a moment of chance: while it reads, writes files, commits or merges."""
    chance = random.Random(20261122)  # noqa: S311  moments, not secrets
    for _ in range(5):
        with process(cluster, tmp_path) as one:
            assert one.stdout is not None
            one.stdout.readline()
            with suppress(subprocess.TimeoutExpired):
                one.wait(chance.uniform(0.0, 0.5))
            one.send_signal(signal.SIGKILL)
            one.wait()
    _filled(cluster, tmp_path)
    _is_whole(tmp_path, MESSAGES)
    compact(Location(str(tmp_path)), quiet_s=0)
    _is_whole(tmp_path, MESSAGES)


def test_two_writers_share_the_partitions_and_double_nothing(cluster: KafkaOptions, tmp_path: Path) -> None:
    one = follower(cluster, tmp_path, 0)
    one.prepare()
    until(lambda: bool(one.owned), one.step)
    every = one.owned
    with process(cluster, tmp_path, 1):
        until(lambda: one.owned < every, one.step)
        until(lambda: _count(tmp_path) == MESSAGES + 200, one.step)
    one.settle()
    one.stop()
    one.run()
    _is_whole(tmp_path, MESSAGES)


def test_topics_that_appear_are_found_while_it_runs(
    cluster: KafkaOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.lake.following.TOPIC_LOOK_S", 0.2)
    one = follower(cluster, tmp_path)
    one.prepare()
    until(lambda: bool(one.owned), one.step)
    name = f"licence.{'office' + uuid4().hex[:6]}"
    apply(admin(cluster), [TopicDeclaration(name, "fact", "licence", name, 1, {}, ())])
    publish(cluster, name, range(10))
    until(lambda: LakeReader(one._location).positions().get((name, 0)) == 10, one.step)
    one.stop()
    one.run()


def test_a_lake_of_another_cluster_is_refused_with_the_remedy(cluster: KafkaOptions, tmp_path: Path) -> None:
    (tmp_path / "claim.json").write_text('{"cluster_id":"another","topics":{}}')
    with pytest.raises(LakeOfAnotherClusterError, match="another") as refused:
        follower(cluster, tmp_path).prepare()
    assert "lake.url" in refused.value.remedy


def test_a_day_whose_file_was_removed_is_built_again_from_the_log(cluster: KafkaOptions, tmp_path: Path) -> None:
    _filled(cluster, tmp_path)
    location = Location(str(tmp_path))
    compact(location, quiet_s=0)
    reader = LakeReader(location)
    for table in ("facts", UNDECODED):
        before = _rows(tmp_path, table)
        (gone, *_) = reader.files(table).files
        (tmp_path / table / gone.path).unlink()
        assert reader.missing(table) == (gone,)
        came = rebuild(cluster, location, table, gone.day)
        assert (came.rows_before, came.rows) == (gone.rows, gone.rows)
        assert not reader.missing(table)
        assert _rows(tmp_path, table) == before
    assert rebuild(cluster, location, "facts").rows == reader.files("facts").rows
    assert rebuild(cluster, location, "complaints").rows == 0
    _is_whole(tmp_path, MESSAGES)


def test_the_writer_goes_on_while_a_table_is_built_again(cluster: KafkaOptions, tmp_path: Path) -> None:
    _filled(cluster, tmp_path)
    one = follower(cluster, tmp_path)
    one.prepare()
    until(lambda: bool(one.owned), one.step)
    rebuild(cluster, Location(str(tmp_path)), "facts", progress=lambda *_: _stepped(one))
    one.stop()
    one.run()
    _is_whole(tmp_path, MESSAGES)


def test_an_empty_lake_cannot_be_built_again(cluster: KafkaOptions, tmp_path: Path) -> None:
    with pytest.raises(RebuildFailed) as failed:
        rebuild(cluster, Location(str(tmp_path)), "facts")
    assert "onething run lake" in failed.value.remedy


def _stepped(one: LakeFollower) -> None:
    one.step()


def _filled(cluster: KafkaOptions, folder: Path) -> None:
    one = follower(cluster, folder)
    one.prepare()
    until(lambda: _count(folder) >= MESSAGES + 200, one.step)
    one.stop()
    one.run()


def _count(folder: Path) -> int:
    reader = LakeReader(Location(str(folder)))
    return sum(_of_base(reader.positions()).values())


def _of_base(positions: object) -> dict[tuple[str, int], int]:
    assert isinstance(positions, dict)
    return {place: at for place, at in positions.items() if place[0] in ("licence.tax", "access.reads")}


def _rows(folder: Path, table: str) -> Counter[tuple[str, int, int]]:
    found: Counter[tuple[str, int, int]] = Counter()
    for path in LakeReader(Location(str(folder))).files(table).paths:
        rows = pq.read_table(path, columns=["topic", "partition", "offset"], partitioning=None).to_pylist()
        found.update((row["topic"], row["partition"], row["offset"]) for row in rows)
    return found


def _is_whole(folder: Path, messages: int) -> None:
    rows: Counter[tuple[str, int, int]] = Counter()
    for name in TABLES:
        rows += _rows(folder, name)
    own = {key: count for key, count in rows.items() if key[0] in ("licence.tax", "access.reads")}
    assert set(own.values()) == {1}
    assert len(own) == messages + 200
    assert LakeReader(Location(str(folder))).files(UNDECODED).rows >= messages // 50
