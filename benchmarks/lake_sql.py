"""What the analysts' door costs: the same questions asked of DuckDB itself, of a session, and of the door.

    python -m benchmarks.lake_sql [--rows 10000000] [--rounds 5] [--json] [--lake FOLDER]

All read the same Parquet files with the same number of threads in one run, in turn; each figure is the median of the
rounds. The door is a worker process that opens the files, checks the statement, runs it within its bounds and writes
the answer as JSON; DuckDB itself is asked of a list of files by a connection that lives for the whole run.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import duckdb

from analytics.door.asking import Answer, Question
from analytics.door.worker import NICENESS, Work
from analytics.door.worker_process import SqlWorker
from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.session import LakeSession, SessionLimits
from benchmarks.figures import Figure, told

THREADS = 2
LIMITS = SessionLimits(memory_mb=1024, threads=THREADS)
QUESTIONS = {
    "group by department and month": (
        "SELECT department, date_trunc('month', day) AS month, count(*) AS n, max(known_at) AS latest "
        "FROM facts GROUP BY ALL ORDER BY ALL"
    ),
    "subjects by resource": "SELECT resource, approx_count_distinct(subject) AS n FROM facts GROUP BY ALL ORDER BY 1",
    "one day": "SELECT department, count(*) FROM facts WHERE day = (SELECT max(day) FROM facts) GROUP BY 1 ORDER BY 1",
    "ten thousand rows": 'SELECT topic, "partition", "offset", known_at, subject, record_id FROM facts LIMIT 10000',
}
NEVER = threading.Event()
Asked = Callable[[str], object]


def main() -> None:
    """Make a lake, ask, and tell the figures."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=10_000_000)
    arguments.add_argument("--days", type=int, default=365)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--lake", type=Path, help="a lake that is there already")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="lake-sql-") as folder:
        lake = given.lake or _made(Path(folder) / "lake", given.rows, given.days)
        print(told("lake sql", measured(Location(str(lake)), Path(folder), given.rounds), as_json=given.json))


def measured(location: Location, folder: Path, rounds: int) -> list[Figure]:
    """The figures of every question."""
    reader = LakeReader(location)
    worker = SqlWorker(Work(partial(LakeReader, location), LIMITS, folder / "scratch"))
    session = LakeSession(reader, LIMITS)
    _through_door(worker, "SELECT 1")
    os.nice(NICENESS)  # as the worker is: otherwise a busy machine would favour the one that is not
    bare = _bare(reader.files("facts").paths)
    asked: dict[str, Asked] = {
        "DuckDB": lambda sql: bare.execute(sql).fetchall(),
        "session": partial(_through_session, session),
        "door": partial(_through_door, worker),
    }
    try:
        return [Figure("rows", reader.files("facts").rows), *_compared(asked, rounds)]
    finally:
        worker.end()
        session.close()


def _compared(asked: dict[str, Asked], rounds: int) -> list[Figure]:
    figures = []
    for name, sql in QUESTIONS.items():
        taken: dict[str, list[float]] = {way: [] for way in asked}
        for _ in range(rounds + 1):
            for way, ask in asked.items():
                started = time.perf_counter()
                ask(sql)
                taken[way].append(time.perf_counter() - started)
        medians = {way: median(times[1:]) for way, times in taken.items()}
        figures += [Figure(f"{name}: {way}", value * 1000, "ms") for way, value in medians.items()]
        figures.append(Figure(f"{name}: door / DuckDB", medians["door"] / medians["DuckDB"]))
    return figures


def _bare(paths: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    listed = ", ".join(f"'{path}'" for path in paths)
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": f"{LIMITS.memory_mb}MB"})
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    read = f"SELECT * FROM read_parquet([{listed}], hive_partitioning = true, hive_types = {{'day': DATE}})"  # noqa: S608  paths of our own
    connection.execute(f"CREATE VIEW facts AS {read}")
    return connection


def _through_session(session: LakeSession, sql: str) -> object:
    with session.reading() as connection:
        return connection.execute(sql).fetchall()


def _through_door(worker: SqlWorker, sql: str) -> object:
    said = worker.ask(Question(sql), 120, NEVER)
    assert isinstance(said, Answer), said
    return said


def _made(folder: Path, rows: int, days: int) -> Path:
    command = [sys.executable, "-m", "benchmarks.lake_volume", str(folder), "--rows", str(rows), "--days", str(days)]
    subprocess.run([*command, "--workers", "2"], check=True, stdout=sys.stderr)
    return folder


if __name__ == "__main__":
    main()
