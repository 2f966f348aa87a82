"""The key ring: the keys that seal personal fields, name persons by tokens, and tell repeats apart."""

from connectors.keyring.contexts import context, field_context, refusal_context
from connectors.keyring.errors import (
    KeyRingDamaged,
    KeyRingError,
    KeyRingExposed,
    KeyRingMissing,
    UnknownKey,
    WrongContext,
)
from connectors.keyring.ring import SEAL_OVERHEAD, KeyRing, key_id_of

__all__ = [
    "SEAL_OVERHEAD",
    "KeyRing",
    "KeyRingDamaged",
    "KeyRingError",
    "KeyRingExposed",
    "KeyRingMissing",
    "UnknownKey",
    "WrongContext",
    "context",
    "field_context",
    "key_id_of",
    "refusal_context",
]
