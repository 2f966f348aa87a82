"""Asks archive replicas: any of them can answer, so the next one is asked when one fails."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Final

import aiohttp
import structlog

_KNOWN_FOR_S: Final = 1.0
_CONNECT_S: Final = 1.0
_MARGIN_S: Final = 5.0
_UNFIT: Final = frozenset((500, 502, 503))
_log = structlog.get_logger(__name__)

Query = Sequence[tuple[str, str]]


class NoReplicaAnswered(Exception):  # noqa: N818  the name is the fact
    """Every replica that is known failed, or none is known."""


@dataclass(frozen=True)
class ReplicaAnswer:
    """What a replica said, passed on as it is."""

    status: int
    body: bytes
    content_type: str


class ArchiveReplicas:
    """The replicas that run, asked in turn over connections that are kept."""

    def __init__(self, urls: Callable[[], Sequence[str]]) -> None:
        """Take a function that tells the replicas' base URLs as they are now."""
        self._urls = urls
        self._known: Sequence[str] = ()
        self._known_until = 0.0
        self._turn = count()
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, path: str, query: Query, wait_s: float) -> ReplicaAnswer:
        """The first fit answer, each replica asked at most once.

        Raises:
            NoReplicaAnswered: none could be reached, or each said that it cannot serve now.
        """
        urls = await self.urls()
        start = next(self._turn)
        for place in range(len(urls)):
            url = urls[(start + place) % len(urls)]
            if (answer := await self._asked(url + path, query, wait_s)) is not None:
                return answer
        raise NoReplicaAnswered(f"{len(urls)} archive replicas are known, none answered")

    async def urls(self) -> Sequence[str]:
        """The base URLs of the replicas, looked up again every second."""
        if monotonic() >= self._known_until:
            self._known = await asyncio.to_thread(self._urls)
            self._known_until = monotonic() + _KNOWN_FOR_S
        return self._known

    async def readiness(self) -> Mapping[str, bool]:
        """URL → whether the replica says that it is ready."""
        urls = await self.urls()
        answers = await asyncio.gather(*(self._asked(url + "/health/ready", (), 1.0) for url in urls))
        return {url: answer is not None for url, answer in zip(urls, answers, strict=True)}

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _asked(self, url: str, query: Query, wait_s: float) -> ReplicaAnswer | None:
        try:
            async with self._sessioned().get(url, params=list(query), timeout=_limits(wait_s)) as response:
                if response.status in _UNFIT:
                    return None
                return ReplicaAnswer(response.status, await response.read(), response.content_type)
        except (aiohttp.ClientError, TimeoutError) as fault:
            _log.warning("replica_failed", replica=url.split("/v1/", 1)[0], fault=type(fault).__name__)
            self._known_until = 0.0
            return None

    def _sessioned(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        return self._session


def _limits(wait_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=wait_s + _MARGIN_S, connect=_CONNECT_S)
