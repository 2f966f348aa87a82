from hypothesis import given
from hypothesis import strategies as st

from topics import figures
from topics.figures import LAST_BUCKET, bucket_end_ms, bucket_middle_ms, bucket_of


@given(st.floats(min_value=0, max_value=2.0**40, allow_nan=False))
def test_a_time_lies_in_its_bucket(took_ms: float) -> None:
    bucket = bucket_of(took_ms)
    assert took_ms <= bucket_end_ms(bucket) * (1 + 1e-6)
    assert bucket == 0 or took_ms > bucket_end_ms(bucket - 1) * (1 - 1e-6)


@given(st.floats(min_value=1.01, max_value=2.0**39, allow_nan=False))
def test_what_stands_for_a_bucket_is_right_to_a_tenth(took_ms: float) -> None:
    assert abs(bucket_middle_ms(bucket_of(took_ms)) / took_ms - 1) < 0.1


def test_no_time_is_too_long() -> None:
    assert bucket_of(1e30) == LAST_BUCKET


def test_figures_have_names_of_their_own() -> None:
    names = [value for name, value in vars(figures).items() if name.isupper() and isinstance(value, str)]
    assert len(names) == len(set(names))
