"""A lake of many facts over some years, straight through the table writer: for figures that need volume, not a log.

    python -m benchmarks.lake_volume FOLDER --rows 100000000 --days 1096

The rows are like those of a city: the resources of the catalogue with few large and many small ones, firms and persons
of which some have many records, working days before weekends, versions and withdrawals; coverage is stated every night.
Offsets are a partition's own and grow, but positions are not claimed of any cluster: nothing writes on to such a lake.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.lake.data_files import write_file
from analytics.lake.location import Location
from analytics.lake.table_log import DataFile, TableLog
from analytics.lake.tables import COVERAGES, FACTS, Table
from catalog.resources import Resource, load_resources
from topics.identifiers import make_uscc

LAST_DAY: Final = date(2026, 11, 21)
EPOCH: Final = date(1970, 1, 1)
DAY_MS: Final = 86_400_000
MIDNIGHT_MS: Final = -8 * 3_600_000
"""The city's day begins this much from that of UTC."""
OFFSETS_A_DAY: Final = 1_000_000
FIRMS: Final = 400_000
PERSONS: Final = 800_000
POOL: Final = "subjects.arrow"
COMMIT_DAYS: Final = 32
DISTRICTS: Final = tuple(f"6101{number:02d}" for number in (2, 3, 4, 11, 12, 13, 14, 15, 16, 17, 18, 22, 24))
_WITHDRAWN: Final = 0.005
_CHANGED: Final = 0.18
_STATES: Final = ("有效", "有效", "有效", "有效", "有效", "有效", "失效", "注销", "暂扣", "吊销")

Numbers = npt.NDArray[np.int64]


