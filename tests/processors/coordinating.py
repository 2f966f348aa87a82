"""Coordinators as processes on a real broker: starting them, and writing to and waiting for what is on the log."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from confluent_kafka import Consumer, Producer

from catalog.organisations import load_organisations
from connectors import broker
from connectors.kafka import KafkaOptions, admin, consumer, producer
from connectors.kafka.topic_admin import apply
from tests.processors.story import all_answered, request
from topics.codec import RowCodec, SchemaIds
from topics.declarations import PartitionCounts, TopicDeclaration, declared_topics
from topics.events import CaseEvent, CaseRequested, ChecksRequested, Event

CODEC = RowCodec(SchemaIds.published())
ROOT = Path(__file__).parents[2]
READY_S = 60
DEPARTMENTS = sorted(load_organisations().by_code)
FAMILIES = ("case.tasks", "case.answers", "rejected")
WATCHED = ("case.checks", "case.updates", "reports", "rejected.hub", "case.tasks.ecology")


@contextmanager
def own_broker(folder: Path) -> Iterator[KafkaOptions]:
    """A broker with the case topics, for one module: a coordinator takes every case of its cluster."""
    options = broker.BrokerOptions(folder, heap_mb=384, owner_pid=os.getpid())
    running = broker.start(options)
    try:
        kafka = KafkaOptions(running.bootstrap_servers)
        apply(admin(kafka), case_topics())
        yield kafka
    finally:
        broker.stop(options)


def case_topics() -> tuple[TopicDeclaration, ...]:
    """The topics that cases go over, in two partitions."""
    declared = declared_topics(dict.fromkeys(DEPARTMENTS, ()), PartitionCounts(case=2))
    return tuple(each for each in declared if each.department is None or each.family in FAMILIES)


@dataclass
class Log:
    """What the tests write to the log and wait for on it."""

    producer: Producer
    consumer: Consumer
    seen: list[Event] = field(default_factory=list)

    def publish(self, topic: str, event: CaseEvent) -> None:
        self.producer.produce(topic, CODEC.encode(event), key=event.case_id)
        self.producer.flush()

    def await_event(self, event_type: type[Any], holds: Callable[[Any], bool], seconds: float = 30) -> Any:
        until = time.monotonic() + seconds
        place = 0
        while time.monotonic() < until:
            for event in self.seen[place:]:
                if isinstance(event, event_type) and holds(event):
                    return event
            place = len(self.seen)
            for message in self.consumer.consume(100, 0.2):
                assert message.error() is None, message.error()
                self.seen.append(CODEC.event(message.value()))
        raise AssertionError(f"no such {event_type.__name__} within {seconds} s")


@contextmanager
def watched_log(options: KafkaOptions, topics: Collection[str] = WATCHED) -> Iterator[Log]:
    """These topics of the log, read from their beginning."""
    reader = consumer(options, f"test-{time.time_ns()}", fetch_wait_max_ms=20)
    reader.subscribe(list(topics))
    yield Log(producer(options, linger_ms=0, compression_type="lz4"), reader)
    reader.close()


@contextmanager
def coordinator(options: KafkaOptions, url: str, data_dir: Path, index: int = 0) -> Iterator[subprocess.Popen[str]]:
    """A coordinator that has partitions; ended when the block ends, if it still runs."""
    command = [sys.executable, "-W", "error::RuntimeWarning", "-m", "tests.processors.coordinator_process"]
    arguments = [options.bootstrap_servers, url, str(data_dir), str(index), "0"]
    with (data_dir / f"coordinator-{index}-{time.time_ns()}.log").open("w+") as errors:
        process = subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            _await_ready(process, errors)
            yield process
        finally:
            process.kill()
            process.communicate()


def _await_ready(process: subprocess.Popen[str], errors: Any) -> None:
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    until = time.monotonic() + READY_S
    while url and time.monotonic() < until:
        if httpx2.get(f"{url}/health/ready", trust_env=False).status_code == httpx2.codes.OK:
            return
        time.sleep(0.1)
    errors.seek(0)
    raise AssertionError(f"the coordinator is not ready: {errors.read()}")


def asked_now(name: str, **changes: Any) -> CaseRequested:
    now = time.time_ns() // 1000
    return request(f"{name}-{now}", requested_at=now, deadline_at=now + 60_000_000, **changes)


def of(case_id: str) -> Callable[[CaseEvent], bool]:
    return lambda event: event.case_id == case_id


def answer_checks(log: Log, asked: CaseRequested, **words: Any) -> None:
    checks = log.await_event(ChecksRequested, of(asked.case_id))
    said = all_answered(checks.parts, case_id=asked.case_id, **words)
    log.publish("case.answers.hub", msgspec.structs.replace(said, answered_at=asked.requested_at + 5000))
