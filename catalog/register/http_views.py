"""What the register's door shows: times as people in China read them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import msgspec

from catalog.register.changes import RecordedChange
from catalog.register.differences import Difference
from catalog.register.reader import RegisteredEntity
from catalog.register.store import Applied

CHINA: Final = timezone(timedelta(hours=8), "CST")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def iso(instant_us: int | None) -> str | None:
    """An instant in µs UTC as people in China read it; ``None`` where there is none."""
    if instant_us is None:
        return None
    return (_EPOCH + timedelta(microseconds=instant_us)).astimezone(CHINA).isoformat(timespec="microseconds")


def entity_view(entity: RegisteredEntity) -> dict[str, Any]:
    """An entity as it stands."""
    return msgspec.structs.asdict(entity) | {"changed_at": iso(entity.changed_at), "due_at": iso(entity.due_at)}


def change_view(change: RecordedChange) -> dict[str, Any]:
    """One change."""
    return msgspec.structs.asdict(change) | {"at": iso(change.at), "due_at": iso(change.due_at)}


def difference_view(difference: Difference) -> dict[str, Any]:
    """One field that differs."""
    return msgspec.structs.asdict(difference)


def applied_view(applied: Applied, *, dry_run: bool) -> dict[str, Any]:
    """What commands came to."""
    changes = [change_view(change) for change in applied.changes]
    return {"dry_run": dry_run, "changes": changes, "repeated": list(applied.repeated)}
