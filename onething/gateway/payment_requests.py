"""Fees that cases ask for, opened as orders at the payment office, each of them until the office has it."""

from collections.abc import Callable
from threading import Event as Flag
from threading import Thread
from typing import Final

import structlog
from confluent_kafka import Consumer, KafkaException, Message

from connectors.kafka import KafkaOptions, consumer
from connectors.payment import Payment, PaymentOfficeUnreachable, PaymentPort, PaymentRefused
from topics.codec import CodecFault, RowCodec
from topics.events import PaymentRequested

PAYMENTS_TOPIC: Final = "case.payments"
GROUP: Final = "onething-payments"
RETRY_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
_POLL_S: Final = 0.2
_log = structlog.get_logger(__name__)


class PaymentRequests:
    """A thread that reads what cases ask to be paid and opens each order; it commits what the office has taken."""

    def __init__(
        self, options: KafkaOptions, codec: RowCodec, office: PaymentPort, title_of: Callable[[str], str]
    ) -> None:
        """Ask this office; ``title_of`` names an item by its code."""
        self._options = options
        self._codec = codec
        self._office = office
        self._title_of = title_of
        self._closing = Flag()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin where the last one of the group stopped."""
        client = consumer(self._options, GROUP)
        client.subscribe([PAYMENTS_TOPIC])
        self._thread = Thread(target=self._read, args=(client,), name="payment-requests", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading and wait for the thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(10)

    def _read(self, client: Consumer) -> None:
        while not self._closing.is_set():
            message = client.poll(_POLL_S)
            if message is None or message.error() is not None:
                continue
            if self._asked(message):
                _commit(client, message)
        client.close()

    def _asked(self, message: Message) -> bool:
        """Whether this message needs no more asking; False only when the thread is to end."""
        payment = self._payment(message)
        return payment is None or ask_until_taken(self._office, payment, self._closing)

    def _payment(self, message: Message) -> Payment | None:
        try:
            event = self._codec.event(message.value())
        except CodecFault as fault:
            _log.warning("payment_undecodable", offset=message.offset(), fault=fault.code)
            return None
        if not isinstance(event, PaymentRequested):
            return None
        return Payment(event.payment_id, event.case_id, event.payer, event.amount_fen, self._title_of(event.item))


def ask_until_taken(office: PaymentPort, payment: Payment, closing: Flag) -> bool:
    """Open an order, again and again while the office does not answer; False when it was given up for closing."""
    attempt = 0
    while True:
        try:
            office.request(payment)
        except PaymentRefused as fault:
            # Asking again would be refused again; the applicant's page asks once more and tells why.
            _log.error("payment_refused", payment_id=payment.payment_id, fault=str(fault), remedy=fault.remedy)
        except PaymentOfficeUnreachable as fault:
            _log.warning("payment_office_unreachable", payment_id=payment.payment_id, fault=str(fault))
            if closing.wait(RETRY_S[min(attempt, len(RETRY_S) - 1)]):
                return False
            attempt += 1
            continue
        return True


def _commit(client: Consumer, message: Message) -> None:
    try:
        client.commit(message=message, asynchronous=False)
    except KafkaException as fault:
        # It is read again, and asking for an order again changes nothing.
        _log.warning("payments_not_committed", fault=str(fault))
