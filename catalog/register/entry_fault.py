"""A fault of a catalogue entry: a refusal's words, and how much it weighs."""

from typing import Final, Literal

from catalog.register.changes import Refusal

Severity = Literal["error", "warning"]
ERROR: Final = "error"
WARNING: Final = "warning"


class EntryFault(Refusal, frozen=True, kw_only=True):
    """Where an entry falls short; an ``error`` keeps it from being submitted, a ``warning`` asks somebody to look."""

    severity: Severity = ERROR


def error(field: str, reason: str, reason_en: str, remedy: str, remedy_en: str) -> EntryFault:
    """A fault that must be mended before the entry is submitted."""
    return EntryFault(field=field, reason=reason, reason_en=reason_en, remedy=remedy, remedy_en=remedy_en)


def warning(field: str, reason: str, reason_en: str, remedy: str, remedy_en: str) -> EntryFault:
    """What somebody should look at."""
    return EntryFault(
        field=field, reason=reason, reason_en=reason_en, remedy=remedy, remedy_en=remedy_en, severity=WARNING
    )
