"""Handing a message on: at once where that waits for nothing, as Faust does otherwise."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from mode.utils.locks import Event

from processors.prompt_transport import PromptConsumer


class Standing(PromptConsumer):
    """A consumer that reads from nowhere."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped, self._crashed = Event(), Event()


def first_of(*steps: Any) -> tuple[bool, list[Any]]:
    """Whether the consumer stopped meanwhile, and the results; the steps make coroutines in the loop's time."""

    async def run() -> tuple[bool, list[Any]]:
        consumer = Standing()
        async with asyncio.timeout(10):
            done = await consumer.wait_first(*(step(consumer) if callable(step) else step for step in steps))
        assert [
            each for each in asyncio.all_tasks() if each is not asyncio.current_task() and not each.cancelling()
        ] == []
        return done.stopped, done.results

    return asyncio.run(run())


async def given(value: object, waits: int = 0) -> object:
    for _ in range(waits):
        await asyncio.sleep(0)
    return value


async def for_ever() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("waits", [0, 1, 3])
def test_the_first_result_is_given(waits: int) -> None:
    assert first_of(lambda _: given("handed on", waits), lambda _: for_ever()) == (False, ["handed on"])


def test_what_waits_is_given_up_when_another_is_done() -> None:
    heard: list[str] = []

    async def hears() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            heard.append("given up")
            raise

    async def run() -> None:
        consumer = Standing()
        done = await consumer.wait_first(hears(), given("paused", 2))
        assert done.results == ["paused"]
        await asyncio.sleep(0)

    asyncio.run(run())
    assert heard == ["given up"]


def test_the_end_of_the_consumer_ends_the_waiting() -> None:
    def ends(consumer: Standing) -> Coroutine[Any, Any, None]:
        asyncio.get_running_loop().call_soon(consumer._stopped.set)
        return for_ever()

    assert first_of(ends) == (True, [])


@pytest.mark.parametrize("waits", [0, 2])
def test_a_fault_is_raised(waits: int) -> None:
    async def fails() -> None:
        await given(None, waits)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        first_of(lambda _: fails(), lambda _: for_ever())


def test_what_is_waited_for_may_fail_and_be_mended() -> None:
    async def mends() -> str:
        late: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(late.set_exception, OSError("late"))
        try:
            await late
        except OSError as fault:
            return f"mended: {fault}"
        return "nothing happened"

    assert first_of(lambda _: mends()) == (False, ["mended: late"])
