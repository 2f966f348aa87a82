import time
from datetime import date
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from analytics.rates.http import RatesDoor, rates_router
from analytics.rates.keeping import Keeping
from analytics.rates.lake import RateLake
from tests.analytics.rates.rate_lakes import MemoryLake, fact, figures

DAY = date(2026, 6, 28)


def served(found: MemoryLake, folder: Path, keeping: Keeping) -> TestClient:
    app = FastAPI()
    app.include_router(rates_router(RatesDoor(figures(found, folder), lambda: DAY, keeping)))
    return TestClient(app)


def waited_for(keeping: Keeping, rounds: int) -> bool:
    until = time.monotonic() + 20
    while keeping.rounds < rounds and time.monotonic() < until:
        time.sleep(0.01)
    return keeping.rounds >= rounds


def test_roll_ups_are_made_when_the_process_serves(tmp_path: Path) -> None:
    found = MemoryLake(facts=[fact("tax.a", DAY, 1, "A")])
    keeping = Keeping(RateLake(found, found, tmp_path))
    with served(found, tmp_path, keeping):
        assert waited_for(keeping, 1)
    assert len(list(tmp_path.glob("facts_by_day-*/*.parquet"))) == 1


def test_a_lake_that_cannot_be_read_is_tried_again(tmp_path: Path) -> None:
    found = MemoryLake(facts=[fact("tax.a", DAY, 1, "A")])
    found.connection.execute("ALTER TABLE facts RENAME TO gone")
    keeping = Keeping(RateLake(found, found, tmp_path), every_s=0.01)
    with served(found, tmp_path, keeping):
        assert waited_for(keeping, 1)
        found.connection.execute("ALTER TABLE gone RENAME TO facts")
        assert waited_for(keeping, keeping.rounds + 2)
    assert len(list(tmp_path.glob("facts_by_day-*/*.parquet"))) == 1
