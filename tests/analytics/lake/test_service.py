"""The lake's process: what it says of itself while it follows, and when it can no longer."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from analytics.lake.following import LakeFollower
from analytics.lake.location import Location
from analytics.lake.service import LakeService
from analytics.lake.writer import LakeWriter
from tests.analytics.lake.log import IDS, LICENCES, small_log


def follower(writer: LakeWriter, run: Callable[[], None] = lambda: None) -> Any:
    """A follower that follows nothing, or fails."""
    return SimpleNamespace(writer=writer, owned=frozenset({LICENCES}), lag=lambda: 7, run=run, stop=lambda: None)


@pytest.fixture
def location(tmp_path: Path) -> Location:
    return Location(str(tmp_path))


def test_figures_tell_what_was_committed_and_what_the_lake_holds(location: Location) -> None:
    writer = LakeWriter(location)
    writer.begin([LICENCES])
    writer.take(small_log()[LICENCES], IDS)
    writer.commit(writer.handed_over())
    service = LakeService(cast("LakeFollower", follower(writer)), location)
    told = {
        (sample.name, sample.labels.get("table", "")): sample.value
        for family in service.figures()
        for sample in family.samples
    }
    assert told["onething_lake_rows_total", "facts"] == 21
    assert told["onething_lake_undecoded_total", ""] == 3
    assert told["onething_lake_commits_total", ""] == 1
    assert told["onething_lake_lag", ""] == 7
    assert told["onething_lake_files", "facts"] == 2
    assert told["onething_lake_bytes", "facts"] > 0
    assert 0 <= told["onething_lake_commit_age_seconds", ""] < 60


def test_it_is_ready_once_partitions_have_come(location: Location) -> None:
    one = follower(LakeWriter(location))
    service = LakeService(cast("LakeFollower", one), location)
    with TestClient(service.application()) as client:
        assert client.get("/health/live").json() == {"status": "live"}
        assert client.get("/health/ready").json() == {"status": "ready", "checks": {"lake": "ok"}}
        one.owned = frozenset()
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"lake": "has no partitions yet"}


def test_a_follower_that_fails_is_told(location: Location) -> None:
    def failing() -> None:
        raise OSError("the store is gone")

    service = LakeService(cast("LakeFollower", follower(LakeWriter(location), failing)), location)
    service.start()
    service.stop()
    assert service.fault() == "OSError: the store is gone"
    with TestClient(service.application()) as client:
        assert client.get("/health/ready").status_code == 503
