"""Topics declared as data: what exists, how it is kept, what it may carry."""

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

HUB: Final = "hub"
"""The hub itself where a department's code is expected: answers from archives, refusals without a known sender."""

FACT_FAMILIES: Final = ("licence", "registration", "verification", "coverage", "correction")
PUBLISHED_FAMILIES: Final = ("licence", "registration", "verification")

_FOR_EVER = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",
}
_KINDS: dict[str, dict[str, str]] = {
    "fact": _FOR_EVER,
    "kept": _FOR_EVER,
    "case": _FOR_EVER,
    "state": {"cleanup.policy": "compact"},
    # As long as the widest live window looks back and a day more; small segments, so that what was replaced goes soon.
    "feed": {
        "cleanup.policy": "compact,delete",
        "retention.ms": str(32 * 86_400_000),
        "segment.ms": "3600000",
        "min.cleanable.dirty.ratio": "0.1",
        "message.timestamp.type": "LogAppendTime",
    },
}


class TopicPattern(msgspec.Struct, frozen=True):
    """One entry of ``topics.toml``."""

    name: str
    kind: str
    key: str
    schemas: tuple[str, ...]

    @property
    def is_per_department(self) -> bool:
        """Whether each department has a topic of its own."""
        return "{department}" in self.name

    @property
    def family(self) -> str:
        """The name without the department: ``licence``, ``case.tasks``, ``reports``."""
        return self.name.removesuffix(".{department}")


class PartitionCounts(msgspec.Struct, frozen=True):
    """Partitions a topic is created with, by kind. Facts share one count, fixed when the topics are created."""

    fact: int = 4
    case: int = 4
    kept: int = 1
    state: int = 1
    feed: int = 1


class TopicDeclaration(msgspec.Struct, frozen=True):
    """One topic as it should exist."""

    name: str
    kind: str
    family: str
    department: str | None
    partitions: int
    config: dict[str, str]
    schemas: tuple[str, ...]


@cache
def topic_patterns() -> tuple[TopicPattern, ...]:
    """The entries of ``topics.toml`` in their order."""
    raw = tomllib.loads(files("topics").joinpath("topics.toml").read_text(encoding="utf-8"))
    return tuple(msgspec.convert(raw["topic"], tuple[TopicPattern, ...]))


def declared_topics(
    publishers: Mapping[str, Collection[str]], counts: PartitionCounts | None = None
) -> tuple[TopicDeclaration, ...]:
    """Every topic that should exist.

    Args:
        publishers: department code → the families of ``PUBLISHED_FAMILIES`` that it has data resources in.
        counts: partitions by kind.
    """
    counts = counts or PartitionCounts()
    return tuple(
        TopicDeclaration(
            name=pattern.name.format(department=department or ""),
            kind=pattern.kind,
            family=pattern.family,
            department=department,
            partitions=getattr(counts, pattern.kind),
            config=dict(_KINDS[pattern.kind]),
            schemas=pattern.schemas,
        )
        for pattern in topic_patterns()
        for department in _departments_of(pattern, publishers)
    )


def topic_name(family: str, department: str) -> str:
    """The topic of a family and department, e.g. ``licence.market-regulation``."""
    return f"{family}.{department}"


def department_of(topic: str) -> str:
    """The department in a topic's name: its last part."""
    return topic.rsplit(".", 1)[-1]


def _departments_of(pattern: TopicPattern, publishers: Mapping[str, Collection[str]]) -> list[str | None]:
    if not pattern.is_per_department:
        return [None]
    if pattern.family in PUBLISHED_FAMILIES:
        return [code for code, families in publishers.items() if pattern.family in families]
    if pattern.family in ("rejected", "case.answers"):
        return [*publishers, HUB]
    return list(publishers)
