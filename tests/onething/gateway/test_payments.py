"""Fees of items over a real payment office on this machine, and what of its callbacks is believed."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag
from typing import Any

import httpx2
import msgspec
import pytest

from connectors.payment import (
    HEADER,
    HttpPaymentOffice,
    PaidNotice,
    Payment,
    PaymentOfficeUnreachable,
    PaymentOrder,
    PaymentRefused,
    sign,
)
from connectors.payment.office import PaymentOffice
from connectors.payment.running import running_office
from onething.gateway.payment_requests import ask_until_taken
from tests.onething.gateway.handled_hub import LEAD, NOW_US, Handled, handled_gateway
from topics.events import PaymentConfirmed

SECRET = b"between hub and office"
CALLBACK = "/v1/payments/callback"
FEE_FEN = 12000


@pytest.fixture
def office() -> Iterator[PaymentOffice]:
    with running_office(SECRET) as running:
        yield running


@pytest.fixture
def handled(tmp_path: Path, office: PaymentOffice) -> Iterator[Handled]:
    port = HttpPaymentOffice(office.url, SECRET, lambda: "http://127.0.0.1:9/nobody")
    with port, handled_gateway(tmp_path, port) as doors:
        yield doors


@pytest.fixture
def owing(handled: Handled) -> dict[str, Any]:
    """A case whose first item was approved for a fee."""
    case_id = handled.opened()
    (assignment,) = handled.inbox(LEAD)
    handled.decide(LEAD, assignment["assignment_id"], fee_fen=FEE_FEN)
    assert handled.review(LEAD, assignment["assignment_id"]).json()["item_state"] == "paying"
    (payment,) = handled.http.get(f"/v1/applications/{case_id}/payments").json()["payments"]
    return {"case_id": case_id, **payment}


def _notice(owing: dict[str, Any], **other: Any) -> bytes:
    told = PaidNotice(owing["payment_id"], owing["case_id"], FEE_FEN, NOW_US)
    return msgspec.json.encode(msgspec.structs.replace(told, **other))


def _call(handled: Handled, body: bytes, secret: bytes = SECRET, at_s: int = NOW_US // 1_000_000) -> Any:
    return handled.http.post(CALLBACK, content=body, headers={HEADER: sign(secret, at_s, body)})


def _item(handled: Handled, owing: dict[str, Any]) -> Any:
    return handled.view(owing["case_id"])["items"][0]


def test_an_applicant_is_shown_where_to_pay(handled: Handled, owing: dict[str, Any]) -> None:
    assert (owing["amount_fen"], owing["state"]) == (FEE_FEN, "unpaid")
    assert "120.00" in httpx2.get(owing["pay_url"], trust_env=False).text
    assert _item(handled, owing)["state"] == "paying"


def test_a_paid_fee_closes_the_item(handled: Handled, owing: dict[str, Any]) -> None:
    assert _call(handled, _notice(owing)).status_code == 200
    assert _item(handled, owing)["state"] == "approved"
    (payment,) = handled.http.get(f"/v1/applications/{owing['case_id']}/payments").json()["payments"]
    assert (payment["state"], payment["pay_url"]) == ("paid", None)


def test_a_callback_that_comes_twice_is_told_once(handled: Handled, owing: dict[str, Any]) -> None:
    answers = [_call(handled, _notice(owing)).status_code for _ in range(3)]
    assert answers == [200] * 3
    assert [type(event) for _, event in handled.hub.published].count(PaymentConfirmed) == 1


def test_two_callbacks_before_the_case_has_taken_one_are_the_same_event(
    handled: Handled, owing: dict[str, Any]
) -> None:
    handled.hub.is_silent = True
    for _ in range(2):
        assert _call(handled, _notice(owing)).status_code == 200
    told = [event for topic, event in handled.hub.published if topic == "case.answers.hub"]
    assert len(told) == 2
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("other", "secret", "at_s", "status"),
    [
        ({}, b"guessed", NOW_US // 1_000_000, 401),
        ({}, SECRET, NOW_US // 1_000_000 - 9999, 401),
        ({"amount_fen": 1}, SECRET, NOW_US // 1_000_000, 409),
        ({"payment_id": "other"}, SECRET, NOW_US // 1_000_000, 409),
        ({"case_id": "other"}, SECRET, NOW_US // 1_000_000, 404),
    ],
)
def test_what_is_not_believed_changes_nothing(
    handled: Handled, owing: dict[str, Any], other: dict[str, Any], secret: bytes, at_s: int, status: int
) -> None:
    published = len(handled.hub.published)
    assert _call(handled, _notice(owing, **other), secret, at_s).status_code == status
    assert len(handled.hub.published) == published
    assert _item(handled, owing)["state"] == "paying"


def test_a_notice_that_is_none_is_refused(handled: Handled) -> None:
    assert _call(handled, b"{}").status_code == 422
    assert handled.http.post(CALLBACK, content=b"{}").status_code == 401
    assert _call(handled, b" " * 20_000).status_code == 413


def test_a_payment_that_the_log_did_not_confirm_is_called_again(handled: Handled, owing: dict[str, Any]) -> None:
    handled.hub.is_down = True
    assert _call(handled, _notice(owing)).status_code == 503
    handled.hub.is_down = False
    assert _call(handled, _notice(owing)).status_code == 200


def test_without_an_office_fees_are_shown_and_nobody_collects_them(tmp_path: Path) -> None:
    with handled_gateway(tmp_path) as doors:
        case_id = doors.opened()
        (assignment,) = doors.inbox(LEAD)
        doors.decide(LEAD, assignment["assignment_id"], fee_fen=FEE_FEN)
        doors.review(LEAD, assignment["assignment_id"])
        (payment,) = doors.http.get(f"/v1/applications/{case_id}/payments").json()["payments"]
        assert (payment["state"], payment["pay_url"]) == ("unpaid", None)
        assert _call(doors, b"{}").status_code == 404


class Wavering:
    """An office that answers as it is told to."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)

    def request(self, payment: Payment) -> PaymentOrder:
        answer = self.answers.pop(0)
        if answer is not None:
            raise answer
        return PaymentOrder(payment.payment_id, payment.amount_fen, "", "unpaid")

    def order(self, payment_id: str) -> None:
        raise NotImplementedError

    def notice(self, signature: str, body: bytes, at_us: int) -> PaidNotice:
        raise NotImplementedError


OWED = Payment("p", "c", "enterprise:x", 1, "t")


def test_an_order_is_asked_for_until_the_office_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onething.gateway.payment_requests.RETRY_S", (0.0,))
    away = PaymentOfficeUnreachable("away")
    office = Wavering(away, away, None)
    assert ask_until_taken(office, OWED, Flag())
    assert office.answers == []
    assert ask_until_taken(Wavering(PaymentRefused("never")), OWED, Flag())


def test_an_order_is_left_for_the_next_start_when_the_gateway_closes() -> None:
    closing = Flag()
    closing.set()
    began = time.monotonic()
    assert not ask_until_taken(Wavering(PaymentOfficeUnreachable("away")), OWED, closing)
    assert time.monotonic() - began < 1
