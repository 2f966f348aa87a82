"""注销、终老: an archive is closed when its subject has ended; everything in it stays, and is read as before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from processors.domain.archive import ArchiveRecord, KnownFact
from processors.domain.requests import moment

ENDED_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {"enterprise-registration": "注销", "person-registration": "死亡注销"}
)
"""Record type of a register → the state in which its subject has ended.

An enterprise whose licence was revoked (吊销) or that moved away (迁出) has not: it still has to be wound up.
"""

LICENCE: Final = "business-licence"
LICENCE_ENDED: Final = "注销"


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """Since when an archive is closed, and by what.

    Attributes:
        since: when the subject ended, as the source states it, µs.
        by: the resource that says so.
        department: whose resource it is.
        state: the source's word, such as 注销.
        event_id: of the first fact that said so.
        disputed: whether the record is in dispute; nobody is turned away on the strength of it then.
    """

    since: int
    by: str
    department: str
    state: str
    event_id: bytes
    disputed: bool


def closing(records: Iterable[ArchiveRecord]) -> Closing | None:
    """How the archive of these records was closed, None while it is open.

    The register decides, by the record that speaks of the latest time; where no register is known, an enterprise has
    ended when all its business licences have.
    """
    standing = [record for record in records if not record.current.withdrawn]
    registered = [record for record in standing if record.current.record_type in ENDED_STATES]
    if registered:
        return _closed_by(_latest(registered))
    licences = [record for record in standing if record.current.record_type == LICENCE]
    ended = [found for record in licences if (found := _closed_by(record)) is not None]
    return max(ended, key=lambda each: (each.since, each.event_id)) if ended and len(ended) == len(licences) else None


def bars_application(found: Closing | None, bundle: str, open_to_closed: Iterable[str]) -> bool:
    """Whether a new application for the bundle is refused because the subject has ended.

    Args:
        found: the archive's closing.
        bundle: id of the bundle applied for.
        open_to_closed: ids of the bundles that follow an end (``catalog.closing``).
    """
    return found is not None and not found.disputed and bundle not in frozenset(open_to_closed)


def in_words(found: Closing) -> str:
    """The end as people read it, e.g. 主体已注销（自2025年3月1日）."""
    day = moment(found.since)
    disputed = "，该登记存在争议" if found.disputed else ""
    return f"主体已{found.state}（自{day.year}年{day.month}月{day.day}日{disputed}）"


def _latest(records: Sequence[ArchiveRecord]) -> ArchiveRecord:
    return max(records, key=lambda each: (each.current.valid_at, each.current.resource, each.current.record_id))


def _closed_by(record: ArchiveRecord) -> Closing | None:
    if not _is_ended(record.current):
        return None
    first = list(_since_ended(record))[-1]
    return Closing(
        since=first.valid_at,
        by=first.resource,
        department=first.source,
        state=str(first.content["state"]),
        event_id=first.event_id,
        disputed=record.disputed,
    )


def _since_ended(record: ArchiveRecord) -> Iterator[KnownFact]:
    """The facts, newest first, that say the same end without a break; one that is repeated later began it."""
    for fact in (record.current, *record.history):
        if not _is_ended(fact):
            return
        yield fact


def _is_ended(fact: KnownFact) -> bool:
    ended = ENDED_STATES.get(fact.record_type, LICENCE_ENDED)
    return not fact.withdrawn and fact.content.get("state") == ended
