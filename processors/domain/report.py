"""The report of a case as a canonical document: who answered what, on which evidence, from sources complete until when.

Times are ISO 8601 in China's time; answers, codes and statuses are the stable English names.
"""

from collections import Counter
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from processors.domain.answers import STRENGTH, Lines, Settled, line_answer
from processors.domain.definition import CaseDefinition, LeadLine
from processors.domain.requests import moment
from topics.events import Part, SourceCoverage

if TYPE_CHECKING:
    from processors.domain.case import Case, IssuedReport

FORMAT: Final = "onething-report/1"
"""Grows when a field changes its meaning."""

CODE_LENGTH: Final = 64
"""Hexadecimal characters of a verification code."""

LATE_AFTER_US: Final = 10_000_000
"""Due cases are scanned for every second; a report later than this was held up by an outage and says so."""


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a report says differently from the one before; ``fills_a_gap``: nobody had answered there."""

    part: Part
    before: str | None
    after: str | None
    fills_a_gap: bool


def report_body(case: "Case", lines: Lines, changes: tuple[Change, ...], issued_at: int) -> str:
    """The report as canonical JSON: sorted keys, no white space, its verification code inside."""
    canonical = _canonical(_document(case, lines, changes, issued_at))
    # The code's name comes last in the alphabet of the document's names, so that it goes in without a second encoding.
    return f'{canonical[:-1].decode()},"verification_code":"{sha256(canonical).hexdigest()}"}}'


def verification_code(document: dict[str, Any]) -> str:
    """SHA-256, in hexadecimal, of the canonical report without its code."""
    return sha256(_canonical({key: value for key, value in document.items() if key != "verification_code"})).hexdigest()


def verification_code_of(body: str) -> str:
    """The code that a report's text, as made by ``report_body``, ends with."""
    return body[-CODE_LENGTH - 2 : -2]


def is_genuine(body: str) -> bool:
    """Whether a report's text is exactly what its verification code was made for."""
    document = msgspec.json.decode(body)
    return bool(document.get("verification_code") == verification_code(document))


def _canonical(document: object) -> bytes:
    return msgspec.json.encode(document, order="sorted")


def _document(case: "Case", lines: Lines, changes: tuple[Change, ...], issued_at: int) -> dict[str, Any]:
    request, definition = case.request, case.definition
    texts = [
        _line(definition, number, check_id, text, lines[check_id]) for number, check_id, text in _checks(definition)
    ]
    return {
        "format": FORMAT,
        "title": title_of(definition.name),
        "case_id": case.case_id,
        "number": len(case.reports) + 1,
        "kind": "amendment" if case.reports else "report",
        "issued_at": _iso(issued_at),
        "late": issued_at > request.deadline_at + LATE_AFTER_US and not case.reports,
        "bundle": {
            "id": definition.bundle,
            "version": definition.version,
            "name": definition.name,
            "document": definition.document,
        },
        "lead": _named(definition, definition.lead),
        "subjects": [{"subject": each, "related": False} for each in request.subjects]
        + [{"subject": each, "related": True} for each in case.related],
        "purpose": request.purpose,
        "requested_by": request.requested_by,
        "requested_at": _iso(request.requested_at),
        "deadline_at": _iso(request.deadline_at),
        "look_back": {
            "years": request.look_back_years,
            "since": _iso(case.since),
            "until": _iso(request.requested_at),
        },
        "territory": request.territory,
        "lead_lines": [_lead_line(definition, each, request.requested_at, issued_at) for each in definition.lead_lines],
        "lines": texts,
        "summary": _summary(texts),
        "earlier": [_earlier(each) for each in case.reports],
        "changes": [msgspec.to_builtins(each) for each in changes],
    }


def title_of(bundle_name: str) -> str:
    """The report's title: the bundle's name without “一件事”, with 报告."""
    return f"{bundle_name.removesuffix('“一件事”')}报告"


def _checks(definition: CaseDefinition) -> list[tuple[int, str, str]]:
    return [(line.number, line.check_id, line.text) for line in definition.lines]


def _line(
    definition: CaseDefinition, number: int, check_id: str, text: str, parts: tuple[Settled, ...]
) -> dict[str, Any]:
    return {
        "number": number,
        "check_id": check_id,
        "text": text,
        "answer": line_answer(parts),
        "parts": [_part(definition, each) for each in parts],
    }


def _part(definition: CaseDefinition, settled: Settled) -> dict[str, Any]:
    return {
        "department": _named(definition, settled.part.department),
        "subject": settled.part.subject,
        "answer": settled.answer,
        "answered_by": settled.answered_by,
        "answered_at": None if settled.answered_at is None else _iso(settled.answered_at),
        "evidence": settled.evidence,
        "coverage": [_coverage(each) for each in settled.coverage],
        "note": settled.note,
        "handled_by": settled.handled_by,
        "reviewed_by": settled.reviewed_by,
        "awaits_department": settled.awaits_department,
    }


def _coverage(coverage: SourceCoverage) -> dict[str, Any]:
    return {
        "resource": coverage.resource,
        "complete_until": None if coverage.complete_until is None else _iso(coverage.complete_until),
        "reconciled": coverage.reconciled,
        "position": coverage.position,
    }


def _lead_line(definition: CaseDefinition, line: LeadLine, received_at: int, delivered_at: int) -> dict[str, Any]:
    return {
        "number": line.number,
        "text": line.text,
        "departments": [_named(definition, each) for each in line.departments],
        "received_at": _iso(received_at),
        "delivered_at": _iso(delivered_at),
    }


def _earlier(report: "IssuedReport") -> dict[str, Any]:
    return {**msgspec.to_builtins(report), "issued_at": _iso(report.issued_at)}


def _summary(lines: list[dict[str, Any]]) -> dict[str, int]:
    counted = Counter(line["answer"] for line in lines)
    return {answer: counted[answer] for answer in STRENGTH if counted[answer]}


def _named(definition: CaseDefinition, code: str) -> dict[str, str]:
    return {"code": code, "name": definition.names.get(code, code)}


@lru_cache(4096)
def _iso(instant_us: int) -> str:
    return moment(instant_us).isoformat(timespec="microseconds")
