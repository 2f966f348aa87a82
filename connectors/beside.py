"""An HTTP door beside work that goes on in threads: open until the process is asked to end, or the work has broken."""

import signal
import socket
import threading
from collections.abc import Callable
from typing import Any, Protocol

import uvicorn


class Work(Protocol):
    """What goes on behind the door."""

    def start(self) -> None:
        """Begin, in threads of its own."""
        ...

    def stop(self) -> None:
        """End, and wait for the end."""
        ...

    def fault(self) -> object:
        """Why it cannot go on; None while it does."""
        ...


def serve_beside(
    work: Work, application: Any, *, host: str, port: int, announce: Callable[[str], None], look_s: float
) -> None:
    """Start the work, serve the application until SIGTERM or SIGINT or until it has a fault, then stop it.

    Args:
        work: what goes on meanwhile.
        application: what the door answers with, an ASGI application.
        host: address of the door.
        port: port of the door; 0 takes a free one.
        announce: told the door's URL once it listens.
        look_s: how often the work is asked whether it has a fault.

    Raises:
        OSError: the port is taken; the work has not begun.
    """
    listener = socket.create_server((host, port))
    # Inherited by every connection. asyncio sees no TCP in a socket made this way and would leave Nagle's algorithm on,
    # which holds the body of an answer back until its headers are acknowledged: 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    work.start()
    announce(f"http://{host}:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, access_log=False, lifespan="off"))
    threading.Thread(target=_watch, args=(work, server, look_s), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: _end(server))
    server.run(sockets=[listener])
    work.stop()


def _watch(work: Work, server: uvicorn.Server, look_s: float) -> None:
    pause = threading.Event()
    while work.fault() is None:
        pause.wait(look_s)
    _end(server)


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True
