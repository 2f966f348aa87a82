from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from processors.live.quantiles import quantile_s
from processors.live.windows import Series
from topics.figures import bucket_of


@given(st.lists(st.floats(min_value=2, max_value=1e9), min_size=1, max_size=200), st.sampled_from((0.5, 0.95)))
def test_a_quantile_is_right_to_a_tenth(times_ms: list[float], share: float) -> None:
    counts = Counter(Series("archive-answers", bucket=bucket_of(each)) for each in times_ms)
    ordered = sorted(times_ms)
    exact = next(each for place, each in enumerate(ordered, start=1) if place >= share * len(ordered))
    found = quantile_s(counts, share)
    assert found is not None
    assert abs(found * 1000 / exact - 1) < 0.1


def test_without_times_there_is_none() -> None:
    assert quantile_s({Series("archive-answers"): 5}, 0.5) is None
    assert quantile_s({}, 0.5) is None
