"""Payments: the port to a payment office, an adapter over HTTP, and a small office for tests and demonstrations."""

from connectors.payment.http import HttpPaymentOffice
from connectors.payment.port import (
    NoticeRefused,
    PaidNotice,
    Payment,
    PaymentOfficeUnreachable,
    PaymentOrder,
    PaymentPort,
    PaymentRefused,
)
from connectors.payment.signature import HEADER, sign

__all__ = [
    "HEADER",
    "HttpPaymentOffice",
    "NoticeRefused",
    "PaidNotice",
    "Payment",
    "PaymentOfficeUnreachable",
    "PaymentOrder",
    "PaymentPort",
    "PaymentRefused",
    "sign",
]
