"""Keeps roll-ups at hand while a process serves, so that nobody waits for those of a whole lake."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from fastapi import FastAPI

from analytics.rates.lake import RateLake

EVERY_S: Final = 300.0

log = structlog.get_logger(__name__)


class Keeping:
    """Makes what is missing of the roll-ups, at once and then again and again, on a thread of its own."""

    def __init__(self, lake: RateLake, every_s: float = EVERY_S) -> None:
        """Keep the roll-ups of this lake."""
        self._lake, self._every_s = lake, every_s
        self._ended = threading.Event()
        self.rounds = 0

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Keep them for as long as the application serves."""
        thread = threading.Thread(target=self._run, name="rates-rollups", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            await asyncio.to_thread(thread.join, 5.0)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._round()
            self._ended.wait(self._every_s)

    def _round(self) -> None:
        """One round; a lake that cannot be read now is tried again the next time, and whoever asks is told why."""
        try:
            made = self._lake.roll_ups.refresh(self._ended.is_set)
        except Exception:
            log.warning("roll-ups not made", exc_info=True)
        else:
            if any(made.values()):
                log.info("roll-ups made", **{name: days for name, days in made.items() if days})
        self.rounds += 1
