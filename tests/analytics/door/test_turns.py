import asyncio
from collections.abc import Coroutine

import pytest

from analytics.door.turns import FairTurns, TooManyWaiting


def run(given: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(given, 5))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_readers_take_turns_however_much_one_asks() -> None:
    async def scene() -> None:
        turns = FairTurns(places=1, most_each=1)
        order: list[str] = []

        async def ask(reader: str) -> None:
            await turns.take(reader)
            order.append(reader)
            await settle()
            turns.give(reader)

        await asyncio.gather(*(ask(reader) for reader in ("a", "a", "a", "a", "b", "c", "b")))
        assert order == ["a", "b", "c", "a", "b", "a", "a"]
        assert (turns.held, turns.waiting) == (0, 0)

    run(scene())


def test_nobody_holds_every_place() -> None:
    async def scene() -> None:
        turns = FairTurns(places=3, most_each=2)
        asked = [asyncio.ensure_future(turns.take("a")) for _ in range(3)]
        await settle()
        assert [task.done() for task in asked] == [True, True, False]
        await turns.take("b")
        turns.give("a")
        await asyncio.gather(*asked)
        assert turns.held == 3

    run(scene())


def test_one_too_many_is_told_at_once() -> None:
    async def scene() -> None:
        turns = FairTurns(places=1, most_each=1, most_waiting=1)
        await turns.take("a")
        waits = asyncio.ensure_future(turns.take("b"))
        await settle()
        with pytest.raises(TooManyWaiting):
            await turns.take("c")
        turns.give("a")
        await waits

    run(scene())


def test_who_gives_up_waiting_takes_no_place() -> None:
    async def scene() -> None:
        turns = FairTurns(places=1, most_each=1)
        await turns.take("a")
        waits = asyncio.ensure_future(turns.take("b"))
        await settle()
        waits.cancel()
        await settle()
        assert turns.waiting == 0
        turns.give("a")
        await turns.take("c")
        assert turns.held == 1

    run(scene())


def test_who_gives_up_in_the_moment_of_the_grant_gives_the_place_back() -> None:
    async def scene() -> None:
        turns = FairTurns(places=1, most_each=1)
        await turns.take("a")
        waits = asyncio.ensure_future(turns.take("b"))
        await settle()
        turns.give("a")
        waits.cancel()
        await settle()
        await turns.take("c")
        assert turns.held == 1

    run(scene())
