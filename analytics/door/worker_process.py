"""A worker as its owner sees it: asked, told to stop, ended and started anew."""

import multiprocessing
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import msgspec

from analytics.door.asking import LESS, TOO_LONG, TOO_MUCH_MEMORY, Answer, Question, Refusal
from analytics.door.worker import Ready, Said, Stop, Work, work

LOOK_S: Final = 0.05
GRACE_S: Final = 2.0
"""How long a query that was told to stop may go on before its process is ended."""
START_S: Final = 60.0
"""How long a worker may take until it has opened the lake."""
_HEARD: Final = msgspec.msgpack.Decoder(Said | Refusal | Ready)
_LARGE: Final = ("sql-memory", "sql-time")
_NO_WORKER: Final = Refusal(
    503,
    "lake-unavailable",
    "数据湖暂不可查询 / the lake cannot be asked now",
    "the process of the queries did not start",
    "请稍后重试；原因见分析服务日志 / try again; the log of the analysts' process holds the reason",
)


class SqlWorker:
    """One worker process, started when it is first asked; for one thread at a time."""

    def __init__(self, given: Work) -> None:
        """Take what the process is started with; each process gets a scratch folder below the given one."""
        self._given = given
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection[Any, Any] | None = None
        self._scratch: Path | None = None
        self._is_ready = False

    @property
    def pid(self) -> int | None:
        """The process, None while there is none."""
        return self._process.pid if self._process else None

    def ask(self, question: Question, limit_s: float, stop: threading.Event) -> Answer | Refusal:
        """The answer, or a refusal after this many seconds, or once ``stop`` is set; the worker can be asked again."""
        if refused := self._ready(stop):
            return refused
        started = time.perf_counter()
        said = self._told(question, limit_s, stop)
        if said is None or said.retires or (isinstance(said.outcome, Refusal) and said.outcome.code in _LARGE):
            self._replace(stop)
        return said.outcome if said else self._ended_refusal(stop, started, limit_s)

    def _replace(self, stop: threading.Event) -> None:
        """Give back whole what the process has taken; the next one is begun, unless nobody waits any more."""
        self.end()
        if not stop.is_set():
            self._begin()

    def start(self) -> None:
        """Start the process, so that the first question need not wait for it."""
        if not self._is_alive():
            self._begin()

    def end(self) -> None:
        """End the process, whatever it does, and remove what it left on disk."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
        self._process = self._pipe = self._scratch = None
        self._is_ready = False

    def _ready(self, stop: threading.Event) -> Refusal | None:
        """None once the worker has opened the lake; else why it could not."""
        self.start()
        if self._is_ready:
            return None
        try:
            said = self._heard(START_S, stop)
        except (EOFError, OSError):
            said = _NO_WORKER
        self._is_ready = isinstance(said, Ready)
        if self._is_ready:
            return None
        self.end()
        return said if isinstance(said, Refusal) else _NO_WORKER

    def _told(self, question: Question, limit_s: float, stop: threading.Event) -> Said | None:
        try:
            self._say(question)
            said = self._heard(limit_s, stop)
        except (EOFError, OSError):
            return None
        return said if isinstance(said, Said) else None

    def _say(self, said: Question | Stop) -> None:
        assert self._pipe is not None  # noqa: S101  the worker was started
        self._pipe.send_bytes(msgspec.msgpack.encode(said))

    def _heard(self, limit_s: float, stop: threading.Event) -> Said | Refusal | Ready | None:
        """What the worker says next; None when it says nothing although it was told to stop."""
        assert self._pipe is not None  # noqa: S101  the worker was started
        deadline = time.monotonic() + limit_s
        while not self._pipe.poll(LOOK_S):
            if stop.is_set() or time.monotonic() > deadline:
                self._say(Stop())
                if not self._pipe.poll(GRACE_S):
                    return None
        said: Said | Refusal | Ready = _HEARD.decode(self._pipe.recv_bytes())
        return said

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def _begin(self) -> None:
        self.end()
        self._given.scratch.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(prefix="sql-", dir=self._given.scratch))
        # Not forked: the owner has threads, and locks that they hold would stay held in the copy.
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        given = replace(self._given, scratch=self._scratch)
        self._process = context.Process(target=work, args=(there, given), name="onething-sql", daemon=True)
        self._process.start()
        there.close()

    @staticmethod
    def _ended_refusal(stop: threading.Event, started: float, limit_s: float) -> Refusal:
        elapsed_s = time.perf_counter() - started
        elapsed_ms = round(elapsed_s * 1000, 1)
        if stop.is_set() or elapsed_s >= limit_s:
            return Refusal(422, "sql-time", TOO_LONG, f"ended after {elapsed_s:.1f} s", LESS, elapsed_ms)
        return Refusal(422, "sql-memory", TOO_MUCH_MEMORY, "the process of the query ended", LESS, elapsed_ms)
