from datetime import date
from pathlib import Path

import pytest

from analytics.rates.blocks import load_blocks, needed_blocks, with_blocks
from analytics.rates.figures import When
from analytics.rates.rollups import RollUps, digest_of_names
from tests.analytics.rates.rate_lakes import MemoryLake, coverage, fact, figures, resource

DAY = date(2026, 6, 28)
LATER = date(2026, 6, 29)


def lake_of_two_days() -> MemoryLake:
    return MemoryLake(
        facts=[fact("tax.a", DAY, 1, "A"), fact("tax.a", DAY, 2, "B"), fact("tax.a", LATER, 3, "A")],
        coverages=[coverage("tax.a", LATER, (1, 4), 3)],
        catalog_changes=[resource("tax.a", DAY)],
    )


def roll_ups(found: MemoryLake, folder: Path) -> RollUps:
    return RollUps(folder, load_blocks(), found, found, grace_s=0)


def files_of(folder: Path, name: str) -> list[str]:
    return sorted(path.name for path in folder.glob(f"{name}-*/*.parquet"))


def test_a_day_is_one_file_named_by_what_it_sums_up(tmp_path: Path) -> None:
    kept = roll_ups(lake_of_two_days(), tmp_path)
    assert kept.refresh()["facts_by_day"] == 2
    assert [name[:10] for name in files_of(tmp_path, "facts_by_day")] == ["2026-06-28", "2026-06-29"]
    assert kept.refresh()["facts_by_day"] == 0
    assert [path.name for path in kept.files("facts_by_day", DAY)] == files_of(tmp_path, "facts_by_day")[:1]


def test_what_was_deleted_is_made_again(tmp_path: Path) -> None:
    kept = roll_ups(lake_of_two_days(), tmp_path)
    kept.refresh()
    before = files_of(tmp_path, "facts_by_day")
    next(iter(tmp_path.glob("facts_by_day-*/*.parquet"))).unlink()
    assert all(path.exists() for path in kept.files("facts_by_day", LATER))
    assert files_of(tmp_path, "facts_by_day") == before


def test_a_day_whose_files_are_others_is_summed_up_anew_and_the_stale_file_goes(tmp_path: Path) -> None:
    found = lake_of_two_days()
    kept = roll_ups(found, tmp_path)
    kept.refresh()
    before = files_of(tmp_path, "facts_by_day")
    found.connection.execute('DELETE FROM facts WHERE "offset" = 3')
    found.connection.execute(
        'INSERT INTO facts SELECT * REPLACE (9 AS "offset", \'X\' AS subject) FROM facts WHERE "offset" = 2'
    )
    statement = 'UPDATE facts SET event_id = unhex(md5($id)), day = $day WHERE "offset" = 9'
    found.connection.execute(statement, {"id": "9", "day": LATER})
    assert kept.refresh()["facts_by_day"] == 1
    after = files_of(tmp_path, "facts_by_day")
    assert (after[0], len(after)) == (before[0], 2)
    assert after[1] != before[1]


def test_names_tell_files_wherever_they_lie() -> None:
    assert digest_of_names(["/a/x", "/a/y"]) == digest_of_names(["s3://b/y", "s3://b/x"])
    assert digest_of_names(["/a/x"]) != digest_of_names(["/a/y"])


def test_a_statement_that_agreed_is_not_counted_again(tmp_path: Path) -> None:
    found = lake_of_two_days()
    told = figures(found, tmp_path)
    assert told.figure("collected", When(LATER))["value"] == 1.0
    assert len(list(tmp_path.glob("coverage_found-*/*.parquet"))) == 1
    # The facts are gone, which no lake does; a figure that still stands was not counted again.
    found.connection.execute("DELETE FROM facts")
    assert figures(found, tmp_path).figure("collected", When(LATER))["value"] == 1.0
    for path in tmp_path.glob("coverage_found-*/*.parquet"):
        path.unlink()
    assert figures(found, tmp_path).figure("collected", When(LATER))["value"] == 0.0


def test_a_statement_whose_facts_come_later_is_counted_again(tmp_path: Path) -> None:
    found = lake_of_two_days()
    found.connection.execute('CREATE TABLE late AS SELECT * FROM facts WHERE "offset" = 2')
    found.connection.execute('DELETE FROM facts WHERE "offset" = 2')
    assert figures(found, tmp_path).figure("collected", When(LATER))["value"] == 0.0
    found.connection.execute("INSERT INTO facts SELECT * FROM late")
    assert figures(found, tmp_path).figure("collected", When(LATER))["value"] == 1.0


@pytest.mark.parametrize("name", sorted(load_blocks()))
def test_every_block_says_what_it_holds(name: str) -> None:
    block = load_blocks()[name]
    assert block.about
    assert not block.about.startswith("--")
    assert "--" not in block.sql


def test_blocks_stand_before_what_reads_them() -> None:
    statement = with_blocks("SELECT * FROM entries", load_blocks())
    assert statement.index("resources AS (") < statement.index("entries AS (")
    assert "facts_by_day" in needed_blocks("SELECT * FROM arrivals", load_blocks())
    assert "arrivals AS (" not in with_blocks("SELECT * FROM arrivals", load_blocks(), {"arrivals"})
