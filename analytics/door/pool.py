"""Several analysts at a time: a few workers, turns among readers, and a record of every question."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Final

import structlog

from analytics.door.asking import Answer, Question, Refusal
from analytics.door.figures import DoorFigures
from analytics.door.turns import FairTurns, TooManyWaiting
from analytics.door.worker import Work
from analytics.door.worker_process import SqlWorker

WORKERS: Final = 3
WAIT_S: Final = 20.0
"""How long a question waits for its turn."""
ANSWERED: Final = "answered"
GONE: Final = "gone"
"""The one who asked did not wait for the answer; the query was ended."""

BUSY: Final = Refusal(
    503,
    "sql-busy",
    "查询过多，请稍后重试 / too many queries at a time",
    "no place came free in time",
    "请稍后重试 / try again in a few seconds",
)

log = structlog.get_logger(__name__)


class SqlPool:
    """Workers that answer questions; for one event loop."""

    def __init__(self, given: Work, limit_s: float, figures: DoorFigures, workers: int = WORKERS) -> None:
        """Take what workers are started with; the first starts with ``start``, others when they are needed.

        Args:
            given: what each worker is started with.
            limit_s: a query that takes longer is ended.
            figures: counted into.
            workers: how many queries run at a time at most.
        """
        self._limit_s = limit_s
        self._figures = figures
        self._all = [SqlWorker(given) for _ in range(workers)]
        self._idle = list(reversed(self._all))
        self._turns = FairTurns(workers, max(1, workers - 1))
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="sql")
        self._stops: set[threading.Event] = set()
        figures.watch(lambda: self._turns.held, lambda: self._turns.waiting)

    def start(self) -> None:
        """Start the first worker, so that the first question need not wait for it."""
        self._all[0].start()

    async def ask(self, question: Question, reader: str) -> Answer | Refusal:
        """The answer; a task that is cancelled ends its query."""
        started = perf_counter()
        try:
            said = await self._in_turn(question, reader)
        except asyncio.CancelledError:
            self._record(question, reader, GONE, 0, perf_counter() - started)
            raise
        outcome, rows = (ANSWERED, said.rows) if isinstance(said, Answer) else (said.code, 0)
        self._record(question, reader, outcome, rows, perf_counter() - started)
        return said

    def close(self) -> None:
        """End every query and every worker."""
        for stop in tuple(self._stops):
            stop.set()
        self._threads.shutdown(wait=True)
        for worker in self._all:
            worker.end()

    async def _in_turn(self, question: Question, reader: str) -> Answer | Refusal:
        try:
            async with asyncio.timeout(WAIT_S):
                await self._turns.take(reader)
        except (TooManyWaiting, TimeoutError):
            return BUSY
        worker, stop = self._idle.pop(), threading.Event()
        self._stops.add(stop)
        asked = asyncio.get_running_loop().run_in_executor(self._threads, worker.ask, question, self._limit_s, stop)
        asked.add_done_callback(lambda _: self._give_back(worker, stop, reader))
        try:
            return await asyncio.shield(asked)
        finally:
            stop.set()

    def _give_back(self, worker: SqlWorker, stop: threading.Event, reader: str) -> None:
        self._stops.discard(stop)
        self._idle.append(worker)
        self._turns.give(reader)

    def _record(self, question: Question, reader: str, outcome: str, rows: int, elapsed_s: float) -> None:
        self._figures.queries.labels(outcome).inc()
        self._figures.seconds.observe(elapsed_s)
        self._figures.rows.inc(rows)
        log.info(
            "sql asked",
            reader=reader,
            sql=question.sql,
            outcome=outcome,
            rows=rows,
            elapsed_ms=round(elapsed_s * 1000, 1),
        )
