"""The key ring's file: readable by its owner alone, written whole or not at all."""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from connectors.keyring.errors import KeyRingDamaged, KeyRingExposed, KeyRingMissing

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 4
_OWNER_ONLY: Final = 0o600
_OTHERS: Final = 0o077
_FORMAT: Final = 1


class FieldKey(msgspec.Struct, frozen=True):
    """A key that seals; the last of the ring is the one in use."""

    id: str
    key: str
    created_at: int


class KeyRingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file's content; keys as hexadecimal text, times in µs, ``sum`` over everything else."""

    format: int
    token_key: str
    digest_key: str
    field_keys: tuple[FieldKey, ...]
    sum: str = ""

    def summed(self) -> "KeyRingFile":
        """The same content with its sum."""
        plain = msgspec.structs.replace(self, sum="")
        return msgspec.structs.replace(self, sum=hashlib.sha256(msgspec.json.encode(plain)).hexdigest())


def new_content(now_us: int) -> KeyRingFile:
    """A ring of fresh random keys."""
    return KeyRingFile(_FORMAT, new_key(), new_key(), (new_field_key(now_us),))


def new_field_key(now_us: int) -> FieldKey:
    """A fresh random key; its id is random too, so that keys of another ring are told apart."""
    return FieldKey(secrets.token_hex(KEY_ID_BYTES), new_key(), now_us)


def new_key() -> str:
    """32 random bytes as hexadecimal text."""
    return secrets.token_hex(KEY_BYTES)


def read(path: Path) -> KeyRingFile:
    """The file's content.

    Raises:
        KeyRingMissing: no such file.
        KeyRingExposed: its group or others have any right on it.
        KeyRingDamaged: it is not exactly what was written.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            text = file.read()
    except FileNotFoundError:
        raise KeyRingMissing(path) from None
    if mode & _OTHERS:
        raise KeyRingExposed(path, mode)
    return _parsed(path, text)


def write(path: Path, content: KeyRingFile) -> None:
    """Put the content in the file's place: after a crash it is there whole, or what was there before is."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, _OWNER_ONLY)
        file.write(msgspec.json.format(msgspec.json.encode(content.summed())))
        file.flush()
        os.fsync(descriptor)
    fresh.replace(path)
    _sync_folder(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the ring's lock; the folder is made, open to its owner alone, when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    with os.fdopen(descriptor, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _parsed(path: Path, text: bytes) -> KeyRingFile:
    try:
        content = msgspec.json.decode(text, type=KeyRingFile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # The decoder's own message may quote the text, which is key material.
        raise KeyRingDamaged(path, "it is not the JSON of a key ring") from None
    if content.format != _FORMAT:
        raise KeyRingDamaged(path, f"format {content.format}, this release reads {_FORMAT}")
    if content != content.summed() or not content.field_keys:
        raise KeyRingDamaged(path, "its sum does not fit its content")
    return content


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
