"""Refused records over the real log: the index, what keeps it up to date, and their routes."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastapi import APIRouter

from catalog.organisations import Organisations
from catalog.resources import load_resources
from connectors.kafka import KafkaOptions
from connectors.keyring import KeyRing
from connectors.sql import StoreInUse
from onething.gateway.case_publisher import CasePublisher
from onething.gateway.refusals import refusal_router
from onething.gateway.refusals_acts import RefusalDoor
from producers.intake import Intake
from producers.refused.bodies import RefusedBodies
from producers.refused.index import RefusalIndex
from producers.refused.tail import RefusalTail, what_it_says
from topics.codec import RowCodec

FOLDER: Final = "refusals"
MOST_GATEWAYS: Final = 8


class RefusedRecords:
    """What a gateway keeps about refused records while it runs."""

    def __init__(
        self,
        options: KafkaOptions,
        codec: RowCodec,
        keyring: KeyRing,
        organisations: Organisations,
        intake: Intake,
        sink: CasePublisher,
        *,
        folder: Path,
        clock: Callable[[], int],
    ) -> None:
        """Open the index in this folder; the log is read from ``start`` on."""
        resources = load_resources()
        self._index = free_index(folder)
        self._bodies = RefusedBodies(options, codec, keyring)
        self._tail = RefusalTail(options, self._index, codec, what_it_says(keyring, resources))
        self._door = RefusalDoor(
            organisations=organisations,
            resources=resources,
            index=self._index,
            bodies=self._bodies,
            intake=intake,
            sink=sink,
            reads=sink,
            keyring=keyring,
            behind=lambda: self._tail.behind,
            clock=clock,
        )

    def router(self) -> APIRouter:
        """The routes for departments."""
        return refusal_router(self._door)

    def start(self) -> None:
        """Begin to read the log."""
        self._tail.start()

    async def close(self) -> None:
        """Stop reading, and let go of the index."""
        await asyncio.to_thread(self._tail.close)
        await asyncio.to_thread(self._bodies.close)
        self._index.close()


def free_index(folder: Path) -> RefusalIndex:
    """An index that no other gateway of this data directory writes: it follows from the log, so each has its own.

    Raises:
        StoreInUse: there are ``MOST_GATEWAYS`` of them already.
    """
    taken: StoreInUse | None = None
    for number in range(MOST_GATEWAYS):
        try:
            return RefusalIndex(folder / f"index-{number}.db")
        except StoreInUse as fault:
            taken = fault
    raise taken or StoreInUse(f"{folder} takes no index.", "Stop a gateway.")
