"""A figure of a past day is what it was: folded from the log up to that day, by roll-ups or by rows, as loops count."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.rates import folding
from analytics.rates.figures import Figures, When
from analytics.rates.periods import first_day
from tests.analytics.rates.oracle import RATES, Rows, day_of, figures_of
from tests.analytics.rates.rate_lakes import MemoryLake, Row, figures
from tests.analytics.rates.rows import DAYS, FIRST, drawn

SEEDS = st.integers(0, 2**32)
AS_OF = st.integers(0, DAYS).map(lambda days: FIRST + timedelta(days=days))


def counted(told: Figures, as_of: date, *, raw: bool) -> dict[str, tuple[int, int]]:
    found = {}
    for rate in told.rule.definitions.versions:
        _, count = told.count(rate, When(as_of, raw=raw))
        assert not count.fault
        total = folding.total(count.cube)
        found[rate] = total.numerator, total.denominator
    return found


def known_by(rows: Rows, day: date) -> dict[str, list[Row]]:
    return {table: [row for row in each if day_of(row) <= day] for table, each in rows.items()}


def test_the_oracle_knows_every_rate(tmp_path: Path) -> None:
    assert set(figures(MemoryLake(), tmp_path).rule.definitions.versions) == set(RATES)


@given(seed=SEEDS, as_of=AS_OF)
@settings(max_examples=12, deadline=None)
def test_figures_are_those_of_plain_loops(seed: int, as_of: date) -> None:
    rows = drawn(seed)
    with TemporaryDirectory() as folder:
        told = figures(MemoryLake(**rows), Path(folder))
        assert counted(told, as_of, raw=True) == figures_of(rows, as_of, first_day(as_of, "month"))


@given(seed=SEEDS, as_of=AS_OF)
@settings(max_examples=6, deadline=None)
def test_what_the_log_gets_later_changes_no_figure_of_the_past(seed: int, as_of: date) -> None:
    rows = drawn(seed)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        then = figures(MemoryLake(**known_by(rows, as_of)), Path(one))
        now = figures(MemoryLake(**rows), Path(other))
        for raw in (True, False):
            assert counted(then, as_of, raw=raw) == counted(now, as_of, raw=raw)


@given(seed=SEEDS, as_of=AS_OF)
@settings(max_examples=6, deadline=None)
def test_roll_ups_and_rows_give_the_same_cube(seed: int, as_of: date) -> None:
    with TemporaryDirectory() as folder:
        told = figures(MemoryLake(**drawn(seed)), Path(folder))
        for rate in told.rule.definitions.versions:
            raw = told.count(rate, When(as_of, raw=True))[1]
            for _ in range(2):
                rolled = told.count(rate, When(as_of))[1]
                assert sorted(rolled.cube, key=str) == sorted(raw.cube, key=str)
