"""Converters: a cell of a table as the value of a draft, or what is wrong with it. Nothing is mended on the way."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from producers.identifier_reasons import in_chinese
from producers.values import Wrong
from topics.identifiers import check_resident_id, check_uscc

Converter = Callable[[str], Any]
"""Takes a cell that is not absent; gives the draft's value, or Wrong."""

_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_DAMAGED: Final = "\ufffd"
# Tabs and line ends may stand in a quoted cell.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_AMOUNT: Final = re.compile(
    r"(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?)\(?(?P<ten_thousand>万)?(?P<unit>[\u4e00-\u9fff]{0,8}元|人民币|元人民币)?\)?"
)
# Groups of three or none, and no zero in front: "02" may be a broken "0.2".
_SURE_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_YUAN: Final = frozenset(("元", "人民币", "元人民币", "人民币元", "元人民币元"))
_TEN_THOUSAND: Final = 10_000
_LONGEST: Final = 2**63
_BAD_DATE: Final = Wrong("bad-date")


def text(value: str) -> Any:
    """The text as it stands; empty, damaged and control characters are refused."""
    if not value.strip():
        return Wrong("empty-text")
    if _DAMAGED in value:
        return Wrong("text-damaged")
    return Wrong("control-character") if _CONTROL.search(value) else value


def credit_code(value: str) -> Any:
    """A unified social credit code."""
    reason = check_uscc(value)
    return value if reason is None else Wrong("bad-identifier", reason, in_chinese(reason))


def region_of_credit_code(value: str) -> Any:
    """The region of the authority that registered the holder: digits 3 to 8 of a credit code."""
    code = credit_code(value)
    return code if isinstance(code, Wrong) else code[2:8]


def resident_id(value: str) -> Any:
    """A resident identity number; whether its birth date has passed is for whoever knows the day."""
    reason = check_resident_id(value, date.max)
    return value if reason is None else Wrong("bad-identifier", reason, in_chinese(reason))


def whole_number(value: str) -> Any:
    """An integer of plain digits."""
    return int(value) if _WHOLE.fullmatch(value) else Wrong("wrong-type", "a whole number", "整数")


def amount_yuan(value: str) -> Any:
    """An amount in yuan where the text says it without doubt, None where it leaves one.

    Left open: no currency (``1,000(万)``), another currency, a part of a yuan, groups or zeros that may be mistakes.
    What is no amount at all is refused: another column may have slipped in.
    """
    found = _AMOUNT.fullmatch(value)
    if found is None:
        return Wrong(
            "wrong-type", "an amount with its unit, such as 1,000(万元人民币)", "带单位的金额，如 1,000(万元人民币)"
        )
    if found["unit"] not in _YUAN or _SURE_NUMBER.fullmatch(found["number"]) is None:
        return None
    number = Decimal(found["number"].replace(",", "")) * (_TEN_THOUSAND if found["ten_thousand"] else 1)
    return int(number) if number == int(number) and number < _LONGEST else None


def date_in(formats: tuple[str, ...]) -> Converter:
    """A date, of which only the day is kept, as ``YYYY-MM-DD``."""

    def convert(value: str) -> Any:
        moment = _moment(value, formats)
        return _BAD_DATE if moment is None else moment.date().isoformat()

    return convert


def day_begin_in(formats: tuple[str, ...]) -> Converter:
    """The instant at which a date begins in Asia/Shanghai, µs."""

    def convert(value: str) -> Any:
        moment = _moment(value, formats)
        return _BAD_DATE if moment is None else _instant(moment.replace(hour=0, minute=0, second=0, microsecond=0))

    return convert


def moment_in(formats: tuple[str, ...]) -> Converter:
    """An instant written in the time of Asia/Shanghai, µs."""

    def convert(value: str) -> Any:
        moment = _moment(value, formats)
        return Wrong("bad-time") if moment is None else _instant(moment)

    return convert


def lookup_in(values: Mapping[str, str]) -> Converter:
    """What a table gives for the text; a text that is not in it is refused."""
    wrong = Wrong("not-controlled", " ".join(values))

    def convert(value: str) -> Any:
        return values.get(value, wrong)

    return convert


def among(allowed: tuple[str, ...], convert: Converter) -> Converter:
    """The same converter for the allowed texts only."""
    known = frozenset(allowed)
    wrong = Wrong("not-controlled", " ".join(allowed))

    def convert_known(value: str) -> Any:
        return convert(value) if value in known else wrong

    return convert_known


@lru_cache(maxsize=65_536)
def _moment(value: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(value, form).replace(tzinfo=_SHANGHAI)
        except ValueError:
            continue
    return None


def _instant(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp()) * 1_000_000
