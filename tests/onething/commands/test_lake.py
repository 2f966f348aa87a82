"""`onething lake`: a small lake looked at, merged, damaged, and what the command says of it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.writer import LakeWriter
from onething.cli import app
from tests.analytics.lake.log import IDS, small_log

LOG = small_log()


@pytest.fixture
def lake(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Location:
    """A lake of three partitions in two commits; no Kafka runs."""
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    location = Location(str(data_dir / "lake"))
    writer = LakeWriter(location)
    writer.begin(LOG)
    for begin, end in ((0, 5), (5, 24)):
        for messages in LOG.values():
            writer.take(messages[begin:end], IDS)
        writer.commit(writer.handed_over())
    return location


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["lake", *arguments])
    assert result.exit_code == code, result.output
    return result.stdout


def test_status_tells_every_table(lake: Location) -> None:
    assert lake.is_local
    rows = {row["table"]: row for row in json.loads(run("status", "-o", "json"))}
    facts = rows["facts"]
    assert (facts["rows"], facts["files"], facts["missing"], facts["behind"]) == (42, 3, 0, None)
    assert (facts["first_day"], facts["last_day"]) == ("2026-09-21", "2026-09-22")
    assert rows["undecoded"]["rows"] == 9
    assert (rows["complaints"]["rows"], rows["complaints"]["first_day"]) == (0, None)


def test_a_missing_file_is_named_with_the_remedy(lake: Location) -> None:
    gone, *_ = LakeReader(lake).files("facts").files
    Path(lake.path("facts", gone.path)).unlink()
    result = CliRunner().invoke(app, ["lake", "status"])
    assert result.exit_code == 1
    assert gone.path in result.stderr
    assert f"→ onething lake rebuild facts --day {gone.day}" in result.stderr


def test_compact_merges_each_day_and_says_so(lake: Location) -> None:
    rows = json.loads(run("compact", "facts", "-o", "json"))
    assert [(row["day"], row["files"], row["rows"]) for row in rows] == [("2026-09-21", 2, 20)]
    assert all(len(paths) == 1 for paths in LakeReader(lake).files("facts").by_day.values())
    assert run("compact", "facts") == ""
    assert "清理 deleted: 0" in CliRunner().invoke(app, ["lake", "compact", "--delete-unused"]).stderr


@pytest.mark.parametrize("command", ["compact", "rebuild"])
def test_an_unknown_table_is_refused_with_those_that_there_are(lake: Location, command: str) -> None:
    assert lake.is_local
    result = CliRunner().invoke(app, ["lake", command, "colours"], terminal_width=200)
    assert result.exit_code == 2
    assert "colours" in result.stderr
    assert "coverages" in result.stderr


def test_without_a_log_nothing_is_built_again(lake: Location) -> None:
    before = LakeReader(lake).files("facts")
    result = CliRunner().invoke(app, ["lake", "rebuild", "facts"])
    assert result.exit_code == 2
    assert "onething up" in result.stderr
    assert LakeReader(lake).files("facts") == before


def test_an_empty_lake_has_a_status_too(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    assert {row["rows"] for row in json.loads(run("status", "-o", "json"))} == {0}
    assert not (data_dir / "lake").exists()


def test_a_place_that_is_none_is_told(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    monkeypatch.setenv("ONETHING_LAKE__URL", "gs://city/lake")
    result = CliRunner().invoke(app, ["lake", "status"])
    assert result.exit_code == 2
    assert "s3://" in result.stderr
