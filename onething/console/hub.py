"""Asks the gateway over HTTP, for every page of the console through one set of connections."""

import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from time import perf_counter
from typing import Any, Final
from urllib.parse import quote

import httpx2
import msgspec

from onething.console.language import t
from onething.endpoints import NotRunning

ANSWER_S: Final = 30.0
CONNECT_S: Final = 2.0
_CONNECTIONS: Final = httpx2.Limits(max_connections=256, max_keepalive_connections=32)
_IN_TWO: Final = re.compile(r"(?P<zh>.*[^\x00-\x7f][”）。]?)(?: / | (?=[a-z]))(?P<en>[\x20-\x7e]+)")
_HEARTBEATS_S: Final = 60.0
"""Longer than the gateway leaves between two heartbeats of a stream."""

Asked = Mapping[str, object]
Observe = Callable[[str, float], None]
Pairs = list[tuple[str, str | int | float | bool | None]]


class HubFault(Exception):  # noqa: N818  it names what went wrong
    """The hub did not do what a page asked; every attribute is fit to be shown.

    Attributes:
        title: what happened.
        detail: the place and the cause; may be empty.
        remedy: what to do; may be empty.
        faults: ``{"field", "reason", …}`` of every fault of the request.
        status: the HTTP status, 0 where nobody answered.
    """

    def __init__(
        self, title: str, detail: str = "", remedy: str = "", faults: tuple[dict[str, Any], ...] = (), status: int = 0
    ) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title, self.detail, self.remedy, self.faults, self.status = title, detail, remedy, faults, status

    @property
    def is_missing(self) -> bool:
        """Whether what was asked for does not exist."""
        return self.status == 404  # noqa: PLR2004  HTTP's own number


class Hub:
    """The gateway as pages ask it; found again when it has moved.

    Raises, from every call:
        HubFault: nobody answers, or the gateway refused.
    """

    def __init__(
        self,
        url: Callable[[], str],
        transport: httpx2.AsyncBaseTransport | None = None,
        observe: Observe = lambda _method, _took_s: None,
    ) -> None:
        """Take what tells the gateway's base URL now (``NotRunning`` if there is none); a transport is for tests."""
        self._url = url
        self._known: str | None = None
        self._observe = observe
        limits = httpx2.Timeout(ANSWER_S, connect=CONNECT_S)
        self._http = httpx2.AsyncClient(trust_env=False, timeout=limits, transport=transport, limits=_CONNECTIONS)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(self, path: str, **query: object) -> dict[str, Any]:
        """What the gateway answers; query values that are None or empty are left out, lists are repeated."""
        return await self.ask("GET", path, query=query)

    async def post(self, path: str, body: Asked, *, key: str = "", **query: object) -> dict[str, Any]:
        """What the gateway answers to a body; the same idempotency key twice is one request."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.ask("POST", path, query=query, body=body, headers=headers)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Asked | None = None,
        body: Asked | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON answer to any request."""
        answer = await self.answered(method, path, query=query, body=body, headers=headers)
        found = answer.json() if answer.content else {}
        return found if isinstance(found, dict) else {"items": found}

    async def answered(
        self,
        method: str,
        path: str,
        *,
        query: Asked | None = None,
        body: Asked | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The answer as it came, for texts and files."""
        started = perf_counter()
        answer = await self._sent(method, path, pairs(query or {}), body, dict(headers or {}))
        self._observe(method, perf_counter() - started)
        if not answer.is_success:
            raise refused(answer)
        return answer

    async def send(self, path: str, content: bytes, **query: object) -> dict[str, Any]:
        """What the gateway answers to a file's bytes."""
        answer = await self.answered("POST", path, query=query, body=content)
        found: dict[str, Any] = answer.json()
        return found

    async def events(self, path: str) -> AsyncGenerator[dict[str, Any], None]:
        """What server-sent events carry, as it comes, until the gateway ends the stream."""
        request = self._http.build_request("GET", self._base() + path, timeout=httpx2.Timeout(_HEARTBEATS_S))
        answer = await self._tried(request)
        try:
            if not answer.is_success:
                await answer.aread()
                raise refused(answer)
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    yield msgspec.json.decode(line[6:])
        except httpx2.TransportError as fault:
            raise unreachable(fault) from fault
        finally:
            await answer.aclose()

    async def _sent(
        self, method: str, path: str, query: Pairs, body: Asked | bytes | None, headers: dict[str, str]
    ) -> httpx2.Response:
        moved = self._known
        carried: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        try:
            return await self._http.request(method, self._base() + path, params=query, headers=headers, **carried)
        except httpx2.ConnectError as fault:
            self._known = None
            if self._base() == moved:
                raise unreachable(fault) from fault
            with suppress(httpx2.TransportError):  # it has moved: nothing of the request had reached anybody
                return await self._http.request(method, self._base() + path, params=query, headers=headers, **carried)
            raise unreachable(fault) from fault
        except httpx2.TransportError as fault:
            raise unreachable(fault) from fault

    async def _tried(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return await self._http.send(request, stream=True)
        except httpx2.TransportError as fault:
            self._known = None
            raise unreachable(fault) from fault

    def _base(self) -> str:
        if self._known is None:
            try:
                self._known = self._url()
            except NotRunning as fault:
                raise unreachable(fault) from fault
        return self._known


def pairs(query: Asked) -> Pairs:
    """A query as HTTP carries it."""
    found: Pairs = []
    for name, value in query.items():
        values = value if isinstance(value, list | tuple) else (value,)
        found += [(name, _text(each)) for each in values if each is not None and each != ""]
    return found


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe=":")


def refused(answer: httpx2.Response) -> HubFault:
    """What the gateway's problem document says, in the page's language where it says both."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "title" not in problem:
        problem = {"title": f"HTTP {answer.status_code}", "detail": answer.text[:200]}
    return HubFault(
        spoken_part(str(problem["title"])),
        spoken_part(str(problem.get("detail") or "")),
        str(problem.get("remedy") or ""),
        tuple(each for each in problem.get("faults", ()) if isinstance(each, dict)),
        answer.status_code,
    )


def unreachable(fault: Exception) -> HubFault:
    """Nobody answers."""
    return HubFault(
        t("网关没有应答", "The gateway does not answer"),
        type(fault).__name__,
        t(
            "请确认枢纽正在运行：onething up；查看各部件状况：onething doctor",
            "start the hub: onething up; see what runs: onething doctor",
        ),
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def spoken_part(title: str) -> str:
    """The part of a title in two languages (``中文 / English``, ``中文 english``) that the page speaks."""
    found = _IN_TWO.fullmatch(title)
    return t(found["zh"], found["en"]) if found else title


class _Place:
    """Where the process keeps the one hub that its pages ask."""

    hub: Hub | None = None


def install(hub: Hub) -> None:
    """Let pages ask this hub."""
    _Place.hub = hub


def hub() -> Hub:
    """The hub that pages ask.

    Raises:
        RuntimeError: the console was not composed yet.
    """
    if _Place.hub is None:
        raise RuntimeError("no hub is installed: pages are served by console_app")
    return _Place.hub
