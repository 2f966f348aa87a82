import pytest

from processors.live.history import told_in
from tests.processors.live.telling import kept, told
from topics.codec import RowCodec, SchemaIds
from topics.events import DeadlinePassed

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
