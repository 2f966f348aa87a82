"""Archive replicas as processes on a real log: killed, doubled, lied to; nothing is lost, nothing counts twice."""

import os
import random
import re
import time
from collections.abc import Iterator
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Message

from catalog.resources import load_resources
from connectors import broker
from connectors.broker.options import files_of
from connectors.kafka import KafkaOptions, producer
from connectors.keyring import refusal_context
from processors.archive.store import ArchiveStore, Batch
from producers.outcomes import Outcome, Receipt, Refusal
from producers.protection import LocalProtector
from producers.publisher import Publisher
from tests.e2e.replicas import Log, Replica, Stream, kept_places, prepared_log, running, until
from topics.codec import RowCodec
from topics.events import (
    ArchiveRead,
    ChecksAnswered,
    ChecksRequested,
    Part,
    RecordRefused,
)
from topics.identifiers import make_resident_id, make_uscc

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]

PENALTIES = "urban-management.administrative-penalty"
KILLS = 3


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    data_dir = tmp_path_factory.mktemp("replicas")
    mirror = os.environ.get("ONETHING_BROKER__JAR_MIRROR")
    options = broker.BrokerOptions(data_dir, heap_mb=512, jar_mirror=mirror, owner_pid=os.getpid())
    try:
        started = broker.start(options)
    except broker.BrokerError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{error} {error.remedy}")
        pytest.skip(f"{error} {error.remedy}")
    yield prepared_log(KafkaOptions(started.bootstrap_servers), data_dir)
    broker.stop(options)


@pytest.fixture(scope="module")
def replica(log: Log) -> Iterator[Replica]:
    with running(log, 0, "archive-0") as started:
        yield started


def publisher(log: Log, source: str) -> Publisher:
    return Publisher(log.options, source, LocalProtector(log.keys), log.ids, load_resources())


def published(outcome: Outcome) -> Receipt:
    assert isinstance(outcome, Receipt), outcome
    return outcome


def penalty(serial: int, version: int = 1, **content: Any) -> dict[str, Any]:
    return {
        "type": "PenaltyImposed",
        "source": "urban-management",
        "resource": PENALTIES,
        "subject": {"kind": "enterprise", "id": make_uscc("91", "610112", serial)},
        "record_id": f"p-{serial}",
        "version": version,
        "valid_at": "2026-05-01T09:00:00+08:00",
        "content": {
            "decision_number": f"西城管罚字〔2026〕第{serial}号",
            "cause": "占道经营",
            "legal_basis": "城市道路管理条例第四十二条",
            "penalty_kind": "罚款",
            "decided_at": "2026-05-01T09:00:00+08:00",
            "domain": "urban-management",
            "territory": "610112",
            "state": "in-force",
        }
        | content,
    }


def test_a_replica_killed_again_and_again_has_every_fact_exactly_once(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20)  # noqa: S311  the moment of a kill is no secret
    stream = Stream(log)
    stream.start()
    replica = Replica(log, 7, log.data_dir / "archive-killed")
    restarts = []
    for _ in range(KILLS):
        replica.start()
        before = replica.read_total()
        until(lambda before=before: replica.read_total() > before, "the replica reads on")  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.15))
        replica.kill()
        restarts.append(replica.started_s)
    places = stream.end()
    replica.start()
    ends = {(topic, partition): 0 for topic, partition, _, _ in places}
    for topic, partition, offset, _ in places:
        ends[topic, partition] = max(ends[topic, partition], offset + 1)
    until(lambda: ends.items() <= replica.positions().items(), "the replica has caught up")
    assert replica.stop() == 0
    kept = [each for each in kept_places(replica.store_dir) if each[:2] in ends]
    assert sorted(kept) == sorted(places)
    with capsys.disabled():
        seconds = ", ".join(f"{each:.1f}" for each in restarts)
        print(f"\n  {len(places)} facts, {KILLS} kills, ready after {seconds} s")  # noqa: T201  the figure is the point


