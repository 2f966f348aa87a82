"""A schema log of its own for each test, and a registry that serves it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from uuid import uuid4

import pytest
import uvicorn

from catalog.registry import RegistryWriter
from catalog.registry.http import registry_app
from connectors.kafka import KafkaOptions, admin
from connectors.kafka.topic_admin import apply
from topics.declarations import TopicDeclaration


@pytest.fixture
def options(kafka: str) -> KafkaOptions:
    return KafkaOptions(kafka)


@pytest.fixture
def log_topic(options: KafkaOptions) -> str:
    """An empty log."""
    name = f"_schemas-{uuid4().hex}"
    compact = {"cleanup.policy": "compact"}
    apply(admin(options), [TopicDeclaration(name, "state", name, None, 1, compact, ())])
    return name


@pytest.fixture
def writer(options: KafkaOptions, log_topic: str) -> Iterator[RegistryWriter]:
    opened = RegistryWriter(options, log_topic, log_topic)
    yield opened
    opened.close()


@pytest.fixture
def registry_url(options: KafkaOptions, log_topic: str) -> Iterator[str]:
    """Where a registry over the log answers."""
    with served(RegistryWriter(options, log_topic, log_topic)) as url:
        yield url


@contextmanager
def served(opened: RegistryWriter) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(registry_app(opened), port=0, log_level="warning", ws="none"))
    door = socket.create_server(("127.0.0.1", 0))
    # asyncio does this only for sockets that name their protocol; without it each answer waits 40 ms.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    thread = Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        # The socket listens already: a request that comes before the server is ready waits in its queue.
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        door.close()
