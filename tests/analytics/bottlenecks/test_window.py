from datetime import UTC, date, datetime

import pytest

from analytics.bottlenecks.window import Window, month_window, us_of, window_of

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "window"),
    [
        (("", "", ""), ("2026-11-01", "2026-11-22", "2026-11-22")),
        (("", "2026-10-31", ""), ("2026-10-01", "2026-10-31", "2026-11-22")),
        (("2026-01-01", "2026-10-31", "2026-11-02"), ("2026-01-01", "2026-10-31", "2026-11-02")),
        (("", "", "2026-05-09"), ("2026-05-01", "2026-05-09", "2026-05-09")),
    ],
)
def test_what_is_left_out_follows(asked: tuple[str, str, str], window: tuple[str, str, str]) -> None:
    first, last, as_of = map(date.fromisoformat, window)
    assert window_of(*asked, NOW) == Window(first, last, as_of, NOW)


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        (("x", "2026-13-01", "1899-01-01"), ["from", "to", "as_of"]),
        (("2026-11-02", "2026-11-01", ""), ["from"]),
        (("2026-11-02", "2026-11-30", "2026-10-01"), ["as_of"]),
        (("2026-11-02", "2026-11-30", "2026-11-23"), ["as_of"]),
    ],
)
def test_every_fault_is_named(asked: tuple[str, str, str], fields: list[str]) -> None:
    faults = window_of(*asked, NOW)
    assert isinstance(faults, tuple)
    assert [each.field for each in faults] == fields


def test_days_are_those_of_china() -> None:
    window = month_window(2026, 12, date(2026, 12, 10))
    assert (window.first, window.last) == (date(2026, 12, 1), date(2026, 12, 31))
    assert window.since == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert window.until == window.known_before == datetime(2026, 12, 10, 16, tzinfo=UTC)
    assert us_of(window.since) == 1_796_054_400_000_000


def test_a_day_that_lasts_ends_now() -> None:
    """What is open waits until now, not until the end of a day that is not over."""
    today = window_of("", "", "", NOW)
    past = window_of("", "2026-11-21", "", NOW)
    assert isinstance(today, Window)
    assert isinstance(past, Window)
    assert (today.until, past.until) == (NOW, datetime(2026, 11, 21, 16, tzinfo=UTC))
    ahead = Window(date(2026, 11, 30), date(2026, 11, 30), date(2026, 11, 30), NOW)
    assert ahead.until == ahead.since
