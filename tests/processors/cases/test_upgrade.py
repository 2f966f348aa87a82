"""A store that version 1 of the tables wrote goes on under this version, in place."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from connectors.sql import store_url
from processors.cases import CaseFilter, CaseReader, CaseStore, OlderStore
from processors.cases import upgrade as upgrade_module
from processors.cases.tables import METADATA, SCHEMA_VERSION
from tests.processors.cases.writing import CODEC, arrived
from tests.processors.story import REQUESTED_AT, answer, answered, handled, reviewed, small_definition

FOLDER = Path(__file__).parent / "version_1"
CLUSTER = "cluster-of-version-1"
SMALL = {"small": small_definition()}


def written_by_version_1(url: str) -> str:
    engine = create_engine(store_url(url))
    with engine.begin() as connection:
        for statement in (FOLDER / f"{engine.dialect.name}.sql").read_text(encoding="utf-8").split(";"):
            if statement.strip():
                connection.execute(text(statement))
        for table, rows in json.loads((FOLDER / "rows.json").read_text(encoding="utf-8")).items():
            for row in rows:
                connection.execute(METADATA.tables[table].insert().values(_decoded(row)))
    engine.dispose()
    return url


def _decoded(row: dict[str, Any]) -> dict[str, Any]:
    return {name: b64decode(value["base64"]) if isinstance(value, dict) else value for name, value in row.items()}


class UpgradeContract:
    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    def test_every_table_column_and_index_is_as_in_a_new_store(self, url: str, empty_url: str) -> None:
        CaseStore(empty_url, {}, CODEC).close()
        CaseStore(written_by_version_1(url), {}, CODEC).close()
        assert _described(url) == _described(empty_url)

    def test_cases_go_on_and_are_found(self, url: str) -> None:
        with CaseStore(written_by_version_1(url), SMALL, CODEC, cluster_id=CLUSTER) as store, CaseReader(url) as reader:
            assert len(reader.cases(CaseFilter(department="labour", lead="tax", kind="verification")).cases) == 3
            assert [each.case_id for each in reader.cases(CaseFilter(state="open")).cases] == ["running"]
            hub = answered("hub", answer("paid", "tax"), answer("staff", "tax"), case_id="running")
            people = handled("staff", "labour", case_id="running"), reviewed("staff", "labour", case_id="running")
            store.apply_batch(arrived(hub, *people), now=REQUESTED_AT)
            assert reader.cases(CaseFilter(state="open")).cases == ()
            assert {each.case_id: each.status for each in reader.cases().cases} == {
                "amended": "amended",
                "reported": "reported",
                "running": "reported",
            }
            assert len(store.outbox(written_before=2**62)) > 3

    def test_a_reader_waits_for_the_coordinator(self, url: str) -> None:
        written_by_version_1(url)
        with CaseReader(url) as reader:
            with pytest.raises(OlderStore, match="onething up"):
                reader.cases()
            CaseStore(url, {}, CODEC).close()
            assert len(reader.cases().cases) == 3

    def test_an_upgrade_that_fails_leaves_version_1(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        written_by_version_1(url)
        before = _described(url)

        def broken(*_: object) -> None:
            raise OSError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(upgrade_module, "_tell_departments", broken)
            with pytest.raises(OSError, match="disk is full"):
                CaseStore(url, {}, CODEC)
        assert _described(url) == before
        CaseStore(url, {}, CODEC).close()
        assert _described(url) != before


class TestSqlite(UpgradeContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'cases.db'}"

    @pytest.fixture
    def empty_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'new.db'}"


@pytest.mark.postgresql
class TestPostgresql(UpgradeContract):
    @pytest.fixture
    def url(self, database: str) -> str:
        return database

    @pytest.fixture
    def empty_url(self, another_database: str) -> str:
        return another_database


def _described(url: str) -> dict[str, object]:
    engine = create_engine(store_url(url))
    try:
        tables = inspect(engine)
        with engine.connect() as connection:
            version = connection.execute(text("SELECT value FROM case_store WHERE name = 'schema_version'")).scalar()
        assert version in ("1", str(SCHEMA_VERSION))
        return {
            name: (
                sorted(
                    (column["name"], str(column["type"]), column["nullable"]) for column in tables.get_columns(name)
                ),
                tables.get_pk_constraint(name)["constrained_columns"],
                sorted(
                    (index["name"] or "", index["column_names"], index["unique"]) for index in tables.get_indexes(name)
                ),
            )
            for name in sorted(tables.get_table_names())
        }
    finally:
        engine.dispose()
