"""Refused records, kept byte for byte: sealed unless they surely hold no personal data."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from connectors.keyring import refusal_context
from producers.event_ids import refusal_id
from producers.faults import Fault
from producers.outcomes import Received
from producers.protection import ProtectedSecret, Protector, ProtectRequest, Secret
from producers.shapes import event_shapes
from topics.clear_text import holds_resident_id
from topics.events import RecordRefused
from topics.identifiers import check_uscc

PART_BYTES: Final = 512 * 1024
"""A record larger than this is kept in parts: Kafka's messages are at most 1 MB."""

MOST_REASONS: Final = 50


def refused_records(
    received: Received, faults: Sequence[Fault], department: str, door: str, protector: Protector, now_us: int
) -> Iterator[RecordRefused]:
    """The events that keep a refused record, one for each of its parts."""
    sealed = may_be_personal(received, faults)
    parts = _parts(received.body)
    protected = _protected(parts, department, protector) if sealed else [_plain(part) for part in parts]
    for number, part in enumerate(protected, start=1):
        origin = _part_origin(received.origin, number, len(parts))
        yield RecordRefused(
            event_id=refusal_id(department, door, origin, part.digest),
            department=department,
            door=door,
            reasons=tuple(fault.line() for fault in faults[:MOST_REASONS]),
            received_at=now_us,
            origin=origin,
            content_type=received.content_type,
            sealed=sealed,
            body=part.sealed,
        )


def as_received(draft: Any) -> Received:
    """A draft that came as a Python object, as the bytes that are kept of it."""
    try:
        body = msgspec.json.encode(draft, enc_hook=repr)
    except (TypeError, ValueError, RecursionError):
        # Lone surrogates and keys that are no text: the standard library writes those, escaped.
        body = json.dumps(draft, default=repr, skipkeys=True).encode()
    return Received(body, draft)


def may_be_personal(received: Received, faults: Sequence[Fault]) -> bool:
    """Whether the bytes may hold personal data: anything but an enterprise's record of known, unpersonal fields."""
    draft = received.draft
    if not isinstance(draft, Mapping) or not isinstance(draft.get("type"), str):
        return True
    shape = event_shapes().get(draft["type"])
    if shape is None or shape.is_personal or not _is_enterprise(draft.get("subject")):
        return True
    if any(fault.code in ("unknown-field", "personal-data-in-clear", "not-unicode") for fault in faults):
        return True
    return holds_resident_id(received.body.decode("utf-8", "replace"))


def _is_enterprise(subject: Any) -> bool:
    if isinstance(subject, str):
        return subject.startswith("enterprise:") and check_uscc(subject.removeprefix("enterprise:")) is None
    if not isinstance(subject, Mapping) or subject.keys() != {"kind", "id"} or subject["kind"] != "enterprise":
        return False
    return isinstance(subject["id"], str) and check_uscc(subject["id"]) is None


def _parts(body: bytes) -> list[bytes]:
    return [body[start : start + PART_BYTES] for start in range(0, len(body), PART_BYTES)] or [b""]


def _protected(parts: list[bytes], department: str, protector: Protector) -> list[ProtectedSecret]:
    context = refusal_context(department)
    return [protector.protect([ProtectRequest(secrets=(Secret(context, part),))])[0].secrets[0] for part in parts]


def _plain(part: bytes) -> ProtectedSecret:
    return ProtectedSecret(part, hashlib.blake2b(part, digest_size=16).digest())


def _part_origin(origin: str | None, number: int, count: int) -> str | None:
    return origin if count == 1 else f"{origin or ''}#{number}/{count}"
