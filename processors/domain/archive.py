"""The archive fold: what is known of a subject, out of everything that was ever stated about it.

The last writer wins per (resource, record id) by (version, event id), so order, repetition and replay cannot change
an archive. Two different contents under one version are both kept, and the record is disputed. ``known_at`` is the
earliest time that the log had a fact, however often it was repeated since.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec

WITHDRAWN_SUFFIX = "Withdrawn"
DISPUTED, DISPUTE_ENDED = "ValueDisputed", "DisputeEnded"


class KnownFact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact as the archive keeps it.

    Attributes:
        known_at: the broker's append time, µs.
        name: short name of the event, e.g. ``LicenceIssued``.
        content: the event's own fields, personal ones still encrypted.
    """

    resource: str
    record_type: str
    record_id: str
    version: int
    event_id: bytes
    source: str
    valid_at: int
    known_at: int
    topic: str
    partition: int
    offset: int
    name: str
    content: dict[str, Any]
    case_id: str | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether this fact says that the record should not have been published."""
        return self.name.endswith(WITHDRAWN_SUFFIX)

    @property
    def corrects(self) -> bool:
        """Whether this fact speaks of another record of its resource and is none of its department's data."""
        return self.name in (DISPUTED, DISPUTE_ENDED)

    @property
    def rank(self) -> tuple[int, bytes]:
        """What decides between two facts about one record."""
        return self.version, self.event_id


class ArchiveRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record of an archive: the fact in force and what came before it.

    Attributes:
        rivals: facts of the same version with different content; the record is then disputed.
        history: facts of lower versions, newest first.
        disputes: dispute ids (resource, record id) that mark this record now.
    """

    current: KnownFact
    rivals: tuple[KnownFact, ...] = ()
    history: tuple[KnownFact, ...] = ()
    disputes: tuple[tuple[str, str], ...] = ()

    @property
    def disputed(self) -> bool:
        """Whether the record is marked, or the source contradicts itself."""
        return bool(self.rivals or self.disputes)


def fold(facts: Iterable[KnownFact], as_of: int | None = None) -> tuple[ArchiveRecord, ...]:
    """The records of one subject, ordered by resource and record id.

    Args:
        facts: facts about one subject, in any order, with any repetition.
        as_of: only what the log knew by this time (µs, inclusive) counts; None means all.
    """
    known = [fact for fact in facts if as_of is None or fact.known_at <= as_of]
    ordered = sorted(known, key=_record_key)
    records = [_record(list(same)) for _, same in groupby(ordered, key=_record_key)]
    return _marked(records)


def _record_key(fact: KnownFact) -> tuple[str, str]:
    return fact.resource, fact.record_id


def _record(facts: list[KnownFact]) -> ArchiveRecord:
    if len(facts) == 1:
        return ArchiveRecord(current=facts[0])
    distinct = list(_first_known(facts))
    current, *rest = sorted(distinct, key=lambda fact: fact.rank, reverse=True)
    return ArchiveRecord(
        current=current,
        rivals=tuple(fact for fact in rest if fact.version == current.version),
        history=tuple(fact for fact in rest if fact.version < current.version),
    )


def _first_known(facts: list[KnownFact]) -> Iterator[KnownFact]:
    by_event = sorted(facts, key=lambda fact: (fact.rank, fact.known_at, fact.topic, fact.partition, fact.offset))
    for _, repeats in groupby(by_event, key=lambda fact: fact.rank):
        yield next(repeats)


def _marked(records: list[ArchiveRecord]) -> tuple[ArchiveRecord, ...]:
    marks: dict[tuple[str, str], dict[tuple[str, str], None]] = {}
    for record in records:
        if record.current.corrects:
            for dispute in _open_disputes((record.current, *record.rivals, *record.history)):
                content = dispute.content
                target = (content["disputed_resource"], content["disputed_record_id"])
                marks.setdefault(target, {})[_record_key(dispute)] = None
    if not marks:
        return tuple(records)
    return tuple(
        msgspec.structs.replace(record, disputes=tuple(marks.get(_record_key(record.current), ())))
        for record in records
    )


def _open_disputes(facts: tuple[KnownFact, ...]) -> Iterator[KnownFact]:
    """Each department's dispute that stands, out of all facts of one correction, the newest first.

    Others may use the same record id on their own topics, so the last writer alone decides nothing here: a dispute is
    ended by whose record it marks, or by who disputes it, and by nobody else.
    """
    ends = [fact for fact in facts if fact.name == DISPUTE_ENDED]
    disputes = {fact.source: fact for fact in reversed(facts) if fact.name == DISPUTED}
    for dispute in disputes.values():
        entitled = (dispute.source, dispute.content["disputed_resource"].partition(".")[0])
        if not any(end.source in entitled and end.rank > dispute.rank for end in ends):
            yield dispute
