from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from analytics.lake.absent_files import LakeFilesAbsent
from analytics.lake.session import LakeSession, SessionLimits
from analytics.lake.table_views import is_uneven, is_vanished
from tests.analytics.lake_folder import FolderLake

FIRST = {"subject": "enterprise:1", "known_at": datetime(2026, 6, 1, 2, tzinfo=UTC)}
SECOND = {"subject": "enterprise:2", "known_at": datetime(2026, 6, 2, 2, tzinfo=UTC)}
LATE = {"subject": "enterprise:3", "known_at": datetime(2026, 6, 2, 16, 30, tzinfo=UTC)}


@pytest.fixture
def folder(tmp_path: Path) -> FolderLake:
    return FolderLake(tmp_path / "lake")


@pytest.fixture
def session(folder: FolderLake) -> Iterator[LakeSession]:
    session = LakeSession(folder, SessionLimits(memory_mb=128, threads=1, temp_mb=64))
    yield session
    session.close()


def asked(session: LakeSession, sql: str) -> list[tuple[object, ...]]:
    with session.reading() as connection:
        return connection.execute(sql).fetchall()


def test_an_empty_lake_has_all_tables_and_views(session: LakeSession) -> None:
    names = {str(name) for (name,) in asked(session, "SHOW TABLES")}
    assert {"facts", "cases", "reads", "catalog_changes", "refusals", "complaints", "duties", "facts_latest"} <= names
    assert asked(session, "SELECT count(*) FROM facts") == [(0,)]


def test_days_are_the_citys(folder: FolderLake, session: LakeSession) -> None:
    folder.put("facts", FIRST, LATE)
    assert asked(session, "SELECT subject, day, known_at::date FROM facts ORDER BY 1") == [
        ("enterprise:1", date(2026, 6, 1), date(2026, 6, 1)),
        ("enterprise:3", date(2026, 6, 3), date(2026, 6, 3)),
    ]
    assert asked(session, "SELECT current_setting('TimeZone')") == [("Asia/Shanghai",)]


def test_a_connection_keeps_the_files_it_began_with(folder: FolderLake, session: LakeSession) -> None:
    folder.put("facts", FIRST)
    before = session.connect()
    folder.put("facts", SECOND)
    assert before.execute("SELECT count(*) FROM facts").fetchall() == [(1,)]
    assert asked(session, "SELECT count(*) FROM facts") == [(2,)]


def test_the_engine_is_opened_again_only_when_the_version_has_moved(folder: FolderLake, session: LakeSession) -> None:
    folder.put("facts", FIRST)
    asked(session, "SELECT 1")
    opened = session._opened
    asked(session, "SELECT 1")
    assert session._opened is opened
    folder.put("reads", {"reader": "tax:li"})
    asked(session, "SELECT 1")
    assert session._opened is not opened


def test_the_latest_fact_is_the_highest_version_then_event_id(folder: FolderLake, session: LakeSession) -> None:
    record = {**FIRST, "record_type": "licence", "record_id": "L1"}
    folder.put("facts", {**record, "version": 2, "state": "valid"}, {**record, "version": 1, "state": "revoked"})
    folder.put("facts", {**record, "version": 2, "state": "disputed", "event_id": b"\xff" * 16})
    assert asked(session, "SELECT version, state FROM facts_latest") == [(2, "disputed")]


def test_duties_and_current_entities_come_from_changes(folder: FolderLake, session: LakeSession) -> None:
    duty = {"entity": "duty", "entity_id": "d1"}
    folder.put("catalog_changes", {**duty, "version": 1, "state": '{"is":"open"}'}, {"entity": "system", "version": 7})
    folder.put("catalog_changes", {**duty, "version": 2, "state": '{"is":"met"}'})
    assert asked(session, "SELECT count(*) FROM duties") == [(2,)]
    assert asked(session, "SELECT state FROM catalog_current WHERE entity = 'duty'") == [('{"is":"met"}',)]


def test_a_case_is_what_was_said_last(folder: FolderLake, session: LakeSession) -> None:
    case = {"case_id": "c1", "at": FIRST["known_at"]}
    folder.put(
        "cases",
        {**case, **FIRST, "status": "open", "bundle": "enterprise-opening"},
        {**case, "subject": None, "known_at": SECOND["known_at"], "at": SECOND["known_at"], "status": "done"},
    )
    assert asked(session, "SELECT case_id, bundle, subject, status, events FROM cases_current") == [
        ("c1", "enterprise-opening", "enterprise:1", "done", 2)
    ]


def test_an_absent_file_stops_only_what_needs_its_day(folder: FolderLake, session: LakeSession) -> None:
    """Somebody removed a file: the rest of the lake answers, and the answer that cannot be given says why."""
    gone, _ = folder.put("facts", FIRST, SECOND)
    folder.put("reads", {"reader": "tax:li"})
    listed = folder.files
    gone.unlink()
    paths = {"facts": (str(gone), *listed("facts").paths)}
    folder.files = lambda table: type(listed(table))(0, paths.get(table, listed(table).paths))  # type: ignore[method-assign]
    assert asked(session, "SELECT subject FROM facts WHERE day = '2026-06-02'") == [("enterprise:2",)]
    assert asked(session, "SELECT subject FROM facts WHERE day > '2026-06-01'") == [("enterprise:2",)]
    assert asked(session, "SELECT count(*) FROM reads") == [(1,)]
    for sql in ("SELECT count(*) FROM facts", "SELECT max(day) FROM facts", "SELECT * FROM facts_latest"):
        with pytest.raises(LakeFilesAbsent, match=r"2026-06-01.*day=2026-06-01") as told:
            asked(session, sql)
        assert "onething lake rebuild facts" in told.value.remedy


