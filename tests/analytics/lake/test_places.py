"""One suite over a folder and an S3-compatible store: what the lake promises does not depend on where it lies."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from analytics.lake.claim import ClaimedTopic, LakeOfAnotherClusterError, claim, read_claim
from analytics.lake.compaction import compact, vacuum
from analytics.lake.location import LakeUnreachable, Location, LocationFault
from analytics.lake.reading import LakeReader
from analytics.lake.table_log import PositionsMovedError, TableLog, opened
from analytics.lake.tables import FACTS, TABLES, UNDECODED, Table
from analytics.lake.writer import LakeWriter
from tests.analytics.lake.log import IDS, LICENCES, MORE_LICENCES, Place, small_log

LOG = small_log()
TOPICS = {"licence.tax": ClaimedTopic("one", 2), "access.reads": ClaimedTopic("two", 1)}


def written(location: Location, upto: int, places: tuple[Place, ...] = tuple(LOG)) -> LakeWriter:
    """A lake in which these partitions are read up to an offset, in one commit."""
    writer = LakeWriter(location)
    begin = writer.begin(places)
    for place in places:
        writer.take(LOG[place][begin[place] : upto], IDS)
    writer.commit(writer.handed_over())
    return writer


def test_rows_and_positions_are_there_together(location: Location) -> None:
    claim(location, "cluster", TOPICS)
    written(location, 10)
    reader = LakeReader(location)
    assert reader.positions() == dict.fromkeys(LOG, 10)
    assert sum(reader.files(name).rows for name in TABLES) == 30
    assert reader.files("facts").rows == 18
    assert reader.files(UNDECODED).rows == 3


def test_a_reader_sees_what_was_committed_since(location: Location) -> None:
    writer = written(location, 10)
    reader = LakeReader(location)
    first = reader.files("facts")
    writer.take(LOG[LICENCES][10:14], IDS)
    writer.commit(writer.handed_over())
    second = reader.files("facts")
    assert second.version > first.version
    assert second.rows == first.rows + 3
    assert second.committed_at is not None
    assert abs((datetime.now(UTC) - second.committed_at).total_seconds()) < 60


def test_rows_are_read_through_arrow_with_their_day(location: Location) -> None:
    written(location, 24)
    rows = LakeReader(location).dataset("facts").to_table()
    assert rows.schema.names == FACTS.schema.names
    assert set(rows["day"].to_pylist()) == {each.day for each in LakeReader(location).files("facts").files}
    assert rows.num_rows == 42


def test_a_table_without_rows_is_read_as_one(location: Location) -> None:
    reader = LakeReader(location)
    assert (reader.files("facts").version, reader.files("facts").rows) == (-1, 0)
    assert reader.dataset("facts").to_table().num_rows == 0
    assert reader.positions() == {}
    with pytest.raises(LookupError, match="colours"):
        reader.files("colours")


def test_one_of_two_writers_wins(location: Location) -> None:
    one, other = LakeWriter(location), LakeWriter(location)
    for writer, upto in ((one, 5), (other, 7)):
        writer.begin([LICENCES])
        writer.take(LOG[LICENCES][:upto], IDS)
    one.commit(one.handed_over())
    with pytest.raises(PositionsMovedError):
        other.commit(other.handed_over())
    assert LakeReader(location).files("facts").rows == 5


def test_a_commit_on_an_old_view_of_the_table_is_refused_by_the_store_itself(location: Location) -> None:
    """No lock stands beside the table: the log's next entry is made once."""
    one, other = TableLog(location, FACTS), TableLog(location, FACTS)
    assert one._commits([], {})
    assert not other._commits([], {})
    assert other._commits([], {})


def test_merged_files_hold_the_same_rows(location: Location) -> None:
    writer = LakeWriter(location)
    writer.begin(LOG)
    for number in range(24):
        for place in LOG:
            writer.take(LOG[place][number : number + 1], IDS)
        writer.commit(writer.handed_over())
    reader = LakeReader(location)
    before = {name: _keys(reader, name) for name in TABLES}
    merged = compact(location, quiet_s=0)
    assert sum(each.files for each in merged if each.table == "facts") > 20
    assert {name: _keys(reader, name) for name in TABLES} == before
    assert all(len(paths) == 1 for name in TABLES for paths in reader.files(name).by_day.values())
    assert not compact(location, quiet_s=0)


