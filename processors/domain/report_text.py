"""The report as text that an official can file: Chinese first, English on request, aligned by display width."""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from processors.domain.report_words import ANSWER_WORDS, TERMS, WORDS, Lang

PAGE_WIDTH: Final = 78
"""Columns of a page; a Chinese character takes two."""

WIDE_SPACE: Final = "\u3000"
"""The space between entries of a line; Python does not call it printable."""


def report_text(report: Mapping[str, Any], lang: Lang = "zh") -> str:
    """The report, a decoded ``report_body``, as lines of at most ``PAGE_WIDTH`` columns where words allow."""
    words = WORDS[lang]
    sections = (
        [_centred(report["title"]), ""],
        _head(report, words),
        ["", _rule(words["result"])],
        *(_lead_line(line, words) for line in report["lead_lines"]),
        *(_check_line(line, words, ANSWER_WORDS[lang]) for line in report["lines"]),
        ["", _rule(words["summary"])],
        [_summary(report, words, ANSWER_WORDS[lang])],
        _changes(report, words, ANSWER_WORDS[lang]),
        _earlier(report, words),
        _terms(report, words, TERMS[lang]),
        _foot(report, words),
    )
    return "\n".join(line.rstrip() for section in sections for line in section) + "\n"


def display_width(text: str) -> int:
    """Columns that a text takes: two for wide and full-width characters, none for combining ones."""
    return sum(_columns(character) for character in text)