def test_two_replicas_have_the_same_archives(log: Log, replica: Replica) -> None:
    subjects = [f"enterprise:{make_uscc('91', '610112', number)}" for number in range(70, 90)]
    with publisher(log, "urban-management") as ours:
        versions = (penalty(number, version) for number in range(70, 90) for version in (2, 1, 3))
        assert all(map(published, ours.publish_many(versions)))
    with running(log, 1, "archive-1") as second:
        until(lambda: second.positions() == replica.positions(), "both are at the end of the log")
        for subject in subjects:
            one, other = replica.archive(subject), second.archive(subject)
            assert one.status_code == other.status_code == 200
            assert one.json()["records"] == other.json()["records"]
            assert [each["version"] for each in one.json()["records"][0]["history"]] == [2, 1]


def test_a_receipt_is_waited_for(log: Log, replica: Replica) -> None:
    with publisher(log, "urban-management") as ours:
        receipts = [published(ours.publish(penalty(number)).result(30)) for number in range(1, 9)]
        for number, receipt in enumerate(receipts, start=1):
            place = f"{receipt.topic}/{receipt.partition}/{receipt.offset}"
            found = replica.archive(f"enterprise:{make_uscc('91', '610112', number)}", after=place)
            (record,) = found.json()["records"]
            assert record["event_id"] == receipt.event_id
            assert record["provenance"] == {
                "topic": receipt.topic,
                "partition": receipt.partition,
                "offset": receipt.offset,
            }


def test_a_receipt_that_the_view_has_not_reached_is_told_in_time(replica: Replica) -> None:
    subject = f"enterprise:{make_uscc('91', '610112', 1)}"
    late = replica.archive(subject, after=f"registration.urban-management/0/{1 << 40}", wait_s="0.2")
    assert late.status_code == 504
    assert late.headers["content-type"] == "application/problem+json"


def test_an_earlier_time_shows_what_was_known_then(log: Log, replica: Replica) -> None:
    subject = f"enterprise:{make_uscc('91', '610112', 40)}"
    with publisher(log, "urban-management") as ours:
        first = published(ours.publish(penalty(40)).result(30))
        place = f"{first.topic}/{first.partition}/{first.offset}"
        (known,) = replica.archive(subject, after=place).json()["records"]
        time.sleep(0.005)  # the log's clock ticks in milliseconds
        second = published(ours.publish(penalty(40, 2, state="repaired", repaired_at=None)).result(30))
    after = {"after": f"{second.topic}/{second.partition}/{second.offset}"}
    (now,) = replica.archive(subject, **after).json()["records"]
    (then,) = replica.archive(subject, as_of=str(known["known_at"]), **after).json()["records"]
    assert (now["version"], [each["version"] for each in now["history"]]) == (2, [1])
    assert then == known
    assert replica.archive(subject, as_of=str(known["known_at"] - 1)).status_code == 404


def test_every_read_is_on_record_and_a_read_without_a_purpose_is_refused(log: Log, replica: Replica) -> None:
    subjects = [f"enterprise:{make_uscc('91', '610112', number)}" for number in (65, 66, 999)]
    with publisher(log, "urban-management") as ours:
        receipts = [published(each) for each in ours.publish_many([penalty(65), penalty(66)])]
    places = [f"{each.topic}/{each.partition}/{each.offset}" for each in receipts]
    for subject in subjects:
        replica.archive(subject, after=places, reader="clerk-9", purpose="上市核查", case="case-9")
    assert replica.archive(subjects[0], reader="clerk-9", purpose="").status_code == 400
    assert replica.archive(subjects[0], reader="clerk-9", case="").status_code == 400
    codec = RowCodec(log.ids)
    events = [codec.event(each.value()) for each in log.messages("access.reads")]
    reads = [each for each in events if isinstance(each, ArchiveRead) and each.reader == "clerk-9"]
    assert [each.subjects for each in reads] == [(subject,) for subject in subjects]
    assert {(each.purpose, each.case_id) for each in reads} == {("上市核查", "case-9")}
    assert [each.record_count for each in reads] == [1, 1, 0]


