"""Evaluating a check over an archive: the rule is CEL, the answer is one of the seven, and "clear" has conditions."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, Protocol

import cel
import msgspec

from processors.domain.answers import (
    CLEAR,
    DISPUTED,
    FOUND,
    NO_SUCH_SUBJECT,
    SOURCE_BEHIND,
    UNAVAILABLE,
    strongest,
)
from processors.domain.archive import ArchiveRecord
from processors.domain.closing import Closing, closing, in_words
from topics.events import PartAnswer, SourceCoverage

DAY_US = 86_400 * 1_000_000
_WORD = re.compile(r"\w+")
_CONTENT = re.compile(r"\bcontent\b")
_CONTENT_FIELD = re.compile(r"\bcontent\.\w")
_WHOLE_CONTENT = "content.*"
_FACT_FIELDS = frozenset(("resource", "record_type", "record_id", "version", "valid_at", "withdrawn"))
_NOT_EVALUABLE = (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError)
REGISTRY_RECORD_TYPES: Mapping[str, str] = {
    "enterprise": "enterprise-registration",
    "person": "person-registration",
}


class Read(Protocol):
    """What a check reads: see ``catalog.bundles.Read``."""

    @property
    def resource(self) -> str: ...  # noqa: D102
    @property
    def cel(self) -> str: ...  # noqa: D102
    @property
    def coverage_max_age_days(self) -> int: ...  # noqa: D102


class KnownCoverage(Protocol):
    """What is known of a resource's completeness: see ``processors.archive.coverage.Coverage``."""

    @property
    def resource(self) -> str: ...  # noqa: D102
    @property
    def complete_until(self) -> int | None: ...  # noqa: D102
    @property
    def reconciled(self) -> int: ...  # noqa: D102
    @property
    def position(self) -> str: ...  # noqa: D102
    @property
    def fault(self) -> str | None: ...  # noqa: D102


class Question(msgspec.Struct, frozen=True):
    """What is asked of every part: look-back [since, until) in µs, territory as the leading digits of a region code."""

    since: int
    until: int
    territory: str
    asked_at: int


class SubjectArchive:
    """One subject's archive, prepared once for all checks of a case."""

    def __init__(self, subject: str, records: Sequence[ArchiveRecord], question: Question) -> None:
        """Take the records in force of a subject."""
        self.subject = subject
        self.question = question
        self._records = records
        self._by_resource: dict[str, list[ArchiveRecord]] = {}
        for record in (each for each in records if not each.current.corrects):
            self._by_resource.setdefault(record.current.resource, []).append(record)

    @cached_property
    def exists(self) -> bool:
        """Whether the registry of such subjects has this one."""
        wanted = REGISTRY_RECORD_TYPES.get(self.subject.split(":", 1)[0])
        return any(each.current.record_type == wanted and not each.current.withdrawn for each in self._records)

    @cached_property
    def closing(self) -> Closing | None:
        """How the subject ended, None while it has not."""
        return closing(self._records)

    def related(self) -> tuple[str, ...]:
        """Subjects of the controlling shareholder and the actual controller, as the registration states them."""
        stated = [
            each.current.content.get(field)
            for each in self._records
            if each.current.record_type == REGISTRY_RECORD_TYPES["enterprise"] and not each.current.withdrawn
            for field in ("controlling_shareholder", "actual_controller")
        ]
        return tuple(dict.fromkeys(each for each in stated if each))

    def evidence(self, read: Read) -> tuple[list[str], list[str]] | None:
        """Event ids that the rule finds in the read resource: (undisputed, disputed).

        A rule sees the records of the resource it reads and nothing else, so no records means no evidence.
        None when it cannot be evaluated over them, as over a record that lacks what it asks for.
        """
        records = self._by_resource.get(read.resource)
        if not records:
            return [], []
        candidates = {fact.event_id.hex(): each for each in records for fact in (each.current, *each.rivals)}
        try:
            found = _program(read.cel).execute(self._context(records, _named(read.cel)))
        except _NOT_EVALUABLE:
            return None
        sound = [each for each in found if not candidates[each].disputed]
        return sound, [each for each in found if candidates[each].disputed]

    def _context(self, records: Iterable[ArchiveRecord], named: frozenset[str]) -> Any:
        question = self.question
        return cel.Context(
            variables={
                "records": [_activation(fact, named) for each in records for fact in (each.current, *each.rivals)],
                "since": question.since,
                "until": question.until,
                "territory": question.territory,
            }
        )


