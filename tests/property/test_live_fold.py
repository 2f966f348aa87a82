"""Live figures: whatever is repeated, disordered or restarted, every count counts once."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.counting import Tally
from processors.live.fold import Fold
from processors.live.windows import MINUTE_US, SECOND_US, window_rules
from topics.events import CountsTold

START = 1_790_000_040_000_000 // MINUTE_US * MINUTE_US
HOUR_US = 60 * MINUTE_US
FIGURES = ("facts-kept", "cases-opened")
DEPARTMENTS = ("tax", "labour", None)

Happening = tuple[int, str, str | None, int, int | None]
"""(seconds since the last one, figure, department, how many, µs taken)."""

happenings = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from(FIGURES),
        st.sampled_from(DEPARTMENTS),
        st.integers(1, 50),
        st.none() | st.integers(0, 10**9),
    ),
    max_size=40,
)
runs = st.lists(st.tuples(st.sampled_from(("archive-0", "gateway-0")), happenings), min_size=1, max_size=4)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


def played(process: str, happened: Sequence[Happening], told_after: int) -> tuple[list[CountsTold], Counter[object]]:
    """What a run tells when it tells after every so many happenings, and what it counted, by minute."""
    clock = Clock()
    tally = Tally(process, now=clock)
    messages: list[CountsTold] = []
    expected: Counter[object] = Counter()
    for number, (pause_s, figure, department, count, took_us) in enumerate(happened):
        clock.now += pause_s * SECOND_US
        tally.count(figure, count, department=department, took_us=took_us)
        expected[clock.now - clock.now % MINUTE_US, figure, department] += count
        if number % told_after == 0:
            messages += tally.take()
    messages += tally.take()
    return messages, expected


def by_minute(fold: Fold) -> Counter[object]:
    found: Counter[object] = Counter()
    for start, cell in fold.windows["minute"].cells(0, START + 100 * HOUR_US):
        for series, count in cell.items():
            found[start, series.figure, series.department] += count
    return found


def total(fold: Fold, window: str) -> int:
    return sum(fold.windows[window].sums(0, START + 100 * HOUR_US).values())


def folded(messages: Sequence[CountsTold]) -> Fold:
    fold = Fold(window_rules())
    for each in messages:
        fold.take(each, START + HOUR_US)
    return fold


@given(runs, st.integers(1, 5), st.data())
@settings(max_examples=150, deadline=None)
def test_repeats_and_disorder_change_no_count(
    played_runs: list[tuple[str, list[Happening]]], told_after: int, data: st.DataObject
) -> None:
    expected: Counter[object] = Counter()
    lines: list[list[CountsTold]] = []
    for process, happened in played_runs:
        messages, counted = played(process, happened, told_after)
        expected += counted
        repeats = data.draw(st.lists(st.sampled_from(messages), max_size=5)) if messages else []
        # Within a run's open minutes anything may come in any order; what repeats may come at any time after.
        lines.append([*disordered(messages, data), *repeats])
    fold = folded(interleaved(lines, data))
    assert by_minute(fold) == expected
    assert total(fold, "minute") == total(fold, "hour") == sum(expected.values()) == sum(fold.totals.values())


@given(runs, st.integers(1, 5), st.integers(0, 100))
@settings(max_examples=80, deadline=None)
def test_a_fold_made_anew_from_the_newest_of_each_key_is_the_same(
    played_runs: list[tuple[str, list[Happening]]], told_after: int, restarted_at: int
) -> None:
    """The log is compacted: of each process, run and minute only the last message is left."""
    messages = [each for process, happened in played_runs for each in played(process, happened, told_after)[0]]
    fold = folded(messages)
    compacted = list({(each.process, each.run, each.minute): each for each in messages}.values())
    place = min(restarted_at, len(messages))
    # After a restart the agent goes on from what it had committed: some messages come once more.
    again = folded([*compacted, *messages[place:]])
    assert by_minute(again) == by_minute(fold)
    assert again.gauges == fold.gauges


def disordered(messages: list[CountsTold], data: st.DataObject) -> list[CountsTold]:
    """The messages, each moved among those of the same minutes as far as the fold allows."""
    reach = (window_rules().open_minutes - 1) * MINUTE_US
    shifts = data.draw(st.lists(st.integers(0, reach), min_size=len(messages), max_size=len(messages)))
    order = sorted(range(len(messages)), key=lambda place: (messages[place].minute + shifts[place], place))
    return [messages[place] for place in order]


def interleaved(lines: list[list[CountsTold]], data: st.DataObject) -> list[CountsTold]:
    """One log of several runs, each in its own order."""
    left = [list(line) for line in lines]
    merged: list[CountsTold] = []
    while any(left):
        line = data.draw(st.sampled_from([each for each in left if each]))
        merged.append(line.pop(0))
    return merged
