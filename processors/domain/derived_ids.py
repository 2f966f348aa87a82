"""Identifiers that follow from what caused them: the same cause gives the same event, however often it is handled."""

from hashlib import blake2b
from typing import Final

EVENT_ID_LENGTH: Final = 16


def derived_event_id(cause: bytes, name: str, discriminator: str = "") -> bytes:
    """The 16-byte id of an event.

    Args:
        cause: id of the event that led to it.
        name: its type's name.
        discriminator: tells apart several events of one name with one cause.
    """
    return _digest((cause, name.encode(), discriminator.encode()))


def task_id_of(case_id: str, check_id: str, department: str, subject: str) -> str:
    """The id of the one task that a case can have for a part, 32 hexadecimal characters."""
    return _digest(tuple(each.encode() for each in (case_id, check_id, department, subject))).hex()


def _digest(values: tuple[bytes, ...]) -> bytes:
    # Each value goes in behind its length, so that no two lists of values run together to the same bytes.
    hashed = blake2b(digest_size=EVENT_ID_LENGTH)
    for value in values:
        hashed.update(len(value).to_bytes(4, "big") + value)
    return hashed.digest()
