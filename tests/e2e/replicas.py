"""A log of its own for the tests of archive replicas, and replicas as processes that can be killed."""

import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from confluent_kafka import Message, TopicPartition

from catalog.registry import RegistryWriter, read_schema_ids, register_published
from catalog.resources import load_resources
from connectors.kafka import KafkaOptions, admin, consumer, producer
from connectors.kafka.topic_admin import apply
from connectors.keyring import KeyRing
from processors.archive.keys import TAIL_LENGTH
from processors.archive.store import ArchiveStore
from topics.codec import RowCodec, SchemaIds
from topics.declarations import PartitionCounts, declared_topics
from topics.events import RegistrationRecorded
from topics.identifiers import make_uscc

PROCESS = Path(__file__).with_name("replica_process.py")
DEPARTMENTS = ("tax", "urban-management", "market-regulation", "public-security")
WAIT_S = 40.0
SUBJECTS = 400

Place = tuple[str, int, int, bytes]
"""Topic, partition, offset, event id."""

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str, wait_s: float = WAIT_S) -> Found:
    """What ``look`` finds, once it finds something."""
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {wait_s:.0f} s: {what}")


@dataclass
class Log:
    """A cluster with the topics of a few departments and every schema."""

    options: KafkaOptions
    ids: SchemaIds
    keys: KeyRing
    data_dir: Path

    def messages(self, *topics: str) -> list[Message]:
        """Every message of these topics, of all but Kafka's own when none is named, from their beginnings."""
        reader = consumer(self.options, "tests", enable_partition_eof=True, fetch_wait_max_ms=10)
        known = reader.list_topics(timeout=20).topics
        wanted = topics or [name for name in known if not name.startswith("__")]
        places = [TopicPartition(name, each, 0) for name in wanted for each in known[name].partitions]
        reader.assign(places)
        found: list[Message] = []
        ended: set[tuple[str | None, int | None]] = set()
        while len(ended) < len(places):
            for message in reader.consume(1000, 0.05):
                if message.error() is None:
                    found.append(message)
                else:
                    ended.add((message.topic(), message.partition()))
        reader.close()
        return found


def prepared_log(options: KafkaOptions, data_dir: Path) -> Log:
    """Topics and schemas made, and a ring of keys."""
    families = {
        department: {each.family for each in load_resources().of_department(department)} for department in DEPARTMENTS
    }
    topics = declared_topics(families, PartitionCounts(fact=3, case=2))
    apply(admin(options), topics)
    writer = RegistryWriter(options)
    register_published(writer, topics)
    writer.close()
    return Log(options, read_schema_ids(options), KeyRing.open_or_create(data_dir / "keys"), data_dir)


@dataclass
class Replica:
    """A replica's process, its output and its door."""

    log: Log
    index: int
    store_dir: Path
    process: subprocess.Popen[str] = field(init=False)
    url: str = field(init=False, default="")
    started_s: float = field(init=False, default=0.0)

    def start(self) -> "Replica":
        """Start it; comes back when it is ready, and knows how long that took."""
        began = time.monotonic()
        self.spawn()
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        assert self.url, f"the replica ended: {self.output()}"
        until(self.is_ready, "the replica is ready")
        self.started_s = time.monotonic() - began
        return self

    def spawn(self) -> None:
        """Start the process and come back at once."""
        arguments = [self.log.options.bootstrap_servers, self.store_dir, self.index, self.log.data_dir / "keys"]
        with self.output_file.open("a", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                [sys.executable, PROCESS, *map(str, arguments)], stdout=subprocess.PIPE, stderr=errors, text=True
            )

    @property
    def output_file(self) -> Path:
        """What it wrote to its log."""
        return self.log.data_dir / f"{self.store_dir.name}.log"

    def output(self) -> str:
        """The text of that."""
        return self.output_file.read_text(encoding="utf-8")

    def kill(self) -> None:
        """Give it no chance to end well."""
        self.process.kill()
        self.process.communicate()

    def stop(self) -> int:
        """Let it end; its exit code."""
        self.process.terminate()
        self.process.communicate(timeout=WAIT_S)
        return self.process.returncode

    def is_ready(self) -> bool:
        """Whether it answers and follows the log."""
        return httpx2.get(f"{self.url}/health/ready", timeout=10).status_code == 200

    def positions(self) -> dict[tuple[str, int], int]:
        """Next offsets by (topic, partition)."""
        told = httpx2.get(f"{self.url}/v1/positions", timeout=10).json()["positions"]
        return {(topic, int(each)): offset for topic, offsets in told.items() for each, offset in offsets.items()}

    def read_total(self) -> int:
        """How many messages it has read, over its whole life."""
        return sum(self.positions().values())

    def archive(self, subject: str, **query: Any) -> httpx2.Response:
        """An archive, read for a purpose."""
        named = {"reader": "tests", "purpose": "测试", "case": "case-0"} | query
        return httpx2.get(f"{self.url}/v1/archives/{subject}", params=named, timeout=40)


@contextmanager
def running(log: Log, index: int, store: str) -> Iterator[Replica]:
    """A replica that runs, gone afterwards."""
    replica = Replica(log, index, log.data_dir / store).start()
    try:
        yield replica
    finally:
        if replica.process.poll() is None:
            replica.stop()


class Stream(threading.Thread):
    """Facts of two departments, one in ten of them stated twice, until it is told to stop; knows what the log took."""

    def __init__(self, log: Log) -> None:
        super().__init__(name="stream")
        self.places: list[Place] = []
        self._codec = RowCodec(log.ids)
        self._out = producer(log.options, linger_ms=2)
        self._ending = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._ending.is_set():
            for _ in range(100):
                number += 1
                self._state(number)
                if number % 10 == 0:
                    self._state(number)
            self._out.flush()
            self._ending.wait(0.01)

    def end(self) -> list[Place]:
        self._ending.set()
        self.join()
        return self.places

    def _state(self, number: int) -> None:
        source = ("tax", "market-regulation")[number % 2]
        fact = RegistrationRecorded(
            event_id=blake2b(number.to_bytes(8, "big"), digest_size=16).digest(),
            source=source,
            resource=f"{source}.filing",
            subject=f"enterprise:{make_uscc('91', '610100', number % SUBJECTS)}",
            record_type="filing",
            record_id=f"r{number % 5_000}",
            version=number,
            valid_at=1_780_000_000_000_000,
            title="登记",
            status="有效",
            territory="610100",
        )
        told = (self._codec.encode(fact), fact.subject.encode())

        def delivered(fault: object, message: Message) -> None:
            assert fault is None
            self.places.append((message.topic(), message.partition(), message.offset(), fact.event_id))  # type: ignore[arg-type]

        self._out.produce(f"registration.{source}", *told, on_delivery=delivered)


def kept_places(store_dir: Path) -> list[Place]:
    """Where each fact of the store comes from, out of its keys, whatever the messages say."""
    store = ArchiveStore(store_dir, 16)
    places = []
    iterator = store._db.iter()
    iterator.seek_to_first()
    while iterator.valid():
        tail = struct.unpack(">Q16sQHHQ", iterator.key()[-TAIL_LENGTH:])
        event_id = bytes(octet ^ 0xFF for octet in tail[1])
        places.append((store.topic(tail[3]), tail[4], tail[5], event_id))
        iterator.next()
    del iterator
    store.close()
    return places
