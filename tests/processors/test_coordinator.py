"""The coordinator on a real broker and a real store, as a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from confluent_kafka import Consumer, Producer

from catalog.bundles import load_bundles
from connectors import broker
from connectors.kafka import KafkaOptions, admin, consumer, producer
from connectors.kafka.topic_admin import apply
from processors.cases import CaseReader
from tests.processors.story import COMPANY, all_answered, handled, request, reviewed
from topics.codec import RowCodec, SchemaIds
from topics.declarations import PartitionCounts, declared_topics
from topics.events import CaseEvent, CaseRequested, ChecksRequested, Event, RecordRefused, ReportIssued, TaskAssigned

pytestmark = pytest.mark.broker

CODEC = RowCodec(SchemaIds.published())
ROOT = Path(__file__).parents[2]
READY_S = 60
DEPARTMENTS = sorted({code for bundle in load_bundles().values() for code in bundle.departments})


@pytest.fixture(scope="module")
def kafka_options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaOptions]:
    """A broker of this module's own: a coordinator takes every case of its cluster."""
    options = broker.BrokerOptions(tmp_path_factory.mktemp("coordinator-broker"), heap_mb=384, owner_pid=os.getpid())
    running = broker.start(options)
    try:
        kafka = KafkaOptions(running.bootstrap_servers)
        declared = declared_topics(dict.fromkeys(DEPARTMENTS, ("verification",)), PartitionCounts(case=2))
        apply(admin(kafka), declared)
        yield kafka
    finally:
        broker.stop(options)


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


@pytest.fixture
def log(kafka_options: KafkaOptions) -> Iterator[Log]:
    reader = consumer(kafka_options, f"test-{time.time_ns()}", fetch_wait_max_ms=20)
    reader.subscribe(["case.checks", "case.updates", "reports", "rejected.hub", "case.tasks.ecology"])
    yield Log(producer(kafka_options, linger_ms=0, compression_type="none"), reader)
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


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cases.db'}"


def test_a_request_becomes_a_report(kafka_options: KafkaOptions, log: Log, url: str, tmp_path: Path) -> None:
    with coordinator(kafka_options, url, tmp_path) as process, CaseReader(url) as reader:
        asked = asked_now("plain")
        log.publish("case.requests", asked)
        answer_checks(log, asked)
        issued = log.await_event(ReportIssued, of(asked.case_id))
        assert msgspec.json.decode(issued.body)["summary"] == {"clear": 17}
        view = reader.case(asked.case_id)
        assert view is not None
        assert view.status == "reported"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_two_persons_answer_what_the_archive_cannot(
    kafka_options: KafkaOptions, log: Log, url: str, tmp_path: Path
) -> None:
    with coordinator(kafka_options, url, tmp_path):
        asked = asked_now("task")
        log.publish("case.requests", asked)
        answer_checks(log, asked, ecology="source-behind")
        task = log.await_event(TaskAssigned, of(asked.case_id))
        at = (task.assigned_at - asked.requested_at) // 1_000_000 + 1
        said = handled("ecology", "ecology", "found", case_id=asked.case_id, subject=COMPANY)
        checked = reviewed("ecology", "ecology", case_id=asked.case_id)
        log.publish("case.answers.ecology", msgspec.structs.replace(said, at=task.assigned_at + at))
        log.publish("case.answers.ecology", msgspec.structs.replace(checked, at=task.assigned_at + at + 1))
        issued = log.await_event(ReportIssued, of(asked.case_id))
        assert msgspec.json.decode(issued.body)["summary"] == {"found": 1, "clear": 16}


def test_what_cannot_be_read_is_refused_and_stops_nothing(
    kafka_options: KafkaOptions, log: Log, url: str, tmp_path: Path
) -> None:
    with coordinator(kafka_options, url, tmp_path):
        for value in (b"junk", b"", None, b"\0\0\0\0\1short"):
            log.producer.produce("case.requests", value, key=b"junk")
        log.producer.flush()
        asked = asked_now("after-junk")
        log.publish("case.requests", asked)
        answer_checks(log, asked)
        log.await_event(ReportIssued, of(asked.case_id))
        log.await_event(RecordRefused, lambda event: event.body == b"junk")


def test_a_killed_coordinator_goes_on_where_it_was(
    kafka_options: KafkaOptions, log: Log, url: str, tmp_path: Path
) -> None:
    """Killed with cases half answered; its successor finishes them, and each is reported exactly once."""
    cases = [asked_now(f"killed-{number}") for number in range(40)]
    with coordinator(kafka_options, url, tmp_path) as process:
        for asked in cases:
            log.publish("case.requests", asked)
        for asked in cases[:20]:
            answer_checks(log, asked)
        log.await_event(ReportIssued, of(cases[0].case_id))
        process.kill()
        process.wait()
    for asked in cases[20:]:
        answer_checks(log, asked)
    with coordinator(kafka_options, url, tmp_path):
        for asked in cases:
            log.await_event(ReportIssued, of(asked.case_id))
    with CaseReader(url) as reader:
        views = [reader.case(asked.case_id) for asked in cases]
        assert [view.status for view in views if view] == ["reported"] * 40
        assert all(len(reader.reports(asked.case_id)) == 1 for asked in cases)
    issued = {event.event_id: event for event in log.seen if isinstance(event, ReportIssued)}
    assert len({event.case_id for event in issued.values()}) == len(issued)


def test_a_deadline_survives_a_restart(kafka_options: KafkaOptions, log: Log, url: str, tmp_path: Path) -> None:
    now = time.time_ns() // 1000
    # Asked 27 seconds ago on the department's clock: due in three seconds, while nobody runs.
    asked = request(f"due-{now}", requested_at=now - 27_000_000, deadline_at=now + 3_000_000)
    with coordinator(kafka_options, url, tmp_path) as process:
        log.publish("case.requests", asked)
        log.await_event(ChecksRequested, of(asked.case_id))
        process.kill()
        process.wait()
    with coordinator(kafka_options, url, tmp_path):
        issued = log.await_event(ReportIssued, of(asked.case_id))
    assert issued.at >= asked.deadline_at
    assert msgspec.json.decode(issued.body)["summary"] == {"timed-out": 17}
