"""Sealing, tokens and digests with the keys of one ring."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors.keyring.errors import KeyRingMissing, UnknownKey, WrongContext
from connectors.keyring.file import (
    KEY_ID_BYTES,
    FieldKey,
    KeyRingFile,
    locked,
    new_content,
    new_field_key,
    read,
    write,
)

FILE_NAME: Final = "keyring.json"
NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEADER_BYTES: Final = KEY_ID_BYTES + NONCE_BYTES
SEAL_OVERHEAD: Final = _HEADER_BYTES + _TAG_BYTES
"""By how many bytes sealed bytes are longer than their plaintext."""

_TOKEN_BYTES: Final = 16
_DIGEST_BYTES: Final = 16
_LOOK_INTERVAL_S: Final = 1.0


@dataclass(frozen=True)
class _Sealer:
    """One field key, ready for use."""

    prefix: bytes
    nonce_key: bytes
    cipher: AESGCM

    @classmethod
    def of(cls, field_key: FieldKey) -> "_Sealer":
        key = bytes.fromhex(field_key.key)
        nonce_key = hmac.digest(key, b"onething nonce", "sha256")
        return cls(bytes.fromhex(field_key.id), nonce_key, AESGCM(key))

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        # A nonce that depends on what it protects: a repeat seals to the same bytes, and no two plaintexts share one.
        nonce = hmac.digest(self.nonce_key, _framed(context) + plaintext, "sha256")[:NONCE_BYTES]
        return self.prefix + nonce + self.cipher.encrypt(nonce, plaintext, context)


@dataclass(frozen=True)
class _Keys:
    """The keys of one state of the file."""

    token_key: bytes
    digest_key: bytes
    sealers: dict[bytes, _Sealer]
    current: _Sealer
    field_keys: tuple[FieldKey, ...]

    @classmethod
    def of(cls, content: KeyRingFile) -> "_Keys":
        sealers = [_Sealer.of(each) for each in content.field_keys]
        return cls(
            token_key=bytes.fromhex(content.token_key),
            digest_key=bytes.fromhex(content.digest_key),
            sealers={sealer.prefix: sealer for sealer in sealers},
            current=sealers[-1],
            field_keys=content.field_keys,
        )


class KeyRing:
    """The keys in one directory; safe to use from several threads, and beside other processes that rotate.

    Sealed bytes are key id (4), nonce (12), AES-256-GCM ciphertext and tag (16 more than the plaintext). Only the
    keys that seal rotate; the key of tokens and the key of digests never do, because the log is never rewritten.
    """

    def __init__(self, path: Path) -> None:
        """Read the ring's file; ``open`` and ``open_or_create`` take its directory."""
        self._path = path
        self._keys = _Keys.of(read(path))
        self._modified = path.stat().st_mtime_ns
        self._look_at = time.monotonic() + _LOOK_INTERVAL_S

    @classmethod
    def open(cls, directory: Path) -> "KeyRing":
        """The ring that exists in the directory.

        Raises:
            KeyRingMissing: there is none.
            KeyRingExposed, KeyRingDamaged: it cannot be trusted.
        """
        return cls(directory / FILE_NAME)

    @classmethod
    def open_or_create(cls, directory: Path) -> "KeyRing":
        """The ring in the directory; made, once, whoever asks first, when there is none.

        Raises:
            KeyRingExposed, KeyRingDamaged: it cannot be trusted.
        """
        path = directory / FILE_NAME
        with locked(path):
            try:
                return cls(path)
            except KeyRingMissing:
                write(path, new_content(_now_us()))
                return cls(path)

    @property
    def path(self) -> Path:
        """The ring's file."""
        return self._path

    def key_ids(self) -> tuple[tuple[str, int], ...]:
        """(id, created at in µs) of every key that seals, oldest first; the last one is in use."""
        return tuple((each.id, each.created_at) for each in self._keys.field_keys)

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """The plaintext, encrypted and bound to its context; the same bytes again for the same arguments and key."""
        self._look()
        return self._keys.current.seal(plaintext, context)

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """The plaintext.

        Raises:
            UnknownKey: sealed with a key that the ring does not hold.
            WrongContext: changed, cut, or sealed for another context.
        """
        if len(sealed) < SEAL_OVERHEAD:
            raise WrongContext
        sealer = self._sealer(sealed[:KEY_ID_BYTES])
        try:
            return sealer.cipher.decrypt(sealed[KEY_ID_BYTES:_HEADER_BYTES], sealed[_HEADER_BYTES:], context)
        except InvalidTag:
            raise WrongContext from None

    def person_token(self, resident_id: str) -> str:
        """32 hexadecimal characters that stand for this person everywhere; the number cannot be had from them."""
        mac = hmac.digest(self._keys.token_key, resident_id.encode(), "sha256")
        return mac[:_TOKEN_BYTES].hex()

    def digest(self, plaintext: bytes, context: bytes) -> bytes:
        """16 bytes that are equal for equal arguments, for ever, and say nothing of the plaintext."""
        return hashlib.blake2b(
            _framed(context) + plaintext, digest_size=_DIGEST_BYTES, key=self._keys.digest_key
        ).digest()

    def rotate(self) -> str:
        """Seal with a fresh key from now on; the id of that key. What was sealed before stays readable."""
        with locked(self._path):
            content = read(self._path)
            fresh = new_field_key(_now_us())
            write(self._path, msgspec.structs.replace(content, field_keys=(*content.field_keys, fresh)))
            self._reload()
        return fresh.id

    def _sealer(self, key_id: bytes) -> _Sealer:
        if key_id not in self._keys.sealers:
            self._reload()
        try:
            return self._keys.sealers[key_id]
        except KeyError:
            raise UnknownKey(key_id.hex()) from None

    def _look(self) -> None:
        """Take up a rotation by another process, within a second of it."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_INTERVAL_S
        if self._path.stat().st_mtime_ns != self._modified:
            self._reload()

    def _reload(self) -> None:
        self._modified = self._path.stat().st_mtime_ns
        self._keys = _Keys.of(read(self._path))


def key_id_of(sealed: bytes) -> str:
    """The id of the key that sealed these bytes."""
    return sealed[:KEY_ID_BYTES].hex()


def _framed(context: bytes) -> bytes:
    return len(context).to_bytes(4, "big") + context


def _now_us() -> int:
    return time.time_ns() // 1000
