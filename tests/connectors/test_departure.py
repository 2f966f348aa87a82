import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from connectors.departure import unless_gone


def request(*messages: str) -> Request:
    said = iter(messages)

    async def receive() -> Message:
        try:
            return {"type": next(said)}
        except StopIteration:
            await asyncio.Event().wait()
            raise

    return Request({"type": "http"}, receive)


async def answer() -> int:
    await asyncio.sleep(0)
    return 7


def test_the_answer_is_given_while_the_client_waits() -> None:
    assert asyncio.run(unless_gone(request(), answer())) == 7


def test_work_ends_when_the_client_has_gone() -> None:
    ended: list[bool] = []

    async def work() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        return 7

    assert asyncio.run(unless_gone(request("http.request", "http.disconnect"), work())) is None
    assert ended == [True]


def test_what_goes_wrong_in_the_work_is_raised() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(unless_gone(request(), work()))


def test_work_ends_when_the_server_gives_up_the_request() -> None:
    ended: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def given_up() -> None:
        task = asyncio.ensure_future(unless_gone(request(), work()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(given_up())
    assert ended == [True]
