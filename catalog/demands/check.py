"""Whether a read stays within its grant, or within the case that it names: pure, and quick enough for every read."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from catalog.demands.model import EVERYTHING, Grant

_REGION: Final = slice(13, 19)
"""Of ``enterprise:<credit code>``: characters 3 to 8 of the code, the division that registered it."""


class Read(msgspec.Struct, frozen=True, gc=False):
    """A read as it is asked for; ``resources`` and ``fields`` only where the reader names some, ``means`` likewise."""

    reader: str
    purpose: str
    subject: str
    at: int
    resources: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    means: str = ""


class Permit(msgspec.Struct, frozen=True, gc=False):
    """A grant prepared for checking. ``fields`` of each resource, None: all; no mapping at all: every resource."""

    id: str
    readers: AbstractSet[str]
    everybody: bool
    fields: Mapping[str, AbstractSet[str] | None] | None
    kind: str
    listed: AbstractSet[str]
    territory: str
    purpose: str
    means: AbstractSet[str]
    since: int
    until: int
    ended: bool


class Allowed(msgspec.Struct, frozen=True, gc=False):
    """What may be shown: the fields of each resource, None: all of them; no mapping: every resource."""

    fields: Mapping[str, AbstractSet[str] | None] | None = None


class Refused(msgspec.Struct, frozen=True, gc=False):
    """Why nothing is shown, as a code, and in Chinese and English."""

    code: str
    reason: str
    reason_en: str

    @property
    def text(self) -> str:
        """Both languages in one line, as the log of reads keeps it."""
        return f"{self.reason} {self.reason_en}"


class CaseGround(msgspec.Struct, frozen=True, gc=False):
    """Who takes part in a case, and whom it is about."""

    participants: AbstractSet[str]
    subjects: AbstractSet[str]


EVERYTHING_ALLOWED: Final = Allowed()
UNKNOWN_GRANT: Final = Refused("unknown-grant", "没有这项授权", "there is no such grant")
ENDED: Final = Refused("grant-ended", "授权已终止", "the grant has ended")
OUT_OF_TERM: Final = Refused("out-of-term", "不在授权期限内", "the read lies outside the grant's term")
OTHER_READER: Final = Refused("other-reader", "授权不及于该读取者", "the grant is not this reader's")
OTHER_PURPOSE: Final = Refused("other-purpose", "用途与授权不符", "the purpose is not the granted one")
OTHER_SUBJECT: Final = Refused("other-subject", "授权不及于该主体", "the grant does not cover this subject")
OTHER_MEANS: Final = Refused("other-means", "共享方式与授权不符", "data is not granted by this means")
OTHER_RESOURCE: Final = Refused("beyond-resources", "超出授权的数据资源", "a resource is asked for beyond the grant")
OTHER_FIELDS: Final = Refused("beyond-fields", "超出授权的信息项", "fields are asked for beyond the grant")
UNKNOWN_CASE: Final = Refused("unknown-case", "没有这个办件", "there is no such case")
NO_PARTICIPANT: Final = Refused("no-participant", "读取者未参与该办件", "the reader takes no part in the case")
NOT_OF_THE_CASE: Final = Refused("not-of-the-case", "该主体不属于该办件", "the subject is none of the case's")


def permit_of(grant: Grant) -> Permit:
    """Return the grant as reads are held against it."""
    everywhere = EVERYTHING in grant.resources
    return Permit(
        id=grant.id,
        readers=frozenset(grant.reader),
        everybody=EVERYTHING in grant.reader,
        fields=None if everywhere else {each: _fields(grant.fields.get(each, ())) for each in grant.resources},
        kind="" if grant.subjects.kind == "any" else f"{grant.subjects.kind}:",
        listed=frozenset(grant.subjects.listed),
        territory=grant.subjects.territory,
        purpose=grant.purpose,
        means=frozenset(grant.means),
        since=grant.since,
        until=grant.until,
        ended=grant.state == "ended",
    )


def check_read(permit: Permit | None, read: Read) -> Allowed | Refused:
    """Return what of a subject's archive the reader may see under this grant, or why nothing; no grant allows nothing.

    What is asked for by name beyond the grant is refused; of an archive asked for as a whole the rest is left out.
    """
    if permit is None:
        return UNKNOWN_GRANT
    if permit.ended:
        return ENDED
    if not permit.since <= read.at < permit.until:
        return OUT_OF_TERM
    return _of_reader(permit, read) or _of_subject(permit, read) or _of_scope(permit, read)


def check_case(case: CaseGround | None, read: Read) -> Allowed | Refused:
    """Return whether a department that takes part in the case may read this subject for it."""
    if case is None:
        return UNKNOWN_CASE
    if organisation_of(read.reader) not in case.participants:
        return NO_PARTICIPANT
    return EVERYTHING_ALLOWED if read.subject in case.subjects else NOT_OF_THE_CASE


def organisation_of(reader: str) -> str:
    """Return for whom an account reads: it is written ``<organisation>:<account>``, or the organisation alone."""
    return reader.partition(":")[0]


def _of_reader(permit: Permit, read: Read) -> Refused | None:
    if not (permit.everybody or read.reader in permit.readers or organisation_of(read.reader) in permit.readers):
        return OTHER_READER
    if permit.purpose not in (EVERYTHING, read.purpose):
        return OTHER_PURPOSE
    if read.means and read.means not in permit.means:
        return OTHER_MEANS
    return None


def _of_subject(permit: Permit, read: Read) -> Refused | None:
    subject = read.subject
    if not subject.startswith(permit.kind) or (permit.listed and subject not in permit.listed):
        return OTHER_SUBJECT
    if permit.territory and not (subject.startswith("enterprise:") and _registered_in(permit.territory, subject)):
        return OTHER_SUBJECT
    return None


def _of_scope(permit: Permit, read: Read) -> Allowed | Refused:
    granted = permit.fields
    if granted is None:
        return EVERYTHING_ALLOWED
    if any(each not in granted for each in read.resources):
        return OTHER_RESOURCE
    if read.fields and not _grants_all(granted, read):
        return OTHER_FIELDS
    return Allowed(granted)


def _grants_all(granted: Mapping[str, AbstractSet[str] | None], read: Read) -> bool:
    """Whether each field that is asked for is granted of some resource that is asked for."""
    kinds = [granted[each] for each in read.resources or granted]
    return all(any(fields is None or name in fields for fields in kinds) for name in read.fields)


def _registered_in(territory: str, subject: str) -> bool:
    return subject[_REGION].startswith(territory)


def _fields(names: tuple[str, ...]) -> AbstractSet[str] | None:
    return None if EVERYTHING in names else frozenset(names)
