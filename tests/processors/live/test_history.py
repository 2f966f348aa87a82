from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.live.history import standing, told_in
from tests.processors.live.telling import NOW, fold_of, kept, told
from topics.codec import RowCodec, SchemaIds
from topics.events import CountsTold, DeadlinePassed

CODEC = RowCodec(SchemaIds.published())
WHOLE = CODEC.encode(told([kept(3), kept(4, "ecology", "ecology.permit")]))


def test_counts_are_read_as_they_were_told() -> None:
    assert told_in(WHOLE, CODEC) == told([kept(3), kept(4, "ecology", "ecology.permit")])


@pytest.mark.parametrize("length", range(0, len(WHOLE), 3))
def test_a_message_that_is_cut_off_is_passed_over(length: int) -> None:
    assert told_in(WHOLE[:length], CODEC) is None


@pytest.mark.parametrize("value", [None, b"", b"junk", b"\x00\xff\xff\xff\xff", WHOLE[:5] + b"\xff" * 40])
def test_what_holds_no_counts_is_passed_over(value: bytes | None) -> None:
    assert told_in(value, CODEC) is None


def test_another_event_is_passed_over() -> None:
    other = DeadlinePassed(event_id=bytes(16), case_id="case-1", at=1)
    assert told_in(CODEC.encode(other), CODEC) is None


class Kept:
    """A message, as far as it is looked at before it is decoded."""

    def __init__(self, key: str, appended_ms: int, told_as: CountsTold) -> None:
        self._key, self._appended_ms, self.told = key, appended_ms, told_as

    def key(self) -> str:
        return self._key

    def timestamp(self) -> tuple[int, int]:
        return 1, self._appended_ms


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=40), st.integers(0, 40))
def test_what_a_later_message_replaces_need_not_be_read(told_minutes: list[tuple[int, int]], recent: int) -> None:
    counted: dict[int, int] = {}
    batch = []
    for place, (minute, grown) in enumerate(sorted(told_minutes, key=lambda each: each[0])):
        counted[minute] = counted.get(minute, 0) + grown
        message = told([kept(counted[minute])], at=NOW - (9 - minute) * 60_000_000, sequence=place)
        batch.append(Kept(f"archive-0/r1/{minute}", place, message))
    left: list[Kept] = list(standing(cast("list[Any]", batch), before_ms=recent))  # type: ignore[arg-type]
    assert fold_of(*(each.told for each in left)).totals == fold_of(*(each.told for each in batch)).totals
    assert [each for each in left if each.timestamp()[1] >= recent] == batch[recent:]
    assert len([each for each in left if each.timestamp()[1] < recent]) <= len(counted)
