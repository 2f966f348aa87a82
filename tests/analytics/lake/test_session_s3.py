"""A lake in an S3-compatible store: the same queries, and what is said of a file that is gone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from threading import Event

import msgspec
import pytest

from analytics.door.asking import Answer, Question, Refusal
from analytics.door.worker import Work
from analytics.door.worker_process import SqlWorker
from analytics.lake.absent_files import LakeFilesAbsent
from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.session import LakeSession, SessionLimits
from tests.analytics.delta_lake import put
from tests.analytics.object_store import object_store

BUCKET = "city"
FIRST = {"subject": "enterprise:1", "known_at": datetime(2026, 6, 1, 2, tzinfo=UTC)}
SECOND = {"subject": "enterprise:2", "known_at": datetime(2026, 6, 2, 2, tzinfo=UTC)}


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    with object_store(BUCKET) as url:
        yield url


@pytest.fixture
def location(store: str, request: pytest.FixtureRequest) -> Location:
    return Location(f"s3://{BUCKET}/{request.node.name}", store, "us-east-1", "key", "secret")


def asked(session: LakeSession, sql: str) -> list[tuple[object, ...]]:
    with session.reading() as connection:
        return connection.execute(sql).fetchall()


def test_tables_and_views_answer_and_follow_the_lake(location: Location) -> None:
    session = LakeSession(LakeReader(location))
    assert asked(session, "SELECT count(*) FROM facts") == [(0,)]
    put(location, "facts", FIRST, SECOND)
    put(location, "catalog_changes", {"entity": "duty", "entity_id": "d1"})
    assert asked(session, "SELECT subject, day FROM facts ORDER BY day") == [
        ("enterprise:1", date(2026, 6, 1)),
        ("enterprise:2", date(2026, 6, 2)),
    ]
    assert asked(session, "SELECT count(*) FROM duties") == [(1,)]
    assert asked(session, "SELECT count(*) FROM facts_latest WHERE day = '2026-06-02'") == [(1,)]
    assert asked(session, "SELECT current_setting('TimeZone')") == [("Asia/Shanghai",)]
    session.close()


def test_a_file_that_is_gone_stops_only_what_needs_its_day(location: Location) -> None:
    put(location, "facts", FIRST, SECOND)
    reader = LakeReader(location)
    session = LakeSession(reader)
    gone = next(path for path in reader.files("facts").paths if "2026-06-01" in path)
    location.files.delete_file(gone.removeprefix("s3://"))
    assert asked(session, "SELECT subject FROM facts WHERE day = '2026-06-02'") == [("enterprise:2",)]
    with pytest.raises(LakeFilesAbsent, match="2026-06-01"):
        asked(session, "SELECT count(DISTINCT subject) FROM facts")
    session.close()


def test_the_door_answers_from_a_store(location: Location, tmp_path: Path) -> None:
    put(location, "facts", FIRST, SECOND)
    worker = SqlWorker(Work(partial(LakeReader, location), SessionLimits(memory_mb=128, threads=1), tmp_path))
    said = worker.ask(Question("SELECT subject FROM facts ORDER BY 1"), 30, Event())
    keys = worker.ask(Question("SELECT * FROM duckdb_settings() WHERE value LIKE '%secret%'"), 30, Event())
    worker.end()
    assert isinstance(said, Answer), said
    assert msgspec.json.decode(said.body)["rows"] == [["enterprise:1"], ["enterprise:2"]]
    assert isinstance(keys, Refusal)
