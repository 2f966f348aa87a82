"""What the archive holds of an applicant, and what each record is good for."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from processors.domain.archive import ArchiveRecord, KnownFact
from processors.domain.closing import Closing, closing
from processors.domain.service.terms import Source
from topics.schemas import newest_schemas

MASK: Final = "***"
DAY_US: Final = 86_400_000_000
CHINA_US: Final = 8 * 3_600_000_000
BREACH: Final = "commitment-breach"
"""Record type of a broken commitment (违反承诺)."""

DISHONESTY: Final = "serious-dishonesty"
"""Record type of a listing for serious dishonesty (严重失信主体名单)."""

_CORRECTIONS: Final = frozenset(("ValueDisputed", "DisputeEnded"))
_GOOD_STATES: Final[Mapping[str, str]] = {"Licence": "有效", "Enterprise": "存续", "Person": "在籍"}
# Departments word the status of their registrations themselves: these parts of a word say that it has ended.
_ENDED: Final = ("注销", "撤销", "取消", "缴销", "吊销", "失效", "作废", "迁出", "退出", "终止")

Standing = Literal["in-force", "disputed", "expired", "lapsed", "withdrawn"]
Absence = Literal["not-in-archive", "source-behind"]


class HeldRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record of the archive: the fact in force; personal values are ``***``, times µs, dates days since 1970."""

    resource: str
    record_type: str
    record_id: str
    event: str
    event_id: str
    version: int
    valid_at: int
    known_at: int
    withdrawn: bool
    disputed: bool
    content: Mapping[str, Any]
    personal: frozenset[str] = frozenset()

    @property
    def state(self) -> str:
        """What the record says of its own state; empty where it says nothing."""
        return str(self.content.get("state") or self.content.get("status") or "")


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A closed archive (注销、终老): see ``processors.domain.closing.Closing``; the event id is hex."""

    since: int
    by: str
    state: str
    event_id: str
    disputed: bool


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a subject; ``complete_until`` is each source's coverage in µs, missing where none is stated."""

    subject: str
    records: tuple[HeldRecord, ...] = ()
    complete_until: Mapping[str, int] = {}
    closed: Ending | None = None

    def of_resource(self, resource: str) -> tuple[HeldRecord, ...]:
        """The records of a resource that are not withdrawn, the newest first."""
        held = (each for each in self.records if each.resource == resource and not each.withdrawn)
        return tuple(sorted(held, key=lambda record: (record.valid_at, record.version, record.event_id), reverse=True))

    def is_fresh(self, source: Source, now: int) -> bool:
        """Whether what a source has not stated may be taken not to be."""
        until = self.complete_until.get(source.resource)
        return until is not None and until >= now - source.max_age_days * DAY_US


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Where something shown comes from; ``complete_until``: the source's coverage, None where none is stated."""

    resource: str
    name: str
    department: str
    record_id: str
    event_id: str
    valid_at: int
    known_at: int
    complete_until: int | None


def evidence_of(record: HeldRecord, source: Source, archive: Archive) -> Evidence:
    """Where this record of the source comes from."""
    return Evidence(
        resource=record.resource,
        name=source.name,
        department=source.department,
        record_id=record.record_id,
        event_id=record.event_id,
        valid_at=record.valid_at,
        known_at=record.known_at,
        complete_until=archive.complete_until.get(record.resource),
    )


def standing(record: HeldRecord, now: int) -> Standing:
    """What the record is good for at this time."""
    if record.withdrawn:
        return "withdrawn"
    if record.disputed:
        return "disputed"
    if has_expired(record, now):
        return "expired"
    return "lapsed" if _has_lapsed(record) else "in-force"


def has_expired(record: HeldRecord, now: int) -> bool:
    """Whether its last day lies before today in China."""
    valid_to = record.content.get("valid_to")
    return isinstance(valid_to, int) and valid_to < today(now)


