"""Who may ask next: readers take turns, and none holds every place."""

import asyncio
from collections import Counter, deque
from itertools import count
from typing import Final

MOST_WAITING: Final = 32


class TooManyWaiting(Exception):  # noqa: N818  named for the fact
    """So many questions wait that another one would only wait in vain."""


class FairTurns:
    """A number of places, given to waiting readers in turn; for one event loop.

    A reader holds at most ``most_each`` places, so that one who asks much leaves room for another.
    """

    def __init__(self, places: int, most_each: int, most_waiting: int = MOST_WAITING) -> None:
        """All places are free."""
        self._free = places
        self._most_each = most_each
        self._most_waiting = most_waiting
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._turn_of: dict[str, int] = {}
        self._turns = count(1)

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return sum(map(len, self._waiting.values()))

    @property
    def held(self) -> int:
        """How many places are taken."""
        return self._held.total()

    async def take(self, reader: str) -> None:
        """Wait for a place; ``give`` gives it back.

        Raises:
            TooManyWaiting: at once, when as many wait as may.
        """
        if self.waiting >= self._most_waiting:
            raise TooManyWaiting
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(reader, deque()).append(turn)
        self._grant()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(reader, turn)
            else:
                self.give(reader)
            raise

    def give(self, reader: str) -> None:
        """Give a reader's place back, to whoever is next."""
        self._held[reader] -= 1
        self._free += 1
        if not self._held[reader] and reader not in self._waiting:
            self._turn_of.pop(reader, None)
        self._grant()

    def _grant(self) -> None:
        while self._free and (reader := self._next()) is not None:
            turn = self._waiting[reader][0]
            self._forget(reader, turn)
            if not turn.done():
                self._free -= 1
                self._held[reader] += 1
                self._turn_of[reader] = next(self._turns)
                turn.set_result(None)

    def _next(self) -> str | None:
        """Of those who wait and may have another place, the one whose last turn is longest ago."""
        may = (reader for reader in self._waiting if self._held[reader] < self._most_each)
        return min(may, key=lambda reader: self._turn_of.get(reader, 0), default=None)

    def _forget(self, reader: str, turn: "asyncio.Future[None]") -> None:
        turns = self._waiting.get(reader, deque())
        if turn in turns:
            turns.remove(turn)
        if not turns:
            self._waiting.pop(reader, None)
