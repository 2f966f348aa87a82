"""Bulletins that are being drawn up, and the last ones that were: drawing one up over a large lake takes a while."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from analytics.bulletins.content import Bulletin

_KEPT: Final = 6


class StillDrawing(Exception):  # noqa: N818  named for the fact
    """The bulletin is being drawn up and is not there yet."""


class Drawn:
    """Draws bulletins up one after the other, beside the requests that wait for them; safe for several threads."""

    def __init__(self) -> None:
        """Keep none yet."""
        self._begun: dict[str, tuple[Hashable, Future[Bulletin]]] = {}
        self._lock = threading.Lock()
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="bulletin")

    def get(self, month: str, state: Hashable, draw: Callable[[], Bulletin], wait_s: float) -> Bulletin:
        """The bulletin of a month.

        Args:
            month: whose.
            state: what it rests on; one that was drawn up in another state is drawn up anew.
            draw: draws it up, in a thread of its own.
            wait_s: how long to wait for it.

        Raises:
            StillDrawing: it is not there yet; asked again, it is waited for again and not begun anew.
        """
        begun = self._of(month, state, draw)
        try:
            return begun.result(wait_s)
        except TimeoutError:
            if begun.done():
                raise
            raise StillDrawing(month) from None

    def _of(self, month: str, state: Hashable, draw: Callable[[], Bulletin]) -> "Future[Bulletin]":
        with self._lock:
            known = self._begun.pop(month, None)
            if known is None or (known[1].done() and not _stands(known, state)):
                known = (state, self._drawing.submit(draw))
            self._begun[month] = known
            while len(self._begun) > _KEPT:
                del self._begun[next(iter(self._begun))]
        return known[1]


def _stands(known: "tuple[Hashable, Future[Bulletin]]", state: Hashable) -> bool:
    """Whether what was drawn up is what would be drawn up now; what failed is tried again."""
    return known[0] == state and known[1].exception() is None
