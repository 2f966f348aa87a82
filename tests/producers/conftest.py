"""What the tests of publishing share: topics of a few departments on the session's broker, publishers, readers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.resources import Resources, load_resources
from connectors.kafka import KafkaOptions, admin, consumer
from connectors.kafka.topic_admin import apply
from connectors.keyring import KeyRing
from producers.protection import LocalProtector
from producers.publisher import Publisher
from topics.codec import RowCodec, SchemaIds
from topics.declarations import PUBLISHED_FAMILIES, declared_topics
from topics.events import Event

DEPARTMENTS = ("urban-management", "market-regulation", "public-security")

Read = Callable[..., list[tuple[bytes, Event]]]


@pytest.fixture(scope="session")
def resources() -> Resources:
    return load_resources()


@pytest.fixture(scope="session")
def ids() -> SchemaIds:
    return SchemaIds.published()


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.open_or_create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def options(kafka: str) -> KafkaOptions:
    """The session's broker with the topics of three departments."""
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
def read(options: KafkaOptions, ids: SchemaIds) -> Read:
    """Every (key, event) of a topic from its beginning, or those at given (partition, offset) places."""
    codec = RowCodec(ids)

    def everything(topic: str) -> list[tuple[bytes, Event]]:
        reader = consumer(options, "tests", enable_partition_eof=True)
        reader.subscribe([topic])
        found: list[tuple[bytes, Event]] = []
        ended: set[int] = set()
        count = len(admin(options).list_topics(topic).topics[topic].partitions)
        while len(ended) < count:
            for message in reader.consume(1000, 0.2):
                if message.error():
                    ended.add(message.partition() or 0)
                else:
                    found.append((message.key() or b"", codec.event(message.value())))
        reader.close()
        return found

    return everything


@pytest.fixture
def keys_folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"
