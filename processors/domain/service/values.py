"""Values of form fields: whether one fits its field, how the archive's are written in a form, when two are the same."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final
from unicodedata import normalize

import msgspec

from processors.domain.service.held import DAY_US, MASK, today
from processors.domain.service.terms import FieldTerms
from topics.identifiers import check_resident_id, check_uscc

LONGEST_TEXT: Final = 1000
LONGEST_SAID: Final = 60
_LIKE_RESIDENT_ID: Final = re.compile(r"(?=([1-8]\d{16}[\dXx]))")
_EPOCH: Final = date(1970, 1, 1)
_LAST_DAY: Final = (date.max - _EPOCH).days
# Mobile; landline with or without area code, extension allowed; 400 and 800 numbers; short service numbers.
_PHONE: Final = re.compile(r"1[3-9]\d{9}|(0\d{2,3}-?)?[2-9]\d{6,7}(-\d{1,6})?|[48]00-?\d{3}-?\d{4}|9[56]\d{3,4}")
_BEYOND_NUMBERS: Final = 10**15
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


class Fitted(msgspec.Struct, frozen=True):
    """A value as the form keeps it, or why it does not fit (in Chinese; the value is not repeated)."""

    value: Any = None
    reason: str | None = None


def fitted(field: FieldTerms, value: Any, now: int) -> Fitted:
    """The value in the field's type; texts lose the white space around them."""
    given = value.strip() if isinstance(value, str) else value
    return _FITS[field.type](field, given, now)


def is_blank(value: Any) -> bool:
    """Whether nothing was filled in."""
    return value is None or (isinstance(value, str) and not value.strip())


def written(field: FieldTerms, value: Any) -> Any:
    """An archive's value as a form shows it: days and microseconds since 1970 as a date, numbers as text in a text."""
    if field.type == "date" and isinstance(value, int):
        return _day(value if abs(value) <= _LAST_DAY else value // DAY_US) or str(value)
    if field.type in ("number", "boolean"):
        return value
    return value if isinstance(value, str) else str(value)


def _day(days: int) -> str | None:
    """The day so many days after 1970 began, None beyond the calendar."""
    ordinal = _EPOCH.toordinal() + days
    return date.fromordinal(ordinal).isoformat() if 1 <= ordinal <= date.max.toordinal() else None


def is_same(one: Any, other: Any) -> bool:
    """Whether two values say the same: width of characters, brackets and white space do not matter."""
    return bool(_plain(one) == _plain(other))


def sayable(value: Any) -> str:
    """A value as a message may repeat it: cut where it is long, masked where it holds a resident ID number."""
    text = str(value)
    if any(check_resident_id(each[1].upper(), date.max) is None for each in _LIKE_RESIDENT_ID.finditer(text)):
        return MASK
    return text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]}…"


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(normalize("NFKC", value).split()).casefold()
    return value


def _text(_: FieldTerms, value: Any, __: int) -> Fitted:
    if not isinstance(value, str):
        return Fitted(reason="应为文字")
    if len(value) > LONGEST_TEXT:
        return Fitted(reason=f"超过 {LONGEST_TEXT} 个字")
    lines = value.replace("\r\n", "\n")
    if not lines.replace("\n", "").isprintable():
        return Fitted(reason="含有不能显示的字符")
    return Fitted(lines)


def _number(_: FieldTerms, value: Any, __: int) -> Fitted:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Fitted(float(value) if "." in value else int(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Fitted(reason="应为数字")
    return Fitted(value) if abs(value) < _BEYOND_NUMBERS else Fitted(reason="应为不超过 15 位的数字")


def _date(_: FieldTerms, value: Any, __: int) -> Fitted:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return Fitted(date.fromisoformat(value).isoformat())
        except ValueError:
            return Fitted(reason="没有这一天")
    return Fitted(reason="应为日期，写作 2026-01-31")


def _choice(field: FieldTerms, value: Any, _: int) -> Fitted:
    return (
        Fitted(value) if value in field.choices else Fitted(reason=f"应从下列选项中选一项：{'、'.join(field.choices)}")
    )


def _boolean(_: FieldTerms, value: Any, __: int) -> Fitted:
    return Fitted(value) if isinstance(value, bool) else Fitted(reason="应为是或否（true、false）")


def _uscc(_: FieldTerms, value: Any, __: int) -> Fitted:
    reason = check_uscc(value) if isinstance(value, str) else "no text"
    return Fitted(value) if reason is None else Fitted(reason=f"不是有效的统一社会信用代码（{reason}）")


def _resident_id(_: FieldTerms, value: Any, now: int) -> Fitted:
    on = _EPOCH + timedelta(days=today(now))
    reason = check_resident_id(value, on) if isinstance(value, str) else "no text"
    return Fitted(value) if reason is None else Fitted(reason=f"不是有效的公民身份号码（{reason}）")


def _phone(_: FieldTerms, value: Any, __: int) -> Fitted:
    if isinstance(value, str) and _PHONE.fullmatch(value.replace(" ", "")):
        return Fitted(value.replace(" ", ""))
    return Fitted(reason="不是有效的电话号码")


_FITS: Final[Mapping[str, Callable[[FieldTerms, Any, int], Fitted]]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "boolean": _boolean,
    "uscc": _uscc,
    "resident-id": _resident_id,
    "phone": _phone,
    "address": _text,
}
