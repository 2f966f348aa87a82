"""The register's process killed while people change it: every command is done once, every change told once."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import httpx2
import pytest

from catalog.register.reader import CatalogReader
from catalog.registry import read_schema_ids
from connectors.kafka import consumer
from onething.catalog_client import CatalogClient, CatalogUnreachable
from onething.doors import on_free_ports
from onething.endpoints import NotRunning
from onething.settings import Settings
from onething.supervisor import RunningHub, running_hub
from topics.codec import RowCodec
from topics.events import CatalogChanged

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]

KILLS = 3
COMMANDS = 400
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("hub"))
    with running_hub(on_free_ports(settings), ("catalog",), tell=print) as running:
        yield running


def kill_part(hub: RunningHub, over: threading.Event, killed: list[int]) -> None:
    """Kill the process again and again, once it has come back to work."""
    (part,) = hub.parts
    while len(killed) < KILLS and not over.wait(0.5):
        if part.pid is not None and part.is_ready() and part.pid not in killed:
            os.kill(part.pid, signal.SIGKILL)
            killed.append(part.pid)


def insisted(hub: RunningHub, number: int, over: threading.Event) -> dict[str, Any]:
    """Ask until there is an answer, under one key: the asker cannot know whether the first one was heard."""
    code = f"system-{number % 7}"
    body = {"actor": "张三", "payload": {"code": code, "name": f"系统{number}"}}
    until = time.monotonic() + PATIENCE_S
    for attempt in count():
        try:
            with CatalogClient(hub.url("catalog")) as client:
                return client.do("system", code, "declared", body, f"key-{number}")
        except (CatalogUnreachable, NotRunning, httpx2.HTTPError):
            assert time.monotonic() < until, f"nobody answered {attempt} times"
            over.wait(0.05)
    raise AssertionError


def told(hub: RunningHub, wanted: int) -> list[CatalogChanged]:
    """What the log was told, until it has told of so many changes."""
    codec = RowCodec(read_schema_ids(hub.options))
    events: list[CatalogChanged] = []
    until = time.monotonic() + PATIENCE_S
    with closing(consumer(hub.options, f"kills-{time.time_ns()}")) as tail:
        tail.subscribe(["catalog.changes"])
        while len({each.event_id for each in events}) < wanted and time.monotonic() < until:
            for message in tail.consume(500, 0.5):
                event = codec.event(message.value())
                assert isinstance(event, CatalogChanged)
                assert message.key() == event.entity_id.encode()
                events.append(event)
    return events


def test_killed_and_started_again_it_tells_every_change_once_by_its_event_id(hub: RunningHub) -> None:
    over, killed = threading.Event(), list[int]()
    killer = threading.Thread(target=kill_part, args=(hub, over, killed))
    killer.start()
    try:
        number = -1
        while killer.is_alive() or number < COMMANDS:
            insisted(hub, number := number + 1, over)
    finally:
        over.set()
        killer.join()
    assert len(killed) == KILLS, "it was killed while people changed it"
    with CatalogReader(f"sqlite:///{hub.settings.data_dir / 'catalog.db'}") as reader:
        changes = [change for page in _pages(reader) for change in page]
    by_command = Counter(change.command_id for change in changes)
    assert all(by_command[f"key-{each}"] == 1 for each in range(number + 1))
    events = told(hub, len(changes))
    once = {each.event_id: each for each in events}
    assert sorted((each.number, each.entity_id, each.version) for each in once.values()) == [
        (each.number, each.entity_id, each.version) for each in changes
    ]
    print(f"{len(changes)} changes, {len(events)} messages, killed {len(killed)} times")  # noqa: T201  the figure


def _pages(reader: CatalogReader) -> Iterator[tuple[Any, ...]]:
    after: int | None = 0
    while after is not None:
        page = reader.changes(after=after, limit=1000)
        yield page.changes
        after = page.next_after
