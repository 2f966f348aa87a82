"""How each kind of field takes a value of a draft: the value as Avro stores it, or what is wrong with it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from producers.identifier_reasons import in_chinese
from topics.identifiers import (
    check_licence_identifier,
    check_resident_id,
    check_subject,
    check_uscc,
    enterprise_subject,
)
from topics.identifiers import person_subject as named_person


class Wrong(NamedTuple):
    """What is wrong with a value: the fault's code, and what its reason names, in English and Chinese."""

    code: str
    en: str = ""
    zh: str = ""


class Person(NamedTuple):
    """A person named by resident ID, to be named by token before anything is sent."""

    resident_id: str


Take = Callable[[Any], Any]
"""Takes a value that is not None; gives what Avro stores, or Wrong."""

DAY_US: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_EARLIEST_US: Final = (datetime(1600, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LATEST_US: Final = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LONGEST: Final = 2**63
_DATE_LENGTH: Final = 10
_TERRITORY: Final = re.compile(r"[0-9]{6}")

_NO_TEXT: Final = Wrong("wrong-type", "a text", "文本")
_NO_WHOLE_NUMBER: Final = Wrong("wrong-type", "a whole number", "整数")
_EMPTY: Final = Wrong("empty-text")
_BAD_DATE: Final = Wrong("bad-date")
_BAD_TIME: Final = Wrong("bad-time")


def text(value: Any) -> Any:
    """A text that is not empty."""
    if isinstance(value, str):
        return value or _EMPTY
    return _NO_TEXT


def one_of(allowed: tuple[str, ...]) -> Take:
    """A text among the controlled values."""
    known = frozenset(allowed)
    wrong = Wrong("not-controlled", " ".join(allowed))

    def take(value: Any) -> Any:
        return value if isinstance(value, str) and value in known else wrong

    return take


def territory(value: Any) -> Any:
    """A region code of six digits."""
    if not isinstance(value, str):
        return _NO_TEXT
    return value if _TERRITORY.fullmatch(value) else Wrong("bad-territory")


def whole_number(value: Any) -> Any:
    """An integer that is not negative and fits 64 bits."""
    if type(value) is not int:
        return _NO_WHOLE_NUMBER
    return value if 0 <= value < _LONGEST else Wrong("out-of-range", "0 to 2^63 - 1")


def day(value: Any) -> Any:
    """A date as days since 1970; written ``2024-05-01``, nothing else."""
    if isinstance(value, str):
        if len(value) != _DATE_LENGTH or value[4] != "-" or value[7] != "-":
            return _BAD_DATE
        try:
            return date.fromisoformat(value).toordinal() - _EPOCH_DAY
        except ValueError:
            return _BAD_DATE
    if type(value) is date:
        return value.toordinal() - _EPOCH_DAY
    return _BAD_DATE


def moment(value: Any) -> Any:
    """A time as µs since 1970: written in ISO 8601 with its offset from UTC, or already as µs."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return _BAD_TIME
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return _BAD_TIME
        value = (value - _EPOCH) // _MICROSECOND
    if type(value) is not int:
        return _BAD_TIME
    return value if _EARLIEST_US <= value <= _LATEST_US else Wrong("out-of-range", "1600 to 9999")


def licence_identifier(value: Any) -> Any:
    """An electronic licence identifier (GB/T 36904)."""
    if not isinstance(value, str):
        return _NO_TEXT
    reason = check_licence_identifier(value)
    return value if reason is None else Wrong("bad-identifier", reason, in_chinese(reason))


def resident_id(value: Any) -> Any:
    """A resident ID number; that its birth date lies in the past is for whoever knows the day."""
    if not isinstance(value, str):
        return _NO_TEXT
    reason = check_resident_id(value, date.max)
    return value if reason is None else Wrong("bad-identifier", reason, in_chinese(reason))


def day_text(value: Any) -> Any:
    """A date that is sealed and stays text."""
    taken = day(value)
    return taken if type(taken) is Wrong else str(value)


def subject(value: Any) -> Any:
    """A subject as ``enterprise:<credit code>`` or ``person:<token>``, or the Person who must get a token first."""
    if isinstance(value, dict):
        return _named_subject(value)
    if not isinstance(value, str):
        return Wrong("wrong-type", "a subject: {kind, id}", "主体：{kind, id}")
    reason = check_subject(value)
    return value if reason is None else _bad_subject(reason)


def _named_subject(value: dict[Any, Any]) -> Any:
    kind = value.get("kind")
    if kind == "enterprise" and value.keys() == {"kind", "id"}:
        return _enterprise(value["id"])
    if kind == "person" and value.keys() == {"kind", "token"}:
        named = named_person(value["token"]) if isinstance(value["token"], str) else ""
        reason = check_subject(named)
        return named if reason is None else _bad_subject(reason)
    if kind == "person" and value.keys() == {"kind", "id"}:
        taken = resident_id(value["id"])
        return _bad_subject(taken.en or taken.code) if type(taken) is Wrong else Person(taken)
    return _bad_subject("kind and id are due, or kind and token", "应为 kind 与 id，或 kind 与 token")


def _enterprise(code: Any) -> Any:
    reason = check_uscc(code) if isinstance(code, str) else "id is no text"
    return enterprise_subject(code) if reason is None else _bad_subject(reason)


def _bad_subject(reason: str, zh: str | None = None) -> Wrong:
    return Wrong("bad-subject", reason, zh or in_chinese(reason))
