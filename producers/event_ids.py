"""The identity of events: a repeat is the same event, and nobody can guess a person's data from it."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

EVENT_ID_BYTES: Final = 16
_CANONICAL: Final = msgspec.msgpack.Encoder(order="sorted")
_IDENTIFYING: Final = ("source", "resource", "record_id", "version")
# The record type follows from the resource, by a catalogue that may be corrected; it identifies nothing.
_DERIVED: Final = ("event_id", "record_type")


def event_id(name: str, record: Mapping[str, Any], digests: Mapping[str, bytes]) -> bytes:
    """BLAKE2b-128 over source, resource, record id, version and content, each with its length before it.

    Fields that are null are left out: a field that a later schema adds is null in what was published before, and must
    not make a repeat of it another event.

    Args:
        name: event type.
        record: the fact's fields as Avro stores them, without those in ``digests``.
        digests: personal field → keyed digest of its clear text. The key never rotates, so the identity outlives
            the ciphertext, and without the key the identity says nothing of the clear text.
    """
    content = {key: value for key, value in record.items() if value is not None and key not in _DERIVED}
    leading = [content.pop(key) for key in _IDENTIFYING]
    content.update(digests)
    return hashlib.blake2b(_CANONICAL.encode([name, *leading, content]), digest_size=EVENT_ID_BYTES).digest()


def refusal_id(department: str, door: str, origin: str | None, body_digest: bytes) -> bytes:
    """The identity of a refused record: who, by which door, from where in it, and what."""
    named = _CANONICAL.encode(["RecordRefused", department, door, origin, body_digest])
    return hashlib.blake2b(named, digest_size=EVENT_ID_BYTES).digest()
