from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analytics.door.asking import Answer, Question, Refusal, answer
from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.session import LakeSession, SessionLimits
from analytics.rates.definition import load_definitions
from analytics.rates.figures import When
from analytics.rates.units import statement
from tests.analytics.delta_lake import put
from tests.analytics.rates.rate_lakes import MemoryLake, figures
from tests.analytics.rates.rows import drawn

FIRST = {"subject": "enterprise:1", "known_at": datetime(2026, 6, 1, 2, tzinfo=UTC)}
SECOND = {"subject": "enterprise:2", "known_at": datetime(2026, 6, 2, 2, tzinfo=UTC)}
DAY = date(2026, 6, 30)


@pytest.fixture
def location(tmp_path: Path) -> Location:
    return Location(str(tmp_path / "lake"))


@pytest.fixture
def session(location: Location) -> Iterator[LakeSession]:
    session = LakeSession(LakeReader(location), SessionLimits(memory_mb=256, threads=1))
    yield session
    session.close()


def rows(said: Answer | Refusal) -> list[list[Any]]:
    assert isinstance(said, Answer), said
    found: list[list[Any]] = msgspec.json.decode(said.body)["rows"]
    return found


def test_a_removed_file_is_a_refusal_with_days_and_remedy(session: LakeSession, location: Location) -> None:
    put(location, "facts", FIRST, SECOND)
    for path in Path(location.path("facts", "day=2026-06-01")).glob("*.parquet"):
        path.unlink()
    said = answer(session, Question("SELECT count(*) FROM facts"))
    assert isinstance(said, Refusal)
    assert (said.status, said.code) == (503, "lake-file-absent")
    assert "2026-06-01" in said.detail
    assert "onething lake rebuild facts --day 2026-06-01" in said.remedy
    assert rows(answer(session, Question("SELECT count(*) FROM facts WHERE day = '2026-06-02'"))) == [[1]]


def test_a_file_removed_while_the_lake_is_open_is_told_at_once(session: LakeSession, location: Location) -> None:
    """The session had looked before; the question is asked twice, so that the reader need not."""
    put(location, "facts", FIRST, SECOND)
    assert rows(answer(session, Question("SELECT count(*) FROM facts"))) == [[2]]
    for path in Path(location.path("facts", "day=2026-06-01")).glob("*.parquet"):
        path.unlink()
    said = answer(session, Question("SELECT count(*) FROM facts"))
    assert isinstance(said, Refusal)
    assert said.code == "lake-file-absent"


def test_new_rows_are_in_the_next_answer(session: LakeSession, location: Location) -> None:
    for number in range(3):
        put(location, "facts", FIRST)
        assert rows(answer(session, Question("SELECT count(*) FROM facts"))) == [[number + 1]]


def test_what_is_explained_is_the_question(session: LakeSession) -> None:
    said = rows(answer(session, Question("EXPLAIN ANALYZE SELECT count(*) FROM range(1000)")))
    assert "RANGE" in said[0][1].upper()


def test_summaries_and_descriptions_are_rows(session: LakeSession, location: Location) -> None:
    put(location, "facts", FIRST)
    assert len(rows(answer(session, Question("SUMMARIZE facts")))) > 20
    assert ["subject", "VARCHAR"] in [row[:2] for row in rows(answer(session, Question("DESCRIBE facts")))]


@pytest.mark.parametrize("rate", load_definitions().versions)
def test_the_statement_behind_every_rate_can_be_asked_at_the_door(
    session: LakeSession, location: Location, tmp_path: Path, rate: str
) -> None:
    made = drawn(3)
    for table, given in made.items():
        put(location, table, *given)
    told = statement(figures(MemoryLake(**made), tmp_path), rate, When(DAY))
    said = rows(answer(session, Question(told["sql"], told["parameters"])))
    expected = figures(MemoryLake(**made), tmp_path).figure(rate, When(DAY))
    columns = msgspec.json.decode(answer(session, Question(told["sql"], told["parameters"])).body)["columns"]  # type: ignore[union-attr]
    place = {each["name"]: number for number, each in enumerate(columns)}
    assert sum(row[place["counts"]] for row in said) == expected["numerator"]
    assert sum(row[place["out_of"]] for row in said) == expected["denominator"]
