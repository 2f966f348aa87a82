from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from analytics.rates.counting import Asked, Count, Counting, cube_sql
from analytics.rates.definition import load_definitions
from analytics.rates.lake import RateLake
from tests.analytics.rates.rate_lakes import MemoryLake, resource

DAY = date(2026, 6, 30)
ATTACHED = load_definitions().newest("attached")


def test_a_rate_that_many_ask_for_at_once_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = MemoryLake(catalog_changes=[resource("tax.a", DAY)])
    counting = Counting(RateLake(found, found, tmp_path))
    runs: list[Asked] = []
    counted = Counting._counted

    def told(self: Counting, asked: Asked) -> Count:
        runs.append(asked)
        return counted(self, asked)

    monkeypatch.setattr(Counting, "_counted", told)
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(counting.count, [Asked(ATTACHED, DAY, DAY)] * 16))
    assert len(runs) == 1
    assert all(each == counts[0] for each in counts)


def test_a_stock_does_not_depend_on_the_period() -> None:
    assert Asked(ATTACHED, DAY, date(2026, 1, 1)).key == Asked(ATTACHED, DAY, date(2026, 6, 1)).key
    shared = load_definitions().newest("shared")
    assert Asked(shared, DAY, date(2026, 1, 1)).key != Asked(shared, DAY, date(2026, 6, 1)).key


def test_days_are_looked_at_again_when_they_are_not_fresh(tmp_path: Path) -> None:
    found = MemoryLake(catalog_changes=[resource("tax.a", DAY)])
    fresh, slow = RateLake(found, found, tmp_path), RateLake(found, found, tmp_path, fresh_s=3600)
    before = fresh.identity(DAY), slow.identity(DAY)
    found.connection.execute("DELETE FROM catalog_changes")
    assert fresh.identity(DAY) != before[0]
    assert slow.identity(DAY) == before[1]


def test_every_twin_is_a_column_of_the_cube() -> None:
    assert cube_sql(load_definitions().newest("shared")).count("list_contains") == 2
