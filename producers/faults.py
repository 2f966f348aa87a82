"""What is wrong with a draft of a fact: a stable code, the place, the reason and the remedy, in Chinese and English.

Reasons never repeat a value: what was refused may be a person's number in the wrong place.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from producers.fault_texts import TEXTS

Language = Literal["zh", "en"]


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with one record.

    Attributes:
        code: kebab-case name that never changes its meaning.
        field: where, as a path such as ``content.state``; empty for the whole record.
        reason: what is wrong, English.
        remedy: what its sender can do, English.
        reason_zh: the reason in Chinese.
        remedy_zh: the remedy in Chinese.
    """

    code: str
    field: str
    reason: str
    remedy: str
    reason_zh: str = ""
    remedy_zh: str = ""

    def told(self, lang: Language = "zh") -> tuple[str, str]:
        """(reason, remedy) in a language; English where there is no Chinese."""
        if lang == "zh":
            return self.reason_zh or self.reason, self.remedy_zh or self.remedy
        return self.reason, self.remedy

    def line(self, lang: Language = "zh") -> str:
        """Code, place and reason as one line: ``missing-field: content.state: 缺少必填项``."""
        return ": ".join(part for part in (self.code, self.field, self.told(lang)[0]) if part)


def fault(code: str, field: str, en: str = "", zh: str = "") -> Fault:
    """The fault of a known code.

    Args:
        code: one of ``fault_texts.TEXTS``.
        field: where.
        en: what the reason's ``{}`` stands for; never a value of the record.
        zh: the same in Chinese; the English when not given.
    """
    text = TEXTS[code]
    return Fault(
        code,
        field,
        reason=text.reason.replace("{}", en),
        remedy=text.remedy.replace("{}", en),
        reason_zh=text.reason_zh.replace("{}", zh or en),
        remedy_zh=text.remedy_zh.replace("{}", zh or en),
    )


def as_told(faults: Sequence[Fault], lang: Language) -> list[dict[str, str]]:
    """The faults as plain records with the keys code, field, reason and remedy, in one language."""
    return [_record(each, *each.told(lang)) for each in faults]


def _record(each: Fault, reason: str, remedy: str) -> dict[str, str]:
    return {"code": each.code, "field": each.field, "reason": reason, "remedy": remedy}
