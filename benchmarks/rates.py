"""Each rate from daily roll-ups, from raw rows, and beside the best query written by hand: `onething bench rates`.

One run, one made-up lake of a year, one session of two threads. The queries by hand give numerator, denominator and
main twin, and must give the same numbers. What stands in memory between rounds is what the operating system keeps. The
ratio is of processor time: other work on the machine stretches a query's time by the clock, and seldom both alike.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Final

from analytics.lake.session import LakeSession, SessionLimits
from analytics.rates import folding
from analytics.rates.counting import Asked, Counting
from analytics.rates.definition import Definition, load_definitions
from analytics.rates.lake import RateLake
from analytics.rates.periods import first_day
from benchmarks.figures import Figure, at_most, told
from benchmarks.rate_queries import QUERIES
from benchmarks.rate_volume import LAST_DAY, VolumeLister, make_lake

FACTS: Final = 10_000_000
ROLLED_S: Final = 2.0
RATIO: Final = 1.2


def main() -> None:
    """Measure and tell."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=FACTS, help="facts of the lake")
    arguments.add_argument("--rounds", type=int, default=3, help="the median is told")
    arguments.add_argument("--folder", type=Path, help="where the lake is made, and kept for the next run")
    arguments.add_argument("--memory-mb", type=int, default=4096, help="of the engine")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="onething-rates-") as passing:
        figures = _measure(asked.folder or Path(passing), asked.events, asked.rounds, asked.memory_mb)
    print(told(f"rates over {asked.events:,} facts", figures, as_json=asked.json))


def _measure(folder: Path, events: int, rounds: int, memory_mb: int) -> list[Figure]:
    lake_folder = folder / f"facts-{events}"
    if not lake_folder.is_dir():
        partial = folder / f"facts-{events}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        make_lake(partial, events, max(1_000, events // 50), max(500, events // 200))
        partial.rename(lake_folder)
    kept = folder / f"rollups-{events}"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    lister = VolumeLister(lake_folder)
    session = LakeSession(lister, SessionLimits(memory_mb=memory_mb, threads=2, temp_mb=32_768), folders=[kept])
    try:
        return _figures(RateLake(session, lister, kept), session, rounds)
    finally:
        session.close()


def _figures(lake: RateLake, session: LakeSession, rounds: int) -> list[Figure]:
    definitions = load_definitions()
    made_s, _, _ = _timed(lake.roll_ups.refresh)
    collected_s, _, _ = _timed(lambda: _numbers(lake, definitions.newest("collected"), raw=False))
    figures = [
        Figure("roll-ups of all days made", made_s, "s"),
        Figure("statements of coverage reconciled the first time", collected_s, "s"),
    ]
    for rate in definitions.versions:
        figures += _figures_of(lake, session, definitions.newest(rate), rounds)
    return figures


def _figures_of(lake: RateLake, session: LakeSession, definition: Definition, rounds: int) -> list[Figure]:
    """One rate; its ways take turns, so that other work on the machine meets them alike."""
    ways: dict[str, Callable[[], Any]] = {
        "rolled": lambda: _numbers(lake, definition, raw=False),
        "raw": lambda: _numbers(lake, definition, raw=True),
    }
    if definition.id in QUERIES:
        ways["by hand"] = lambda: _by_hand(session, QUERIES[definition.id])
    spent: dict[str, list[float]] = {name: [] for name in ways}
    worked: dict[str, list[float]] = {name: [] for name in ways}
    found: dict[str, Any] = {}
    for _ in range(rounds):
        for name, way in ways.items():
            seconds, processor_s, found[name] = _timed(way)
            spent[name].append(seconds)
            worked[name].append(processor_s)
    assert len(set(found.values())) == 1, (definition.id, found)
    figures = [
        at_most(f"{definition.id}: from roll-ups", median(spent["rolled"]), "s", ROLLED_S),
        Figure(f"{definition.id}: from raw rows", median(spent["raw"]), "s"),
    ]
    if "by hand" in spent:
        ratio = median(one / other for one, other in zip(worked["raw"], worked["by hand"], strict=True))
        figures.append(Figure(f"{definition.id}: by hand", median(spent["by hand"]), "s"))
        figures.append(at_most(f"{definition.id}: raw rows ÷ by hand, processor time", ratio, "", RATIO))
    return figures


def _numbers(lake: RateLake, definition: Definition, *, raw: bool) -> tuple[int, ...]:
    """Numerator, denominator and main twin, counted afresh."""
    asked = Asked(definition, LAST_DAY, first_day(LAST_DAY, "month"), raw)
    count = Counting(lake).count(asked)
    assert not count.fault, count.fault
    total = folding.total(count.cube)
    twins = [total.twins[twin.id] for twin in definition.twin[:1]]
    return total.numerator, total.denominator, *twins


def _by_hand(session: LakeSession, sql: str) -> tuple[int, ...]:
    days = {"d": LAST_DAY, "f": first_day(LAST_DAY, "month")}
    with session.reading() as connection:
        given = {name: day for name, day in days.items() if f"${name}" in sql}
        rows = connection.execute(sql, given).fetchall()
    return tuple(sum(map(int, column)) for column in zip(*rows, strict=True))


def _timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, and what the work found."""
    started, processor_s = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - started, time.process_time() - processor_s, found


if __name__ == "__main__":
    main()
