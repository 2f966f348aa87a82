"""A payment office that speaks HTTP: ``POST /orders``, ``GET /orders/{id}``, and signed callbacks."""

import time
from collections.abc import Callable
from typing import Any, Final, Self
from urllib.parse import quote

import httpx2
import msgspec

from connectors.payment.port import (
    NoticeRefused,
    PaidNotice,
    Payment,
    PaymentOfficeUnreachable,
    PaymentOrder,
    PaymentRefused,
)
from connectors.payment.signature import HEADER, refusal_of, sign

_ANSWER_S: Final = 5.0
_SECOND_US: Final = 1_000_000
_NOT_FOUND: Final = 404
_TROUBLE: Final = 500


class HttpPaymentOffice:
    """``PaymentPort`` over HTTP; requests are signed as the callbacks are. Safe to use from several threads."""

    def __init__(
        self, url: str, secret: bytes, callback_url: Callable[[], str], transport: httpx2.BaseTransport | None = None
    ) -> None:
        """Take the office's base url, the shared secret, and what tells the full url that the office shall call."""
        self._secret = secret
        self._callback_url = callback_url
        self._http = httpx2.Client(base_url=url, trust_env=False, timeout=_ANSWER_S, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(self, payment: Payment) -> PaymentOrder:
        """Open the order, or find it open."""
        body = msgspec.json.encode(msgspec.to_builtins(payment) | {"callback_url": self._callback_url()})
        headers = {"Content-Type": "application/json", HEADER: sign(self._secret, int(time.time()), body)}
        return _order(self._answered("POST", "/orders", content=body, headers=headers))

    def order(self, payment_id: str) -> PaymentOrder | None:
        """The order as it stands."""
        answer = self._answered("GET", f"/orders/{quote(payment_id, safe='')}")
        return None if answer.status_code == _NOT_FOUND else _order(answer)

    def notice(self, signature: str, body: bytes, at_us: int) -> PaidNotice | NoticeRefused:
        """What a callback says, once its signature holds."""
        if refused := refusal_of(self._secret, signature, body, at_us // _SECOND_US):
            return refused
        try:
            return msgspec.json.decode(body, type=PaidNotice)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return NoticeRefused("unreadable", "the body is no notice of a payment")

    def _answered(self, method: str, path: str, **asked: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **asked)
        except httpx2.TransportError as fault:
            raise PaymentOfficeUnreachable(f"the payment office does not answer ({type(fault).__name__})") from fault
        if answer.status_code >= _TROUBLE:
            raise PaymentOfficeUnreachable(f"the payment office is in trouble (HTTP {answer.status_code})")
        return answer


def _order(answer: httpx2.Response) -> PaymentOrder:
    if not answer.is_success:
        raise PaymentRefused(f"the payment office refused (HTTP {answer.status_code}): {answer.text[:200]}")
    try:
        return msgspec.json.decode(answer.content, type=PaymentOrder)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise PaymentRefused("the payment office answered something that is no order") from None
