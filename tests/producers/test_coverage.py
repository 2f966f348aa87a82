import hashlib
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from producers.coverage import PublishedSince
from topics.events import OffsetRange

TOPIC = "registration.tax"
RESOURCES = ("tax.a", "tax.b")
PUBLISHERS = (0, 1)

publications = st.tuples(
    st.just("publish"), st.sampled_from(PUBLISHERS), st.sampled_from(RESOURCES), st.integers(0, 1), st.integers(0, 5)
)
statements = st.tuples(
    st.just("state"), st.sampled_from(PUBLISHERS), st.sampled_from(RESOURCES), st.just(0), st.booleans()
)


def reckoned(
    log: dict[tuple[int, int], tuple[str, bytes]], resource: str, ranges: tuple[OffsetRange, ...]
) -> tuple[int, int]:
    """What a reader finds: count and sum of the resource's messages in the ranges."""
    found = [
        log[each.partition, offset][1]
        for each in ranges
        for offset in range(each.from_offset, each.to_offset)
        if log.get((each.partition, offset), ("", b""))[0] == resource
    ]
    return len(found), sum(int.from_bytes(hashlib.sha256(each).digest(), "big") for each in found) % (1 << 256)


@given(st.lists(publications | statements, max_size=60), st.integers(0, 3))
def test_a_reader_of_the_ranges_reckons_what_the_statement_says(
    steps: list[tuple[str, int, str, int, int]], gap: int
) -> None:
    """Two publishers of the same resources write between each other, repeat events, and fail to state now and then."""
    log: dict[tuple[int, int], tuple[str, bytes]] = {}
    ends = [0, 0]
    spoken: dict[str, set[tuple[int, int]]] = {resource: set() for resource in RESOURCES}
    publishers = [PublishedSince() for _ in PUBLISHERS]
    for kind, who, resource, partition, number in steps:
        if kind == "publish":
            offset, ends[partition] = ends[partition], ends[partition] + 1 + (gap if number == 0 else 0)
            event_id = number.to_bytes(16, "big")
            log[partition, offset] = (resource, event_id)
            publishers[who].note(resource, TOPIC, partition, offset, event_id)
            continue
        tally, ranges = publishers[who].take(resource)
        if number:
            publishers[who].give_back(resource, tally)
            continue
        publishers[who].forget_stated()
        assert (tally.count, int.from_bytes(tally.sum_bytes(), "big")) == reckoned(log, resource, ranges)
        spoken_now = {
            (each.partition, offset)
            for each in ranges
            for offset in range(each.from_offset, each.to_offset)
            if log.get((each.partition, offset), ("", b""))[0] == resource
        }
        assert not spoken_now & spoken[resource]
        spoken[resource] |= spoken_now
    for who in PUBLISHERS:
        for resource in RESOURCES:
            tally, ranges = publishers[who].take(resource)
            assert (tally.count, int.from_bytes(tally.sum_bytes(), "big")) == reckoned(log, resource, ranges)


def test_ranges_are_as_few_and_as_tight_as_can_be() -> None:
    since = PublishedSince()
    offsets = count(10)
    for resource in ("tax.b", "tax.a", "tax.a", "tax.b", "tax.a", "tax.b"):
        since.note(resource, TOPIC, 0, next(offsets), b"")
    _, ranges = since.take("tax.a")
    assert ranges == (OffsetRange(topic=TOPIC, partition=0, from_offset=11, to_offset=15),)


def test_undelivered_events_are_remembered_until_they_are_delivered() -> None:
    since = PublishedSince()
    since.note_undelivered("tax.a", b"1")
    since.note_undelivered("tax.a", b"1")
    since.note_undelivered("tax.b", b"2")
    assert (since.undelivered("tax.a"), since.undelivered("tax.b")) == (1, 1)
    since.note("tax.a", TOPIC, 0, 0, b"1")
    assert (since.undelivered("tax.a"), since.undelivered("tax.b"), since.undelivered("tax.c")) == (0, 1, 0)


def test_what_was_stated_is_forgotten() -> None:
    """A publisher that runs for years between others' messages must not keep every offset it ever wrote."""
    since = PublishedSince()
    for offset in range(0, 2000, 2):
        since.note("tax.a", TOPIC, 0, offset, b"")
    since.take("tax.a")
    since.forget_stated()
    assert len(since._own[TOPIC, 0]) == 1
