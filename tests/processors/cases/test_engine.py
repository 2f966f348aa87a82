from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import OperationalError

from connectors.sql import reader_engine, store_url, writer_engine
from processors.cases import CaseReader, CaseStore, NewerStore, StoreInUse
from topics.codec import RowCodec, SchemaIds

CODEC = RowCodec(SchemaIds.published())


@pytest.fixture
def url(tmp_path: Path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "目录 with space?" / "cases.db"))


@pytest.fixture
def store(url: URL) -> Iterator[CaseStore]:
    with CaseStore(url, {}, CODEC) as store:
        yield store


def test_two_writers_on_one_file_are_refused(url: URL, store: CaseStore) -> None:
    del store
    with pytest.raises(StoreInUse, match="PostgreSQL"):
        CaseStore(url, {}, CODEC)


def test_the_file_is_free_after_a_failed_start(url: URL) -> None:
    CaseStore(url, {}, CODEC, cluster_id="one").close()
    with pytest.raises(Exception, match="cluster"):
        CaseStore(url, {}, CODEC, cluster_id="two")
    CaseStore(url, {}, CODEC, cluster_id="one").close()


def test_a_reader_can_neither_write_nor_checkpoint(url: URL, store: CaseStore, tmp_path: Path) -> None:
    store.apply_batch([], now=0)
    (wal,) = tmp_path.glob("*/cases.db-wal")
    size = wal.stat().st_size
    assert size > 0
    engine = reader_engine(url)
    with engine.connect() as connection:
        with pytest.raises(OperationalError, match=r"readonly|query_only"):
            connection.execute(text("DELETE FROM cases"))
        with pytest.raises(OperationalError, match=r"readonly|locked|disk I/O"):
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    assert wal.stat().st_size == size


def test_a_reader_outlives_its_writer(url: URL, store: CaseStore) -> None:
    with CaseReader(url) as reader:
        assert reader.case("none") is None
        store.close()
        assert reader.case("none") is None
    with CaseReader(url) as later:
        assert later.case("none") is None


def test_tables_of_another_version_are_refused(url: URL) -> None:
    CaseStore(url, {}, CODEC).close()
    engine = writer_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE case_store SET value = '99' WHERE name = 'schema_version'"))
    engine.dispose()
    with pytest.raises(NewerStore, match="99"):
        CaseStore(url, {}, CODEC)
    with CaseReader(url) as reader, pytest.raises(NewerStore):
        reader.case("none")


def test_commits_reach_the_disk(url: URL) -> None:
    engine = writer_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    engine.dispose()


def test_postgresql_is_spoken_to_by_the_driver_that_the_hub_brings() -> None:
    assert store_url("postgresql://hub@db/cases").drivername == "postgresql+psycopg"


def test_the_writer_tidies_up_between_batches(url: URL, store: CaseStore, tmp_path: Path) -> None:
    (database,) = tmp_path.glob("*/cases.db")
    before = database.stat().st_size
    store.checkpoint()
    assert database.stat().st_size > before
    with CaseReader(url) as reader:
        assert reader.case("none") is None
