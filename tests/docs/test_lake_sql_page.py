"""Every statement of the page on SQL is asked of a small lake, as every limit and problem it names is there."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from analytics.door import asking, guard, pool
from analytics.door.asking import Answer, Question, answer
from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.session import LakeSession
from analytics.lake.sql_views import VIEWS
from analytics.lake.tables import TABLES
from onething.settings import AnalystSettings
from tests.analytics.delta_lake import put

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "lake-sql.md").read_text(encoding="utf-8")
STATEMENTS = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
JUNE = datetime(2026, 6, 3, 4, tzinfo=UTC)


@pytest.fixture
def lake(data_dir: Path) -> Location:
    location = Location(str(data_dir / "lake"))
    licence = {"topic": "licence.tax", "licence_type": "食品经营许可证", "state": "有效", "known_at": JUNE}
    put(location, "facts", {**licence, "record_id": "1"}, {**licence, "record_id": "2", "withdrawn": True})
    put(location, "refusals", {"reasons": ["bad-subject", "bad-time"]})
    put(location, "reads", {"subjects": ["enterprise:91610112MA00000155"]})
    state = '{"provider": "tax", "state": "published"}'
    put(location, "catalog_changes", {"entity": "resource", "state": state})
    return location


@pytest.fixture
def session(lake: Location) -> Iterator[LakeSession]:
    session = LakeSession(LakeReader(lake))
    yield session
    session.close()


@pytest.mark.parametrize("sql", STATEMENTS, ids=range(len(STATEMENTS)))
def test_every_statement_is_answered_with_rows(session: LakeSession, sql: str) -> None:
    said = answer(session, Question(sql))
    assert isinstance(said, Answer), said
    assert msgspec.json.decode(said.body)["rows"]


def test_what_is_withdrawn_is_not_a_licence_in_force(session: LakeSession) -> None:
    (sql,) = [each for each in STATEMENTS if "licence_type" in each]
    said = answer(session, Question(sql))
    assert isinstance(said, Answer)
    assert msgspec.json.decode(said.body)["rows"] == [["食品经营许可证", 1]]


@pytest.mark.parametrize("source", PYTHON, ids=range(len(PYTHON)))
def test_the_python_of_the_page_runs(
    lake: Location, data_dir: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    names: dict[str, object] = {}
    exec(source, names)  # noqa: S102  the project's own page
    assert str(names["departments"])
    assert lake


def test_the_page_names_every_table_view_and_problem() -> None:
    assert not [name for name in (*TABLES, *VIEWS) if f"`{name}`" not in PAGE]
    sources = [Path(module.__file__ or "").read_text(encoding="utf-8") for module in (asking, guard, pool)]
    codes = set(re.findall(r'"((?:sql|lake-file)-[a-z-]+)"', "".join(sources))) - {"sql-too-long"}
    assert not [code for code in codes if f"`{code}`" not in PAGE]


def test_the_limits_told_are_the_settings_own() -> None:
    limits = AnalystSettings()
    assert f"`analyst.sql_time_limit_s` ({limits.sql_time_limit_s:g} s)" in PAGE
    assert f"`analyst.sql_memory_mb` ({limits.sql_memory_mb} MB)" in PAGE
    assert f"`analyst.sql_rows` rows ({limits.sql_rows:,})" in PAGE
    assert f"within {pool.WAIT_S:g} s" in PAGE
