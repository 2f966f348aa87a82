from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from producers.event_ids import event_id, refusal_id

PLAIN = st.text(max_size=8) | st.integers(-(2**63), 2**63 - 1) | st.none()
RECORDS = st.fixed_dictionaries(
    {"source": st.text(max_size=4), "resource": st.text(max_size=4), "record_id": st.text(max_size=4)}
    | {"version": st.integers(0, 9), "state": PLAIN, "cause": PLAIN}
)


@given(RECORDS, st.randoms())
def test_the_order_of_fields_and_later_fields_that_are_null_identify_nothing(
    record: dict[str, Any], random: Any
) -> None:
    items = [*record.items(), ("added_later", None), ("record_type", "any"), ("event_id", b"any")]
    random.shuffle(items)
    assert event_id("PenaltyImposed", dict(items), {}) == event_id("PenaltyImposed", record, {})


@given(RECORDS, RECORDS)
def test_different_records_are_different_events(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (event_id("PenaltyImposed", one, {}) == event_id("PenaltyImposed", other, {})) == (one == other)
    assert event_id("PenaltyImposed", one, {}) != event_id("PenaltyRepaired", one, {})


@given(RECORDS, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_digests_identify_and_ciphertext_does_not(record: dict[str, Any], one: bytes, other: bytes) -> None:
    base = event_id("PersonRegistered", record, {"name": one})
    assert (base == event_id("PersonRegistered", record, {"name": other})) == (one == other)
    assert base != event_id("PersonRegistered", record, {})


def test_a_known_event_keeps_its_identity() -> None:
    """A release that computes other identities would make every repeat another event: this number may never change."""
    record = {"source": "tax", "resource": "tax.x", "record_id": "r", "version": 1, "subject": "enterprise:1"}
    record |= {"valid_at": 7, "case_id": None, "record_type": "x", "cause": "迟报"}
    assert event_id("PenaltyImposed", record, {"name": b"0" * 16}).hex() == "9a5aea0c632a6e6eb25071f6278e90c1"


def test_refusals_are_told_apart_by_who_where_and_what() -> None:
    ids = {
        refusal_id(department, door, origin, digest)
        for department in ("tax", "hub")
        for door in ("file", "sdk")
        for origin in (None, "", "x:1")
        for digest in (b"1", b"2")
    }
    assert len(ids) == 24
