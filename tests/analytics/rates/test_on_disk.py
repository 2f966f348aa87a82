"""Rates over a lake in files, by its own reader and session."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.session import LakeSession, SessionLimits
from analytics.rates import folding
from analytics.rates.counting import Counting
from analytics.rates.definition import load_definitions
from analytics.rates.figures import Figures, Rule, When
from analytics.rates.forecast import load_rule
from analytics.rates.lake import RateLake
from analytics.rates.periods import first_day
from analytics.rates.targets import load_targets
from tests.analytics.delta_lake import put
from tests.analytics.rates.oracle import figures_of
from tests.analytics.rates.rows import drawn

DAY = date(2026, 6, 30)
ROWS = drawn(7)


@pytest.fixture
def location(tmp_path: Path) -> Location:
    found = Location(str(tmp_path / "lake"))
    for table, rows in ROWS.items():
        put(found, table, *rows)
    return found


@pytest.fixture
def told(location: Location, tmp_path: Path) -> Iterator[Figures]:
    kept = tmp_path / "rollups"
    kept.mkdir()
    reader = LakeReader(location)
    session = LakeSession(reader, SessionLimits(memory_mb=256, threads=1), folders=[kept])
    rule = Rule(load_definitions(), load_targets(), load_rule())
    yield Figures(Counting(RateLake(session, reader, kept)), rule, reader.positions)
    session.close()


@pytest.mark.parametrize("raw", [False, True])
def test_figures_are_those_of_plain_loops(told: Figures, raw: bool) -> None:
    found = {}
    for rate in told.rule.definitions.versions:
        total = folding.total(told.count(rate, When(DAY, raw=raw))[1].cube)
        found[rate] = total.numerator, total.denominator
    assert found == figures_of(ROWS, DAY, first_day(DAY, "month"))


def test_a_file_that_somebody_removed_is_named_and_other_rates_stand(told: Figures, location: Location) -> None:
    gone = next(Path(location.path("facts", "")).glob("day=*/*.parquet"))
    gone.unlink()
    rates = {each["id"]: each for each in told.overview(When(DAY))["rates"]}
    assert rates["attached"]["value"] is None
    assert gone.parent.name.removeprefix("day=") in rates["attached"]["why_null"]
    assert rates["integrated"]["why_null"] is None


def test_what_was_rolled_up_before_outlives_the_file(told: Figures, location: Location) -> None:
    before = told.figure("attached", When(DAY))["numerator"]
    for path in Path(location.path("facts", "")).glob("day=*/*.parquet"):
        path.unlink()
    assert told.figure("attached", When(DAY))["numerator"] == before
    assert told.figure("attached", When(DAY, raw=True))["value"] is None
