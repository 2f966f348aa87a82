"""Instants as people in China read them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8), "CST")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def iso(instant_us: int | None) -> str | None:
    """An instant in µs UTC as ISO 8601 with China's offset; None where there is none."""
    if instant_us is None:
        return None
    return (_EPOCH + timedelta(microseconds=instant_us)).astimezone(CHINA).isoformat(timespec="milliseconds")
