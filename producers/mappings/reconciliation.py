"""The written reconciliation of an import: totals, reasons, and each refused row with line, value and reason."""

import json
import re
from pathlib import Path
from typing import Any, Final

from producers.faults import Language
from producers.mappings.import_account import ImportAccount, RefusedRow
from producers.mappings.mapping import RowFault
from topics.clear_text import holds_resident_id

HIDDEN_ZH: Final = "（{} 字，不显示）"
HIDDEN_EN: Final = "({} characters, not shown)"
#: Codes, dates, amounts: at least one digit or mask among digits, letters, marks and the words of units. A cell that
#: slipped in from another column may be a person's name, so anything else stays hidden.
_SPEAKABLE: Final = re.compile(
    r"(?=.*[0-9*])[0-9A-Za-z*.,:/()（） +-]*(?:万?[美港日欧香元人民币澳大利亚]{0,8}[)）]?)?|N/A"
)
_UNREADABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_LONGEST_SHOWN: Final = 64


def shown(value: str | None, lang: Language = "zh") -> str | None:
    """The cell of a refused row as it may be shown: identifiers, dates and amounts, never what may name a person.

    Of a text that stays hidden the first character that no text may hold is named, and its place.
    """
    if value is None or not value:
        return value
    if len(value) <= _LONGEST_SHOWN and _SPEAKABLE.fullmatch(value) and not holds_resident_id(value):
        return value
    hidden = (HIDDEN_ZH if lang == "zh" else HIDDEN_EN).format(len(value))
    if (unreadable := _UNREADABLE.search(value)) is None:
        return hidden
    named = f"U+{ord(unreadable[0]):04X}"
    place = unreadable.start() + 1
    return f"{hidden} 第 {place} 字为 {named}" if lang == "zh" else f"{hidden} character {place} is {named}"


def summary(account: ImportAccount, lang: Language = "zh") -> dict[str, Any]:
    """The account as plain values, refused rows included."""
    return {
        "file": account.file,
        "mapping": account.mapping,
        "rows": account.rows,
        "blank_lines": account.blank_lines,
        "published": account.published,
        "refused": len(account.refused),
        "adds_up": account.adds_up,
        "duplicates": account.duplicates,
        "conflicts": account.conflicts,
        "archives": account.archives,
        "reasons": [
            {"column": column or None, "reason": reason, "rows": count}
            for (column, reason), count in account.reasons(lang).most_common()
        ],
        "refused_rows": [_refused(row, lang) for row in account.refused],
        "receipts": [
            {"topic": topic, "partition": partition, "messages": span.messages}
            | {"first_offset": span.first_offset, "last_offset": span.last_offset}
            for (topic, partition), span in sorted(account.spans.items())
        ],
    }


def write_reconciliation(account: ImportAccount, path: Path, lang: Language = "zh") -> None:
    """Write the summary as JSON, UTF-8, for people to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(summary(account, lang), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _refused(row: RefusedRow, lang: Language) -> dict[str, Any]:
    return {"line": row.line, "faults": [_fault(each, lang) for each in row.faults]}


def _fault(each: RowFault, lang: Language) -> dict[str, Any]:
    reason, remedy = each.fault.told(lang)
    return {
        "column": each.column or each.fault.field or None,
        "value": shown(each.value, lang),
        "code": each.fault.code,
        "reason": reason,
        "remedy": remedy,
    }
