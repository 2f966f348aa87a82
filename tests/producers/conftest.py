"""What the tests of publishing share: topics of a few departments on a broker of their own, publishers, readers."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from confluent_kafka import Message, TopicPartition

from catalog.resources import Resources, load_resources
from connectors.kafka import KafkaOptions, admin, consumer
from connectors.kafka.topic_admin import apply
from connectors.keyring import KeyRing
from producers.protection import LocalProtector
from producers.publisher import Publisher
from topics.codec import RowCodec, SchemaIds
from topics.declarations import PUBLISHED_FAMILIES, declared_topics
from topics.events import Event
from topics.identifiers import make_resident_id, make_uscc

DEPARTMENTS = ("urban-management", "market-regulation", "public-security")

Read = Callable[[str], list[tuple[bytes, Event]]]


@pytest.fixture(scope="session")
def resources() -> Resources:
    return load_resources()


@pytest.fixture(scope="session")
def ids() -> SchemaIds:
    return SchemaIds.published()


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.open_or_create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def kafka(own_kafka: str) -> str:
    """These tests count whole topics and unseal with their own keys: each module has a broker to itself."""
    return own_kafka


@pytest.fixture(scope="module")
def options(kafka: str) -> KafkaOptions:
    """The module's broker with the topics of three departments."""
    options = KafkaOptions(kafka)
    apply(admin(options), declared_topics(dict.fromkeys(DEPARTMENTS, PUBLISHED_FAMILIES)))
    return options


@pytest.fixture
def publisher(
    options: KafkaOptions, keyring: KeyRing, ids: SchemaIds, resources: Resources
) -> Iterator[Callable[..., Publisher]]:
    """Makes publishers that are closed at the test's end."""
    made: list[Publisher] = []

    def make(source: str = "urban-management", **more: Any) -> Publisher:
        made.append(Publisher(options, source, LocalProtector(keyring), ids, resources, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def messages_of(options: KafkaOptions) -> Callable[[str], list[Message]]:
    """Every message of a topic, from its beginning."""

    def everything(topic: str) -> list[Message]:
        reader = consumer(options, "tests", enable_partition_eof=True, fetch_wait_max_ms=10)
        partitions = reader.list_topics(topic).topics[topic].partitions
        reader.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        found: list[Message] = []
        ended = 0
        while ended < len(partitions):
            for message in reader.consume(1000, 0.05):
                ended += message.error() is not None
                found += [] if message.error() else [message]
        reader.close()
        return found

    return everything


@pytest.fixture
def read(messages_of: Callable[[str], list[Message]], ids: SchemaIds) -> Read:
    """Every (key, event) of a topic, from its beginning."""
    codec = RowCodec(ids)
    return lambda topic: [(each.key() or b"", codec.event(each.value())) for each in messages_of(topic)]


Draft = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def penalty() -> Draft:
    """Makes a good draft without personal data; keywords replace its fields, ``content`` some of its content's."""

    def make(serial: int = 1, content: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        return {
            "type": "PenaltyImposed",
            "source": "urban-management",
            "resource": "urban-management.administrative-penalty",
            "subject": {"kind": "enterprise", "id": make_uscc("91", "610112", serial)},
            "record_id": f"p-{serial}",
            "version": 1,
            "valid_at": "2024-05-01T09:00:00+08:00",
            "content": {
                "decision_number": f"西城管罚字〔2024〕第{serial}号",
                "cause": "占道经营",
                "legal_basis": "城市道路管理条例第四十二条",
                "penalty_kind": "罚款",
                "amount_fen": 50000,
                "decided_at": "2024-05-01T09:00:00+08:00",
                "domain": "urban-management",
                "territory": "610112",
                "state": "in-force",
            }
            | (content or {}),
        } | changes

    return make


@pytest.fixture(scope="session")
def person() -> Draft:
    """Makes a good draft about a person, named by resident ID."""

    def make(sequence: int = 1, content: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        number = make_resident_id("610102", date(1990, 3, 7), sequence)
        return {
            "type": "PersonRegistered",
            "source": "public-security",
            "resource": "public-security.person-registration",
            "subject": {"kind": "person", "id": number},
            "record_id": f"person-{sequence}",
            "version": 1,
            "valid_at": "2020-01-01T00:00:00+08:00",
            "content": {
                "name": f"张{sequence}",
                "resident_id": number,
                "born_on": "1990-03-07",
                "territory": "610102",
                "state": "在籍",
            }
            | (content or {}),
        } | changes

    return make
