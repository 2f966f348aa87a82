"""One writing for one value: JSON with sorted keys and no white space, and what is derived from it."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

EVENT_ID_LENGTH: Final = 16


def _as_dict(value: object) -> dict[Any, Any]:
    """A read-only mapping as one that JSON is written from."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


_ENCODER: Final = msgspec.json.Encoder(order="sorted", enc_hook=_as_dict)


def canonical(value: object) -> str:
    """The value as canonical JSON: equal values give equal text, character by character."""
    return _ENCODER.encode(value).decode()


def plain(value: object) -> dict[str, Any]:
    """A frozen struct as the state that the register keeps: plain JSON values."""
    # Through JSON: ``to_builtins`` leaves tuples as they are, and a state as it is read back has lists.
    return msgspec.json.decode(msgspec.json.encode(value))  # type: ignore[no-any-return]


def digest_of(*values: str) -> bytes:
    """16 bytes that follow from these values; each goes in behind its length, so that no two lists run together."""
    hashed = blake2b(digest_size=EVENT_ID_LENGTH)
    for value in values:
        written = value.encode()
        hashed.update(len(written).to_bytes(4, "big") + written)
    return hashed.digest()
