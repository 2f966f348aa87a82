import threading
from pathlib import Path

from connectors.counting import Tally, disk_free, growing, view_lag
from connectors.counting.tally import KEPT_MINUTES, MINUTE_US, WHOLE_EVERY
from topics.codec import RowCodec, SchemaIds
from topics.events import Count, CountsTold, Gauge
from topics.figures import ROWS_COMMITTED, VIEW_LAG

START = 1_790_000_000 * 1_000_000 // (WHOLE_EVERY * MINUTE_US) * (WHOLE_EVERY * MINUTE_US) + 7 * MINUTE_US


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


def counts(told: CountsTold) -> dict[str | None, int]:
    return {each.label: each.count for each in told.counts}


def gauges(told: CountsTold) -> dict[str | None, int]:
    return {each.label: each.value for each in told.gauges}


def test_a_minute_is_told_as_it_stands() -> None:
    tally = Tally("archive-0", now=Clock())
    tally.count("facts-kept", 3, department="tax", label="a")
    (first,) = tally.take()
    tally.count("facts-kept", 4, department="tax", label="a")
    tally.count("facts-kept", label="b")
    (second,) = tally.take()
    assert (counts(first), counts(second)) == ({"a": 3}, {"a": 7, "b": 1})
    assert (first.minute, first.run) == (second.minute, second.run)
    assert first.sequence < second.sequence
    assert first.event_id != second.event_id


def test_what_was_told_is_not_told_again() -> None:
    tally = Tally("archive-0", now=Clock())
    tally.count("facts-kept")
    tally.set(VIEW_LAG, 5)
    assert len(tally.take()) == 1
    tally.set(VIEW_LAG, 5)
    assert tally.take() == ()


def test_a_message_that_the_log_did_not_get_is_told_again() -> None:
    tally = Tally("archive-0", now=Clock())
    tally.count("facts-kept")
    (told,) = tally.take()
    tally.take_again(told.minute)
    assert [counts(each) for each in tally.take()] == [counts(told)]


def test_each_minute_counts_apart_and_an_ended_one_is_told_last_of_all_as_it_was() -> None:
    clock = Clock()
    tally = Tally("archive-0", now=clock)
    tally.count("facts-kept", 3)
    clock.now += MINUTE_US
    tally.count("facts-kept", 1)
    assert [(each.minute, counts(each)) for each in tally.take()] == [
        (START, {None: 3}),
        (START + MINUTE_US, {None: 1}),
    ]


def test_two_runs_of_a_process_are_told_apart() -> None:
    assert Tally("archive-0").run != Tally("archive-0").run


def test_gauges_of_the_minute_are_told_and_once_an_hour_all_of_them() -> None:
    clock = Clock()
    tally = Tally("archive-0", now=clock)
    tally.set("complete-until", 1, label="still")
    tally.set("complete-until", 1, label="moves")
    assert gauges(tally.take()[0]) == {"still": 1, "moves": 1}
    clock.now += MINUTE_US
    tally.set("complete-until", 2, label="moves")
    assert gauges(tally.take()[0]) == {"moves": 2}
    clock.now += (WHOLE_EVERY - 8) * MINUTE_US
    tally.is_alive()
    assert gauges(tally.take()[0]) == {"still": 1, "moves": 2}


def test_what_cannot_be_told_is_kept_for_an_hour_and_then_given_up() -> None:
    clock = Clock()
    tally = Tally("archive-0", now=clock)
    for _ in range(KEPT_MINUTES + 5):
        tally.count("facts-kept")
        clock.now += MINUTE_US
    assert len(tally.take()) == KEPT_MINUTES
    assert tally.minutes_lost == 5


def test_minutes_that_were_told_are_forgotten() -> None:
    clock = Clock()
    tally = Tally("archive-0", now=clock)
    for _ in range(500):
        tally.count("facts-kept")
        tally.take()
        clock.now += MINUTE_US
    assert len(tally._minutes) <= 4


def test_counting_from_many_threads_loses_nothing() -> None:
    tally = Tally("archive-0", now=Clock())

    def counted() -> None:
        for _ in range(2_000):
            tally.count("facts-kept")

    threads = [threading.Thread(target=counted) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert counts(tally.take()[-1]) == {None: 8_000}


def test_what_is_told_is_an_event_of_the_log() -> None:
    tally = Tally("archive-0", now=Clock())
    tally.count("facts-kept", 3, department="tax", bundle="b", label="a", took_us=1_500_000)
    tally.set(VIEW_LAG, 5, label="archive-0")
    (told,) = tally.take()
    codec = RowCodec(SchemaIds.published())
    assert codec.event(codec.encode(told)) == told
    assert told.counts == (Count(figure="facts-kept", department="tax", bundle="b", label="a", bucket=43, count=3),)
    assert told.gauges == (Gauge(figure=VIEW_LAG, label="archive-0", value=5),)


def test_totals_are_counted_by_what_they_grew() -> None:
    tally, totals = Tally("lake-0", now=Clock()), {"facts": 5}
    measure = growing(ROWS_COMMITTED, lambda: totals)
    measure(tally)
    totals["facts"], totals["cases"] = 12, 1
    measure(tally)
    measure(tally)
    assert counts(tally.take()[0]) == {"facts": 12, "cases": 1}


def test_gauges_of_any_process() -> None:
    tally = Tally("lake-0", now=Clock())
    view_lag(lambda: 17)(tally)
    disk_free(Path(__file__).parent)(tally)
    told = {each.figure: each for each in tally.take()[0].gauges}
    assert told["view-lag"].value == 17
    assert 0 < told["disk-free-permille"].value <= 1000
    assert {each.label for each in told.values()} == {"lake-0"}
