"""The coordinator on a real broker and a real store, as a process of its own."""

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from connectors.kafka import KafkaOptions
from processors.cases import CaseReader
from tests.processors.coordinating import Log, answer_checks, asked_now, coordinator, of
from tests.processors.story import COMPANY, handled, request, reviewed
from topics.events import ChecksRequested, RecordRefused, ReportIssued, TaskAssigned

pytestmark = pytest.mark.broker


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cases.db'}"


def test_a_request_becomes_a_report(case_cluster: KafkaOptions, log: Log, url: str, tmp_path: Path) -> None:
    with coordinator(case_cluster, url, tmp_path) as process, CaseReader(url) as reader:
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
    case_cluster: KafkaOptions, log: Log, url: str, tmp_path: Path
) -> None:
    with coordinator(case_cluster, url, tmp_path):
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
    case_cluster: KafkaOptions, log: Log, url: str, tmp_path: Path
) -> None:
    with coordinator(case_cluster, url, tmp_path):
        for value in (b"junk", b"", None, b"\0\0\0\0\1short"):
            log.producer.produce("case.requests", value, key=b"junk")
        log.producer.flush()
        asked = asked_now("after-junk")
        log.publish("case.requests", asked)
        answer_checks(log, asked)
        log.await_event(ReportIssued, of(asked.case_id))
        log.await_event(RecordRefused, lambda event: event.body == b"junk")


def test_a_killed_coordinator_goes_on_where_it_was(
    case_cluster: KafkaOptions, log: Log, url: str, tmp_path: Path
) -> None:
    """Killed with cases half answered; its successor finishes them, and each is reported exactly once."""
    cases = [asked_now(f"killed-{number}") for number in range(40)]
    with coordinator(case_cluster, url, tmp_path) as process:
        for asked in cases:
            log.publish("case.requests", asked)
        for asked in cases[:20]:
            answer_checks(log, asked)
        log.await_event(ReportIssued, of(cases[0].case_id))
        process.kill()
        process.wait()
    for asked in cases[20:]:
        answer_checks(log, asked)
    with coordinator(case_cluster, url, tmp_path):
        for asked in cases:
            log.await_event(ReportIssued, of(asked.case_id))
    with CaseReader(url) as reader:
        views = [reader.case(asked.case_id) for asked in cases]
        assert [view.status for view in views if view] == ["reported"] * 40
        assert all(len(reader.reports(asked.case_id)) == 1 for asked in cases)
    issued = {event.event_id: event for event in log.seen if isinstance(event, ReportIssued)}
    assert len({event.case_id for event in issued.values()}) == len(issued)


def test_a_deadline_survives_a_restart(case_cluster: KafkaOptions, log: Log, url: str, tmp_path: Path) -> None:
    now = time.time_ns() // 1000
    # Asked 27 seconds ago on the department's clock: due in three seconds, while nobody runs.
    asked = request(f"due-{now}", requested_at=now - 27_000_000, deadline_at=now + 3_000_000)
    with coordinator(case_cluster, url, tmp_path) as process:
        log.publish("case.requests", asked)
        log.await_event(ChecksRequested, of(asked.case_id))
        process.kill()
        process.wait()
    with coordinator(case_cluster, url, tmp_path):
        issued = log.await_event(ReportIssued, of(asked.case_id))
    assert issued.at >= asked.deadline_at
    assert msgspec.json.decode(issued.body)["summary"] == {"timed-out": 17}


def test_a_store_that_fails_ends_the_coordinator(
    case_cluster: KafkaOptions, log: Log, url: str, tmp_path: Path
) -> None:
    """It waited for ever for the messages that it could not write to be acknowledged, and nobody started it anew."""
    with coordinator(case_cluster, url, tmp_path) as process:
        with closing(sqlite3.connect(tmp_path / "cases.db")) as another:
            another.execute("ALTER TABLE case_departments RENAME TO gone")
        asked = asked_now("lost")
        log.publish("case.requests", asked)
        assert process.wait(timeout=30) != 0
        with closing(sqlite3.connect(tmp_path / "cases.db")) as another:
            another.execute("ALTER TABLE gone RENAME TO case_departments")
    with coordinator(case_cluster, url, tmp_path):
        answer_checks(log, asked)
        log.await_event(ReportIssued, of(asked.case_id))