def test_a_fact_that_comes_after_the_answer_is_answered_for(log: Log, replica: Replica) -> None:
    subject = f"enterprise:{make_uscc('91', '610112', 50)}"
    assert replica.is_ready()
    _ask(log, "case-late", subject)
    (first,) = until(lambda: _answers(log, "case-late"), "the checks are answered")
    assert [each.answer for each in first.answers] == ["unavailable"]
    with publisher(log, "urban-management") as ours:
        receipt = published(ours.publish(penalty(50)).result(30))
    second = until(lambda: _answers(log, "case-late")[1:], "the checks are answered anew")[0]
    assert [(each.answer, each.evidence) for each in second.answers] == [("found", (receipt.event_id,))]
    assert second.event_id != first.event_id
    assert second.answered_at > first.answered_at


def _ask(log: Log, case_id: str, subject: str) -> None:
    now = time.time_ns() // 1000
    request = ChecksRequested(
        event_id=blake2b(case_id.encode(), digest_size=16).digest(),
        case_id=case_id,
        bundle="listing-compliance",
        bundle_version=1,
        answerer="hub",
        parts=(Part(check_id="urban-management", department="urban-management", subject=subject),),
        since=now - 3 * 365 * 86_400_000_000,
        until=now,
        territory="610000",
        purpose="上市核查",
        include_related=False,
        requested_at=now,
        deadline_at=now + 60_000_000,
    )
    out = producer(log.options)
    out.produce("case.checks", RowCodec(log.ids).encode(request), case_id.encode())
    out.flush()


def _answers(log: Log, case_id: str) -> list[ChecksAnswered]:
    codec = RowCodec(log.ids)
    events = [codec.event(each.value()) for each in log.messages("case.answers.hub")]
    return [each for each in events if isinstance(each, ChecksAnswered) and each.case_id == case_id]


GARBAGE = {
    "small": (b"no fact at all", "bad-header"),
    "large": (bytes(range(256)) * 3_900, "unknown-schema"),
    "empty": (b"", "bad-header"),
    "nothing": (None, "tombstone"),
}
"""By its key: the body, and the code that it is refused with."""


def test_what_is_refused_is_kept_byte_for_byte_and_stops_nothing(log: Log, replica: Replica) -> None:
    out = producer(log.options, message_max_bytes=1_040_000, compression_type="none")
    places: dict[str, Message] = {}

    def taken(_: object, message: Message) -> None:
        places[(message.key() or b"").decode()] = message

    for name, (body, _) in GARBAGE.items():
        out.produce("registration.tax", body, name, partition=0, on_delivery=taken)
    out.flush()
    last = max(each.offset() or 0 for each in places.values())
    until(lambda: replica.positions()["registration.tax", 0] > last, "the replica read past what it refused")
    codec = RowCodec(log.ids)
    kept = [codec.event(each.value()) for each in log.messages("rejected.tax")]
    context = refusal_context("tax")
    for name, (body, code) in GARBAGE.items():
        origin = f"registration.tax/0/{places[name].offset()}"
        ours = [each for each in kept if isinstance(each, RecordRefused) and _whole(each.origin) == origin]
        assert b"".join(log.keys.unseal(each.body, context) for each in ours) == (body or b"")
        assert log.keys.unseal(ours[0].key or b"", context) == name.encode()
        assert {(each.door, each.reasons[0].split(":")[0]) for each in ours} == {("archive", code)}


def _whole(origin: str | None) -> str:
    """Where a message was that is kept in parts."""
    return (origin or "").split("#")[0]


