"""The process in which analysts' SQL runs: what a query brings about there, memory above all, ends with it.

The engine's own limits do not hold a query that builds one huge value, and such a query does not listen to being
interrupted either. So the process itself may take so much and no more, and its owner ends it when it does not answer.
"""

import contextlib
import os
import queue
import resource
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec
import psutil

from analytics.door.asking import Answer, Question, Refusal, answer
from analytics.lake.session import FileLister, LakeSession, SessionLimits

BEYOND_ENGINE: Final = 2
"""What a worker may grow by, in multiples of the engine's memory limit."""
LEAST_BEYOND_MB: Final = 512
"""At least this much: threads and allocators reserve what they never touch."""
NICENESS: Final = 5
_ENCODER: Final = msgspec.msgpack.Encoder()


@dataclass(frozen=True)
class Work:
    """What a worker is started with; it is sent to another process."""

    open_reader: Callable[[], FileLister]
    limits: SessionLimits
    scratch: Path


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker has opened the lake."""


class Said(msgspec.Struct, frozen=True, tag="said"):
    """An answer or a refusal; ``retires``: this worker has grown so much that another one should take its place."""

    outcome: Answer | Refusal
    retires: bool


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """The question in hand is no longer asked."""


def work(pipe: "Connection[Any, Any]", given: Work) -> None:
    """Say ``Ready``, or a refusal; then answer questions from the pipe, one at a time, until its other end is closed.

    What passes is data (MessagePack), never objects: whatever a query did to this process, its owner only reads.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, which closes the pipe
    os.nice(NICENESS)
    try:
        session = LakeSession(given.open_reader(), given.limits, scratch=given.scratch)
        _open(session)
        most = bound_memory(given.limits.memory_mb)
    except Exception as fault:  # noqa: BLE001  whatever it is, the one who asks is told
        pipe.send_bytes(_ENCODER.encode(_unavailable(fault)))
        return
    desk = _Desk(pipe)
    threading.Thread(target=desk.listen, daemon=True).start()
    pipe.send_bytes(_ENCODER.encode(Ready()))
    while True:
        outcome = answer(session, desk.next(), desk.take)
        pipe.send_bytes(_ENCODER.encode(Said(outcome, retires=is_outgrown(most, given.limits.memory_mb))))


def bound_memory(memory_mb: int) -> int:
    """Let this process grow by so much and no more, bytes in all; what asks for more is refused its memory."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = psutil.Process().memory_info().data + _beyond_bytes(memory_mb)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    return most


def is_outgrown(most: int, memory_mb: int) -> bool:
    """Whether less than half of what the process may grow by is left for the next query.

    Allocators keep what they have reserved, a little of it from every version of the lake that was opened.
    """
    return most - int(psutil.Process().memory_info().data) < _beyond_bytes(memory_mb) // 2


def _beyond_bytes(memory_mb: int) -> int:
    return max(BEYOND_ENGINE * memory_mb, LEAST_BEYOND_MB) << 20


class LakeUnreadable(Exception):  # noqa: N818  named for the fact
    """The lake was opened and does not answer."""


def _open(session: LakeSession) -> None:
    """Open the lake, and have every thread and library that a query takes started."""
    said = answer(session, Question("SELECT count(*) FROM range(10)"))
    if isinstance(said, Refusal):
        raise LakeUnreadable(said.detail)


_HEARD: Final = msgspec.msgpack.Decoder(Question | Stop)


class _Desk:
    """Questions as they come in, and the connection that is being asked."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe
        self._questions: queue.SimpleQueue[Question] = queue.SimpleQueue()
        self._taken: duckdb.DuckDBPyConnection | None = None

    def next(self) -> Question:
        self._taken = None
        return self._questions.get()

    def take(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._taken = connection

    def listen(self) -> None:
        """Hear what the owner says; when it is gone, so is this process, whatever it is doing."""
        try:
            while True:
                self._hear(_HEARD.decode(self._pipe.recv_bytes()))
        except (EOFError, OSError):
            os._exit(0)

    def _hear(self, said: Question | Stop) -> None:
        if isinstance(said, Question):
            self._questions.put(said)
        elif (taken := self._taken) is not None:
            with contextlib.suppress(duckdb.Error):
                taken.interrupt()


def _unavailable(fault: Exception) -> Refusal:
    title = "数据湖暂不可查询 / the lake cannot be asked now"
    remedy = str(getattr(fault, "remedy", "查看数据湖状态 / see how the lake stands: onething lake status"))
    return Refusal(503, "lake-unavailable", title, f"{type(fault).__name__}: {fault}", remedy)
