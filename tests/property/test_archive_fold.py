"""The archive fold: order, repetition and the way facts are dealt to partitions and batches change nothing."""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import count
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.domain.archive import ArchiveRecord, KnownFact, fold

RESOURCES = ("tax.filing", "tax.penalty")
RECORD_IDS = ("1", "2")
TIMES = range(1_000, 9_000, 1_000)


def fact(
    resource: str = "tax.filing",
    record_id: str = "1",
    version: int = 1,
    name: str = "RegistrationRecorded",
    *,
    known_at: int = 1_000,
    offset: int = 0,
    partition: int = 0,
    source: str = "tax",
    **content: str,
) -> KnownFact:
    identity = repr((resource, record_id, version, name, source, sorted(content.items())))
    return KnownFact(
        resource=resource,
        record_type="filing",
        record_id=record_id,
        version=version,
        event_id=blake2b(identity.encode(), digest_size=16).digest(),
        source=source,
        valid_at=version,
        known_at=known_at,
        topic="registration.tax",
        partition=partition,
        offset=offset,
        name=name,
        content=dict(content),
    )


def dispute(
    version: int, name: str = "ValueDisputed", dispute_id: str = "d1", target: str = "1", source: str = "tax"
) -> KnownFact:
    return fact(
        "tax.filing",
        dispute_id,
        version,
        name,
        source=source,
        disputed_resource="tax.filing",
        disputed_record_id=target,
    )


STATED = st.builds(
    fact,
    st.sampled_from(RESOURCES),
    st.sampled_from(RECORD_IDS),
    st.integers(-1, 3),
    st.sampled_from(("RegistrationRecorded", "RegistrationWithdrawn")),
    title=st.sampled_from(("甲", "乙")),
)
DISPUTES = st.builds(
    dispute,
    st.integers(1, 3),
    st.sampled_from(("ValueDisputed", "DisputeEnded")),
    st.sampled_from(("d1", "d2")),
    st.sampled_from((*RECORD_IDS, "unknown")),
    st.sampled_from(("tax", "customs", "court")),
)


@st.composite
def logs(draw: st.DrawFn) -> list[KnownFact]:
    """Facts as a log has them: each at its own place, known at its own time, some of them stated again."""
    places = count()
    return [
        msgspec.structs.replace(
            each,
            known_at=draw(st.sampled_from(TIMES)),
            partition=draw(st.integers(0, 2)),
            offset=next(places),
        )
        for each in draw(st.lists(STATED | DISPUTES, max_size=14))
    ]


LOGS = logs()


@settings(deadline=None)
@given(LOGS, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_archive(log: list[KnownFact], random: Random) -> None:
    shuffled = random.sample(log, len(log))
    assert fold(shuffled) == fold(log)


@settings(deadline=None)
@given(LOGS, st.data())
def test_dealing_the_facts_to_partitions_and_reading_those_one_by_one_changes_nothing(
    log: list[KnownFact], data: st.DataObject
) -> None:
    partitions: dict[int, list[KnownFact]] = {}
    for each in log:
        partitions.setdefault(each.partition, []).append(each)
    order = data.draw(st.permutations(sorted(partitions)))
    assert fold(each for partition in order for each in partitions[partition]) == fold(log)


@settings(deadline=None)
@given(LOGS, st.data(), st.none() | st.sampled_from(TIMES))
def test_a_later_repeat_changes_no_archive_of_any_time(
    log: list[KnownFact], data: st.DataObject, as_of: int | None
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(log), max_size=6)) if log else []
    later = [
        msgspec.structs.replace(each, known_at=each.known_at + 500, offset=1_000 + number)
        for number, each in enumerate(repeated)
    ]
    assert fold([*later, *log], as_of) == fold(log, as_of)


@settings(deadline=None)
@given(LOGS, st.sampled_from(TIMES))
def test_as_of_is_what_one_who_wrote_the_facts_down_as_they_came_had_by_then(log: list[KnownFact], as_of: int) -> None:
    assert _in_force(fold(log, as_of)) == _last_writer_wins(log, as_of)


@settings(deadline=None)
@given(LOGS, st.sampled_from(TIMES))
def test_what_becomes_known_later_does_not_change_what_was_known(log: list[KnownFact], as_of: int) -> None:
    assert fold([each for each in log if each.known_at <= as_of]) == fold(log, as_of)


@settings(deadline=None)
@given(LOGS)
def test_every_distinct_event_is_in_the_archive_exactly_once(log: list[KnownFact]) -> None:
    shown = [each.event_id for record in fold(log) for each in (record.current, *record.rivals, *record.history)]
    assert sorted(shown) == sorted({each.event_id for each in log})


