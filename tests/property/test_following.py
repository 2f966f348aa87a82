"""What follows from a log of facts does not depend on how it was read: in which batches, or what was read again."""

from hypothesis import given
from hypothesis import strategies as st

from processors.following.facts import fact_batch
from processors.following.results import results
from tests.processors.archive.facts import CODEC, FakeMessage, filing, message
from topics.events import ResultRecorded

CASES = st.sampled_from([None, "C-1", "C-2"])
FACTS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3), CASES), max_size=12)
CUTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=4)


def read(messages: list[FakeMessage], cuts: list[tuple[int, int]]) -> list[ResultRecorded]:
    """What follows when reading stops at each cut and starts again so many messages before it."""
    found, start = list[ResultRecorded](), 0
    for end, again in [*sorted(cuts), (len(messages), 0)]:
        found += [each.event for each in results(fact_batch(messages[start:end], CODEC))]  # type: ignore[misc]
        start = max(0, min(end, len(messages)) - again)
    return found


@given(FACTS, CUTS)
def test_reading_in_any_batches_and_again_gives_the_same_events(
    stated: list[tuple[str, int, str | None]], cuts: list[tuple[int, int]]
) -> None:
    messages = [
        message(filing(record_id, version, case_id=case_id), offset_number=offset)
        for offset, (record_id, version, case_id) in enumerate(stated)
    ]
    once = {each.event_id: each.case_id for each in read(messages, [])}
    assert {each.event_id: each.case_id for each in read(messages, cuts)} == once
    assert len(once) == len({each for each in stated if each[2] is not None})
