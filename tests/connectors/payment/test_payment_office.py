"""The HTTP adapter against the small office, both real: orders, pages, callbacks, and what is not believed."""

import http.server
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Thread

import httpx2
import msgspec
import pytest

from connectors.payment import (
    HEADER,
    HttpPaymentOffice,
    NoticeRefused,
    PaidNotice,
    Payment,
    PaymentOfficeUnreachable,
    PaymentRefused,
    sign,
)
from connectors.payment.office import PaymentOffice
from connectors.payment.running import running_office

SECRET = b"a secret that both know"
OWED = Payment("pay-1", "01CASE", "enterprise:91440300708461136T", 1250, "印章刻制")
NOTICE = PaidNotice("pay-1", "01CASE", 1250, 1_790_000_000_000_000)


@dataclass
class Callbacks:
    """A receiver of callbacks; ``answers`` are its next statuses, 200 when there is none left."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)


@pytest.fixture
def callbacks() -> Iterator[Callbacks]:
    taking = Callbacks()

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taking.taken.append((self.headers[HEADER], body))
            self.send_response(taking.answers.pop(0) if taking.answers else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        taking.url = f"http://127.0.0.1:{server.server_port}/paid"
        yield taking
        server.shutdown()


@pytest.fixture
def office() -> Iterator[PaymentOffice]:
    with running_office(SECRET) as running:
        yield running


@pytest.fixture
def port(office: PaymentOffice, callbacks: Callbacks) -> Iterator[HttpPaymentOffice]:
    with HttpPaymentOffice(office.url, SECRET, lambda: callbacks.url) as adapter:
        yield adapter


def test_an_order_is_opened_once_and_stays_unpaid_until_it_is_paid(port: HttpPaymentOffice) -> None:
    assert port.order("pay-1") is None
    opened = port.request(OWED)
    assert (opened.state, opened.amount_fen, opened.paid_at) == ("unpaid", 1250, None)
    assert port.request(OWED) == opened == port.order("pay-1")


def test_a_payment_is_told_by_a_signed_callback(port: HttpPaymentOffice, callbacks: Callbacks) -> None:
    order = port.request(OWED)
    assert "12.50" in httpx2.get(order.pay_url, trust_env=False).text
    assert httpx2.post(order.pay_url, trust_env=False).json()["state"] == "paid"
    _until(lambda: bool(callbacks.taken))
    told = port.notice(*callbacks.taken[0], time.time_ns() // 1000)
    assert isinstance(told, PaidNotice)
    assert (told.payment_id, told.case_id, told.amount_fen) == ("pay-1", "01CASE", 1250)
    assert port.order("pay-1") == msgspec.structs.replace(order, state="paid", paid_at=told.paid_at)


def test_the_office_calls_again_until_it_is_heard(
    port: HttpPaymentOffice, office: PaymentOffice, callbacks: Callbacks
) -> None:
    callbacks.answers = [503, 503]
    httpx2.post(port.request(OWED).pay_url, trust_env=False)
    _until(lambda: office.calls.get("pay-1") == [503, 503, 200])
    assert len({body for _, body in callbacks.taken}) == 1


def test_one_id_is_one_order(port: HttpPaymentOffice) -> None:
    port.request(OWED)
    with pytest.raises(PaymentRefused, match="409"):
        port.request(msgspec.structs.replace(OWED, amount_fen=1))


def test_an_order_for_nothing_is_refused(port: HttpPaymentOffice) -> None:
    with pytest.raises(PaymentRefused, match="422"):
        port.request(msgspec.structs.replace(OWED, amount_fen=0))


def test_the_office_takes_orders_only_from_who_knows_the_secret(office: PaymentOffice) -> None:
    stranger = HttpPaymentOffice(office.url, b"guessed", lambda: "http://127.0.0.1:1/")
    with stranger, pytest.raises(PaymentRefused, match="forged"):
        stranger.request(OWED)
    assert office.requests == {}


def test_an_office_that_does_not_answer_may_be_asked_again() -> None:
    port = HttpPaymentOffice("http://127.0.0.1:9", SECRET, lambda: "http://127.0.0.1:1/")
    with port, pytest.raises(PaymentOfficeUnreachable):
        port.request(OWED)


@pytest.mark.parametrize(
    ("secret", "signed_s", "cut", "code"),
    [
        (SECRET, 1_790_000_000, b"", None),
        (b"guessed", 1_790_000_000, b"", "forged"),
        (SECRET, 1_790_000_000, b" ", "forged"),
        (SECRET, 1_789_990_000, b"", "stale"),
        (SECRET, 1_790_009_999, b"", "stale"),
    ],
)
def test_a_notice_is_believed_for_its_signature_and_its_time(
    secret: bytes, signed_s: int, cut: bytes, code: str | None
) -> None:
    port = HttpPaymentOffice("http://127.0.0.1:9", SECRET, str)
    body = msgspec.json.encode(NOTICE)
    told = port.notice(sign(secret, signed_s, body), body + cut, 1_790_000_000_000_000)
    assert told == NOTICE if code is None else isinstance(told, NoticeRefused) and told.code == code
    port.close()


def test_a_notice_without_signature_or_content_is_refused() -> None:
    with HttpPaymentOffice("http://127.0.0.1:9", SECRET, str) as port:
        unsigned, at_us = port.notice("", b"{}", 0), 1_790_000_000_000_000
        unreadable = port.notice(sign(SECRET, 1_790_000_000, b"{}"), b"{}", at_us)
    assert isinstance(unsigned, NoticeRefused)
    assert isinstance(unreadable, NoticeRefused)
    assert (unsigned.code, unreadable.code) == ("unsigned", "unreadable")


def _until(holds: Callable[[], bool], within_s: float = 5) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "not reached"
        time.sleep(0.01)
