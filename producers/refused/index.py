"""The index of refused records: written from the log, a batch and its positions in one transaction."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from threading import Condition
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from connectors.sql import checkpoint, reader_engine, sole_writer, writer_engine
from producers.refused.reasons import code_of
from producers.refused.records import Place, origin_of
from producers.refused.tables import FORM, MESSAGES, METADATA, NOTES, POSITIONS, SETTLED
from topics.events import RecordRefused, RefusalSettled

Partition = tuple[str, int]

_REFUSED: Final = insert(MESSAGES)
_REFUSED_KEPT: Final = _REFUSED.on_conflict_do_update(
    index_elements=["event_id"],
    set_={
        "times": MESSAGES.c.times + 1,
        "received_at": func.min(MESSAGES.c.received_at, _REFUSED.excluded.received_at),
        "last_at": func.max(MESSAGES.c.last_at, _REFUSED.excluded.last_at),
    },
)
_SETTLED_KEPT: Final = insert(SETTLED).on_conflict_do_nothing(index_elements=["refused_id"])


class About(msgspec.Struct, frozen=True):
    """What a record says it is, as far as the catalogue knows it: nothing else of it is kept in clear."""

    event_type: str | None = None
    resource: str | None = None


class Taken(msgspec.Struct, frozen=True):
    """A message as it was read: where, and the event; None where the bytes are no event that the index keeps."""

    place: Place
    event: RecordRefused | RefusalSettled | None
    about: About = About()


class RefusalIndex:
    """One SQLite file with one writer; bytes of records are not in it, they stay on the log.

    ``take`` is for one thread. ``await_taken`` wakes whoever waits for a place of the log.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            StoreInUse: another process writes it.
        """
        self._url = f"sqlite:///{path}"
        self._held = ExitStack()
        self._held.enter_context(sole_writer(self._url, writer="gateway", setting="data_dir"))
        self._writer = writer_engine(self._url)
        self._held.callback(self._writer.dispose)
        self.reader = reader_engine(self._url)
        self._held.callback(self.reader.dispose)
        self._news = Condition()
        self._next: dict[Partition, int] = {}
        with self._writer.begin() as connection:
            METADATA.create_all(connection)
            if _noted(connection).get("form", FORM) != FORM:
                self._begin_anew(connection, "")

    def open(self, cluster: str) -> Mapping[Partition, int]:
        """The position to read on from, by partition; empty where the index is new, or was another cluster's."""
        with self._writer.begin() as connection:
            if _noted(connection) != {"form": FORM, "cluster": cluster}:
                self._begin_anew(connection, cluster)
            rows = connection.execute(select(POSITIONS.c.topic, POSITIONS.c.partition, POSITIONS.c.next_offset))
            self._next = {(topic, partition): following for topic, partition, following in rows}
        return dict(self._next)

    def empty(self, cluster: str) -> None:
        """Begin anew: the log is not the one that was read."""
        with self._writer.begin() as connection:
            self._begin_anew(connection, cluster)
        self._next = {}

    def take(self, batch: Sequence[Taken]) -> None:
        """Keep what a batch says, and how far it was read, or nothing of it."""
        following: dict[Partition, int] = {}
        with self._writer.begin() as connection:
            _keep(connection, batch)
            for taken in batch:
                following[taken.place.topic, taken.place.partition] = taken.place.offset + 1
            for (topic, partition), offset in following.items():
                _upsert(connection, POSITIONS, {"topic": topic, "partition": partition, "next_offset": offset})
        with self._writer.connect() as connection:
            checkpoint(connection)
        with self._news:
            self._next.update(following)
            self._news.notify_all()

    def await_taken(self, place: Place, within_s: float) -> bool:
        """Whether the message of this place was taken, at the latest after so many seconds."""
        key = (place.topic, place.partition)
        with self._news:
            return self._news.wait_for(lambda: self._next.get(key, 0) > place.offset, within_s)

    def await_settled(self, refused_id: str, within_s: float) -> bool:
        """Whether it was read what became of a record, at the latest after so many seconds."""
        with self._news:
            return self._news.wait_for(lambda: self._is_settled(refused_id), within_s)

    def _is_settled(self, refused_id: str) -> bool:
        with self.reader.connect() as connection:
            found = connection.execute(select(SETTLED.c.refused_id).where(SETTLED.c.refused_id == refused_id))
            return found.first() is not None

    def close(self) -> None:
        """Let go of the file."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @staticmethod
    def _begin_anew(connection: Connection, cluster: str) -> None:
        METADATA.drop_all(connection)
        METADATA.create_all(connection)
        connection.execute(delete(NOTES))
        connection.execute(NOTES.insert(), [{"name": "form", "value": FORM}, {"name": "cluster", "value": cluster}])


def _noted(connection: Connection) -> dict[str, str]:
    return dict(connection.execute(select(NOTES.c.name, NOTES.c.value)).all())


def _keep(connection: Connection, batch: Sequence[Taken]) -> None:
    """The rows of a batch, each table's in one go; what was known of the same event stays, and it counts once more."""
    refused = [
        _message_row(each.place, each.event, each.about) for each in batch if isinstance(each.event, RecordRefused)
    ]
    settled = [_settled_row(each.place, each.event) for each in batch if isinstance(each.event, RefusalSettled)]
    if refused:
        connection.execute(_REFUSED_KEPT, refused)
    if settled:
        connection.execute(_SETTLED_KEPT, settled)


def _message_row(place: Place, event: RecordRefused, about: About) -> dict[str, Any]:
    origin = origin_of(event.origin)
    return {
        "event_id": event.event_id.hex(),
        "whole": _whole(event, origin.text, origin.count),
        "number": origin.number,
        "parts": origin.count,
        "department": event.department,
        "door": event.door,
        "codes": "".join(f" {code} " for code in dict.fromkeys(map(code_of, event.reasons))),
        "reasons": msgspec.json.encode(event.reasons).decode(),
        "received_at": event.received_at,
        "last_at": event.received_at,
        "times": 1,
        "origin": origin.text,
        "attempt_of": origin.root,
        "content_type": event.content_type,
        "sealed": event.sealed,
        "size_bytes": len(event.body),
        "event_type": about.event_type,
        "resource": about.resource,
        "topic": place.topic,
        "partition": place.partition,
        "offset": place.offset,
    }


def _whole(event: RecordRefused, origin: str | None, count: int) -> str:
    """The same for all parts of a record: they came together. A record in one part stands for itself."""
    if count == 1:
        return event.event_id.hex()
    named = msgspec.json.encode([event.department, event.door, origin, count, event.received_at])
    return blake2b(named, digest_size=16).hexdigest()


def _settled_row(place: Place, event: RefusalSettled) -> dict[str, Any]:
    return {
        "refused_id": event.refused_id,
        "outcome": event.outcome,
        "became": event.became,
        "receipt": event.receipt,
        "body_digest": event.body_digest,
        "reason": event.reason,
        "settled_by": event.settled_by,
        "at": event.at,
        "partition": place.partition,
        "offset": place.offset,
    }


def _upsert(connection: Connection, table: Any, row: dict[str, Any]) -> None:
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys}
    connection.execute(insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=changed))
