"""Signed messages between hub and payment office: HMAC-SHA256 over the time and the body, with a shared secret.

The header reads ``X-Payment-Signature: t=<seconds since 1970>,v1=<64 hexadecimal characters>``; what is signed is
``<t>.<body>``. A message whose time is more than ``TOLERANCE_S`` away is stale, so that one that was overheard cannot
be played again tomorrow.
"""

import hmac
import re
from typing import Final

from connectors.payment.port import NoticeRefused

HEADER: Final = "X-Payment-Signature"
TOLERANCE_S: Final = 300
_SHAPE: Final = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def sign(secret: bytes, at_s: int, body: bytes) -> str:
    """The header's value for this body at this time."""
    return f"t={at_s},v1={_mac(secret, at_s, body)}"


def refusal_of(secret: bytes, header: str, body: bytes, now_s: int) -> NoticeRefused | None:
    """Why this body is not believed, or None when whoever knows the secret signed it within the tolerance."""
    found = _SHAPE.fullmatch(header)
    if found is None:
        return NoticeRefused("unsigned", f"{HEADER} is not t=<seconds>,v1=<hexadecimal>")
    at_s = int(found.group(1))
    if not hmac.compare_digest(found.group(2), _mac(secret, at_s, body)):
        return NoticeRefused("forged", "the signature does not fit the body")
    if abs(now_s - at_s) > TOLERANCE_S:
        return NoticeRefused("stale", f"signed more than {TOLERANCE_S} seconds away from now")
    return None


def _mac(secret: bytes, at_s: int, body: bytes) -> str:
    return hmac.digest(secret, b"%d.%b" % (at_s, body), "sha256").hex()
