"""One thing looked at, and what was found."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """PASS: works. WARN: works, but see the hint. FAIL: does not work. SKIP: does not apply here."""

    PASS = "PASS"  # noqa: S105  a verdict, no password
    WARN = "WARN"
    FAIL = "FAIL"
    SKIP = "SKIP"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do about it (empty when nothing)."""

    name: str
    verdict: Verdict
    detail: str
    hint: str = ""


def passed(name: str, detail: str) -> Finding:
    """It works."""
    return Finding(name, Verdict.PASS, detail)


def warned(name: str, detail: str, hint: str) -> Finding:
    """It works, but."""
    return Finding(name, Verdict.WARN, detail, hint)


def failed(name: str, detail: str, hint: str) -> Finding:
    """It does not work."""
    return Finding(name, Verdict.FAIL, detail, hint)


def skipped(name: str, detail: str) -> Finding:
    """It does not apply here."""
    return Finding(name, Verdict.SKIP, detail)


def looked_at(name: str, look: Callable[[], Finding]) -> Finding:
    """The finding; a look that breaks is a finding too, so that the others are still made."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001  whatever broke is what the reader wants to know
        return failed(name, f"{type(error).__name__}: {error}", getattr(error, "remedy", "") or "see the message")
