from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from processors.live.windows import SECOND_US, Series, Window, WindowRule, window_rules

RULE = WindowRule("five", "五格", 10, 5)
START = 1_790_000_000 * SECOND_US
A, B = Series("a"), Series("b")


def test_windows_nest_and_look_back_as_far_as_is_promised() -> None:
    rules = {rule.id: rule for rule in window_rules().window}
    assert {name: rule.span_s for name, rule in rules.items()} == {
        "second": 300,
        "minute": 86_400,
        "hour": 31 * 86_400,
    }


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from((A, B)), st.integers(1, 9)), max_size=60))
def test_a_window_is_the_sum_of_its_cells_and_of_nothing_else(added: list[tuple[int, Series, int]]) -> None:
    window, now = Window(RULE), START
    oracle: Counter[tuple[int, Series]] = Counter()
    for pause_s, series, count in added:
        now += pause_s * SECOND_US
        window.add(now, series, count, now)
        oracle[now - now % RULE.width_us, series] += count
    oldest = now - RULE.span_s * SECOND_US
    living = {key: count for key, count in oracle.items() if key[0] > oldest}
    total: Counter[Series] = Counter()
    for (_, series), count in living.items():
        total[series] += count
    assert window.total(now) == total
    assert window.sums(oldest, now + RULE.width_us) == total
    assert window.size == len(living)
    expected = {at: count for (at, series), count in living.items() if series == A}
    assert window.points(oldest, now + RULE.width_us, lambda series: series == A) == expected


def test_what_is_older_than_the_window_is_not_counted() -> None:
    window = Window(RULE)
    window.add(START - 50 * SECOND_US, A, 1, START)
    assert window.size == 0
