"""What every event has, what every fact has, what every event of a case has."""

from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What every event has: a 16-byte identifier; the same event always has the same one."""

    event_id: bytes

    def record(self) -> dict[str, Any]:
        """The event as the plain record that the codec encodes."""
        return msgspec.to_builtins(self, builtin_types=(bytes,))  # type: ignore[no-any-return]


class Fact(Event, frozen=True, kw_only=True):
    """What a department states about a subject: the common fields that come first in every fact's schema."""

    source: str
    resource: str
    subject: str
    record_type: str
    record_id: str
    version: int
    valid_at: int
    case_id: str | None = None


class CaseEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a case."""

    case_id: str
