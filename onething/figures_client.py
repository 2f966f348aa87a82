"""Asks the gateway for figures over HTTP, for the command line: JSON, files, and what is handed over by the batch."""

from collections.abc import Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import httpx2

from onething.gateway.client import GatewayRefused, GatewayUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER_S: Final = 120.0


class FiguresClient:
    """One connection to one gateway.

    Raises, from every call:
        GatewayUnreachable: it does not answer, or not in time.
        GatewayRefused: it answered with a refusal.
    """

    def __init__(self, url: str, transport: httpx2.BaseTransport | None = None) -> None:
        """Take the gateway's base URL; a transport replaces the network in tests."""
        self._url = url
        self._http = httpx2.Client(base_url=url, trust_env=False, timeout=ANSWER_S, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The JSON at a path; what the query leaves empty is not asked."""
        return self._answered("GET", path, params=_asked(query)).json()

    def file(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """The bytes at a path."""
        return self._answered("GET", path, params=_asked(query)).content

    def post(self, path: str, body: Any) -> Any:
        """What the gateway answers to a JSON body."""
        return self._answered("POST", path, json=body).json()

    def _answered(self, method: str, path: str, **asked: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **asked)
        except httpx2.TransportError as fault:
            raise GatewayUnreachable(
                f"网关没有应答 (the gateway at {self._url} does not answer: {type(fault).__name__})",
                "see what runs: onething doctor; start everything: onething up",
            ) from fault
        if not answer.is_success:
            raise GatewayRefused(_problem(answer))
        return answer


@contextmanager
def figures_client() -> "Iterator[FiguresClient]":
    """A client of the gateway that the settings name, or that runs here."""
    from onething.endpoints import endpoint  # noqa: PLC0415 - only a command that asks needs the settings
    from onething.settings import load_settings  # noqa: PLC0415

    with FiguresClient(endpoint(load_settings(), "gateway")) as client:
        yield client


def _asked(query: Mapping[str, str] | None) -> dict[str, str]:
    return {name: value for name, value in (query or {}).items() if value}


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if isinstance(found, dict) and "title" in found:
        return found
    return {"title": f"HTTP {answer.status_code}", "detail": answer.text[:200], "remedy": "see: onething doctor"}
