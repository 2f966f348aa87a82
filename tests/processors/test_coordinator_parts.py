"""The coordinator's own parts, without a broker."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.auth import SASLCredentials

from connectors.kafka import KafkaOptions
from processors.cases import ReceivedMessage
from processors.cases.transitions import Transitions
from processors.coordinator import BATCH, Coordinator, topics_read
from processors.faust_worker import credentials


class Work:
    """Stands for the store: takes batches, or fails at the one with a poisoned message."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.closed = False

    def take(self, messages: Sequence[ReceivedMessage]) -> None:
        if any(each.value == b"poison" for each in messages):
            raise OSError("the disk is full")
        self.batches.append([each.offset for each in messages])

    def sweep(self, *, all_rows: bool = False) -> None:
        del all_rows

    def figures(self) -> dict[str, int]:
        return {}

    def close(self) -> None:
        self.closed = True


class Read:
    """An event as Faust hands it over."""

    def __init__(self, offset: int, value: bytes = b"") -> None:
        self.message = SimpleNamespace(
            topic="case.requests", partition=0, offset=offset, key=b"k", value=value, timestamp=1.5
        )
        self.acknowledged = False

    def ack(self) -> None:
        self.acknowledged = True


async def taken(events: Sequence[Read], work: Work) -> Coordinator:
    coordinator = Coordinator(lambda: cast("Transitions", work))
    await coordinator.open()
    for event in events:
        await coordinator.take(event)
    async with asyncio.timeout(10):
        while not (all(event.acknowledged for event in events) or coordinator.failed.done()):  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.001)
    return coordinator


def test_what_was_read_is_taken_in_order_and_then_acknowledged() -> None:
    work, events = Work(), [Read(offset) for offset in range(3 * BATCH)]

    async def run() -> None:
        coordinator = await taken(events, work)
        assert coordinator.works
        await coordinator.close()

    asyncio.run(run())
    assert [offset for batch in work.batches for offset in batch] == list(range(3 * BATCH))
    assert max(map(len, work.batches)) <= BATCH
    assert all(event.acknowledged for event in events)
    assert work.closed


def test_what_could_not_be_written_is_never_acknowledged() -> None:
    """Faust's own ``take`` would: it acknowledges in a ``finally``, and the messages of a failed batch were lost."""
    work, good, bad = Work(), Read(1), Read(2, b"poison")

    async def run() -> None:
        coordinator = await taken([good], work)
        await coordinator.take(bad)
        with pytest.raises(OSError, match="disk is full"):
            await asyncio.wait_for(coordinator.failed, 10)
        assert not coordinator.works
        await coordinator.close()

    asyncio.run(run())
    assert (good.acknowledged, bad.acknowledged) == (True, False)


def test_a_store_that_cannot_be_opened_says_why() -> None:
    def broken() -> Any:
        raise OSError("no such database")

    async def run() -> None:
        coordinator = Coordinator(broken)
        with pytest.raises(OSError, match="no such database"):
            await coordinator.open()
        await coordinator.close()

    asyncio.run(run())


def test_credentials_are_those_of_the_options() -> None:
    assert credentials(KafkaOptions("k:9092")) is None
    options = KafkaOptions(
        "k:9092",
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="hub",
        sasl_password="secret",
    )
    found = credentials(options)
    assert isinstance(found, SASLCredentials)
    assert (found.protocol.value, found.mechanism.value, found.username) == ("SASL_SSL", "SCRAM-SHA-512", "hub")
    plain = credentials(KafkaOptions("k:9092", security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN"))
    assert plain.protocol.value == "SASL_PLAINTEXT"
    assert credentials(KafkaOptions("k:9092", security_protocol="SSL")).protocol.value == "SSL"


def test_every_topic_of_a_case_is_read() -> None:
    assert topics_read(["tax"]) == ("case.requests", "case.timers", "case.answers.tax", "case.answers.hub")
