"""The protector of departments: it asks the hub, which alone holds keys."""

from collections.abc import Sequence
from typing import Final

import httpx2
import msgspec
import stamina

from producers.protection import PROTECTION_PATH, Protected, ProtectionUnavailable, ProtectRequest

_SERVER_FAULT: Final = 500
_REMEDY: Final = "look whether the hub runs at this address (onething doctor), then publish again"


class HttpProtector:
    """Protects through the hub's protection route; one call a batch, tried again while the hub does not answer."""

    is_near = False

    def __init__(
        self, url: str, *, client: httpx2.Client | None = None, attempts: int = 5, timeout_s: float = 10.0
    ) -> None:
        """Use the hub at this address.

        Args:
            url: the hub's, such as ``http://127.0.0.1:8610``.
            client: one with the department's credentials or certificates; a plain one when not given.
            attempts: how often a batch is tried.
            timeout_s: of one try.
        """
        self._url = url.rstrip("/") + PROTECTION_PATH
        self._client = client or httpx2.Client(timeout=timeout_s)
        self._attempts = attempts

    def protect(self, requests: Sequence[ProtectRequest]) -> list[Protected]:
        """One answer a request, in order.

        Raises:
            ProtectionUnavailable: the hub did not answer, refused, or answered something else.
        """
        body = msgspec.json.encode(requests)
        try:
            return _answers(self._posted(body), requests)
        except httpx2.HTTPStatusError as fault:
            status = fault.response.status_code
            raise ProtectionUnavailable(f"the hub refused to protect personal data: HTTP {status}", _REMEDY) from None
        except httpx2.HTTPError as fault:
            what = f"the hub does not answer at {self._url}: {type(fault).__name__}"
            raise ProtectionUnavailable(what, _REMEDY) from None

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _posted(self, body: bytes) -> bytes:
        for attempt in stamina.retry_context(on=_is_passing, attempts=self._attempts, wait_max=2.0):
            with attempt:
                answered = self._client.post(self._url, content=body, headers={"content-type": "application/json"})
                answered.raise_for_status()
        return answered.content


def _answers(body: bytes, requests: Sequence[ProtectRequest]) -> list[Protected]:
    """The answers, each with as many items as were asked for: a shifted one would name another person."""
    try:
        answers = msgspec.json.decode(body, type=list[Protected])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ProtectionUnavailable("what answers is no hub: no protection in its answer", _REMEDY) from None
    if [_counts(each) for each in answers] != [(len(each.persons), len(each.secrets)) for each in requests]:
        raise ProtectionUnavailable("the hub's answer does not fit what was asked", _REMEDY)
    return answers


def _counts(protected: Protected) -> tuple[int, int]:
    return len(protected.tokens), len(protected.secrets)


def _is_passing(fault: Exception) -> bool:
    if isinstance(fault, httpx2.HTTPStatusError):
        return fault.response.status_code >= _SERVER_FAULT
    return isinstance(fault, httpx2.TransportError)
