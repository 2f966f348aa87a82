"""Whether an entry is attached (挂接): measured from what the hub has and saw, never declared.

An entry is attached when its topic exists, its record schema is registered, and facts of it were seen on the topic that
the schema reads. The evidence stands beside the answer.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, Protocol

import msgspec

from catalog.register.model import Resource

Missing = Literal["unpublished", "unbound", "topic", "schema", "facts"]

WORDS: Final[Mapping[Missing, tuple[str, str]]] = MappingProxyType(
    {
        "unpublished": ("未发布", "the entry is not published"),
        "unbound": ("未绑定主题和记录结构", "the entry is bound to no topic and record schema"),
        "topic": ("主题不存在", "its topic does not exist"),
        "schema": ("记录结构未注册", "its record schema is not registered"),
        "facts": ("主题上没有该资源的数据", "no fact of it was seen on its topic"),
    }
)


class Arrivals(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a resource on its topic, among the newest messages that were looked at.

    ``last_appended_at`` is the log's own time of the newest fact, µs UTC; ``complete_until`` what an archive believes
    of the source's coverage, µs UTC.
    """

    count: int = 0
    last_appended_at: int | None = None
    complete_until: int | None = None


class Measuring(Protocol):
    """Where the measure is taken: the cluster, its registry, and the archive's replicas."""

    def topics(self) -> frozenset[str]:
        """Names of the topics that exist."""
        ...

    def schemas(self) -> frozenset[str]:
        """Full names of the record schemas that are registered."""
        ...

    def arrivals(self, resources: Mapping[str, str]) -> Mapping[str, Arrivals]:
        """What was seen of each resource on the topic named; one that was not seen is missing."""
        ...


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an entry is attached, and by which evidence; ``missing`` is empty exactly when it is."""

    code: str
    attached: bool
    missing: tuple[Missing, ...]
    topic: str
    schema_name: str
    arrivals: Arrivals


def attachments(entries: Iterable[Resource], measuring: Measuring) -> tuple[Attachment, ...]:
    """Return the measure of each entry, in their order."""
    known = tuple(entries)
    topics, schemas = measuring.topics(), measuring.schemas()
    seen = measuring.arrivals({entry.code: entry.topic for entry in known if entry.topic in topics})
    return tuple(attachment(entry, topics, schemas, seen.get(entry.code, Arrivals())) for entry in known)


def attachment(entry: Resource, topics: frozenset[str], schemas: frozenset[str], arrivals: Arrivals) -> Attachment:
    """Return the measure of one entry."""
    missing = tuple(_missing(entry, topics, schemas, arrivals))
    return Attachment(
        code=entry.code,
        attached=not missing,
        missing=missing,
        topic=entry.topic,
        schema_name=entry.schema_name,
        arrivals=arrivals,
    )


def _missing(entry: Resource, topics: frozenset[str], schemas: frozenset[str], arrivals: Arrivals) -> Iterable[Missing]:
    if entry.state != "published":
        yield "unpublished"
    if not (entry.topic and entry.schema_name):
        yield "unbound"
        return
    if entry.topic not in topics:
        yield "topic"
    if entry.schema_name not in schemas:
        yield "schema"
    if arrivals.count == 0 and arrivals.complete_until is None:
        yield "facts"