def today(now: int) -> int:
    """The day in China at this time (µs), in days since 1970."""
    return (now + CHINA_US) // DAY_US


def absence(source: Source, archive: Archive, now: int) -> Absence:
    """What it means that the archive has nothing of this source."""
    return "not-in-archive" if archive.is_fresh(source, now) else "source-behind"


def _has_lapsed(record: HeldRecord) -> bool:
    good = next((state for family, state in _GOOD_STATES.items() if record.event.startswith(family)), None)
    if good is not None:
        return record.state != good
    return any(word in record.state for word in _ENDED)


def breaches(archive: Archive) -> tuple[HeldRecord, ...]:
    """Broken commitments (违反承诺) that still stand: neither withdrawn nor repaired, the newest first."""
    return _unrepaired(archive, BREACH)


def dishonesty(archive: Archive) -> tuple[HeldRecord, ...]:
    """Listings for serious dishonesty that still stand: neither withdrawn nor repaired, the newest first."""
    return _unrepaired(archive, DISHONESTY)


def _unrepaired(archive: Archive, record_type: str) -> tuple[HeldRecord, ...]:
    standing_ = (
        each
        for each in archive.records
        if each.record_type == record_type and not each.withdrawn and each.state in ("in-force", "")
    )
    return tuple(sorted(standing_, key=lambda record: (record.valid_at, record.event_id), reverse=True))


def archive_of_answer(body: Mapping[str, Any], complete_until: Mapping[str, int] | None = None) -> Archive:
    """The archive as a replica shows it (``GET /v1/archives/{subject}``)."""
    return Archive(
        subject=body["subject"],
        records=tuple(_of_line(line) for line in body["records"] if line["event"] not in _CORRECTIONS),
        complete_until=dict(complete_until or {}),
        closed=None if (closed := body["closed"]) is None else msgspec.convert(closed, Ending),
    )


def archive_of_records(
    subject: str, records: Iterable[ArchiveRecord], complete_until: Mapping[str, int] | None = None
) -> Archive:
    """The archive out of folded records, personal values masked."""
    known = tuple(records)
    found = closing(known)
    return Archive(
        subject=subject,
        records=tuple(_of_record(each) for each in known if not each.current.corrects),
        complete_until=dict(complete_until or {}),
        closed=None if found is None else _ending(found),
    )


def _ending(found: Closing) -> Ending:
    return Ending(
        since=found.since, by=found.by, state=found.state, event_id=found.event_id.hex(), disputed=found.disputed
    )


def _of_line(line: Mapping[str, Any]) -> HeldRecord:
    content = line["content"]
    return HeldRecord(
        resource=line["resource"],
        record_type=line["record_type"],
        record_id=line["record_id"],
        event=line["event"],
        event_id=line["event_id"],
        version=line["version"],
        valid_at=line["valid_at"],
        known_at=line["known_at"],
        withdrawn=line["withdrawn"],
        disputed=bool(line["disputed"]),
        content=content,
        personal=frozenset(name for name in _personal(line["event"]) if content.get(name) is not None),
    )


def _of_record(record: ArchiveRecord) -> HeldRecord:
    fact = record.current
    personal = frozenset(name for name in _personal(fact.name) if fact.content.get(name) is not None)
    return HeldRecord(
        resource=fact.resource,
        record_type=fact.record_type,
        record_id=fact.record_id,
        event=fact.name,
        event_id=fact.event_id.hex(),
        version=fact.version,
        valid_at=fact.valid_at,
        known_at=fact.known_at,
        withdrawn=fact.withdrawn,
        disputed=record.disputed,
        content=dict(_masked(fact, personal)),
        personal=personal,
    )


def _masked(fact: KnownFact, personal: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for name, value in fact.content.items():
        clear = value.hex() if isinstance(value, bytes) else value
        yield name, MASK if name in personal else clear


def _personal(event: str) -> tuple[str, ...]:
    published = newest_schemas().get(event)
    return published.personal_fields if published else ()