def test_files_that_left_the_table_stay_for_a_while_and_then_go(location: Location) -> None:
    writer = written(location, 5, (LICENCES, MORE_LICENCES))
    writer.take(LOG[LICENCES][5:8], IDS)
    writer.commit(writer.handed_over())
    held = LakeReader(location).files("facts").files
    compact(location, ("facts",), quiet_s=0)
    reader = LakeReader(location)
    there = set(reader._there("facts", f"day={held[0].day}"))
    assert vacuum(location, ("facts",)) == 0
    assert {each.path for each in held} < there
    assert vacuum(location, ("facts",), retention_h=0) == len(held)
    assert not reader.missing("facts")
    assert LakeReader(location).positions() == {LICENCES: 8, MORE_LICENCES: 5}
    assert LakeReader(location).files("facts").rows == 12


def test_a_file_that_somebody_removed_is_named(location: Location) -> None:
    written(location, 24)
    reader = LakeReader(location)
    gone, *_ = reader.files("facts").files
    location.files.delete_file(location.path("facts", gone.path))
    assert reader.missing("facts") == (gone,)
    assert reader.missing(UNDECODED) == ()


def test_compaction_passes_over_a_day_whose_file_is_missing(location: Location) -> None:
    writer = written(location, 5)
    writer.take(LOG[LICENCES][5:8], IDS)
    writer.commit(writer.handed_over())
    gone, *_ = LakeReader(location).files("facts").files
    location.files.delete_file(location.path("facts", gone.path))
    assert compact(location, ("facts",), quiet_s=0) == []
    assert LakeReader(location).missing("facts") == (gone,)


def test_a_lake_is_one_clusters(location: Location) -> None:
    assert read_claim(location) is None
    claim(location, "cluster", TOPICS)
    known = claim(location, "cluster", {"reports": ClaimedTopic("three", 1)})
    assert known.topics.keys() == {*TOPICS, "reports"}
    assert read_claim(location) == known
    with pytest.raises(LakeOfAnotherClusterError, match="other"):
        claim(location, "other", TOPICS)
    with pytest.raises(LakeOfAnotherClusterError, match=r"licence\.tax"):
        claim(location, "cluster", {"licence.tax": ClaimedTopic("made again", 2)})
    assert read_claim(location) == known


def test_a_table_of_an_older_release_grows(location: Location) -> None:
    """Columns that a release adds are null in the rows that were there; the table says that it has them."""
    older = Table("facts", FACTS.families, pa.schema([each for each in FACTS.schema if each.name != "count"]), ())
    TableLog(location, older)
    log = TableLog(location, FACTS)
    assert log.version == 1
    found = opened(location, "facts")
    assert found is not None
    assert {each.name for each in found.schema().fields} == set(FACTS.schema.names)
    written(location, 5)
    assert TableLog(location, FACTS).version == 2


@pytest.mark.parametrize("url", ["gs://city/lake", "s3:///lake", "http://127.0.0.1/lake"])
def test_a_place_where_no_lake_can_lie_is_refused(url: str) -> None:
    with pytest.raises(LocationFault, match=url):
        Location(url)


def test_a_store_that_does_not_let_us_in_is_told() -> None:
    nowhere = Location("s3://city/lake", "http://127.0.0.1:1", "us-east-1", "id", "secret")
    with pytest.raises(LakeUnreachable, match="s3://city/lake"):
        opened(nowhere, "facts")


def _keys(reader: LakeReader, table: str) -> set[tuple[object, ...]]:
    rows = reader.dataset(table).to_table(columns=["topic", "partition", "offset", "day"]).to_pylist()
    keys = {tuple(row.values()) for row in rows}
    assert len(keys) == len(rows)
    return keys
