"""How persons appear on pages: never in clear, and still told apart."""

import re
from typing import Final

_TOKEN: Final = re.compile(r"^person:(?P<token>.+)$")
_RESIDENT_ID: Final = re.compile(r"(?<![0-9A-Za-z])(\d{3})\d{11}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_PHONE: Final = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_SHOWN: Final = 6


def masked(text: str | None) -> str:
    """A subject or free text as a page may show it: tokens cut short, numbers of persons and phones with stars."""
    if not text:
        return "—"
    if found := _TOKEN.match(text):
        return f"个人 {found['token'][:_SHOWN]}…"
    without_id = _RESIDENT_ID.sub(r"\1***********\2", text)
    return _PHONE.sub(r"\1****\2", without_id)


def masked_name(name: str | None) -> str:
    """A person's name by its first character only: 张三丰 is 张**."""
    if not name:
        return "—"
    return name[0] + "*" * max(len(name) - 1, 1)


def subject_name(subject: str) -> str:
    """A subject as it heads a page: an enterprise by its code, a person masked."""
    kind, _, name = subject.partition(":")
    return name if kind == "enterprise" else masked(subject)


def masked_enterprise(name: str | None) -> str:
    """An enterprise's name as the public page shows it: first and last two characters."""
    if not name:
        return "—"
    if len(name) <= _EDGES * 2:
        return name[0] + "*" * (len(name) - 1)
    return name[:_EDGES] + "*" * (len(name) - 2 * _EDGES) + name[-_EDGES:]


_EDGES: Final = 2