def main() -> None:
    """Make the lake and say what it takes."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, help="must not exist; remove it when it is no longer needed")
    arguments.add_argument("--rows", type=int, default=100_000_000)
    arguments.add_argument("--days", type=int, default=3 * 365 + 1)
    arguments.add_argument("--workers", type=int, default=3)
    asked = arguments.parse_args()
    if asked.folder.exists():
        raise SystemExit(f"{asked.folder} exists; name another folder")
    started = time.perf_counter()
    size = volume(asked.folder, asked.rows, asked.days, asked.workers)
    print(
        f"{asked.rows:,} facts of {asked.days:,} days in {time.perf_counter() - started:,.0f} s: "
        f"{size / 1e9:.2f} GB, {size / asked.rows:.1f} bytes a fact"
    )


def volume(folder: Path, rows: int, days: int, workers: int) -> int:
    """Make a lake at this folder; the bytes that its facts take."""
    location = Location(str(folder))
    logs = {table.name: TableLog(location, table) for table in (FACTS, COVERAGES)}
    pool = folder / POOL
    _subjects().write_ipc(pool, compression="uncompressed")
    shares = _day_shares(days)
    counts = np.diff(np.concatenate([[0], np.round(np.cumsum(shares) * rows)])).astype(int)
    made: dict[str, list[DataFile]] = {name: [] for name in logs}
    size = 0
    with ProcessPoolExecutor(workers, get_context("spawn")) as executor:
        work = [executor.submit(_day_files, str(folder), number, days, int(counts[number])) for number in range(days)]
        for done, future in enumerate(as_completed(work), start=1):
            for name, file in future.result():
                made[name].append(file)
                size += file.size_bytes if name == FACTS.name else 0
            if done % COMMIT_DAYS == 0 or done == days:
                for name, own in logs.items():
                    own.append(made.pop(name), {})
                    made[name] = []
                print(f"{done:,} of {days:,} days", file=sys.stderr)
    pool.unlink()
    return size


def remove(folder: Path) -> None:
    """Remove a lake that was made here."""
    shutil.rmtree(folder)


def _day_shares(days: int) -> npt.NDArray[np.float64]:
    """How much of everything falls on each day: little at weekends, a little more each year."""
    weekday = np.array([(_day(number, days)).weekday() for number in range(days)])
    weight = np.where(weekday < 5, 1.0, 0.15) * np.linspace(0.8, 1.2, days)
    return np.asarray(weight / weight.sum())


def _day(number: int, days: int) -> date:
    return LAST_DAY - timedelta(days=days - 1 - number)


def _subjects() -> pl.DataFrame:
    """Firms first, then persons; sorted as they are drawn, not as they are spelled."""
    firms = [f"enterprise:{make_uscc('91', DISTRICTS[number % len(DISTRICTS)], number)}" for number in range(FIRMS)]
    tokens = np.random.default_rng(5).bytes(16 * PERSONS).hex()
    persons = [f"person:{tokens[at : at + 32]}" for at in range(0, 32 * PERSONS, 32)]
    return pl.DataFrame({"subject": [*firms, *persons]})


def _day_files(folder: str, number: int, days: int, rows: int) -> list[tuple[str, DataFile]]:
    location = Location(folder)
    day = _day(number, days)
    return [
        (table.name, write_file(location, table, day, frame.sort(*table.sort)))
        for table, frame in _frames(folder, number, day, rows)
    ]


def _frames(folder: str, number: int, day: date, rows: int) -> Iterator[tuple[Table, pl.DataFrame]]:
    random = np.random.default_rng(number)
    if rows:
        yield FACTS, _facts(random, folder, number, day, rows)
    yield COVERAGES, _coverages(random, number, day)


def _facts(random: np.random.Generator, folder: str, number: int, day: date, rows: int) -> pl.DataFrame:
    resources = _resources()
    chosen = random.choice(len(resources), rows, p=_weights())
    is_person = resources["is_person"].to_numpy()[chosen]
    # A power law: some subjects have very many records, most a few.
    rank = random.power(0.6, rows)
    subject = np.where(is_person, FIRMS + (rank * PERSONS).astype(int), (rank * FIRMS).astype(int))
    record = random.integers(0, 4, rows)
    kind = random.random(rows)
    known_ms = _known_ms(random, day, rows)
    happened_s = known_ms // 1000 - random.exponential(86_400, rows).astype(np.int64)
    issued = happened_s // 86_400 - random.integers(0, 3, rows)
    licence = resources["family"].to_numpy()[chosen] == "licence"
    draws = pl.DataFrame(
        {
            "at": chosen,
            "subject": _pool(folder)["subject"].gather(subject),
            "number": subject,
            "record": record,
            "is_withdrawn": kind < _WITHDRAWN,
            "is_changed": kind < _WITHDRAWN + _CHANGED,
            "known_at": known_ms * 1000,
            "valid_at": happened_s * 1_000_000,
            "partition": subject % 4,
            "event_id": _event_ids(random, rows),
            "territory": np.array(DISTRICTS)[subject % len(DISTRICTS)],
            "issued_on": np.where(licence, issued, -1),
            "term_days": np.where(licence & (record > 0), 365 * (1 + record), -1),
            "condition": np.array(_STATES)[random.integers(0, len(_STATES), rows)],
            "amount_fen": random.integers(1, 500_000, rows) * 100,
        }
    ).join(resources.with_row_index("at").with_columns(pl.col("at").cast(pl.Int64)), on="at", how="left")
    return _shaped(draws, number, day)


def _shaped(draws: pl.DataFrame, number: int, day: date) -> pl.DataFrame:
    is_licence, is_registration = pl.col("family") == "licence", pl.col("family") == "registration"
    moment = pl.Datetime("us", "UTC")
    issued = pl.when(pl.col("issued_on") >= 0).then(pl.col("issued_on"))
    event = (
        pl.when("is_withdrawn")
        .then("withdrawn_event")
        .when("is_changed")
        .then("changed_event")
        .otherwise("first_event")
    )
    return draws.select(
        "topic",
        pl.col("partition").cast(pl.Int32),
        offset=pl.int_range(pl.len()).over("topic", "partition") + number * OFFSETS_A_DAY,
        known_at=pl.col("known_at").cast(moment),
        day=pl.lit(day),
        event=event,
        event_id=pl.col("event_id"),
        family=pl.col("family"),
        department=pl.col("department"),
        resource=pl.col("resource"),
        subject=pl.col("subject"),
        record_type=pl.col("record_type"),
        record_id=pl.format("{}:{}{}", "resource", "number", "record"),
        version=pl.col("valid_at"),
        valid_at=pl.col("valid_at").cast(moment),
        subject_kind=pl.col("subject").str.extract("^([^:]*)"),
        withdrawn=pl.col("is_withdrawn"),
        territory=pl.col("territory"),
        state=pl.when(is_licence).then("condition"),
        status=pl.when(is_registration).then(pl.lit("有效")),
        outcome=pl.when(pl.col("family") == "verification").then(pl.lit("正常")),
        licence_type=pl.when(is_licence).then("record_type"),
        issuer_name=pl.when(is_licence).then("issuer"),
        issued_on=issued.cast(pl.Int32).cast(pl.Date),
        valid_from=issued.cast(pl.Int32).cast(pl.Date),
        valid_to=pl.when(pl.col("term_days") > 0).then(issued + pl.col("term_days")).cast(pl.Int32).cast(pl.Date),
        amount_fen=pl.when(pl.col("first_event") == "PenaltyImposed").then("amount_fen"),
    )


def _coverages(random: np.random.Generator, number: int, day: date) -> pl.DataFrame:
    """Every night each resource that keeps up states that it is complete until midnight; one in forty is late."""
    resources = _resources().filter(pl.Series(random.random(_resources().height) > 1 / 40))
    midnight_us = ((day - EPOCH).days * DAY_MS + MIDNIGHT_MS + DAY_MS) * 1000
    said = midnight_us - 3_600_000_000
    moment = pl.Datetime("us", "UTC")
    counted = random.integers(1, 2_000, resources.height)
    return resources.select(
        topic="coverage." + pl.col("department"),
        partition=pl.lit(number % 4, pl.Int32),
        offset=pl.int_range(pl.len()) + number * OFFSETS_A_DAY,
        known_at=pl.lit(said).cast(moment),
        day=pl.lit(day),
        event=pl.lit("CoverageStated"),
        event_id=pl.Series(_event_ids(random, resources.height)),
        department=pl.col("department"),
        resource=pl.col("resource"),
        subject="resource:" + pl.col("resource"),
        record_type=pl.lit("coverage"),
        record_id=pl.format("{}:{}", "resource", pl.lit(number)),
        version=pl.lit(said),
        valid_at=pl.lit(said).cast(moment),
        complete_until=pl.lit(said).cast(moment),
        ranges=pl.concat_list(
            pl.struct(
                pl.col("topic"),
                partition=pl.lit(0, pl.Int32),
                from_offset=pl.lit(0, pl.Int64),
                to_offset=pl.Series(counted),
            )
        ),
        message_count=pl.Series(counted),
        source_total=pl.Series(counted),
    )


def _known_ms(random: np.random.Generator, day: date, rows: int) -> Numbers:
    """Most arrives in office hours, the rest when the nightly jobs run."""
    hours = np.where(random.random(rows) < 0.8, random.normal(14, 2.5, rows), random.normal(2, 1, rows))
    within = (np.clip(hours, 0, 23.99) * 3_600_000).astype(np.int64)
    return np.sort(np.int64((day - EPOCH).days * DAY_MS + MIDNIGHT_MS) + within)


def _event_ids(random: np.random.Generator, rows: int) -> pl.Series:
    data = random.bytes(16 * rows)
    return pl.Series([data[at : at + 16] for at in range(0, 16 * rows, 16)], dtype=pl.Binary)


@cache
def _resources() -> pl.DataFrame:
    """The catalogue's resources, those with the most records first."""
    return pl.DataFrame([_resource(each) for each in load_resources().all])


def _resource(each: Resource) -> dict[str, object]:
    names = [name.rsplit(".", 1)[-1] for name in each.schemas]
    return {
        "topic": each.topic,
        "family": each.family,
        "department": each.department,
        "resource": each.code,
        "record_type": each.record_type,
        "is_person": "enterprise" not in each.subjects,
        "issuer": f"西安市{each.name.removesuffix('信息')}主管部门",
        "first_event": names[0],
        "changed_event": names[1] if len(names) > 2 else names[0],
        "withdrawn_event": names[-1],
    }


@cache
def _weights() -> npt.NDArray[np.float64]:
    weight = 1 / (np.arange(_resources().height) + 2.0)
    return np.asarray(weight / weight.sum())


@cache
def _pool(folder: str) -> pl.DataFrame:
    return pl.read_ipc(Path(folder) / POOL)


if __name__ == "__main__":
    main()
