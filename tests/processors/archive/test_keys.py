"""Keys of the archive store: columns and single facts agree, and RocksDB's order is the archive's."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.archive.keys import FactKey, column_keys, fact_key, parse_key, subject_end, subject_prefix

NAMES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
LONG = st.integers(-(2**63), 2**63 - 1)
KEYS = st.builds(
    FactKey,
    resource=NAMES,
    record_id=NAMES,
    version=LONG | st.sampled_from((-1, 0, 1)),
    event_id=st.binary(min_size=16, max_size=16),
    known_at_ms=st.integers(0, 2**52),
    topic_number=st.integers(0, 2**16 - 1),
    partition=st.integers(0, 2**16 - 1),
    offset=st.integers(0, 2**62),
)
ROWS = st.lists(st.tuples(NAMES, KEYS), min_size=1, max_size=20)


@settings(deadline=None)
@given(ROWS)
def test_columns_give_the_keys_of_their_rows(rows: list[tuple[str, FactKey]]) -> None:
    assert _column_keys(rows) == [fact_key(subject, key) for subject, key in rows]


@settings(deadline=None)
@given(NAMES, KEYS)
def test_a_key_says_what_it_was_made_of(subject: str, key: FactKey) -> None:
    assert parse_key(fact_key(subject, key), len(subject_prefix(subject))) == key


@settings(deadline=None)
@given(NAMES, NAMES, KEYS)
def test_a_subjects_keys_are_exactly_those_between_its_bounds(subject: str, other: str, key: FactKey) -> None:
    inside = subject_prefix(subject) <= fact_key(other, key) < subject_end(subject)
    assert inside == (subject == other)


@settings(deadline=None)
@given(KEYS, LONG, LONG)
def test_the_newest_version_comes_first(key: FactKey, one: int, other: int) -> None:
    keys = [fact_key("s", key._replace(version=version)) for version in (one, other)]
    assert (keys[0] < keys[1]) == (one > other)


@settings(deadline=None)
@given(KEYS, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_of_one_version_the_higher_event_id_comes_first(key: FactKey, one: bytes, other: bytes) -> None:
    keys = [fact_key("s", key._replace(event_id=event_id)) for event_id in (one, other)]
    assert (keys[0] < keys[1]) == (one > other)


@settings(deadline=None)
@given(KEYS, st.integers(0, 2**52))
def test_a_later_repeat_lies_behind_the_first_appearance(key: FactKey, later_ms: int) -> None:
    repeat = key._replace(known_at_ms=key.known_at_ms + 1 + later_ms, offset=0, partition=0, topic_number=0)
    assert fact_key("s", key) < fact_key("s", repeat)


def _column_keys(rows: list[tuple[str, FactKey]]) -> list[bytes]:
    keys = [key for _, key in rows]
    frame = pl.DataFrame(
        {
            "subject": [subject for subject, _ in rows],
            "resource": [key.resource for key in keys],
            "record_id": [key.record_id for key in keys],
            "version": [key.version for key in keys],
            "event_id": [key.event_id for key in keys],
        },
        schema={
            "subject": pl.String,
            "resource": pl.String,
            "record_id": pl.String,
            "version": pl.Int64,
            "event_id": pl.Binary,
        },
    )
    numbers = (
        np.array([getattr(key, name) for key in keys], dtype=np.int64)
        for name in ("known_at_ms", "topic_number", "partition", "offset")
    )
    return column_keys(frame, *numbers)
