"""Many records at once: outcomes of a batch awaited together, and records gathered for one call to a far protector."""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, Full, Queue
from typing import Final, Generic, TypeVar

import msgspec

from producers.outcomes import Outcome
from producers.sending import PublisherBusy

Settle = Callable[[Outcome | Exception], None]
"""Called once with what became of a record."""

Item = TypeVar("Item")

_GATHERED: Final = 500
_GATHERED_LIMIT: Final = 10_000
_GATHER_S: Final = 0.005


class Batch:
    """The outcomes of records that are in flight together, in the order of the records."""

    def __init__(self) -> None:
        self._outcomes: list[Outcome | Exception | None] = []
        self._left = 0
        self._all_given = False
        self._changed = threading.Condition()

    def slot(self) -> Settle:
        """The place of the next record."""
        with self._changed:
            self._outcomes.append(None)
            self._left += 1
            return _Slot(self, len(self._outcomes) - 1)

    def outcomes(self) -> list[Outcome]:
        """Every outcome, once all are known.

        Raises:
            Exception: what kept a record from having one; of several the first.
        """
        with self._changed:
            self._all_given = True
            while self._left:
                self._changed.wait()
        failures = [each for each in self._outcomes if isinstance(each, Exception)]
        if failures:
            raise failures[0]
        return [each for each in self._outcomes if each is not None and not isinstance(each, Exception)]

    def settle(self, index: int, outcome: Outcome | Exception) -> None:
        """Take what became of the record at this place."""
        self._outcomes[index] = outcome
        with self._changed:
            self._left -= 1
            if not self._left and self._all_given:
                self._changed.notify_all()


class _Slot(msgspec.Struct, gc=False):
    """The place of one record in its batch."""

    batch: Batch
    index: int

    def __call__(self, outcome: Outcome | Exception) -> None:
        self.batch.settle(self.index, outcome)


class Gatherer(Generic[Item]):
    """Hands items to ``handle`` from a thread of its own, as many at a time as have come in the meantime."""

    def __init__(self, handle: Callable[[Sequence[Item]], None]) -> None:
        self._handle = handle
        self._items: Queue[Item | None] = Queue(_GATHERED_LIMIT)
        self._thread = threading.Thread(target=self._run, name="protection", daemon=True)
        self._thread.start()

    def put(self, item: Item, timeout_s: float) -> None:
        """Take an item.

        Raises:
            PublisherBusy: as many wait as may, still after ``timeout_s``.
        """
        try:
            self._items.put(item, timeout=timeout_s)
        except Full:
            raise PublisherBusy(_GATHERED_LIMIT, timeout_s) from None

    def flush(self) -> None:
        """Wait until every item was handled."""
        self._items.join()

    def close(self) -> None:
        """Handle what was taken, and stop."""
        self._items.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            taken = self._take()
            items = [item for item in taken if item is not None]
            if items:
                self._handle(items)
            for _ in taken:
                self._items.task_done()
            if len(items) < len(taken):
                return

    def _take(self) -> list[Item | None]:
        taken = [self._items.get()]
        while taken[-1] is not None and len(taken) < _GATHERED:
            try:
                taken.append(self._items.get(timeout=_GATHER_S))
            except Empty:
                break
        return taken