def answer_part(
    check_id: str,
    department: str,
    archive: SubjectArchive,
    reads: Sequence[Read],
    coverage_of: Callable[[str], KnownCoverage],
    *,
    registry_complete: bool,
) -> PartAnswer:
    """The hub's answer to one part, out of the archive and what is known of its sources' completeness.

    Args:
        check_id: which check.
        department: whose data it is.
        archive: the subject's archive.
        reads: the resources the answer rests on, each with its rule.
        coverage_of: completeness by resource.
        registry_complete: whether the registry of such subjects is complete enough to say that there is no such one.
    """
    answers, evidence, sources = [], [], []
    notes = [in_words(archive.closing)] if archive.closing else []
    for read in reads:
        found = archive.evidence(read)
        coverage = coverage_of(read.resource)
        answer, note = _read_answer(read, coverage, archive.question.asked_at, found)
        answers.append(answer)
        evidence += [event_id for ids in found or () for event_id in ids]
        notes += [note] if note else []
        sources.append(_source(coverage))
    if registry_complete and not archive.exists:
        answers.append(NO_SUCH_SUBJECT)
    return PartAnswer(
        check_id=check_id,
        department=department,
        subject=archive.subject,
        answer=strongest(answers) if answers else UNAVAILABLE,
        evidence=tuple(sorted(evidence)),
        coverage=tuple(sources),
        note="；".join(notes) or None,
    )


def is_fresh(coverage: KnownCoverage, asked_at: int, max_age_days: int) -> bool:
    """Whether a resource is complete up to a time that is recent enough for the question."""
    return coverage.complete_until is not None and coverage.complete_until >= asked_at - max_age_days * DAY_US


def territory_prefix(code: str) -> str:
    """The leading digits that a region code stands for: 610100 → 6101, 610000 → 61, empty → anywhere."""
    while code.endswith("00"):
        code = code[:-2]
    return code


def _read_answer(
    read: Read, coverage: KnownCoverage, asked_at: int, found: tuple[list[str], list[str]] | None
) -> tuple[str, str | None]:
    if found is None:
        return UNAVAILABLE, f"{read.resource}：有记录不合核查规则，无法判断"
    sound, disputed = found
    if sound:
        return FOUND, None
    if disputed:
        return DISPUTED, f"{read.resource}：相关记录存在争议"
    if coverage.complete_until is None:
        return UNAVAILABLE, f"{read.resource}：{coverage.fault or '数源部门未作覆盖声明'}"
    if not is_fresh(coverage, asked_at, read.coverage_max_age_days):
        return SOURCE_BEHIND, f"{read.resource}：数据截止时间早于核查要求（{read.coverage_max_age_days}日内）"
    return CLEAR, None


def _source(coverage: KnownCoverage) -> SourceCoverage:
    return SourceCoverage(
        resource=coverage.resource,
        complete_until=coverage.complete_until,
        reconciled=coverage.reconciled,
        position=coverage.position or None,
    )


def _activation(fact: Any, named: frozenset[str]) -> dict[str, Any]:
    seen = {name: getattr(fact, name) for name in named & _FACT_FIELDS}
    if _WHOLE_CONTENT in named:
        content = fact.content
    else:
        content = {name: fact.content[name] for name in named & fact.content.keys()}
    return {**seen, "event_id": fact.event_id.hex(), "content": content}


@cache
def _named(rule: str) -> frozenset[str]:
    """Every word of a rule, and ``_WHOLE_CONTENT`` when it may look at all of a record's content.

    To hand a value to CEL costs more than to evaluate the rule, so a rule is given the fields it names.
    """
    whole = len(_CONTENT_FIELD.findall(rule)) < len(_CONTENT.findall(rule))
    return frozenset(_WORD.findall(rule)) | ({_WHOLE_CONTENT} if whole else set())


@cache
def _program(rule: str) -> Any:
    return cel.compile(rule)