def test_a_table_all_of_whose_files_are_gone_is_not_an_empty_table(folder: FolderLake, session: LakeSession) -> None:
    (gone,) = folder.put("facts", FIRST)
    gone.unlink()
    folder.files = lambda table: Lost(table, gone)  # type: ignore[method-assign,assignment,return-value]
    with pytest.raises(LakeFilesAbsent):
        asked(session, "SELECT count(*) FROM facts")
    assert asked(session, "SELECT count(*) FROM facts WHERE day = '2026-06-02'") == [(0,)]


class Lost:
    def __init__(self, table: str, gone: Path) -> None:
        self.version = 0
        self.paths = (str(gone),) if table == "facts" else ()


def test_a_file_that_went_since_the_session_looked_is_named(folder: FolderLake, session: LakeSession) -> None:
    gone, _ = folder.put("facts", FIRST, SECOND)
    assert asked(session, "SELECT count(*) FROM facts") == [(2,)]
    listed = folder.files("facts")
    gone.unlink()
    folder.files = lambda table: listed if table == "facts" else type(listed)(-1, ())  # type: ignore[method-assign]
    with pytest.raises(LakeFilesAbsent, match="2026-06-01"):
        asked(session, "SELECT count(*) FROM facts")
    assert asked(session, "SELECT count(*) FROM facts WHERE day = '2026-06-02'") == [(1,)]


def test_a_file_that_was_merged_away_meanwhile_is_no_absent_file(folder: FolderLake, session: LakeSession) -> None:
    old, _ = folder.put("facts", FIRST, SECOND)
    before = session.connect()
    snapshot = session.current()[0]
    old.unlink()
    folder.versions["facts"] += 1
    with pytest.raises(duckdb.Error) as told:
        before.execute("SELECT count(*) FROM facts")
    assert is_vanished(told.value)
    assert session.absent_for(told.value, snapshot) == []
    assert asked(session, "SELECT count(*) FROM facts") == [(1,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.db'",
        "LOAD httpfs",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "SELECT * FROM local_variable",
    ],
)
def test_a_connection_reaches_nothing_but_the_lake(folder: FolderLake, session: LakeSession, sql: str) -> None:
    local_variable = [1]
    folder.put("facts", FIRST)
    with pytest.raises(duckdb.Error):
        asked(session, sql.format(folder=folder.root))
    assert local_variable
    assert not (folder.root / "out.csv").exists()


def test_a_session_may_be_given_folders_of_its_own(folder: FolderLake, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    session = LakeSession(folder, folders=[own])
    with session.reading() as connection:
        connection.execute(f"COPY (SELECT 1 AS a) TO '{own}/a.parquet'")
        assert connection.execute("SELECT a FROM read_parquet($1)", [f"{own}/a.parquet"]).fetchall() == [(1,)]
    session.close()


def test_memory_beyond_the_limit_is_refused_and_the_session_goes_on(folder: FolderLake, session: LakeSession) -> None:
    folder.put("facts", FIRST)
    with pytest.raises(duckdb.OutOfMemoryException):
        asked(session, "SELECT len(list(i)) FROM range(300000000) t(i)")
    assert asked(session, "SELECT count(*) FROM facts") == [(1,)]


def lacking(path: Path, column: str) -> None:
    """Write a file again as a release wrote it that did not have a column yet."""
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns([column]), path)


def test_a_column_that_older_files_lack_is_null_in_them(folder: FolderLake, session: LakeSession) -> None:
    old, _ = folder.put("facts", FIRST | {"state": "有效"}, SECOND | {"state": "有效"})
    lacking(old, "state")
    assert asked(session, "SELECT subject, state FROM facts ORDER BY 1") == [
        ("enterprise:1", None),
        ("enterprise:2", "有效"),
    ]
    assert asked(session, "SELECT count(*) FROM facts WHERE day = '2026-06-02'") == [(1,)]


def test_a_column_that_every_file_lacks_is_null(folder: FolderLake, session: LakeSession) -> None:
    (old,) = folder.put("facts", FIRST)
    lacking(old, "state")
    assert asked(session, "SELECT subject, state FROM facts") == [("enterprise:1", None)]


def test_a_file_between_that_lacks_a_column_is_allowed_for_once_it_was_met(
    folder: FolderLake, session: LakeSession
) -> None:
    _, between, _ = folder.put("facts", FIRST, SECOND, LATE)
    lacking(between, "state")
    with pytest.raises(duckdb.Error) as told:
        asked(session, "SELECT max(state) FROM facts")
    assert is_uneven(told.value)
    assert asked(session, "SELECT count(*), max(state) FROM facts") == [(3, None)]


def test_the_engine_guesses_rows_from_a_real_file(folder: FolderLake, session: LakeSession) -> None:
    """A file without rows once stood first: the engine guessed no rows at all, and joined the wrong way round."""
    folder.put("facts", *[FIRST] * 500)
    ((_, plan),) = asked(session, "EXPLAIN SELECT subject FROM facts")
    assert "~500 rows" in str(plan)


def test_many_threads_connect_while_the_lake_grows(folder: FolderLake, session: LakeSession) -> None:
    def ask(_: int) -> int:
        return int(str(asked(session, "SELECT count(*) FROM facts")[0][0]))

    with ThreadPoolExecutor(4) as pool:
        counts = pool.map(ask, range(40))
        for _ in range(5):
            folder.put("facts", FIRST)
        assert set(counts) <= set(range(6))
    assert ask(0) == 5


def test_closing_leaves_no_file_behind(folder: FolderLake) -> None:
    session = LakeSession(folder)
    asked(session, "SELECT 1")
    session.close()
    assert not session._scratch.exists()
