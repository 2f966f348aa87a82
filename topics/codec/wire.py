"""Confluent wire format: byte 0, the schema's id as four big-endian bytes, then the Avro body."""

import struct
from dataclasses import dataclass

MAGIC = 0
HEADER_LENGTH = 5
_HEADER = struct.Struct(">bI")


# Not frozen: `with` sets the traceback of an exception that passes a context manager.
@dataclass(unsafe_hash=True)
class CodecFault(Exception):  # noqa: N818  a fault is a value here, raised only across the codec's edge
    """Bytes that are not one well-formed message.

    Attributes:
        code: stable kebab-case name of the fault, e.g. ``trailing-bytes``.
        detail: what was expected and found; never holds field values.
    """

    code: str
    detail: str

    def __str__(self) -> str:
        """Code and detail as one line."""
        return f"{self.code}: {self.detail}"


def frame(schema_id: int, body: bytes) -> bytes:
    """One message: header and body."""
    return _HEADER.pack(MAGIC, schema_id) + body


def schema_id_of(message: bytes | None) -> int:
    """The schema id in the header.

    Raises:
        CodecFault: ``tombstone`` for None, ``bad-header`` for anything that does not start as a message does.
    """
    if message is None:
        raise CodecFault("tombstone", "a message without a value is not a fact; publish a …Withdrawn event instead")
    if len(message) < HEADER_LENGTH or message[0] != MAGIC:
        raise CodecFault("bad-header", f"{len(message)} bytes that do not start with byte 0 and a schema id")
    return int.from_bytes(message[1:HEADER_LENGTH], "big")
