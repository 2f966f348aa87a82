"""Fees: the page to pay on, and the payment office's word that a payment arrived."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from connectors.payment import (
    HEADER,
    NoticeRefused,
    PaidNotice,
    Payment,
    PaymentOfficeUnreachable,
    PaymentOrder,
    PaymentPort,
    PaymentRefused,
)
from onething.gateway.case_ids import digest
from onething.gateway.case_view import iso
from onething.gateway.handling_acts import HandlingDoor, demand_taken, found, no_such_application, published
from onething.gateway.problems import JsonResponse, Problem
from processors.domain.handling import Handling
from processors.domain.handling.state import HandledItem
from producers.http_answers import BodyTooLarge, bounded_body
from topics.declarations import HUB, topic_name
from topics.events import PaymentConfirmed

LARGEST_NOTICE_BYTES: Final = 16 << 10
CALLBACK_PATH: Final = "/v1/payments/callback"


@dataclass(frozen=True)
class PaymentDoor:
    """What the routes of payments work with; ``office`` is None where none is set."""

    handlings: HandlingDoor
    office: PaymentPort | None


def payment_router(door: PaymentDoor) -> APIRouter:
    """Routes of fees."""
    router = APIRouter(tags=["缴费 payments"])

    @router.get("/v1/applications/{case_id}/payments", summary="应缴费用与缴费页面")
    async def listed(case_id: str) -> Response:
        handling = (await found(door.handlings, case_id)).handling
        shown = [await _shown(door, handling, item) for item in handling.items if item.payment is not None]
        return JsonResponse({"case_id": case_id, "payments": shown})

    @router.post(CALLBACK_PATH, summary="缴费结果通知（缴费机构签名回调）")
    async def callback(request: Request) -> Response:
        office = _demand_office(door.office)
        try:
            body = await bounded_body(request, LARGEST_NOTICE_BYTES)
        except BodyTooLarge as fault:
            raise Problem(
                413, "body-too-large", "请求体过大 / the body is too large", str(fault), "send a notice"
            ) from fault
        notice = office.notice(request.headers.get(HEADER, ""), body, door.handlings.clock())
        if isinstance(notice, NoticeRefused):
            raise _not_believed(notice)
        return await _confirmed(door, notice)

    return router


def owed(handling: Handling, item: HandledItem) -> Payment | None:
    """An item's fee as the payment office is asked for it; None where it has none."""
    if item.payment is None:
        return None
    title = handling.plan.item(item.number).text
    return Payment(
        payment_id=item.payment.payment_id,
        case_id=handling.case_id,
        payer=handling.application.subject,
        amount_fen=item.payment.amount_fen,
        title=title,
    )


async def _confirmed(door: PaymentDoor, notice: PaidNotice) -> Response:
    """Tell the case, once, of a payment whose amount is the one that is due."""
    stored = await door.handlings.rows.handling(notice.case_id)
    if stored is None:
        raise no_such_application(notice.case_id)
    paid = next((each.payment for each in stored.handling.items if _is_of(each, notice)), None)
    answer: dict[str, Any] = {"payment_id": notice.payment_id, "case_id": notice.case_id, "state": "paid"}
    if paid is not None and paid.paid_at is not None and paid.amount_fen == notice.amount_fen:
        return JsonResponse(answer)
    event = PaymentConfirmed(
        event_id=digest("PaymentConfirmed", notice.case_id, notice.payment_id),
        case_id=notice.case_id,
        payment_id=notice.payment_id,
        amount_fen=notice.amount_fen,
        paid_at=notice.paid_at,
    )
    demand_taken(stored, event)
    await published(door.handlings.sink, topic_name("case.answers", HUB), event)
    return JsonResponse(answer)


def _is_of(item: HandledItem, notice: PaidNotice) -> bool:
    return item.payment is not None and item.payment.payment_id == notice.payment_id


async def _shown(door: PaymentDoor, handling: Handling, item: HandledItem) -> dict[str, Any]:
    payment, asked = item.payment, owed(handling, item)
    assert payment is not None  # noqa: S101  only items with a payment are shown
    assert asked is not None  # noqa: S101  the same
    order = None if payment.paid_at is not None else await _order(door.office, asked)
    return {
        "payment_id": payment.payment_id,
        "number": item.number,
        "title": asked.title,
        "amount_fen": payment.amount_fen,
        "state": "unpaid" if payment.paid_at is None else "paid",
        "requested_at": iso(payment.requested_at),
        "paid_at": None if payment.paid_at is None else iso(payment.paid_at),
        "pay_url": None if order is None else order.pay_url,
    }


async def _order(office: PaymentPort | None, asked: Payment) -> PaymentOrder | None:
    """The office's order, opened when it was not yet; None where there is no office."""
    if office is None:
        return None
    try:
        return await asyncio.to_thread(office.request, asked)
    except (PaymentOfficeUnreachable, PaymentRefused) as fault:
        raise Problem(
            503, "no-payment-office", "缴费机构暂不可用 / the payment office cannot be asked", str(fault), fault.remedy
        ) from fault


def _demand_office(office: PaymentPort | None) -> PaymentPort:
    if office is None:
        raise Problem(
            404,
            "no-payment-office",
            "未设置缴费机构 / no payment office is set",
            "payment.url is empty",
            "set payment.url and payment.secret (ONETHING_PAYMENT__URL, ONETHING_PAYMENT__SECRET)",
        )
    return office


def _not_believed(refused: NoticeRefused) -> Problem:
    return Problem(
        422 if refused.code == "unreadable" else 401,
        f"{refused.code}-notice",
        "缴费通知不可信 / the notice is not believed",
        refused.detail,
        f"sign the body with the shared secret in {HEADER}, within five minutes",
    )
