"""The register's one thread: commands in their order, the clock every second, and the outbox to the log."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Protocol

import msgspec
import structlog

from catalog.register.changes import Command
from catalog.register.store import Applied, CatalogStore, Refused
from connectors.kafka.outbox import OutboxRow

RING_S: Final = 1.0
SWEEP_S: Final = 5.0
"""How often messages are handed over again that the log has not got."""
TOLD_S: Final = 0.02
"""How long to wait for work while messages are on their way."""
IDLE_S: Final = 0.25
MOST_UNTOLD: Final = 2_000
"""Messages that are on their way at once; the others wait in the outbox, and commands wait for none of them."""

log = structlog.get_logger(__name__)


class Publishing(Protocol):
    """Where messages go: ``connectors.kafka.outbox.OutboxPublisher``."""

    def publish(self, rows: Sequence[OutboxRow]) -> None:
        """Hand rows over; those that are on their way already are passed over."""
        ...

    @property
    def untold_count(self) -> int:
        """How many were handed over and not yet told of."""
        ...

    def delivered(self) -> tuple[bytes, ...]:
        """Event ids that the log has got since the last call."""
        ...

    def close(self) -> tuple[bytes, ...]:
        """Wait for what is on its way; the event ids that arrived and were not yet told."""
        ...


class RegistrarEnded(Exception):  # noqa: N818  named for the fact
    """The register takes no more commands: its process is ending, or has failed."""

    remedy: Final = "ask again in a moment; see what runs: onething doctor"


class _Work(msgspec.Struct, frozen=True):
    commands: tuple[Command, ...]
    dry_run: bool
    done: "Future[Applied | Refused]"


class Registrar:
    """Runs a ``CatalogStore`` in a thread of its own; ``submit`` may be called from any other.

    Args:
        opened: opens the store, called in that thread.
        publisher: takes messages to the log.
        now_us: the clock, µs UTC; it decides when the clock rings, and nothing else.
        failed: called when the register cannot go on, so that its process ends.
    """

    def __init__(
        self,
        opened: Callable[[], CatalogStore],
        publisher: Publishing,
        now_us: Callable[[], int] | None = None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._opened = opened
        self._publisher = publisher
        self._now_us = now_us or _now_us
        self._failed = failed
        self._work: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._ready: Future[None] = Future()
        self._fault: BaseException | None = None
        self._ended = False
        self._handed_over = 0
        self._next_ring_s = self._next_sweep_s = 0.0
        self._thread = threading.Thread(target=self._run, name="registrar", daemon=True)

    def start(self) -> None:
        """Open the store and begin.

        Raises:
            StoreError: of the reason why it cannot be written.
        """
        self._thread.start()
        self._ready.result()

    def submit(self, commands: Sequence[Command], *, dry_run: bool = False) -> "Future[Applied | Refused]":
        """Ask for commands, all or none; the answer comes when they are on the disk.

        Raises:
            RegistrarEnded: it takes no more.
        """
        if self._ended:
            raise RegistrarEnded("the register takes no commands now")
        work = _Work(tuple(commands), dry_run, Future())
        self._work.put(work)
        return work.done

    @property
    def fault(self) -> str | None:
        """What stopped it, if anything did."""
        return None if self._fault is None else f"{type(self._fault).__name__}: {self._fault}"

    def close(self) -> None:
        """Finish what was asked, take what is in the outbox to the log, and end."""
        self._ended = True
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            store = self._opened()
        except BaseException as fault:  # noqa: BLE001  it is raised where the thread was started
            self._ended = True
            self._ready.set_exception(fault)
            return
        self._ready.set_result(None)
        try:
            with store:
                self._serve(store)
        except BaseException as fault:
            self._fault = fault
            log.exception("register failed", remedy=getattr(fault, "remedy", None))
            self._failed()
        finally:
            self._ended = True
            self._give_up()

    def _serve(self, store: CatalogStore) -> None:
        while True:
            try:
                work = self._work.get(timeout=TOLD_S if self._publisher.untold_count else IDLE_S)
            except queue.Empty:
                store.checkpoint()
            else:
                if work is None:
                    break
                self._do(store, work)
            self._ring(store)
            self._tell(store)
        self._tell(store)
        store.forget(self._publisher.close())

    def _do(self, store: CatalogStore, work: _Work) -> None:
        if not work.done.set_running_or_notify_cancel():
            return
        try:
            # What fell due before a command is dated comes before it, however late the clock is looked at.
            self._ring_until(store, max((command.at for command in work.commands), default=0))
            work.done.set_result(store.apply_all(work.commands, dry_run=work.dry_run))
        except Exception as fault:
            log.exception("command failed", commands=[each.command_id for each in work.commands])
            work.done.set_exception(fault)

    def _ring(self, store: CatalogStore) -> None:
        if (now_s := time.monotonic()) >= self._next_ring_s:
            self._next_ring_s = now_s + RING_S
            self._ring_until(store, self._now_us())

    def _ring_until(self, store: CatalogStore, at: int) -> None:
        while store.ring(now=at):
            pass

    def _tell(self, store: CatalogStore) -> None:
        """Hand over what the log has not got, and forget what it has."""
        if (now_s := time.monotonic()) >= self._next_sweep_s:
            self._next_sweep_s = now_s + SWEEP_S
            self._handed_over = 0
        while self._publisher.untold_count < MOST_UNTOLD and (rows := store.outbox(after=self._handed_over)):
            self._publisher.publish([row for _, row in rows])
            self._handed_over = rows[-1][0]
        if delivered := self._publisher.delivered():
            store.forget(delivered)

    def _give_up(self) -> None:
        """Answer everybody who still waits."""
        while True:
            try:
                work = self._work.get_nowait()
            except queue.Empty:
                return
            if work is not None and work.done.set_running_or_notify_cancel():
                work.done.set_exception(RegistrarEnded("the register ended before it came to this command"))


def _now_us() -> int:
    return time.time_ns() // 1000
