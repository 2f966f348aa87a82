"""Positions read together from the log are those that the table format's own library gives one by one."""

import os
import random
from pathlib import Path

import pytest

from analytics.lake.location import LakeUnreachable, Location
from analytics.lake.positions import PositionLog, app_id
from analytics.lake.table_log import TableLog, opened
from analytics.lake.tables import FACTS

PLACES = [(f"licence.office-{number}", partition) for number in range(6) for partition in range(2)]
COMMITS = 120
"""Two checkpoints, one each fifty commits, and entries after them."""


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """A table whose positions were moved a hundred times, a few at a time."""
    chance = random.Random(7)  # noqa: S311  a draw, not a secret
    location = Location(str(tmp_path_factory.mktemp("lake")))
    log = TableLog(location, FACTS)
    at = dict.fromkeys(PLACES, 0)
    for _ in range(COMMITS):
        moves = {place: (at[place], at[place] + chance.randint(1, 9)) for place in chance.sample(PLACES[:-1], 3)}
        log.append([], moves)
        at |= {place: to for place, (_, to) in moves.items()}
    assert {place: log.position(place) or 0 for place in PLACES} == at
    return location


def test_a_fresh_look_gives_what_the_library_gives(location: Location) -> None:
    table = opened(location, "facts")
    assert table is not None
    assert table.version() == COMMITS
    assert list(Path(location.path("facts", "_delta_log")).glob("*.checkpoint.parquet"))
    found = PositionLog(location, "facts").at(COMMITS)
    assert [found.get(place) for place in PLACES] == [table.transaction_version(app_id(place)) for place in PLACES]
    assert PLACES[-1] not in found


@pytest.mark.parametrize("steps", [(3, 49, 50, 51, COMMITS), (COMMITS - 1, COMMITS), (COMMITS, 10, COMMITS)])
def test_it_does_not_matter_when_one_looked_before(location: Location, steps: tuple[int, ...]) -> None:
    log = PositionLog(location, "facts")
    for version in steps:
        assert dict(log.at(version)) == dict(PositionLog(location, "facts").at(version))


def test_a_commit_of_ones_own_need_not_be_read(location: Location) -> None:
    log = PositionLog(location, "facts")
    log.at(COMMITS)
    log.moved(COMMITS + 1, {PLACES[0]: 1_000})
    assert log.at(COMMITS + 1)[PLACES[0]] == 1_000
    log.moved(COMMITS + 5, {PLACES[0]: 2_000})
    with pytest.raises(LakeUnreachable, match=f"entry {COMMITS + 2}"):
        log.at(COMMITS + 5)


def test_entries_of_long_ago_go_and_what_they_said_stays(tmp_path: Path) -> None:
    location = Location(str(tmp_path))
    log = TableLog(location, FACTS)
    for number in range(5):
        log.append([], {PLACES[0]: (number, number + 1)})
    idle = PositionLog(location, "facts")
    idle.at(1)
    entries = tmp_path / "facts" / "_delta_log"
    for entry in entries.iterdir():
        os.utime(entry, (0, 0))
    log.vacuum(24)
    assert not (entries / f"{0:020}.json").exists()
    assert TableLog(location, FACTS).position(PLACES[0]) == 5
    assert idle.at(5)[PLACES[0]] == 5
    log.append([], {PLACES[0]: (5, 6)})
    assert TableLog(location, FACTS).position(PLACES[0]) == 6


def test_before_the_first_commit_there_are_none(tmp_path: Path) -> None:
    location = Location(str(tmp_path))
    TableLog(location, FACTS)
    assert dict(PositionLog(location, "facts").at(0)) == {}
