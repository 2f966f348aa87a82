"""The small payment office on a port of this machine, in a thread of its own."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread
from typing import Final

import uvicorn

from connectors.payment.office import PaymentOffice, office_app

LOOPBACK: Final = "127.0.0.1"
_START_S: Final = 10.0


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = Flag()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.answers.set()


@contextmanager
def running_office(secret: bytes, port: int = 0) -> Iterator[PaymentOffice]:
    """An office that answers at ``office.url`` until the block ends; port 0 is a free one.

    Raises:
        OSError: the port cannot be listened on.
        TimeoutError: it did not start in time.
    """
    with socket.create_server((LOOPBACK, port)) as door:
        office = PaymentOffice(secret, f"http://{LOOPBACK}:{door.getsockname()[1]}")
        server = _Server(uvicorn.Config(office_app(office), log_config=None, access_log=False, lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [door]}, name="payment-office", daemon=True)
        thread.start()
        if not server.answers.wait(_START_S):
            raise TimeoutError("the payment office did not start")
        try:
            yield office
        finally:
            office.closing.set()
            server.should_exit = True
            thread.join(_START_S)