def test_a_store_of_another_cluster_is_refused_and_left_alone(log: Log) -> None:
    replica = Replica(log, 8, log.data_dir / "archive-foreign")
    store = ArchiveStore(replica.store_dir, 16)
    store.write(Batch(facts=[(b"a fact", b"of another cluster")], meta={"cluster": b"another-cluster"}))
    store.close()
    replica.spawn()
    replica.process.communicate(timeout=40)
    assert replica.process.returncode != 0
    assert "cluster another-cluster, now" in replica.output()
    again = ArchiveStore(replica.store_dir, 16)
    assert again.positions() == {}
    assert again.estimated_facts() == 1
    again.close()


def test_no_identity_number_is_anywhere_in_clear(log: Log, replica: Replica) -> None:
    numbers = [make_resident_id("610102", date(1985, 4, day), 100 + day) for day in range(1, 12)]
    *planted, control = numbers
    with publisher(log, "public-security") as police, publisher(log, "urban-management") as wardens:
        receipts = [published(each) for each in police.publish_many(map(_person, planted))]
        refused = [
            *police.publish_many([{**_person(planted[0]), "record_id": planted[1]}]),
            *police.publish_many([{**_person(planted[2]), "valid_at": planted[3]}]),
            *wardens.publish_many([penalty(60, cause=f"当事人{planted[4]}占道"), penalty(61, **_named(planted[5]))]),
        ]
    assert [type(each) for each in refused] == [Refusal] * 4
    for number, receipt in zip(planted, receipts, strict=True):
        token = log.keys.person_token(number)
        place = f"{receipt.topic}/{receipt.partition}/{receipt.offset}"
        (record,) = replica.archive(f"person:{token}", after=place).json()["records"]
        assert record["content"]["resident_id"] == "***"
    told_in_clear = replica.archive(f"person:{planted[6]}")
    assert told_in_clear.status_code == 400
    assert planted[6] not in told_in_clear.text
    store_path = log.data_dir / "archive-0"
    assert not _found_in_messages(log, planted)
    assert not _found_in_files(log.data_dir, planted)
    assert any(store_path.rglob("*"))
    # The search finds what is there to be found.
    out = producer(log.options, compression_type="none")
    out.produce("case.timers", control.encode(), b"k")
    out.flush()
    assert _found_in_messages(log, [control]) == {(control, "case.timers")}
    assert {place.parts[-3] for _, place in _found_in_files(log.data_dir, [control])} == {"data"}


def _named(field: str) -> dict[str, Any]:
    return {field: "x"}


def _person(number: str) -> dict[str, Any]:
    return {
        "type": "PersonRegistered",
        "source": "public-security",
        "resource": "public-security.person-registration",
        "subject": {"kind": "person", "id": number},
        "record_id": f"person-{blake2b(number.encode(), digest_size=6).hexdigest()}",
        "version": 1,
        "valid_at": "2020-01-01T00:00:00+08:00",
        "content": {
            "name": "张某某",
            "resident_id": number,
            "born_on": "1985-04-01",
            "territory": "610102",
            "state": "在籍",
        },
    }


def _found_in_messages(log: Log, numbers: list[str]) -> set[tuple[str, str]]:
    wanted = _any_of(numbers)
    return {
        (found.decode(), message.topic() or "")
        for message in log.messages()
        for part in (message.key(), message.value(), repr(message.headers() or "").encode())
        for found in wanted.findall(part or b"")
    }


def _found_in_files(folder: Path, numbers: list[str]) -> set[tuple[str, Path]]:
    wanted = _any_of(numbers)
    # Kafka's index files hold offsets and times, and are 10 MB long each from the start.
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".index", ".timeindex")]
    return {(found.decode(), path) for path in files for found in wanted.findall(path.read_bytes())}


def _any_of(numbers: list[str]) -> re.Pattern[bytes]:
    return re.compile("|".join(numbers).encode())


def test_the_brokers_files_lie_where_the_search_looks(log: Log) -> None:
    data = files_of(broker.BrokerOptions(log.data_dir)).data
    assert data.is_relative_to(log.data_dir.absolute())
    assert any(data.rglob("*.log"))
