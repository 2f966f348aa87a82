from datetime import datetime, timedelta

import pytest

from onething.console.instants import CHINA, day, due_day, instant, left, minute, span, took, when

NOON = datetime(2026, 11, 22, 12, tzinfo=CHINA)


def test_instants_are_told_in_chinas_time_however_they_come() -> None:
    assert when("2026-11-22T10:17:11+00:00") == "2026-11-22 18:17:11"
    assert when(1_795_342_631_000_000) == "2026-11-22 18:17:11"
    assert (minute("2026-11-22T18:17:11+08:00"), day("2026-11-22T18:17:11+08:00")) == ("2026-11-22 18:17", "2026-11-22")
    assert (when(None), when("soon"), instant("")) == ("—", "—", None)


def test_a_term_is_told_by_its_last_day() -> None:
    """A term that ends as the 27th ends is due at 00:00 of the 28th: who reads 28 comes a day late."""
    assert due_day("2026-11-28T00:00:00+08:00") == "2026-11-27 24:00"
    assert due_day("2026-11-28T09:30:00+08:00") == "2026-11-28 09:30"
    assert due_day(None) == "—"


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (timedelta(days=2, hours=3, minutes=1), "还剩 2 天 3 小时"),
        (timedelta(seconds=59), "还剩 59 秒"),
        (timedelta(0), "还剩 0 秒"),
        (timedelta(minutes=-90), "已逾期 1 小时 30 分"),
    ],
)
def test_what_is_left(after: timedelta, told: str) -> None:
    assert left((NOON + after).isoformat(), NOON) == told


def test_a_term_that_nobody_stated_is_told_so() -> None:
    assert left(None, NOON) == "来源未载明期限"


def test_lengths() -> None:
    assert (span(86_400), took(12), took(12_345), took(None)) == ("1 天", "12 ms", "12.3 s", "")
