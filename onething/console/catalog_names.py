"""What departments, resources and their fields are called, as the register says it; asked for now and then."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Generic, TypeVar

from onething.console.hub import hub

Kept = TypeVar("Kept")

FRESH_S: Final = 300.0
_AT_ONCE: Final = 500
STATED: Final = "stated"


@dataclass(frozen=True)
class ResourceName:
    """What a resource and its fields are called; ``types`` by field, as the register names them."""

    name: str
    provider: str
    fields: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)


class Remembered(Generic[Kept]):
    """Something that is asked for again once it is no longer fresh."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[Kept]],
        clock: Callable[[], float] = monotonic,
        *,
        fresh_s: float = FRESH_S,
    ) -> None:
        self._ask, self._clock, self._fresh_s = ask, clock, fresh_s
        self._kept: tuple[float, Kept] | None = None
        self._asking: asyncio.Future[Kept] | None = None

    async def now(self) -> Kept:
        """What is known, no older than it may be; whoever asks meanwhile waits for the same answer."""
        if self._kept is not None and self._clock() - self._kept[0] <= self._fresh_s:
            return self._kept[1]
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._asked())
        return await asyncio.shield(self._asking)

    async def _asked(self) -> Kept:
        found = await self._ask()
        self._kept = (self._clock(), found)
        return found


async def departments() -> dict[str, str]:
    """Every organisation's Chinese name by its code, by name."""
    return await _DEPARTMENTS.now()


async def resources() -> dict[str, ResourceName]:
    """Every resource's names by its code."""
    return await _RESOURCES.now()


async def limits() -> dict[str, tuple[str, bool]]:
    """Of every limit of the clock by its id: the legal basis, and whether it was read there or told at second hand."""
    return await _LIMITS.now()


async def _ask_limits() -> dict[str, tuple[str, bool]]:
    found = await hub().get("/v1/duties/limits")
    return {each["id"]: (each["basis"], each["known"] == STATED) for each in found["limits"]}


async def _ask_departments() -> dict[str, str]:
    found = await _entities("organisation")
    return {each["code"]: each["name"] for each in sorted(found, key=lambda each: str(each["name"]))}


async def _ask_resources() -> dict[str, ResourceName]:
    return {each["code"]: resource_name(each) for each in await _entities("resource")}


def resource_name(state: Mapping[str, Any]) -> ResourceName:
    """The names that an entry of the register holds."""
    items = state["data_items"]
    return ResourceName(
        state["name"],
        state["provider"],
        {each["field"]: each["name"] for each in items},
        {each["field"]: each["type"] for each in items},
    )


async def _entities(kind: str) -> list[dict[str, Any]]:
    states: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = await hub().get(f"/v1/catalog/{kind}", after=after, limit=_AT_ONCE)
        states += [each["state"] for each in page["entities"]]
        after = page["next_after"]
    return states


_DEPARTMENTS: Final = Remembered(_ask_departments)
_RESOURCES: Final = Remembered(_ask_resources)
_LIMITS: Final = Remembered(_ask_limits)
