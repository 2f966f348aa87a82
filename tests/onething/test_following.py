"""The followers on a real log: what follows from facts arrives, whoever is stopped in between, and as one event."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from confluent_kafka import TopicPartition

from catalog.registry import LiveSchemaIds, RegistryWriter, register_published
from catalog.resources import load_resources
from connectors.kafka import KafkaOptions, admin, consumer, producer
from connectors.kafka.topic_admin import apply
from connectors.keyring import KeyRing
from onething.following import OnBehalf, case_follower
from processors.following.follower import Follower
from processors.following.service import FollowerService
from producers.outcomes import Receipt
from producers.protection import LocalProtector
from producers.publisher import Publisher
from topics.codec import RowCodec
from topics.declarations import PartitionCounts, declared_topics
from topics.events import CommitmentBroken, Event, PenaltyImposed, PenaltyRepaired, ResultRecorded
from topics.identifiers import make_uscc

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]

DEPARTMENTS = ("market-regulation", "industry-and-information", "admin-approval")
CREDIT = "industry-and-information.commitment-breach"
SUBJECT = f"enterprise:{make_uscc('91', '610112', 5)}"
WAIT_S = 60.0
GROUP = "follower-under-test"

Found = TypeVar("Found")


class Log:
    """A log with a few departments' topics, every schema, and the follower's parts."""

    def __init__(self, servers: str, data_dir: Path) -> None:
        self.options = KafkaOptions(servers)
        families = {code: {each.family for each in load_resources().of_department(code)} for code in DEPARTMENTS}
        topics = declared_topics(families, PartitionCounts(fact=2, case=2))
        apply(admin(self.options), topics)
        writer = RegistryWriter(self.options)
        register_published(writer, topics)
        writer.close()
        self.schemas = LiveSchemaIds(self.options)
        self.keys = KeyRing.open_or_create(data_dir / "keys")
        self.codec = RowCodec(self.schemas.ids)
        self.on_behalf = OnBehalf(self.options, self.schemas.ids, self.keys)

    def publish(self, draft: dict[str, Any]) -> None:
        with Publisher(
            self.options, draft["source"], LocalProtector(self.keys), self.schemas.ids, load_resources()
        ) as publisher:
            (outcome,) = publisher.publish_many([draft])
        assert isinstance(outcome, Receipt), outcome

    def tell(self, topic: str, value: bytes) -> None:
        out = producer(self.options)
        out.produce(topic, value, key=b"case")
        assert out.flush(30) == 0

    def events(self, topic: str) -> list[Event]:
        reader = consumer(self.options, "tests", enable_partition_eof=True)
        places = [TopicPartition(topic, each, 0) for each in reader.list_topics(timeout=20).topics[topic].partitions]
        reader.assign(places)
        found, ended = list[Event](), 0
        while ended < len(places):
            for message in reader.consume(1000, 0.1):
                if message.error() is None:
                    found.append(self.codec.event(message.value()))
                else:
                    ended += 1
        reader.close()
        return found

    def follower(self) -> Follower:
        return case_follower(self.options, self.schemas, self.on_behalf, GROUP)


@pytest.fixture(scope="module")
def log(own_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    made = Log(own_kafka, tmp_path_factory.mktemp("following"))
    yield made
    made.on_behalf.close()


@contextmanager
def following(log: Log) -> Iterator[FollowerService]:
    service = FollowerService([log.follower()])
    service.start()
    yield service
    service.stop()
    assert service.fault() is None


def until(look: Callable[[], Found | None], what: str) -> Found:
    pause = threading.Event()
    for _ in range(int(WAIT_S / 0.1)):
        if found := look():
            return found
        pause.wait(0.1)
    raise AssertionError(f"not within {WAIT_S:.0f} s: {what}")


def licence(case_id: str | None, number: str = "JY1610112", version: int = 1) -> dict[str, Any]:
    return {
        "type": "LicenceIssued",
        "source": "market-regulation",
        "resource": "market-regulation.food-licence",
        "subject": SUBJECT,
        "record_id": number,
        "version": version,
        "valid_at": "2026-11-20T09:00:00+08:00",
        "case_id": case_id,
        "content": {
            "licence_type": "食品经营许可证",
            "licence_name": "食品经营许可证",
            "licence_number": number,
            "issuer_name": "西安市市场监督管理局",
            "issued_on": "2026-11-20",
            "state": "有效",
            "territory": "610112",
        },
    }


def broken(case_id: str) -> CommitmentBroken:
    return CommitmentBroken(
        event_id=case_id.encode().ljust(16, b"0"),
        case_id=case_id,
        department="market-regulation",
        bundle="restaurant",
        subject=SUBJECT,
        material="site-plan",
        evidence=(),
        at=1_790_000_000_000_000,
    )


def results_of(log: Log, case_id: str) -> list[ResultRecorded]:
    events = log.events("case.answers.hub")
    return [each for each in events if isinstance(each, ResultRecorded) and each.case_id == case_id]


def test_a_licence_closes_its_item_once_however_often_it_is_read(log: Log) -> None:
    with following(log) as service:
        until(lambda: service.checks()[GROUP] == "ok", "the follower has partitions")
        log.publish(licence("CASE-1"))
        log.publish(licence(None, "JY2"))
        until(lambda: results_of(log, "CASE-1"), "the result is told")
        log.publish(licence("CASE-1"))
        until(lambda: len(results_of(log, "CASE-1")) == 2, "the repeat is told")
        first, again = results_of(log, "CASE-1")
    assert first.event_id == again.event_id
    assert (first.department, first.record_id, first.fact) == ("market-regulation", "JY1610112", "LicenceIssued")


def test_what_was_stated_while_no_follower_ran_is_followed_by_the_next(log: Log) -> None:
    log.publish(licence("CASE-2", "JY3"))
    with following(log):
        until(lambda: results_of(log, "CASE-2"), "the result is told")
    before = len(results_of(log, "CASE-2"))
    with following(log):
        log.publish(licence("CASE-3", "JY4"))
        until(lambda: results_of(log, "CASE-3"), "the next result is told")
    assert len(results_of(log, "CASE-2")) == before == 1


def test_a_broken_commitment_becomes_a_fact_and_its_repair_reaches_supervision(log: Log) -> None:
    with following(log):
        log.tell("supervision", b"\x00\x00\x00\x00\x63 no event")
        log.tell("supervision", log.codec.encode(broken("CASE-4")))
        (fact,) = until(lambda: log.events("registration.admin-approval"), "supervision is told")
        (own,) = until(lambda: log.events("registration.industry-and-information"), "credit is told")
        assert isinstance(fact, PenaltyImposed)
        assert isinstance(own, PenaltyImposed)
        assert (fact.subject, fact.state, fact.record_type) == (SUBJECT, "in-force", "commitment-breach")
        assert fact.record_id == own.record_id == "commitment/CASE-4/site-plan"
        content = {name: value for name, value in own.record().items() if name in PenaltyImposed.__struct_fields__[8:]}
        content = {name: value for name, value in content.items() if value is not None and name != "case_id"}
        log.publish(
            {
                "type": "PenaltyRepaired",
                "source": "industry-and-information",
                "resource": CREDIT,
                "subject": SUBJECT,
                "record_id": own.record_id,
                "version": own.version + 1,
                "valid_at": "2026-11-21T09:00:00+08:00",
                "content": {**content, "state": "repaired", "repaired_at": "2026-11-21T09:00:00+08:00"},
            }
        )
        repaired = until(lambda: log.events("registration.admin-approval")[1:], "supervision hears of the repair")
    assert [(each.state, each.version) for each in repaired if isinstance(each, PenaltyRepaired)] == [
        ("repaired", own.version + 1)
    ]
