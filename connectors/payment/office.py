"""A small payment office for tests and demonstrations: real HTTP, signed both ways, money that is none.

``POST /orders`` opens an order, ``GET /orders/{id}`` shows it, ``GET /pay/{id}`` is the page that a payer sees and
``POST /pay/{id}`` what its button does; then the office calls the order's ``callback_url``, again and again until it is
answered with success. Orders live in memory.
"""

import html
import time
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Lock
from typing import Any, Final
from urllib.parse import quote

import httpx2
import msgspec
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from connectors.payment.port import PaidNotice, PaymentOrder
from connectors.payment.signature import HEADER, refusal_of, sign

RETRY_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""How long the office waits before it calls again; after the last it gives up."""
_CALL_S: Final = 10.0
_SECOND_US: Final = 1_000_000


class OrderRequest(msgspec.Struct, frozen=True):
    """The body of ``POST /orders``."""

    payment_id: str
    case_id: str
    payer: str
    amount_fen: int
    title: str
    callback_url: str

    @property
    def owes(self) -> tuple[str, str, int]:
        """Who owes what for which case."""
        return self.payer, self.case_id, self.amount_fen


@dataclass
class PaymentOffice:
    """The office's books; ``url`` is where its pages are reached.

    Attributes:
        calls: the status of every callback by payment id, 0 where nobody answered.
    """

    secret: bytes
    url: str = ""
    requests: dict[str, OrderRequest] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    calls: dict[str, list[int]] = field(default_factory=dict)
    closing: Flag = field(default_factory=Flag)
    lock: Lock = field(default_factory=Lock)

    def open(self, asked: OrderRequest) -> PaymentOrder | None:
        """The order; None when the same id was asked for with something else.

        The newest title and callback stand: a hub may ask again from another address.
        """
        with self.lock:
            known = self.requests.get(asked.payment_id, asked)
            if known.owes != asked.owes:
                return None
            self.requests[asked.payment_id] = asked
        return self.order(asked.payment_id)

    def order(self, payment_id: str) -> PaymentOrder | None:
        """The order as it stands."""
        asked = self.requests.get(payment_id)
        if asked is None:
            return None
        paid_at = self.paid.get(payment_id)
        page = f"{self.url}/pay/{quote(payment_id, safe='')}"
        return PaymentOrder(payment_id, asked.amount_fen, page, "unpaid" if paid_at is None else "paid", paid_at)

    def pay(self, payment_id: str) -> bool:
        """Take the money, once; False when there is no such order."""
        if payment_id not in self.requests:
            return False
        with self.lock:
            self.paid.setdefault(payment_id, time.time_ns() // 1000)
        return True

    def notify(self, payment_id: str) -> bool:
        """Call the order's callback until it is answered with success; whether it was."""
        for wait_s in (0.0, *RETRY_S):
            if self.closing.wait(wait_s):
                return False
            status = self.call(payment_id)
            if httpx2.codes.is_success(status):
                return True
        return False

    def call(self, payment_id: str) -> int:
        """Call once; the status of the answer, 0 when nobody answered."""
        asked = self.requests[payment_id]
        body = msgspec.json.encode(PaidNotice(payment_id, asked.case_id, asked.amount_fen, self.paid[payment_id]))
        headers = {"Content-Type": "application/json", HEADER: sign(self.secret, int(time.time()), body)}
        try:
            answer = httpx2.post(asked.callback_url, content=body, headers=headers, timeout=_CALL_S, trust_env=False)
            status = answer.status_code
        except httpx2.TransportError:
            status = 0
        self.calls.setdefault(payment_id, []).append(status)
        return status


def office_app(office: PaymentOffice) -> Starlette:
    """The office's doors."""

    async def opened(request: Request) -> Response:
        body = await request.body()
        if refused := refusal_of(office.secret, request.headers.get(HEADER, ""), body, int(time.time())):
            return _refused(401, refused.code, refused.detail)
        asked = _asked(body)
        if asked is None or asked.amount_fen <= 0:
            return _refused(422, "not-an-order", "an order names its payment, its payer and more than nothing")
        order = office.open(asked)
        return _refused(409, "other-order", "this payment id has another order") if order is None else _shown(order)

    async def shown(request: Request) -> Response:
        order = office.order(request.path_params["payment_id"])
        return _refused(404, "no-such-order", "no order has this id") if order is None else _shown(order)

    async def page(request: Request) -> Response:
        payment_id = request.path_params["payment_id"]
        order = office.order(payment_id)
        if order is None:
            return _refused(404, "no-such-order", "no order has this id")
        return HTMLResponse(_page(office.requests[payment_id], order))

    async def pay(request: Request) -> Response:
        payment_id = request.path_params["payment_id"]
        if not await run_in_threadpool(office.pay, payment_id):
            return _refused(404, "no-such-order", "no order has this id")
        order = office.order(payment_id)
        assert order is not None  # noqa: S101  it has just been paid
        return JSONResponse(msgspec.to_builtins(order), background=BackgroundTask(office.notify, payment_id))

    return Starlette(
        routes=[
            Route("/orders", opened, methods=["POST"]),
            Route("/orders/{payment_id}", shown),
            Route("/pay/{payment_id}", page),
            Route("/pay/{payment_id}", pay, methods=["POST"]),
        ]
    )


def _asked(body: bytes) -> OrderRequest | None:
    try:
        return msgspec.json.decode(body, type=OrderRequest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _shown(order: PaymentOrder) -> Response:
    return JSONResponse(msgspec.to_builtins(order))


def _refused(status: int, code: str, detail: str) -> Response:
    body: dict[str, Any] = {"code": code, "detail": detail}
    return JSONResponse(body, status)


def _page(asked: OrderRequest, order: PaymentOrder) -> str:
    yuan = f"{asked.amount_fen // 100}.{asked.amount_fen % 100:02d}"
    state = "已缴费" if order.state == "paid" else '<form method="post"><button>缴费</button></form>'
    return (
        '<!doctype html><html lang="zh"><meta charset="utf-8"><title>缴费（演示）</title>'
        f"<h1>{html.escape(asked.title)}</h1><p>金额 {yuan} 元（演示，不收取真实费用）</p>{state}"
    )
