"""What the hub asks of a payment office, and what the office tells the hub: fees of items, in fen."""

from typing import Literal, Protocol

import msgspec


class Payment(msgspec.Struct, frozen=True):
    """A fee that somebody owes.

    Attributes:
        payment_id: names the payment at both sides, for ever; a repeated request is the same payment.
        case_id: comes back with the notice, so that its receiver knows where the payment belongs.
        payer: the subject that owes it, ``enterprise:<USCC>`` or ``person:<token>``.
        amount_fen: what is owed, more than nothing.
        title: what it is for, without personal data.
    """

    payment_id: str
    case_id: str
    payer: str
    amount_fen: int
    title: str


class PaymentOrder(msgspec.Struct, frozen=True):
    """A payment as the office knows it; ``pay_url`` is the page to pay on, ``paid_at`` is in µs UTC."""

    payment_id: str
    amount_fen: int
    pay_url: str
    state: Literal["unpaid", "paid"]
    paid_at: int | None = None


class PaidNotice(msgspec.Struct, frozen=True):
    """The office's word that a payment arrived; ``paid_at`` in µs UTC."""

    payment_id: str
    case_id: str
    amount_fen: int
    paid_at: int


class NoticeRefused(msgspec.Struct, frozen=True):
    """Why a notice is not believed: ``unsigned``, ``forged``, ``stale`` or ``unreadable``."""

    code: str
    detail: str


class PaymentPort(Protocol):
    """A payment office.

    Raises, from ``request`` and ``order``:
        PaymentOfficeUnreachable: nothing is known of what was asked; asking again is safe.
        PaymentRefused: the office will not take this, however often it is asked.
    """

    def request(self, payment: Payment) -> PaymentOrder:
        """Open the order of this payment; the one that is open already when it was asked for before."""

    def order(self, payment_id: str) -> PaymentOrder | None:
        """The order as it stands, None when the office has none of this id."""

    def notice(self, signature: str, body: bytes, at_us: int) -> PaidNotice | NoticeRefused:
        """What a callback says, once its signature shows that the office wrote it.

        Args:
            signature: the value of the header ``X-Payment-Signature``.
            body: the callback's body as it came.
            at_us: now, µs UTC.
        """


class PaymentOfficeUnreachable(Exception):  # noqa: N818  the name is the fact
    """The payment office did not answer; ``remedy`` says what to do."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.remedy = "see whether the office of payment.url runs and can be reached from here; it is asked again"


class PaymentRefused(Exception):  # noqa: N818  the name is the fact
    """The payment office refused an order; ``remedy`` says what to do."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.remedy = "see that payment.secret is the one that the office knows, and what the office says of the order"
