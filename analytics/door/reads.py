"""Who read what: the record of reads, filtered, sorted and paged where it lies."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import msgspec

from analytics.door.asking import Question
from analytics.http_problems import Fault

MOST_AT_ONCE: Final = 500
MOST_NAMED: Final = 20
"""Subjects and resources of one read that are named; the counts are of all of them."""
SHOWN_OF_TOKEN: Final = 8
"""Characters of a person's token that are shown: enough to tell two apart, too few to ask by."""
_PERSON: Final = "person:"

SORTS: Final[Mapping[str, str]] = {
    "at": "TIMESTAMPTZ",
    "known_at": "TIMESTAMPTZ",
    "reader": "VARCHAR",
    "purpose": "VARCHAR",
    "record_count": "BIGINT",
}
"""What reads are sorted by, and its type."""

_FILTERS: Final[Mapping[str, str]] = {
    "subject": "list_has_any(subjects, [$subject, split_part($subject, ':', 1) || ':*'])",
    "resource": "(list_contains(resources, $resource) OR len(resources) = 0)",
    "reader": "reader = $reader",
    "purpose": "purpose = $purpose",
    "case": "case_id = $case",
    "grant": "grant_id = $grant",
    "from": "day >= $from::DATE",
    "to": "day <= $to::DATE",
}
"""A read of everybody (``enterprise:*``) is one of each subject, and one that names no resource is one of all."""
_REFUSED: Final = {"true": "refused_reason IS NOT NULL", "false": "refused_reason IS NULL"}
_DAYS: Final = ("from", "to")

_PAGE: Final = """
    WITH matching AS (SELECT * FROM reads WHERE {filters}),
    page AS (
        SELECT "at", reader, purpose, case_id, grant_id, subjects[:{most}] AS subjects, len(subjects) AS subject_count,
            resources[:{most}] AS resources, len(resources) AS resource_count, record_count, as_of, refused_reason,
            hex(event_id) AS event_id, topic, "partition", "offset", known_at
        FROM matching WHERE {after} ORDER BY "{column}" {way}, "partition" {way}, "offset" {way} LIMIT {rows}
    )
    SELECT total, page.* FROM (SELECT count(*) AS total FROM matching) LEFT JOIN page ON true
    ORDER BY "{column}" {way}, "partition" {way}, "offset" {way}
"""


@dataclass(frozen=True)
class ReadsAsked:
    """One page of reads.

    Attributes:
        filters: field → value, by the names of the route.
        refused: only those that were refused, or only those that were not; None: both.
        sort: the column.
        descending: highest first.
        after: what the page begins behind: (value, partition, offset); None: the first page.
        limit: rows of the page.
    """

    filters: Mapping[str, str]
    refused: str | None
    sort: str
    descending: bool
    after: tuple[Any, int, int] | None
    limit: int


def asked_for(parameters: Mapping[str, str]) -> ReadsAsked | list[Fault]:
    """The page that a request's parameters ask for, or every fault of them."""
    faults: list[Fault] = []
    sort = parameters.get("sort", "-at")
    column = sort.removeprefix("-")
    known = {*_FILTERS, "refused", "sort", "after", "limit"}
    faults += [
        Fault(name, "unknown", f"无此条件；可用 / not known: {_joined(known)}")
        for name in parameters
        if name not in known
    ]
    if column not in SORTS:
        faults.append(
            Fault("sort", "unknown", f"不能按 {column} 排序；可用 / not a column to sort by: {_joined(SORTS)}")
        )
    refused = _checked(parameters, "refused", _refused_choice, faults)
    limit = _checked(parameters, "limit", _count, faults)
    after = _checked(parameters, "after", cursor, faults)
    for name in _DAYS:
        _checked(parameters, name, _day, faults)
    if faults:
        return faults
    filters = {name: parameters[name] for name in _FILTERS if name in parameters}
    return ReadsAsked(filters, refused, column, sort.startswith("-"), after, limit or 100)


def question(asked: ReadsAsked) -> Question:
    """The page as a question to the lake; one more row than the page holds tells whether there is another."""
    conditions = [_FILTERS[name] for name in asked.filters] + ([_REFUSED[asked.refused]] if asked.refused else [])
    parameters: dict[str, Any] = dict(asked.filters)
    after = "true"
    if asked.after is not None:
        parameters |= dict(zip(("value", "partition", "offset"), asked.after, strict=True))
        place = f'("{asked.sort}", "partition", "offset")'
        after = f"{place} {'<' if asked.descending else '>'} ($value::{SORTS[asked.sort]}, $partition, $offset)"
    sql = _PAGE.format(
        filters=" AND ".join(conditions) or "true",
        after=after,
        column=asked.sort,
        way="DESC" if asked.descending else "ASC",
        rows=asked.limit + 1,
        most=MOST_NAMED,
    )
    return Question(sql, parameters, asked.limit + 1)


def page(asked: ReadsAsked, body: bytes) -> dict[str, Any]:
    """The page as the console shows it, from the lake's answer."""
    told = msgspec.json.decode(body)
    names = [each["name"] for each in told["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in told["rows"]]
    found = [row for row in rows if row["topic"] is not None]
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    return {
        "reads": [_shown(row) for row in shown],
        "total": rows[0]["total"] if rows else 0,
        "next_after": _cursor_text(shown[-1], asked.sort) if more else None,
    }


def masked(subject: str) -> str:
    """A subject as people see it: a person's token in short form."""
    if not subject.startswith(_PERSON) or len(subject) <= len(_PERSON) + SHOWN_OF_TOKEN:
        return subject
    return subject[: len(_PERSON) + SHOWN_OF_TOKEN] + "…"


def cursor(text: str) -> tuple[Any, int, int]:
    """Where a page begins, as the page before it said.

    Raises:
        ValueError: no page said so.
    """
    try:
        value, partition, offset = msgspec.json.decode(base64.urlsafe_b64decode(text.encode()))
    except (binascii.Error, msgspec.DecodeError, TypeError) as fault:
        raise ValueError("不是 next_after 给出的值 / not what next_after said") from fault
    return value, int(partition), int(offset)


def _cursor_text(row: Mapping[str, Any], sort: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([row[sort], row["partition"], row["offset"]])).decode()


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    left = {name: value for name, value in row.items() if name not in ("total", "subjects", "event_id")}
    return left | {"subjects": [masked(each) for each in row["subjects"]], "event_id": row["event_id"].lower()}


def _checked(parameters: Mapping[str, str], name: str, read: Callable[[str], Any], faults: list[Fault]) -> Any:
    """The parameter as read, None when it is not given or not readable."""
    if name not in parameters:
        return None
    try:
        return read(parameters[name])
    except ValueError as fault:
        faults.append(Fault(name, "wrong-value", str(fault)))
        return None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise ValueError(f"应为日期 YYYY-MM-DD / a day YYYY-MM-DD, not {text!r}") from fault


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_AT_ONCE:
        raise ValueError(f"应为 1 至 {MOST_AT_ONCE} 的整数 / a whole number from 1 to {MOST_AT_ONCE}")
    return int(text)


def _refused_choice(text: str) -> str:
    if text not in _REFUSED:
        raise ValueError("应为 true 或 false / true or false")
    return text


def _joined(names: Sequence[str] | set[str] | Mapping[str, str]) -> str:
    return ", ".join(sorted(names))