@settings(deadline=None)
@given(LOGS)
def test_history_goes_back_in_time_and_rivals_have_the_version_in_force(log: list[KnownFact]) -> None:
    for record in fold(log):
        ranks = [each.rank for each in (record.current, *record.rivals, *record.history)]
        assert ranks == sorted(ranks, reverse=True)
        assert {each.version for each in record.rivals} <= {record.current.version}
        assert all(each.version < record.current.version for each in record.history)


@settings(deadline=None)
@given(LOGS)
def test_a_record_is_marked_by_exactly_the_disputes_that_are_open(log: list[KnownFact]) -> None:
    records = fold(log)
    corrections = [each for each in log if each.name in ("ValueDisputed", "DisputeEnded")]
    opened: dict[tuple[str, str], set[str]] = {}
    for each in corrections:
        own = [other for other in corrections if other.record_id == each.record_id and other.rank > each.rank]
        # Customs may end what customs disputes, and tax, whose record it is, ends what anybody does.
        over = any(
            other.source == each.source if other.name == "ValueDisputed" else other.source in (each.source, "tax")
            for other in own
        )
        if each.name == "ValueDisputed" and not over:
            opened.setdefault(("tax.filing", each.content["disputed_record_id"]), set()).add(each.record_id)
    for record in records:
        key = record.current.resource, record.current.record_id
        assert {mark for _, mark in record.disputes} == opened.get(key, set())


def test_two_contents_under_one_version_are_both_kept_and_the_record_is_disputed() -> None:
    first, second = fact(title="甲"), fact(title="乙", offset=1)
    (record,) = fold([first, second])
    assert {record.current.content["title"], *(each.content["title"] for each in record.rivals)} == {"甲", "乙"}
    assert record.disputed


def test_the_next_version_ends_the_contradiction() -> None:
    (record,) = fold([fact(title="甲"), fact(title="乙"), fact(version=2, title="乙")])
    assert not record.disputed
    assert len(record.history) == 2


def test_a_dispute_marks_the_record_until_it_ends() -> None:
    open_now = _record(fold([fact(), dispute(1)]))
    assert open_now.disputed
    assert open_now.disputes == (("tax.filing", "d1"),)
    assert not _record(fold([dispute(2, "DisputeEnded"), fact(), dispute(1)])).disputed


def test_two_disputes_about_one_record_end_one_by_one() -> None:
    facts = [fact(), dispute(1), dispute(1, dispute_id="d2"), dispute(2, "DisputeEnded")]
    assert _record(fold(facts)).disputes == (("tax.filing", "d2"),)


@pytest.mark.parametrize("stranger", ["customs", "court"])
def test_nobody_ends_the_dispute_of_another_about_the_record_of_a_third(stranger: str) -> None:
    """Once, whoever could publish on a correction topic could take another's mark off a record."""
    by_customs = dispute(1, source="customs")
    ended = _record(fold([fact(), by_customs, dispute(2, "DisputeEnded", source=stranger)]))
    assert ended.disputed is (stranger != "customs")
    assert not _record(fold([fact(), by_customs, dispute(2, "DisputeEnded", source="tax")])).disputed


def test_another_dispute_under_the_same_id_takes_no_mark_away() -> None:
    facts = [fact(), dispute(1, source="customs"), dispute(2, target="2", source="court")]
    assert _record(fold(facts)).disputed
    ended = [*facts, dispute(3, "DisputeEnded", source="court")]
    assert _record(fold(ended)).disputed


def test_a_withdrawn_record_can_be_stated_again() -> None:
    withdrawn = fact(version=2, name="RegistrationWithdrawn")
    assert _record(fold([fact(), withdrawn])).current.withdrawn
    assert not _record(fold([fact(version=3), withdrawn, fact()])).current.withdrawn


def _record(records: Sequence[ArchiveRecord]) -> ArchiveRecord:
    return next(each for each in records if (each.current.resource, each.current.record_id) == ("tax.filing", "1"))


def _in_force(records: Sequence[ArchiveRecord]) -> dict[tuple[str, str], tuple[int, bytes]]:
    return {(each.current.resource, each.current.record_id): each.current.rank for each in records}


def _last_writer_wins(log: Sequence[KnownFact], as_of: int) -> dict[tuple[str, str], tuple[int, bytes]]:
    notes: dict[tuple[str, str], tuple[int, bytes]] = {}
    for each in sorted(log, key=lambda each: each.known_at):
        if each.known_at > as_of:
            break
        key = each.resource, each.record_id
        notes[key] = max(notes.get(key, each.rank), each.rank)
    return notes
