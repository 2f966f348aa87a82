"""The archive store: facts and positions together or not at all, and never of two logs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.archive.keys import FactKey, fact_key
from processors.archive.reading import ArchiveReader
from processors.archive.store import ArchiveStore, Batch, StoreOfAnotherClusterError, position_meta
from processors.domain.archive import KnownFact, fold
from tests.processors.archive.facts import CODEC, COMPANY, IDS, TOPIC, filing
from topics.events import RegistrationRecorded

TOPIC_IDS = {TOPIC: "topic-id-1"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(path: Path) -> Iterator[ArchiveStore]:
    opened = ArchiveStore(path, 16)
    yield opened
    opened.close()


def row(
    fact: RegistrationRecorded, offset: int = 0, *, known_at_ms: int = 1_000, topic: int = 0
) -> tuple[bytes, bytes]:
    key = FactKey(fact.resource, fact.record_id, fact.version, fact.event_id, known_at_ms, topic, 0, offset)
    return fact_key(fact.subject, key), CODEC.encode(fact)


def test_an_empty_store_has_read_nothing(store: ArchiveStore) -> None:
    assert store.positions() == {}
    assert list(store.facts(COMPANY)) == []


def test_facts_and_positions_are_there_after_the_store_was_opened_anew(path: Path) -> None:
    first = ArchiveStore(path, 16)
    number = first.topic_number(TOPIC)
    first.write(Batch(facts=[row(filing(), topic=number)], meta=dict([position_meta(TOPIC, 3, 42)])))
    first.close()
    again = ArchiveStore(path, 16)
    assert again.positions() == {(TOPIC, 3): 42}
    assert [(key.record_id, again.topic(key.topic_number)) for key, _ in again.facts(COMPANY)] == [("1", TOPIC)]
    again.close()


def test_a_position_of_a_topic_with_dashes_dots_and_many_partitions(store: ArchiveStore) -> None:
    told = {("registration.market-regulation", 11): 5, ("registration.market-regulation", 1): 7, ("licence.tax", 0): 1}
    store.write(Batch(meta=dict(position_meta(*where, offset) for where, offset in told.items())))
    assert store.positions() == told


def test_a_batch_that_cannot_be_written_leaves_neither_fact_nor_position(store: ArchiveStore) -> None:
    broken = Batch(facts=[row(filing()), (b"key", "no bytes")], meta=dict([position_meta(TOPIC, 0, 2)]))  # type: ignore[list-item]
    with pytest.raises(Exception, match=r".+"):
        store.write(broken)
    assert store.positions() == {}
    assert list(store.facts(COMPANY)) == []


def test_the_same_batch_again_changes_nothing(store: ArchiveStore) -> None:
    batch = Batch(facts=[row(filing(str(each)), each) for each in range(5)], meta=dict([position_meta(TOPIC, 0, 5)]))
    store.write(batch)
    before = list(store.facts(COMPANY))
    store.write(batch)
    assert list(store.facts(COMPANY)) == before


def test_reading_ends_with_the_subject(store: ArchiveStore) -> None:
    """RocksDB reads an iterator's bounds from the options' memory: options that were let go of let neighbours in."""
    around = [filing(subject=f"{COMPANY[:-1]}{end}") for end in ("S", "T", "TX", "U")]
    store.write(Batch(facts=[row(each) for each in around]))
    for _ in range(200):
        reading = store.facts(COMPANY)
        first = next(reading)
        churn = [bytes([65 + number % 20]) * 31 for number in range(40)]
        assert [first, *reading] == [(first[0], CODEC.encode(around[1]))]
        assert churn


def test_topics_keep_their_numbers(path: Path) -> None:
    names = [f"licence.d{each}" for each in range(300)]
    first = ArchiveStore(path, 16)
    numbers = [first.topic_number(name) for name in names]
    first.close()
    again = ArchiveStore(path, 16)
    assert [again.topic_number(name) for name in names] == numbers == list(range(300))
    assert again.topic(257) == "licence.d257"
    again.close()


def test_a_claimed_store_is_opened_again_by_its_own_log_and_new_topics_join(store: ArchiveStore) -> None:
    store.claim("cluster-1", TOPIC_IDS)
    store.claim("cluster-1", {**TOPIC_IDS, "licence.tax": "topic-id-2"})


def test_a_store_of_another_cluster_is_refused_with_the_remedy(store: ArchiveStore) -> None:
    store.claim("cluster-1", TOPIC_IDS)
    with pytest.raises(StoreOfAnotherClusterError, match="cluster cluster-1, now cluster-2") as refused:
        store.claim("cluster-2", TOPIC_IDS)
    assert "broker reset" in refused.value.remedy
    store.claim("cluster-1", TOPIC_IDS)


def test_a_topic_that_was_made_anew_is_refused(store: ArchiveStore) -> None:
    store.claim("cluster-1", TOPIC_IDS)
    with pytest.raises(StoreOfAnotherClusterError, match=r"topic registration\.tax had id topic-id-1, now topic-id-9"):
        store.claim("cluster-1", {TOPIC: "topic-id-9"})


def test_a_store_of_another_format_is_refused(path: Path) -> None:
    first = ArchiveStore(path, 16)
    first.write(Batch(meta={"format": b"99"}))
    first.close()
    with pytest.raises(StoreOfAnotherClusterError, match="format 99"):
        ArchiveStore(path, 16)


def test_watches_are_found_by_their_subject(store: ArchiveStore) -> None:
    ours, other = COMPANY.encode() + b"\x00case-1", b"enterprise:other\x00case-1"
    store.put_watches([(ours, b"1"), (other, b"2")])
    assert store.watches_of(COMPANY) == [(ours, b"1")]
    store.drop_watch(ours)
    assert list(store.watches()) == [(other, b"2")]


FACTS = st.builds(
    filing,
    st.sampled_from("12"),
    st.integers(-2, 3),
    title=st.sampled_from(("甲", "乙")),
    number=st.none() | st.just("n"),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(FACTS, st.integers(1, 9)), min_size=1, max_size=12), st.data())
def test_any_order_batches_and_repetition_give_the_archive_of_the_fold(
    tmp_path_factory: pytest.TempPathFactory, log: list[tuple[RegistrationRecorded, int]], data: st.DataObject
) -> None:
    rows = [row(fact, offset, known_at_ms=at) for offset, (fact, at) in enumerate(log)]
    told = data.draw(st.permutations([*rows, *data.draw(st.lists(st.sampled_from(rows), max_size=6))]))
    cut = data.draw(st.integers(0, len(told)))
    store = ArchiveStore(tmp_path_factory.mktemp("store"), 16)
    store.topic_number(TOPIC)
    store.write(Batch(facts=told[:cut]))
    store.write(Batch(facts=told[cut:]))
    as_of = data.draw(st.none() | st.integers(1_000, 9_000))
    assert ArchiveReader(store, IDS).archive(COMPANY, as_of) == fold(_known(log), as_of)
    store.close()


def _known(log: list[tuple[RegistrationRecorded, int]]) -> Iterator[KnownFact]:
    for offset, (fact, at) in enumerate(log):
        _, record = CODEC.decode(CODEC.encode(fact))
        common = {"event_id", "source", "resource", "subject", "record_type", "record_id", "version", "valid_at"}
        yield KnownFact(
            resource=fact.resource,
            record_type=fact.record_type,
            record_id=fact.record_id,
            version=fact.version,
            event_id=fact.event_id,
            source=fact.source,
            valid_at=fact.valid_at,
            known_at=at * 1000,
            topic=TOPIC,
            partition=0,
            offset=offset,
            name="RegistrationRecorded",
            content={name: value for name, value in record.items() if name not in common | {"case_id"}},
        )
