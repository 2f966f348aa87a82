"""Personal data made fit for the log: persons named by tokens, fields sealed, digests for the identity of events."""

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from connectors.keyring import KeyRing

PROTECTION_PATH: Final = "/v1/protection"
"""The hub's route that protects for others."""


class Secret(msgspec.Struct, frozen=True):
    """Clear bytes and the place that they are to be bound to (``connectors.keyring.field_context``)."""

    context: bytes
    plaintext: bytes


class ProtectRequest(msgspec.Struct, frozen=True):
    """What one record has that must not travel in clear: resident IDs, and field values."""

    persons: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()


class ProtectedSecret(msgspec.Struct, frozen=True):
    """Sealed bytes for the log, and a keyed digest (16 bytes) of the clear ones."""

    sealed: bytes
    digest: bytes


class Protected(msgspec.Struct, frozen=True):
    """The answer to one request, item for item in its order."""

    tokens: tuple[str, ...] = ()
    secrets: tuple[ProtectedSecret, ...] = ()


class ProtectionUnavailable(Exception):  # noqa: N818  the name is the fact
    """Nothing was protected, so nothing may be sent; ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class Protector(Protocol):
    """Protects records in batches.

    ``is_near`` says that a call costs microseconds, so that records need not be gathered for one call.
    """

    @property
    def is_near(self) -> bool:
        """Whether calls are as cheap as the work itself."""

    def protect(self, requests: Sequence[ProtectRequest]) -> list[Protected]:
        """One answer a request, in order.

        Raises:
            ProtectionUnavailable: the keys cannot be reached.
        """


class LocalProtector:
    """Protects with a key ring of this machine: for the hub's own processes."""

    is_near = True

    def __init__(self, keyring: KeyRing) -> None:
        """Use this ring."""
        self._keyring = keyring

    def protect(self, requests: Sequence[ProtectRequest]) -> list[Protected]:
        """One answer a request, in order."""
        return [self._protected(request) for request in requests]

    def _protected(self, request: ProtectRequest) -> Protected:
        tokens = tuple(self._keyring.person_token(person) for person in request.persons)
        return Protected(tokens, tuple(self._secret(secret) for secret in request.secrets))

    def _secret(self, secret: Secret) -> ProtectedSecret:
        return ProtectedSecret(
            self._keyring.seal(secret.plaintext, secret.context), self._keyring.digest(secret.plaintext, secret.context)
        )
