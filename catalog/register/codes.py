"""Codes of catalogue entries by 政务信息资源目录编制指南（试行）: 类, 项, 目, 细目 (1, 2, 3, any digits) / sequence.

The digits before the slash classify, those behind it count the entries of that class. Which numbers the city gave to
its departments and themes is unstated: only the form is judged here, and the next sequence counted.
"""

import re
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

import msgspec

CLASSES: Final = MappingProxyType({"1": "基础信息资源", "2": "主题信息资源", "3": "部门信息资源"})
"""类: the guideline's three classes by resource attribute."""

ENTRY_CODE: Final = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""What identifies an entry in the hub: ``<department>.<name>``."""
FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""A field's name as Avro takes it; Chinese goes into its ``doc``."""

_FRONT_DIGITS: Final = 6
_SEQUENCE_DIGITS: Final = 6
# The guideline leaves 细目 and the sequence open; these bounds are ours.
_PARTS: Final = re.compile(r"([0-9]{1,24})(?:/([0-9]{0,12}))?")


class CatalogueCode(msgspec.Struct, frozen=True):
    """A code in its parts; ``sequence`` is ``""`` where only the class is named yet."""

    kind: str
    item: str
    group: str
    detail: str
    sequence: str

    @property
    def front(self) -> str:
        """The classifying digits."""
        return f"{self.kind}{self.item}{self.group}{self.detail}"

    def __str__(self) -> str:
        """The code as it is written."""
        return f"{self.front}/{self.sequence}" if self.sequence else self.front


class CodeFault(msgspec.Struct, frozen=True):
    """What is wrong with a code, in Chinese and in English."""

    reason: str
    reason_en: str


def read_code(text: str) -> CatalogueCode | CodeFault:
    """The code in its parts, or why it is none."""
    match = _PARTS.fullmatch(text)
    if match is None:
        return CodeFault(
            "代码由不超过 24 位数字、“/”和不超过 12 位顺序码组成", "a code is at most 24 digits, a slash, at most 12"
        )
    front, sequence = match[1], match[2]
    if len(front) < _FRONT_DIGITS:
        reason = f"前段码有 {len(front)} 位，至少应有 {_FRONT_DIGITS} 位（类1·项2·目3）"
        return CodeFault(reason, f"{len(front)} digits before the slash, at least {_FRONT_DIGITS} are due")
    if front[0] not in CLASSES:
        return CodeFault(f"类“{front[0]}”不在 1、2、3 之内", f"class {front[0]} is none of 1, 2, 3")
    if sequence == "":
        return CodeFault("“/”之后没有顺序码", "no sequence follows the slash")
    return CatalogueCode(front[0], front[1:3], front[3:6], front[6:], sequence or "")


def next_code(front: str, taken: Iterable[str]) -> str:
    """The code that follows the highest sequence taken under the same classifying digits; the first is 000001.

    Raises:
        ValueError: ``front`` classifies nothing.
    """
    wanted = read_code(front)
    if isinstance(wanted, CodeFault):
        raise ValueError(f"{front!r}: {wanted.reason_en}")  # noqa: TRY004  the text is wrong, not its type
    read = (each for code in taken if isinstance(each := read_code(code), CatalogueCode))
    highest = max((int(each.sequence) for each in read if each.sequence and each.front == wanted.front), default=0)
    return f"{wanted.front}/{highest + 1:0{_SEQUENCE_DIGITS}}"