def wrapped(text: str, width: int) -> list[str]:
    """The text cut into lines of at most ``width`` columns: after a space where there is one, else anywhere."""
    lines: list[str] = []
    line = ""
    for word in _pieces(text):
        if line and display_width(line) + display_width(word.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += word
        while display_width(line.rstrip()) > width:
            cut = _fitting(line, width)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _head(report: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    look_back = report["look_back"]
    span = words["span"].format(
        since=_day(look_back["since"]), until=_day(look_back["until"]), years=look_back["years"]
    )
    territory = report["territory"]
    version = words["first" if report["kind"] == "report" else "amendment"].format(number=report["number"])
    bundle = report["bundle"]
    entries = [
        ("number", report["case_id"]),
        ("revision", version),
        ("bundle", f"{bundle['name']}　{bundle['document']}" if words is WORDS["zh"] else bundle["name"]),
        *(("subject", each["subject"] + (words["related"] if each["related"] else "")) for each in report["subjects"]),
        ("purpose", report["purpose"]),
        ("requested_by", report["requested_by"]),
        ("requested_at", _when(report["requested_at"])),
        ("look_back", span),
        ("territory", words["region"].format(territory=territory) if territory else words["anywhere"]),
        ("lead", report["lead"]["name"]),
    ]
    return [line for name, value in entries for line in _entry(words[name], value)]


def _lead_line(line: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    times = words["lead_line"].format(received=_when(line["received_at"]), delivered=_when(line["delivered_at"]))
    names = "、".join(each["name"] for each in line["departments"])
    return [*_numbered(line), *_entry(words["department"], names, 4), *_entry(words["handling"], times, 4)]


def _check_line(line: Mapping[str, Any], words: Mapping[str, str], answers: Mapping[str, str]) -> list[str]:
    lines = [*_numbered(line), *_entry(words["conclusion"], f"【{answers[line['answer']]}】", 4)]
    single = len(line["parts"]) == 1
    for part in line["parts"]:
        lines += _part(part, words, None if single else answers)
    return lines


def _part(part: Mapping[str, Any], words: Mapping[str, str], answers: Mapping[str, str] | None) -> list[str]:
    head = part["department"]["name"]
    if answers is not None:
        # Only a line with several parts needs to say what each of them says, and about whom.
        head += f"　{part['subject']}　{answers[part['answer']]}"
    entries = [("department", head), *_answered(part, words)]
    entries += [("evidence", each) for each in part["evidence"]]
    entries += [("coverage", _coverage(each, words)) for each in part["coverage"]]
    if part["note"]:
        entries.append(("note", part["note"]))
    if part["awaits_department"]:
        entries.append(("note", words["awaits"]))
    return [line for name, value in entries for line in _entry(words[name], value, 4)]


def _answered(part: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if part["answered_at"] is None:
        return
    who = "、".join(words["by_hub" if each == "hub" else "by_department"] for each in part["answered_by"])
    text = words["answered"].format(who=who, at=_when(part["answered_at"]))
    if part["handled_by"]:
        text += "　" + words["persons"].format(handled=part["handled_by"])
    if part["reviewed_by"]:
        text += words["reviewed"].format(reviewed=part["reviewed_by"])
    yield "reply", text


def _coverage(coverage: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if coverage["complete_until"] is None:
        return words["never"].format(resource=coverage["resource"])
    text = words["complete"].format(resource=coverage["resource"], until=_when(coverage["complete_until"]))
    if coverage["reconciled"] is not None:
        text += words["reconciled"].format(count=coverage["reconciled"])
    return text


def _summary(report: Mapping[str, Any], words: Mapping[str, str], answers: Mapping[str, str]) -> str:
    # Canonical JSON sorts names; people read the strongest answer first.
    counted = ((answer, report["summary"][answer]) for answer in answers if answer in report["summary"])
    return "　".join(words["count"].format(answer=answers[answer], count=count) for answer, count in counted)


def _changes(report: Mapping[str, Any], words: Mapping[str, str], answers: Mapping[str, str]) -> list[str]:
    if not report["changes"]:
        return []
    texts = {line["check_id"]: line["text"] for line in report["lines"]}
    names = {
        part["department"]["code"]: part["department"]["name"] for line in report["lines"] for part in line["parts"]
    }
    lines = ["", _rule(words["changes"])]
    for change in report["changes"]:
        part = change["part"]
        sentence = words["change"].format(
            text=texts[part["check_id"]],
            department=names[part["department"]],
            subject=part["subject"],
            before=answers.get(change["before"], words["nothing"]),
            after=answers.get(change["after"], words["nothing"]),
        )
        lines += wrapped(_plain(sentence), PAGE_WIDTH)
    return lines


def _earlier(report: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    if not report["earlier"]:
        return []
    lines = ["", _rule(words["earlier"])]
    for each in report["earlier"]:
        sentence = words["earlier_line"].format(
            number=each["number"],
            issued=_when(each["issued_at"]),
            status=words[each["status"]],
            code=each["verification_code"],
        )
        lines += wrapped(_plain(sentence), PAGE_WIDTH)
    return lines


def _terms(report: Mapping[str, Any], words: Mapping[str, str], terms: tuple[str, ...]) -> list[str]:
    stated = list(terms)
    if report["late"]:
        stated.insert(0, words["late"].format(deadline=_when(report["deadline_at"])))
    lines = ["", _rule(words["terms"])]
    for number, term in enumerate(stated, start=1):
        lines += _hanging(f"{number}. ", term)
    return lines


def _foot(report: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    issued = _entry(words["issued_at"], _when(report["issued_at"]))
    return ["", *issued, *_entry(words["code"], report["verification_code"])]


def _numbered(line: Mapping[str, Any]) -> list[str]:
    return _hanging(f"{line['number']:>2}. ", line["text"])


def _entry(name: str, value: str, indent: int = 0) -> list[str]:
    colon = "：" if _columns(name[-1]) == 2 else ": "  # noqa: PLR2004  a wide character
    return _hanging(f"{' ' * indent}{name}{colon}", value)


def _hanging(head: str, text: str) -> list[str]:
    width = display_width(head)
    first, *rest = wrapped(_plain(text), PAGE_WIDTH - width)
    return [head + first, *(" " * width + line for line in rest)]


def _plain(text: str) -> str:
    """One line of printable characters: what a person wrote must not look like a line of the report."""
    return "".join(each if each.isprintable() or each == WIDE_SPACE else " " for each in text)


def _centred(text: str) -> str:
    return " " * max(0, (PAGE_WIDTH - display_width(text)) // 2) + text


def _rule(title: str) -> str:
    return f"── {title} " + "─" * max(0, PAGE_WIDTH - display_width(title) - 4)


def _when(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M:%S}"


def _day(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%Y-%m-%d}"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pieces(text: str) -> Iterator[str]:
    """Words with the space behind them; each wide character on its own, with closing marks kept to its left."""
    piece = ""
    for character in text:
        if piece and _columns(character) == 2 and character not in _CLOSING:  # noqa: PLR2004  a wide character
            yield piece
            piece = ""
        piece += character
        if character == " ":
            yield piece
            piece = ""
    if piece:
        yield piece


_CLOSING: Final = "，。、；：）】”　！？"


def _fitting(text: str, width: int) -> int:
    columns = 0
    for place, character in enumerate(text):
        columns += _columns(character)
        if columns > width:
            return place
    return len(text)
