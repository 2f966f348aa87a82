"""Instants as queries write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from onething.gateway.problems import Fault, request_refused

_MICROSECONDS: Final = re.compile(r"[0-9]{1,17}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant_of(field: str, text: str) -> int | None:
    """µs UTC of an ISO 8601 instant with its offset, or of plain µs; None for an empty text.

    Raises:
        Problem: 422, it is neither.
    """
    if not text:
        return None
    if _MICROSECONDS.fullmatch(text):
        return int(text)
    try:
        # A plus sign that nobody encoded arrives as a blank.
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        reason = "an ISO 8601 instant with its offset, or microseconds since 1970, is due"
        raise request_refused([Fault(field, "not-an-instant", reason)]) from None
    return (instant - _EPOCH) // timedelta(microseconds=1)
