import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import psutil
import pytest

from analytics.door.asking import Answer, Question, Refusal
from analytics.door.worker import BEYOND_ENGINE, LEAST_BEYOND_MB, Said, Work, is_outgrown
from analytics.door.worker_process import SqlWorker
from analytics.lake.session import SessionLimits
from tests.analytics.lake_folder import FolderLake

MEMORY_MB = 128
NEVER = threading.Event()


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlWorker]:
    root = tmp_path_factory.mktemp("worker")
    lake = FolderLake(root / "lake")
    lake.put("facts", *({"subject": f"enterprise:{number}"} for number in range(1000)))
    limits = SessionLimits(memory_mb=MEMORY_MB, threads=1, temp_mb=64)
    worker = SqlWorker(Work(partial(FolderLake, root / "lake"), limits, root / "scratch"))
    yield worker
    worker.end()
    assert list((root / "scratch").iterdir()) == []


def count(worker: SqlWorker) -> object:
    said = worker.ask(Question("SELECT count(*) FROM facts"), 20, NEVER)
    assert isinstance(said, Answer), said
    return msgspec.json.decode(said.body)["rows"]


RUNAWAYS = {
    "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)": "sql-time",
    "SELECT count(*) FROM facts a, facts b, facts c, facts d": "sql-time",
    "SELECT lpad('x', 200000000, 'y') LIKE lpad('y', 200000000, 'x') FROM range(1000000)": "sql-time",
    "SELECT len(list(i)) FROM range(300000000) t(i)": "sql-memory",
    "SELECT length(repeat('x', 4000000000))": "sql-memory",
    "SELECT len(range(2000000000))": "sql-memory",
    "SELECT list_sort(range(1000000000))[1]": "sql-memory",
    "WITH RECURSIVE r AS (SELECT 'x' AS s UNION ALL SELECT s || s FROM r) SELECT max(length(s)) FROM r": "sql-memory",
}


@pytest.mark.parametrize(("sql", "code"), RUNAWAYS.items(), ids=[sql[:40] for sql in RUNAWAYS])
def test_a_query_that_runs_away_is_ended_and_the_next_is_answered(worker: SqlWorker, sql: str, code: str) -> None:
    said = worker.ask(Question(sql), 1.0, NEVER)
    assert isinstance(said, Refusal)
    assert said.code == code
    assert "/ " in said.title
    assert said.remedy
    assert count(worker) == [[1000]]


def test_a_worker_stays_within_its_bound(worker: SqlWorker) -> None:
    count(worker)
    before = psutil.Process(worker.pid).memory_info()
    soft, _ = psutil.Process(worker.pid).rlimit(psutil.RLIMIT_DATA)
    assert 0 < soft <= before.data + (max(BEYOND_ENGINE * MEMORY_MB, LEAST_BEYOND_MB) << 20)
    for _ in range(20):
        worker.ask(Question("SELECT i, repeat('x', 100) FROM range(200000) t(i) ORDER BY hash(i)"), 20, NEVER)
    assert psutil.Process(worker.pid).memory_info().rss < soft


def test_a_worker_that_has_grown_is_replaced_before_it_refuses_what_it_could_answer(
    worker: SqlWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each version of the lake that is opened leaves a little reserved; after some hundreds nothing was left."""
    count(worker)
    first = worker.pid
    grown = worker._told(Question("SELECT count(*) FROM facts"), 20, NEVER)
    assert grown is not None
    assert not grown.retires
    monkeypatch.setattr(worker, "_told", lambda *_: Said(grown.outcome, retires=True))
    count(worker)
    monkeypatch.undo()
    assert worker.pid != first
    assert count(worker) == [[1000]]


def test_ten_million_rows_are_cut_and_the_answer_says_so(worker: SqlWorker) -> None:
    said = worker.ask(Question("SELECT i FROM range(10000000) t(i)", rows=5000), 20, NEVER)
    assert isinstance(said, Answer)
    told = msgspec.json.decode(said.body)
    assert (said.rows, len(told["rows"]), told["truncated"]) == (5000, 5000, True)
    assert "5000" in told["notice"]
    assert said.elapsed_ms < 5000


def test_rows_too_large_to_send_are_cut(worker: SqlWorker) -> None:
    said = worker.ask(Question("SELECT repeat('x', 100000) FROM range(1000)"), 20, NEVER)
    assert isinstance(said, Answer | Refusal)
    assert count(worker) == [[1000]]


def test_a_query_can_be_stopped_from_another_thread(worker: SqlWorker) -> None:
    count(worker)
    stop = threading.Event()
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    said = worker.ask(Question("SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)"), 60, stop)
    assert isinstance(said, Refusal)
    assert said.elapsed_ms < 10_000


def test_a_worker_that_was_killed_is_started_anew(worker: SqlWorker) -> None:
    count(worker)
    assert worker._process is not None
    worker._process.kill()
    worker._process.join(5)
    assert count(worker) == [[1000]]


def test_half_of_what_a_worker_may_grow_by_is_kept_for_one_query() -> None:
    now = psutil.Process().memory_info().data
    assert not is_outgrown(now + (300 << 20), memory_mb=128)
    assert is_outgrown(now + (200 << 20), memory_mb=128)


def test_a_lake_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    worker = SqlWorker(Work(broken, SessionLimits(), tmp_path))
    said = worker.ask(Question("SELECT 1"), 5, NEVER)
    worker.end()
    assert isinstance(said, Refusal)
    assert (said.status, said.code) == (503, "lake-unavailable")
    assert "no such store" in said.detail


def broken() -> FolderLake:
    raise OSError("no such store")
