"""Reading archives out of the store: decode, fold, and say where every line comes from."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from processors.archive.keys import FactKey
from processors.archive.store import ArchiveStore
from processors.domain.archive import ArchiveRecord, KnownFact, fold
from topics.codec import SchemaIds
from topics.codec.rows import RowCodec
from topics.schemas import newest_schemas

COMMON_FIELDS = frozenset(
    ("event_id", "source", "resource", "subject", "record_type", "record_id", "version", "valid_at", "case_id")
)
MASK = "***"


class ArchiveReader:
    """Archives of one store."""

    def __init__(self, store: ArchiveStore, ids: SchemaIds) -> None:
        """Read this store with these schemas."""
        self._store = store
        self._codec = RowCodec(ids)

    def archive(
        self, subject: str, as_of: int | None = None, resources: AbstractSet[str] | None = None
    ) -> tuple[ArchiveRecord, ...]:
        """The records of a subject, with history and marks, as the log knew them at ``as_of`` (µs) or now.

        With ``resources`` only the records of these, which are the only ones that are decoded.
        """
        rows = self._store.facts(subject)
        return self.folded((row for row in rows if resources is None or row[0].resource in resources), as_of)

    def folded(self, rows: Iterable[tuple[FactKey, bytes]], as_of: int | None = None) -> tuple[ArchiveRecord, ...]:
        """The records that rows of one subject, as the store keeps them, come to."""
        return fold(self._facts(rows), as_of)

    def _facts(self, rows: Iterable[tuple[FactKey, bytes]]) -> Iterator[KnownFact]:
        for key, message in rows:
            schema, record = self._codec.decode_trusted(message)
            yield _fact(key, self._store.topic(key.topic_number), schema.name, record)


def shown(record: ArchiveRecord) -> dict[str, Any]:
    """A record as people and programs see it: personal fields masked, provenance on every line."""
    line = _line(record.current)
    line["disputed"] = record.disputed
    line["disputes"] = [{"resource": resource, "record_id": record_id} for resource, record_id in record.disputes]
    line["rivals"] = [_line(fact) for fact in record.rivals]
    line["history"] = [_line(fact) for fact in record.history]
    return line


def _line(fact: KnownFact) -> dict[str, Any]:
    return {
        "record_type": fact.record_type,
        "record_id": fact.record_id,
        "resource": fact.resource,
        "source": fact.source,
        "event": fact.name,
        "event_id": fact.event_id.hex(),
        "version": fact.version,
        "valid_at": fact.valid_at,
        "known_at": fact.known_at,
        "case_id": fact.case_id,
        "withdrawn": fact.withdrawn,
        "content": _masked(fact),
        "provenance": {"topic": fact.topic, "partition": fact.partition, "offset": fact.offset},
    }


def _masked(fact: KnownFact) -> dict[str, Any]:
    published = newest_schemas().get(fact.name)
    personal = published.personal_fields if published else ()
    return {
        name: MASK if name in personal and value is not None else value.hex() if isinstance(value, bytes) else value
        for name, value in fact.content.items()
    }


def _fact(key: FactKey, topic: str, name: str, record: dict[str, Any]) -> KnownFact:
    return KnownFact(
        resource=key.resource,
        record_type=record["record_type"],
        record_id=key.record_id,
        version=key.version,
        event_id=key.event_id,
        source=record["source"],
        valid_at=record["valid_at"],
        known_at=key.known_at_ms * 1000,
        topic=topic,
        partition=key.partition,
        offset=key.offset,
        name=name,
        content={field: value for field, value in record.items() if field not in COMMON_FIELDS},
        case_id=record["case_id"],
    )


def subject_exists(records: tuple[ArchiveRecord, ...]) -> bool:
    """Whether anything in force is known of the subject."""
    return any(not record.current.withdrawn for record in records)
