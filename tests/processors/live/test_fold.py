from msgspec.structs import replace

from processors.live.fold import OTHERS, Fold, Heard, Measured
from processors.live.windows import MINUTE_US, SECOND_US, Series, window_rules
from tests.processors.live.telling import NOW, fold_of, kept, told
from topics.events import Gauge

PAID = Series("facts-kept", "tax", label="tax.paid")


def minute_sum(fold: Fold) -> int:
    return sum(fold.windows["minute"].sums(0, NOW + MINUTE_US).values())


def test_a_later_message_of_a_minute_replaces_the_earlier_one() -> None:
    fold = fold_of(told([kept(3)]), told([kept(7)], sequence=2), told([kept(3)]))
    assert minute_sum(fold) == 7
    assert fold.totals == {PAID: 7}


def test_a_restarted_process_counts_on() -> None:
    assert minute_sum(fold_of(told([kept(3)]), told([kept(2)], run="r2"))) == 5


def test_a_minute_that_was_closed_takes_nothing_more() -> None:
    late = told([kept(9)], at=NOW - 5 * MINUTE_US)
    fold = fold_of(told([kept(3)]), late)
    assert (minute_sum(fold), fold.left_out_count) == (3, 1)
    # Another run has a history of its own.
    fold.take(replace(late, run="r2"), NOW)
    assert minute_sum(fold) == 12


def test_a_minute_that_lies_ahead_or_too_far_back_is_left_out() -> None:
    ahead, old = told([kept(1)], at=NOW + 6 * MINUTE_US), told([kept(1)], at=NOW - 32 * 86_400 * SECOND_US)
    fold = fold_of(ahead, old)
    assert (minute_sum(fold), fold.left_out_count, fold.heard) == (0, 2, {})


def test_seconds_are_those_in_which_a_message_was_told_within_its_minute() -> None:
    minute = NOW - NOW % MINUTE_US
    late = replace(told([kept(5)], at=minute + 59 * SECOND_US), at=minute + 61 * SECOND_US)
    fold = fold_of(told([kept(2)], at=minute + 3 * SECOND_US), late, now=minute + 61 * SECOND_US)
    assert {at: sum(cell.values()) for at, cell in fold.windows["second"].cells(0, NOW * 2)} == {
        minute + 3 * SECOND_US: 2,
        minute + 59 * SECOND_US: 3,
    }


def test_windows_forget_what_they_have_passed() -> None:
    fold = Fold(window_rules())
    for minute in range(2_000):
        at = NOW + minute * MINUTE_US
        fold.take(told([kept(1)], at=at), at)
    until = NOW + 2_000 * MINUTE_US
    assert len(dict(fold.windows["minute"].cells(0, until))) == 1440
    assert len(dict(fold.windows["second"].cells(0, until))) <= 301
    assert len(fold._runs["archive-0", "r1"].open) == 5


def test_too_many_series_are_counted_together_and_still_once() -> None:
    rules = replace(window_rules(), most_series=2)
    fold = Fold(rules)
    message = told([kept(1, label=f"tax.r{number}") for number in range(5)])
    fold.take(message, NOW)
    fold.take(message, NOW)
    assert fold.totals == {
        Series("facts-kept", "tax", label="tax.r0"): 1,
        Series("facts-kept", "tax", label="tax.r1"): 1,
        Series("facts-kept", label=OTHERS): 3,
    }


def test_the_latest_reading_of_a_gauge_stands_whatever_the_order() -> None:
    def lag(value: int, at: int, sequence: int = 1) -> object:
        return told(gauges=[Gauge(figure="view-lag", label="archive-0", value=value)], at=at, sequence=sequence)

    fold = fold_of(lag(5, NOW, 2), lag(9, NOW - SECOND_US), lag(4, NOW, 1))  # type: ignore[arg-type]
    assert fold.gauges[Measured("view-lag", label="archive-0")].value == 5
    assert fold.heard == {"archive-0": Heard(NOW, "r1")}


def test_runs_of_the_past_are_forgotten() -> None:
    fold = Fold(window_rules())
    for day in range(100):
        at = NOW + day * 86_400 * SECOND_US
        fold.take(told([kept(1)], run=f"r{day}", at=at), at)
    assert len(fold._runs) <= 32
    assert fold.newest_minute("archive-0", "r0") is None
    assert fold.newest_minute("archive-0", "r99") == NOW + 99 * 86_400 * SECOND_US
