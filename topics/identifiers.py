"""Identifiers of enterprises, persons and electronic licences: check them, make valid ones, name subjects.

Every check takes the text as it came and returns ``None`` when it is valid, otherwise one reason in English. The
wording of a reason is stable, so that refusals can be counted by it, and it never repeats the text: a refused resident
ID must not travel on in a message. Nothing is mended: no trimming, no upper-casing, no full-width digits.

Sources: GB 32100-2015 (unified social credit code), GB 11714 (the organisation code inside it), GB 11643 (resident
identity number), GB/T 36904 (electronic licence identifier), ISO/IEC 7064 (MOD 11-2 and MOD 37,36).
"""

import re
from collections.abc import Sequence
from datetime import date
from operator import mul
from typing import Final

SUBJECT_KINDS: Final = ("enterprise", "person")

MASKED: Final = "masked: the full identifier is needed, one with * names nobody"

# GB 32100 leaves out I, O, S, V and Z, which are read as 1, 0, 5, U and 2.
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_USCC_VALUES: Final = bytes(max(0, _USCC_ALPHABET.find(chr(code))) for code in range(256))
# The check character has weight 1: with it the weighted sum of a valid code is a multiple of 31.
_USCC_SUM_WEIGHTS: Final = (*_USCC_WEIGHTS, 1)
_USCC_SHAPE: Final = re.compile(rf"[1-9ANY][{_USCC_ALPHABET}][0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_USCC_OPENING_SHAPE: Final = re.compile(rf"[1-9ANY][{_USCC_ALPHABET}][0-9]{{6}}")
_USCC_DEPARTMENTS: Final = "123456789ANY"

_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
# "MA" opens the organisation codes given out since 2015; the six places after it hold the serial.
_ORGANISATION_PREFIX: Final = "MA"
_SERIAL_PLACES: Final = 6

_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS: Final = "10X98765432"
_RESIDENT_SHAPE: Final = re.compile(r"[0-9]{17}[0-9X]")
# 81, 82 and 83 are the residence permits for Hong Kong, Macao and Taiwan. Counties are not looked up: they are
# founded, merged and renumbered, and a number keeps the county of its holder's registration for life.
_PROVINCES: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")

LICENCE_ROOT: Final = "1.2.156.3005.2"
_LICENCE_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LICENCE_TYPE_SHAPE: Final = re.compile(rf"[{_USCC_ALPHABET}]{{18}}[0-9]{{3}}")
_LICENCE_PART_SHAPE: Final = re.compile(r"[0-9A-Z]+")
_LICENCE_VERSION_SHAPE: Final = re.compile(r"[0-9]{3}")
_LICENCE_CHECK_SHAPE: Final = re.compile(r"[0-9A-Z]")

_TOKEN_SHAPE: Final = re.compile(r"[0-9a-f]{32}")


def check_uscc(text: str) -> str | None:
    """Return why this is no unified social credit code, or None when it is one (GB 32100-2015, 18 characters).

    The check character inside (place 17, of the organisation code) is not asked for: GB 32100 rests on the 18th alone.
    """
    if _USCC_SHAPE.fullmatch(text) is None:
        return _uscc_shape_fault(text)
    if sum(map(mul, text.encode().translate(_USCC_VALUES), _USCC_SUM_WEIGHTS)) % 31:
        return "check character does not fit the 17 characters before it"
    return None


def _uscc_shape_fault(text: str) -> str:
    fault = _text_fault(text, 18)
    if fault is not None:
        return fault
    for place, character in enumerate(text, start=1):
        if character in "IOSVZ":
            return f"character {place} is one of I, O, S, V, Z, which the code does not use"
        if character not in _USCC_ALPHABET:
            return f"character {place} is neither a digit nor a capital letter"
    if text[0] not in _USCC_DEPARTMENTS:
        return "character 1 is no registration department (1 to 9, A, N or Y)"
    return "characters 3 to 8 are no region code of six digits"


def _text_fault(text: str, length: int) -> str | None:
    """Return what every identifier is refused for first: masks, length, lower-case letters."""
    if "*" in text or "＊" in text:
        return MASKED
    if len(text) != length:
        return f"{len(text)} characters where {length} are due"
    if any("a" <= character <= "z" for character in text):
        return "lower-case letter: the identifier is written with capital letters"
    return None


def uscc_check_character(first17: str) -> str:
    """Return the 18th character of the code that begins with these 17 (weights 3^i modulo 31).

    Raises:
        ValueError: a character is outside the alphabet, or there are not 17.
    """
    values = [_USCC_ALPHABET.index(character) for character in first17]
    total = sum(value * weight for value, weight in zip(values, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def make_uscc(first: str, region6: str, serial: int) -> str:
    """Return the valid code of the serial-th made-up organisation of a region; distinct serials, distinct codes.

    Args:
        first: registration department and category such as ``91`` (enterprise) or ``92`` (sole trader); a department
            alone (``9``) takes category 1.
        region6: six digits.
        serial: 0 to 31^6 - 1 (887 million).

    Raises:
        ValueError: an argument does not fit, or the serial is out of range.
    """
    opening = (first if len(first) > 1 else first + "1") + region6
    if _USCC_OPENING_SHAPE.fullmatch(opening) is None:
        raise ValueError(f"no credit code begins with first={first!r} and region6={region6!r}")
    body = _ORGANISATION_PREFIX + _serial_text(serial)
    first17 = opening + body + organisation_check_character(body)
    return first17 + uscc_check_character(first17)


def _serial_text(serial: int) -> str:
    if not 0 <= serial < 31**_SERIAL_PLACES:
        raise ValueError(f"serial {serial} is outside 0 to {31**_SERIAL_PLACES - 1}")
    return "".join(_USCC_ALPHABET[serial // 31**place % 31] for place in reversed(range(_SERIAL_PLACES)))


def organisation_check_character(first8: str) -> str:
    """Return the 9th character of an organisation code, places 9 to 17 of a credit code (GB 11714, modulo 11)."""
    values = (int(character, 36) for character in first8)
    remainder = -sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)  # noqa: PLR2004  # the standard writes ten as X


def check_resident_id(text: str, on: date) -> str | None:
    """Return why this is no resident identity number, or None when it is one (GB 11643, 18 characters).

    A birth date after ``on`` is refused. Residence permits for Hong Kong, Macao and Taiwan (81, 82, 83) are valid.
    """
    if _RESIDENT_SHAPE.fullmatch(text) is None:
        return _resident_shape_fault(text)
    if _PROVINCES.match(text) is None:
        return "characters 1 and 2 are no province"
    birth = _date_of(text[6:14])
    if birth is None:
        return "characters 7 to 14 are no date"
    if birth > on:
        return "birth date lies in the future"
    if text[17] != resident_id_check_character(text[:17]):
        return "check character does not fit the 17 characters before it"
    return None


def _resident_shape_fault(text: str) -> str:
    first_generation_length = 15
    if len(text) == first_generation_length and re.fullmatch("[0-9]+", text):
        return "15 digits: a first-generation number, the one of 18 characters is needed"
    fault = _text_fault(text, 18)
    if fault is not None:
        return fault
    if re.fullmatch("[0-9]{17}", text[:17]):
        return "character 18 is neither a digit nor X"
    return "a character among the first 17 is no digit"


def _date_of(yyyymmdd: str) -> date | None:
    try:
        return date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:]))
    except ValueError:
        return None


def resident_id_check_character(first17: str) -> str:
    """Return the 18th character of the number that begins with these 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def make_resident_id(region6: str, birth: date, sequence: int) -> str:
    """Return the valid number of a made-up person; odd sequences (0 to 999) are men.

    Raises:
        ValueError: the region is no six digits of a province, or the sequence is out of range.
    """
    if not 0 <= sequence <= 999:  # noqa: PLR2004  # three digits
        raise ValueError(f"sequence {sequence} is outside 0 to 999")
    if re.fullmatch("[0-9]{6}", region6) is None or _PROVINCES.match(region6) is None:
        raise ValueError(f"no resident number begins with region6={region6!r}")
    first17 = f"{region6}{birth:%Y%m%d}{sequence:03d}"
    return first17 + resident_id_check_character(first17)


def check_licence_identifier(text: str) -> str | None:
    """Return why this is no electronic licence identifier, or None when it is one (GB/T 36904).

    ``1.2.156.3005.2.<type>.<issuer>.<serial>.<version>.<check>``: the type is the credit code of the authority that
    defined it and three digits. An issuer of any length is taken, because region codes occur beside credit codes.
    """
    fault = _licence_text_fault(text)
    if fault is not None:
        return fault
    parts = text[len(LICENCE_ROOT) + 1 :].split(".")
    if len(parts) != 5:  # noqa: PLR2004  # type, issuer, serial, version, check
        return f"{len(parts)} parts after the root where 5 are due: type, issuer, serial, version, check"
    fault = _licence_parts_fault(*parts)
    if fault is not None:
        return fault
    if parts[4] != licence_check_character(parts[:4]):
        return "check character does not fit the parts before it"
    return None


def _licence_text_fault(text: str) -> str | None:
    if "*" in text or "＊" in text:
        return MASKED
    if not text.startswith(LICENCE_ROOT + "."):
        return f"does not begin with the root {LICENCE_ROOT}"
    if any("a" <= character <= "z" for character in text):
        return "lower-case letter: the identifier is written with capital letters"
    return None


def _licence_parts_fault(type_code: str, issuer: str, serial: str, version: str, check: str) -> str | None:
    if _LICENCE_TYPE_SHAPE.fullmatch(type_code) is None:
        return "type is no credit code of 18 characters with three digits"
    if check_uscc(type_code[:18]) is not None:
        return "credit code in the type is not valid"
    for name, part in (("issuer", issuer), ("serial", serial)):
        if _LICENCE_PART_SHAPE.fullmatch(part) is None:
            return f"{name} is not made of digits and capital letters"
    if _LICENCE_VERSION_SHAPE.fullmatch(version) is None:
        return "version is not three digits"
    if _LICENCE_CHECK_SHAPE.fullmatch(check) is None:
        return "check is not one digit or capital letter"
    return None


def licence_check_character(parts: Sequence[str]) -> str:
    """Return the check character over type, issuer, serial and version, dots left out (ISO/IEC 7064 MOD 37,36).

    Raises:
        ValueError: a character is neither a digit nor a capital letter.
    """
    product = 36
    for character in "".join(parts):
        total = (product + _LICENCE_ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return _LICENCE_ALPHABET[(1 - product) % 36]


def make_licence_identifier(type_code: str, issuer: str, serial: str | int, version: int) -> str:
    """Return the valid identifier of a made-up licence; version 1 to 999, a renewal takes the next.

    Raises:
        ValueError: a part does not fit the standard.
    """
    parts = (type_code, issuer, str(serial), f"{version:03d}")
    fault = _licence_parts_fault(*parts, check="0")
    if fault is not None:
        raise ValueError(f"no licence identifier can be made: {fault}")
    return ".".join((LICENCE_ROOT, *parts, licence_check_character(parts)))


def enterprise_subject(uscc: str) -> str:
    """Return the subject of an enterprise: ``enterprise:<credit code>``."""
    return f"enterprise:{uscc}"


def person_subject(token: str) -> str:
    """Return the subject of a person: ``person:<token>``; the token is 32 lower-case hexadecimal characters."""
    return f"person:{token}"


def check_subject(text: str) -> str | None:
    """Return why this names no subject, or None when it does."""
    kind, colon, name = text.partition(":")
    if not colon or kind not in SUBJECT_KINDS:
        return "subject is neither enterprise:<credit code> nor person:<token>"
    if kind == "enterprise":
        return check_uscc(name)
    return None if _TOKEN_SHAPE.fullmatch(name) else "person token is not 32 lower-case hexadecimal characters"
