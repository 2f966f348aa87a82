"""Serve an HTTP application until the process is asked to end."""

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

SHUTDOWN_S = 5


class _Server(uvicorn.Server):
    """Says where it answers, once it does."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def serve(app: Any, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve on this address, port 0 being a free one, until SIGTERM or SIGINT; ``announce`` is given the url.

    Raises:
        OSError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=1024) as door:
        # Inherited by every connection. asyncio sees no TCP in a socket made this way and would leave Nagle's algorithm
        # on, which holds an answer's body back for 40 ms.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        url = f"http://{f'[{host}]' if ':' in host else host}:{door.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=SHUTDOWN_S)
        _Server(config, lambda: announce(url)).run(sockets=[door])
