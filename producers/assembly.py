"""Messages built from checked drafts: personal fields sealed, persons named by tokens, identity computed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.keyring import field_context
from producers.drafts import CheckedDraft
from producers.event_ids import event_id
from producers.protection import Protected, ProtectRequest, Secret
from topics.codec import SchemaIds, WireSchema, encode_body, frame
from topics.events import Event
from topics.identifiers import person_subject

_NOTHING: Mapping[str, bytes] = {}


class Envelope(msgspec.Struct, gc=False):
    """One message ready to be sent; ``resource`` is the one that its coverage counts it for, None for none."""

    topic: str
    key: bytes
    value: bytes
    event_id: bytes
    resource: str | None = None


class Assembly:
    """Builds messages under the registered schemas."""

    def __init__(self, ids: SchemaIds) -> None:
        self._ids = ids
        self._schemas: dict[str, WireSchema] = {}

    def fact(self, checked: CheckedDraft, protected: Protected | None) -> Envelope:
        """The message of a fact; ``protected`` answers ``protect_request`` when that gave one.

        Raises:
            LookupError: its schema is not registered.
        """
        record, name = checked.record, checked.shape.name
        digests = _NOTHING if protected is None else _put_in(checked, protected)
        identity = event_id(name, record, digests)
        record["event_id"] = identity
        resource = None if checked.shape.family == "correction" else record["resource"]
        return Envelope(checked.topic, record["subject"].encode(), self._message(name, record), identity, resource)

    def event(self, event: Event, topic: str, key: bytes) -> Envelope:
        """The message of an event that is complete."""
        return Envelope(topic, key, self._message(type(event).__name__, event.record()), event.event_id)

    def _message(self, name: str, record: dict[str, Any]) -> bytes:
        schema = self._schemas.get(name)
        if schema is None:
            schema = self._schemas[name] = self._ids.newest(name)
        return frame(schema.schema_id, encode_body(schema, record))


def protect_request(checked: CheckedDraft) -> ProtectRequest | None:
    """What of a draft must not travel in clear; None when nothing."""
    if not checked.personal and not checked.persons:
        return None
    resource, record_id = checked.record["resource"], checked.record["record_id"]
    secrets = (
        Secret(field_context(resource, record_id, name), text.encode()) for name, text in checked.personal.items()
    )
    return ProtectRequest(tuple(checked.persons.values()), tuple(secrets))


def _put_in(checked: CheckedDraft, protected: Protected) -> dict[str, bytes]:
    """Put tokens and sealed bytes into the record; the digests of the personal fields."""
    for name, token in zip(checked.persons, protected.tokens, strict=True):
        checked.record[name] = person_subject(token)
    digests = {}
    for name, secret in zip(checked.personal, protected.secrets, strict=True):
        checked.record[name] = secret.sealed
        digests[name] = secret.digest
    return digests
