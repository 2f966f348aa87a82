"""The gateway's two ends on a real log: what it publishes is confirmed, and news reaches who waits for it."""

import asyncio
from time import perf_counter

import pytest

from connectors.kafka import KafkaOptions, admin, consumer
from connectors.kafka.topic_admin import apply
from onething.gateway.case_news import CaseNewsTail, CaseWaiters, Waiter
from onething.gateway.case_publisher import CasePublisher, NotPublished
from topics.codec import RowCodec, SchemaIds
from topics.declarations import declared_topics
from topics.events import CaseUpdated, ReportIssued

CODEC = RowCodec(SchemaIds.published())


@pytest.fixture(scope="module")
def options(kafka: str) -> KafkaOptions:
    options = KafkaOptions(kafka)
    wanted = ("case.requests", "case.updates", "reports")
    apply(admin(options), [each for each in declared_topics({}) if each.name in wanted])
    return options


def _updated(case_id: str, revision: int) -> CaseUpdated:
    return CaseUpdated(
        event_id=revision.to_bytes(16), case_id=case_id, revision=revision, status="running", at=1, lines=()
    )


def _report(case_id: str) -> ReportIssued:
    return ReportIssued(event_id=b"r" * 16, case_id=case_id, revision=9, kind="report", at=1, body="{}")


@pytest.mark.broker
def test_news_reaches_only_those_who_wait_for_that_case(options: KafkaOptions) -> None:
    async def scenario() -> list[object]:
        waiters = CaseWaiters()
        tail, sink = CaseNewsTail(options, CODEC, waiters), CasePublisher(options, CODEC)
        tail.start(asyncio.get_running_loop())
        try:
            with waiters.waiting("mine") as mine, waiters.waiting("other") as other:
                await _until_read(sink, mine)
                await sink.publish("case.updates", _updated("mine", 2))
                await sink.publish("case.updates", _updated("nobody's", 3))
                await sink.publish("reports", _report("mine"))
                got = [await mine.next(10), await mine.next(10)]
                return [*sorted(got, key=lambda each: type(each).__name__), await other.next(0)]
        finally:
            tail.close()
            sink.close()

    assert asyncio.run(scenario()) == [_updated("mine", 2), _report("mine"), None]


@pytest.mark.broker
def test_what_is_published_is_on_the_log_under_its_case_when_the_call_returns(options: KafkaOptions) -> None:
    async def scenario() -> None:
        sink = CasePublisher(options, CODEC)
        try:
            await sink.publish("case.updates", _updated("confirmed", 7))
        finally:
            sink.close()

    asyncio.run(scenario())
    reader = consumer(options, "test-gateway-confirmed")
    reader.subscribe(["case.updates"])
    found = None
    for _ in range(100):
        message = reader.poll(0.2)
        if message is not None and message.key() == b"confirmed":
            found = CODEC.event(message.value())
            break
    reader.close()
    assert found == _updated("confirmed", 7)


@pytest.mark.broker
def test_a_topic_that_does_not_exist_is_told(options: KafkaOptions) -> None:
    async def scenario() -> None:
        sink = CasePublisher(options, CODEC, confirm_s=1)
        try:
            await sink.publish("case.answers.no-such", _updated("x", 1))
        finally:
            sink.close()

    with pytest.raises(NotPublished):
        asyncio.run(scenario())


@pytest.mark.broker
def test_news_comes_within_milliseconds(options: KafkaOptions) -> None:
    """Median way of a message: published, appended, read at the end of its partition, waiter awake."""

    async def scenario() -> list[float]:
        waiters = CaseWaiters()
        tail, sink = CaseNewsTail(options, CODEC, waiters), CasePublisher(options, CODEC)
        tail.start(asyncio.get_running_loop())
        took: list[float] = []
        try:
            with waiters.waiting("timed") as waiter:
                await _until_read(sink, waiter, "timed")
                for revision in range(2, 102):
                    started = perf_counter()
                    await sink.publish("case.updates", _updated("timed", revision))
                    assert await waiter.next(10) is not None
                    took.append(perf_counter() - started)
        finally:
            tail.close()
            sink.close()
        return sorted(took)

    took = asyncio.run(scenario())
    assert took[50] < 0.05, took


async def _until_read(sink: CasePublisher, waiter: Waiter, case_id: str = "mine") -> None:
    """Publish until the tail stands at the ends of its partitions: it starts to read a little after it was told to."""
    for _ in range(50):
        await sink.publish("case.updates", _updated(case_id, 1))
        if await waiter.next(0.5) is not None:
            while await waiter.next(0.5) is not None:
                pass
            return
    raise AssertionError("no news came")
