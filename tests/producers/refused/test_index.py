"""The index holds what the log says, whatever is repeated, cut short or begun anew; the oracle is a dictionary."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sql import StoreInUse
from producers.refused.index import RefusalIndex, Taken
from producers.refused.records import DISMISSED, MENDED, Place, Refused
from producers.refused.search import SORTS, NotAMark, Wanted, counts, found, listed
from topics.events import RecordRefused, RefusalSettled

OFFICES = ("tax", "finance")
DOORS = ("sdk", "intake", "archive")
CODES = ("missing-field", "unreadable", "wrong-type")


def refused(number: int, at: int, *, office: str = "tax", origin: str | None = None) -> RecordRefused:
    identity = blake2b(f"{office}/{number}/{origin}".encode(), digest_size=16).digest()
    return RecordRefused(
        event_id=identity,
        department=office,
        door=DOORS[number % len(DOORS)],
        reasons=(f"{CODES[number % len(CODES)]}: content.x: 有误",),
        received_at=at,
        origin=origin,
        content_type="application/json",
        sealed=False,
        body=b"{}",
    )


def settled(refused_id: str, outcome: str, who: str) -> RefusalSettled:
    return RefusalSettled(
        event_id=blake2b(f"{refused_id}{outcome}{who}".encode(), digest_size=16).digest(),
        department="tax",
        refused_id=refused_id,
        outcome=outcome,
        settled_by=who,
        at=1,
    )


Story = Sequence[RecordRefused | RefusalSettled]
refusals = st.builds(refused, st.integers(0, 6), st.integers(0, 5), office=st.sampled_from(OFFICES))
acts = st.builds(
    settled,
    st.builds(lambda number: refused(number, 0).event_id.hex(), st.integers(0, 6)),
    st.sampled_from((MENDED, DISMISSED)),
    st.sampled_from("甲乙"),
)
stories = st.lists(st.one_of(refusals, acts), max_size=30)


def taken(story: Story) -> list[Taken]:
    offsets = dict.fromkeys(("rejected.tax", "rejected.finance", "refusals.settled"), 0)
    batch = []
    for event in story:
        topic = f"rejected.{event.department}" if isinstance(event, RecordRefused) else "refusals.settled"
        batch.append(Taken(Place(topic, 0, offsets[topic]), event))
        offsets[topic] += 1
    return batch


def oracle(story: Story, office: str) -> dict[str, tuple[int, int, str]]:
    """Of each record of a department: how often, when last, and what became of it by the first act."""
    first: dict[str, str] = {}
    for event in story:
        if isinstance(event, RefusalSettled):
            first.setdefault(event.refused_id, event.outcome)
    own = [event for event in story if isinstance(event, RecordRefused) and event.department == office]
    return {
        name: (len(same), max(each.received_at for each in same), first.get(name, "open"))
        for name in {each.event_id.hex() for each in own}
        for same in [[each for each in own if each.event_id.hex() == name]]
    }


def told(index: RefusalIndex, office: str, **only: object) -> dict[str, tuple[int, int, str]]:
    rows = [row for page in pages(index, office, **only) for row in page]
    assert len({row.event_id for row in rows}) == len(rows)
    return {row.event_id: (row.times, row.last_at, row.state) for row in rows}


def pages(index: RefusalIndex, office: str, **only: object) -> Iterator[Sequence[Refused]]:
    wanted = {"department": office, "state": None, "limit": 2, **only}
    after = None
    while True:
        page = listed(index.reader, Wanted(**{**wanted, "after": after}))  # type: ignore[arg-type]  # by keyword
        yield page.rows
        after = page.next_after
        if after is None:
            return


@settings(deadline=None, max_examples=40)
@given(story=stories, cut=st.integers(0, 30), seed=st.integers(0, 99))
def test_nothing_refused_is_ever_lost(story: Story, cut: int, seed: int) -> None:
    """Batches of any size, the process ended between two of them, and a second look at the same file."""
    with tempfile.TemporaryDirectory() as folder:
        path, batch = Path(folder) / "index.db", taken(story)
        with RefusalIndex(path) as index:
            assert index.open("one") == {}
            index.take(batch[:cut])
        with RefusalIndex(path) as index:
            positions = index.open("one")
            rest = [each for each in batch if each.place.offset >= positions.get((each.place.topic, 0), 0)]
            assert rest == batch[cut:]
            size = random.Random(seed).randint(1, 5)  # noqa: S311  the seed is the input
            for start in range(0, len(rest), size):
                index.take(rest[start : start + size])
            for office in OFFICES:
                due = oracle(story, office)
                assert told(index, office) == due
                for sort in SORTS:
                    assert told(index, office, sort=sort) == due
                assert counts(index.reader, office).states == {
                    state: sum(each[2] == state for each in due.values()) for state in ("open", MENDED, DISMISSED)
                }


def test_parts_are_one_record_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    with RefusalIndex(tmp_path / "index.db") as index:
        index.open("one")
        parts = [refused(1, 5, origin=f"file.csv:3#{number}/3") for number in (3, 1, 2)]
        index.take(taken(parts[:1]))
        assert told(index, "tax") == {}
        index.take([Taken(Place("rejected.tax", 0, number), event) for number, event in enumerate(parts)][1:])
        (only,) = told(index, "tax")
        assert only == parts[1].event_id.hex()
        for part in parts:
            whole = found(index.reader, "tax", part.event_id.hex())
            assert whole is not None
            assert (whole.event_id, whole.parts) == (only, 3)
            assert [place.offset for place in whole.places] == [1, 2, 0]


def test_another_clusters_log_begins_anew(tmp_path: Path) -> None:
    with RefusalIndex(tmp_path / "index.db") as index:
        index.open("one")
        index.take(taken([refused(1, 1)]))
        assert index.open("one") == {("rejected.tax", 0): 1}
        assert index.open("another") == {}
        assert told(index, "tax") == {}


def test_an_index_has_one_writer(tmp_path: Path) -> None:
    with RefusalIndex(tmp_path / "index.db"), pytest.raises(StoreInUse):
        RefusalIndex(tmp_path / "index.db")


@pytest.mark.parametrize("mark", ["", "zz", "ff", b"[1]".hex(), b'["a","b"]'.hex(), b"{}".hex()])
def test_a_mark_that_no_page_gave_is_refused(tmp_path: Path, mark: str) -> None:
    with RefusalIndex(tmp_path / "index.db") as index, pytest.raises(NotAMark):
        listed(index.reader, Wanted("tax", after=mark))


def test_an_attempt_at_a_record_of_somebody_else_is_listed(tmp_path: Path) -> None:
    mine = refused(1, 1)
    origin = f"mend/{mine.event_id.hex()}"
    own, theirs = refused(2, 2, origin=origin), refused(2, 2, office="finance", origin=origin)
    with RefusalIndex(tmp_path / "index.db") as index:
        index.open("one")
        index.take(taken([mine, own, theirs]))
        assert list(told(index, "tax")) == [mine.event_id.hex()]
        assert list(told(index, "finance")) == [theirs.event_id.hex()]
