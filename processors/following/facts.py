"""A micro-batch of facts as reactions see it: in columns, with single facts taken out where one is wanted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from processors.domain.archive import WITHDRAWN_SUFFIX
from topics.codec import RowCodec
from topics.declarations import department_of, topic_name
from topics.events import Fact
from topics.judgement import FactColumns, Message, judge
from topics.schemas import newest_schemas

_COLUMNS = ("resource", "subject", "record_type", "record_id", "version", "valid_at", "event_id", "case_id")


class ArrivedFact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One fact that the archive takes too, with its place on the log.

    Attributes:
        name: its type's, e.g. ``LicenceIssued``.
        family: licence, registration or verification.
        department: who stated it.
        known_at: the broker's append time, µs.
        message: its bytes as they stand on the log.
    """

    name: str
    family: str
    department: str
    resource: str
    subject: str
    record_type: str
    record_id: str
    version: int
    valid_at: int
    event_id: bytes
    case_id: str | None
    partition: int
    offset: int
    known_at: int
    message: bytes

    @property
    def is_withdrawn(self) -> bool:
        """Whether it says that the record should not have been published."""
        return self.name.endswith(WITHDRAWN_SUFFIX)

    @property
    def receipt(self) -> str:
        """``topic/partition/offset``: a query that carries it waits until the archive has the fact."""
        return f"{topic_name(self.family, self.department)}/{self.partition}/{self.offset}"


@dataclass(frozen=True)
class FactBatch:
    """The facts of one micro-batch, those that the archive refuses left out."""

    columns: tuple[FactColumns, ...]
    codec: RowCodec

    def __len__(self) -> int:
        return sum(each.frame.height for each in self.columns)

    def where(self, chosen: pl.Expr) -> Iterator[ArrivedFact]:
        """The facts that a condition chooses, type by type, each type's in the order of the batch.

        Args:
            chosen: over the columns ``name``, ``family``, ``resource``, ``subject``, ``record_type``, ``record_id``,
                ``version``, ``valid_at``, ``event_id`` and ``case_id``, such as ``pl.col("resource").is_in(codes)``.
        """
        for each in self.columns:
            family = newest_schemas()[each.schema.name].family
            frame = each.frame.select(_COLUMNS).with_columns(
                name=pl.lit(each.schema.name), family=pl.lit(family), place=pl.int_range(pl.len())
            )
            for row in frame.filter(chosen).iter_rows(named=True):
                yield _arrived(row, each.messages[row.pop("place")])

    def event(self, fact: ArrivedFact) -> Fact:
        """The whole fact, personal fields still sealed."""
        event = self.codec.event(fact.message)
        assert isinstance(event, Fact)  # noqa: S101  nothing else is judged a fact
        return event


def fact_batch(messages: Sequence[Message], codec: RowCodec) -> FactBatch:
    """The facts among these messages; those that are none, or that the archive refuses, are passed over."""
    return FactBatch(tuple(judge(messages, codec.ids).columns), codec)


def _arrived(row: dict[str, Any], message: Message) -> ArrivedFact:
    return ArrivedFact(
        **row,
        department=department_of(message.topic()),
        partition=message.partition(),
        offset=message.offset(),
        known_at=message.timestamp()[1] * 1000,
        message=message.value(),
    )
