"""Identifiers that the gateway gives: of cases, and of the events that it publishes."""

from hashlib import blake2b
from typing import Final

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CASE_ID_LENGTH: Final = 26
RANDOM_LENGTH: Final = 10
_DIGEST_LENGTH: Final = 16


def new_case_id(at_us: int, randomness: bytes) -> str:
    """A case id that sorts by time, in the form of a ULID.

    Args:
        at_us: microseconds UTC.
        randomness: 10 bytes.
    """
    return _written((at_us // 1000 << 80) | int.from_bytes(randomness, "big"))


def case_id_of_key(idempotency_key: str, requested_by: str) -> str:
    """The one case id of a requester's idempotency key, so that a repeated request is the same case."""
    return _written(int.from_bytes(digest(requested_by, idempotency_key), "big"))


def digest(*values: str) -> bytes:
    """16 bytes over the values, each behind its length."""
    hashed = blake2b(digest_size=_DIGEST_LENGTH)
    for value in values:
        encoded = value.encode()
        hashed.update(len(encoded).to_bytes(4, "big") + encoded)
    return hashed.digest()


def _written(number: int) -> str:
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_CASE_ID_LENGTH)))
