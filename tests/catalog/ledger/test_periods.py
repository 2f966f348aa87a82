from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.ledger.periods import (
    PERIOD_KINDS,
    Period,
    parts,
    period_named,
    period_of,
    periods_between,
    previous,
    whole,
)

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
CYCLES = ("month", "quarter", "half-year", "year")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "day", "id_", "name", "last"),
    [
        ("ten-days", date(2026, 11, 10), "2026-11-T1", "2026年11月上旬", date(2026, 11, 10)),
        ("ten-days", date(2026, 11, 11), "2026-11-T2", "2026年11月中旬", date(2026, 11, 20)),
        ("ten-days", date(2024, 2, 29), "2024-02-T3", "2024年2月下旬", date(2024, 2, 29)),
        ("ten-days", date(2026, 12, 31), "2026-12-T3", "2026年12月下旬", date(2026, 12, 31)),
        ("month", date(2026, 12, 31), "2026-12", "2026年12月", date(2026, 12, 31)),
        ("quarter", date(2026, 11, 22), "2026-Q4", "2026年第四季度", date(2026, 12, 31)),
        ("half-year", date(2026, 6, 30), "2026-H1", "2026年上半年", date(2026, 6, 30)),
        ("half-year", date(2026, 7, 1), "2026-H2", "2026年下半年", date(2026, 12, 31)),
        ("year", date(2026, 7, 1), "2026", "2026年", date(2026, 12, 31)),
    ],
)
def test_a_day_is_in_its_period(kind: str, day: date, id_: str, name: str, last: date) -> None:
    found = period_of(kind, day)  # type: ignore[arg-type]
    assert (found.id, found.name, found.last) == (id_, name, last)
    assert period_named(id_) == found


@pytest.mark.parametrize("word", ["", "26-11", "2026-13", "2026-11-T4", "2026-Q5", "2026-H3", "2026-11-", "２０２６"])
def test_what_is_no_period_is_none(word: str) -> None:
    assert period_named(word) is None


@settings(deadline=None)
@given(DAYS, st.sampled_from((*PERIOD_KINDS, "half-year")))
def test_every_day_is_in_one_period_of_each_kind(day: date, kind: str) -> None:
    found = period_of(kind, day)  # type: ignore[arg-type]
    assert found.holds(day)
    assert period_named(found.id) == found
    assert period_of(kind, found.first) == found == period_of(kind, found.last)  # type: ignore[arg-type]
    assert previous(found).last + DAY == found.first
    assert found.day_count == len({found.first + n * DAY for n in range(found.day_count)})


@settings(deadline=None)
@given(DAYS, st.sampled_from(PERIOD_KINDS[1:]))
def test_the_parts_make_up_the_whole_without_gap_or_overlap(day: date, kind: str) -> None:
    found = period_of(kind, day)  # type: ignore[arg-type]
    inner = parts(found)
    assert [each.first for each in inner] == [found.first, *(each.last + DAY for each in inner[:-1])]
    assert inner[-1].last == found.last
    assert {whole(each) for each in inner} == {found}
    assert len(inner) == {"month": 3, "quarter": 3, "year": 4}[kind]


def test_ten_days_have_no_parts_and_a_year_is_part_of_nothing() -> None:
    assert parts(period_of("ten-days", date(2026, 1, 1))) == ()
    assert whole(period_of("year", date(2026, 1, 1))) is None


@settings(deadline=None)
@given(DAYS, st.integers(0, 900), st.sampled_from(CYCLES))
def test_periods_between_two_days_are_those_of_their_days(first: date, length: int, kind: str) -> None:
    last = first + length * DAY
    found: list[Period] = list(periods_between(kind, first, last))  # type: ignore[arg-type]
    assert found == list(dict.fromkeys(period_of(kind, first + n * DAY) for n in range(length + 1)))  # type: ignore[arg-type]
