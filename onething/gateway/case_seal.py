"""What of a case nobody reads on the log: its form, the address for its results, the words of its evaluation."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

import msgspec

from connectors.keyring import context
from onething.gateway.application_request import FieldValue

FORM: Final = "form"
ADDRESS: Final = "address"
COMMENT: Final = "comment"
REQUEST: Final = "request"


class SealingKeys(Protocol):
    """What sealing needs of the key ring."""

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """The plaintext, bound to its context."""

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """The plaintext again."""

    def digest(self, plaintext: bytes, context: bytes) -> bytes:
        """16 bytes that say nothing of the plaintext."""

    def person_token(self, resident_id: str) -> str:
        """What stands for the person."""


def case_context(case_id: str, part: str) -> bytes:
    """The place of a sealed part of a case: it opens in no other case and as no other part."""
    return context("case", case_id, part)


def sealed_form(keys: SealingKeys, case_id: str, form: Mapping[str, FieldValue]) -> tuple[bytes | None, bytes | None]:
    """The sealed form and its digest; both None for a form without a value."""
    if not form:
        return None, None
    text = msgspec.json.encode(dict(form), order="sorted")
    place = case_context(case_id, FORM)
    return keys.seal(text, place), keys.digest(text, place)


def opened_form(keys: SealingKeys, case_id: str, sealed: bytes | None) -> dict[str, Any]:
    """The form in clear; empty where there is none."""
    if sealed is None:
        return {}
    form: dict[str, Any] = msgspec.json.decode(keys.unseal(sealed, case_context(case_id, FORM)))
    return form


def sealed_text(keys: SealingKeys, case_id: str, part: str, text: str | None) -> bytes | None:
    """A sealed text, None for none."""
    return keys.seal(text.encode(), case_context(case_id, part)) if text else None


def opened_text(keys: SealingKeys, case_id: str, part: str, sealed: bytes | None) -> str | None:
    """The text in clear, None for none."""
    return None if sealed is None else keys.unseal(sealed, case_context(case_id, part)).decode()


def request_id(keys: SealingKeys, case_id: str, request: bytes) -> bytes:
    """An event id that is the same for the same request of a case, and for no other."""
    return keys.digest(request, case_context(case_id, REQUEST))
