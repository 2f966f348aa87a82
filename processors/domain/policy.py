"""免申即享: whether a policy's conditions hold for a subject, told from its archive alone, and honestly.

A condition holds, fails, or cannot be told: what nobody found says something only where the source has stated that it
is complete, and what is disputed decides nothing that the undisputed records leave open.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from itertools import chain
from typing import Any, Final, Literal

import cel
import msgspec

from catalog.policies import Condition, Policy
from catalog.policy_file import PolicyRead
from catalog.resources import load_resources
from processors.domain.archive import ArchiveRecord, KnownFact
from processors.domain.checks import DAY_US, KnownCoverage, is_fresh

State = Literal["holds", "fails", "cannot-tell"]
Outcome = Literal["matched", "not-matched", "cannot-tell"]
CoverageOf = Callable[[str], KnownCoverage]

CHINA_OFFSET_US: Final = 8 * 3_600_000_000
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CASE_ID_LENGTH: Final = 26
_CONTENT: Final = re.compile(r"\bcontent\b")
_CONTENT_FIELD: Final = re.compile(r"\bcontent\.(\w+)")
_WORD: Final = re.compile(r"\w+")
_FACT_FIELDS: Final = frozenset(("resource", "record_type", "record_id", "version", "valid_at"))
_NOT_EVALUABLE: Final = (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError)


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What became of one condition: its state, why (Chinese, for people), and the event ids (hex) it rests on."""

    condition: str
    state: State
    reason: str
    evidence: tuple[str, ...] = ()


class Match(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whether a policy applies to a subject.

    Attributes:
        outcome: ``matched`` when every condition holds, ``not-matched`` when one fails.
        findings: one a condition, in the policy's order.
        occasion: ``resource/record id`` of the newest record under ``again_on``; empty without one.
    """

    policy: str
    version: int
    subject: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    occasion: str = ""

    @property
    def evidence(self) -> tuple[str, ...]:
        """Event ids of all that the findings rest on, in hexadecimal, sorted."""
        return tuple(sorted({each for finding in self.findings for each in finding.evidence}))

    def open_conditions(self, state: State) -> tuple[str, ...]:
        """Ids of the conditions in this state."""
        return tuple(finding.condition for finding in self.findings if finding.state == state)


class PolicyJudge:
    """One policy at one instant, for any number of archives; not to be shared by threads."""

    def __init__(self, policy: Policy, coverage_of: CoverageOf, now: int) -> None:
        """Judge as of ``now`` (µs UTC) by what is known of each source's completeness."""
        self.policy = policy
        self._questions = tuple(_Question(each, coverage_of, now) for each in policy.conditions)

    def judge(self, subject: str, records: Iterable[ArchiveRecord]) -> Match:
        """The match of a subject's archive; the order of its records does not matter."""
        facts = _in_force(records)
        findings = tuple(question.finding(facts) for question in self._questions)
        return Match(
            policy=self.policy.id,
            version=self.policy.version,
            subject=subject,
            outcome=_outcome(findings),
            findings=findings,
            occasion=_occasion(self.policy, findings, facts) if self.policy.again_on else "",
        )


def judge(policy: Policy, subject: str, records: Iterable[ArchiveRecord], coverage_of: CoverageOf, now: int) -> Match:
    """Whether a policy applies to a subject, from its archive, at ``now`` (µs UTC)."""
    return PolicyJudge(policy, coverage_of, now).judge(subject, records)


def rule_variables(now: int) -> dict[str, int]:
    """What a condition may name beside the records: ``now`` in µs, ``today`` in China's days, ``day`` in µs."""
    return {"now": now, "today": (now + CHINA_OFFSET_US) // DAY_US, "day": DAY_US}


def occasion_id(match: Match) -> bytes:
    """16 bytes that are the same whenever the same subject is told of the same policy for the same reason."""
    hashed = blake2b(digest_size=16)
    for text in (match.policy, str(match.version), match.subject, match.occasion):
        encoded = text.encode()
        hashed.update(len(encoded).to_bytes(4, "big") + encoded)
    return hashed.digest()


def occasion_case_id(match: Match) -> str:
    """The id of the one case, or of the one notice, that an occasion makes: 26 letters and digits."""
    number = int.from_bytes(occasion_id(match), "big")
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_CASE_ID_LENGTH)))


#: The facts in force of a resource, each with whether its record is disputed.
_Facts = Mapping[str, Sequence[tuple[KnownFact, bool]]]


def _in_force(records: Iterable[ArchiveRecord]) -> _Facts:
    by_resource: dict[str, list[tuple[KnownFact, bool]]] = {}
    for record in records:
        if record.current.corrects:
            continue
        disputed = record.disputed
        for fact in (record.current, *record.rivals):
            if not fact.withdrawn:
                by_resource.setdefault(fact.resource, []).append((fact, disputed))
    return by_resource


class _Question:
    """One condition at one instant: its program, what it may see of a record, and whether silence says anything."""

    def __init__(self, condition: Condition, coverage_of: CoverageOf, now: int) -> None:
        self._condition = condition
        self._resources = condition.resources
        self._program = _program(condition.cel)
        self._wants_found = condition.passes == "found"
        words = frozenset(_WORD.findall(condition.cel))
        self._fact_fields = tuple(words & _FACT_FIELDS)
        whole = len(_CONTENT_FIELD.findall(condition.cel)) < len(_CONTENT.findall(condition.cel))
        self._content_fields = None if whole else tuple(sorted(set(_CONTENT_FIELD.findall(condition.cel))))
        self._context = cel.Context(variables=rule_variables(now))
        gaps = (_gap(read, coverage_of(read.resource), now) for read in condition.reads)
        self._gap = "；".join(each for each in gaps if each)

    def finding(self, facts: _Facts) -> Finding:
        """What becomes of the condition over these facts."""
        seen = list(chain.from_iterable(facts.get(code, ()) for code in self._resources))
        found = self._found([fact for fact, _ in seen])
        undisputed = [fact for fact, disputed in seen if not disputed]
        return self._judged(found, found if len(undisputed) == len(seen) else self._found(undisputed))

    def _judged(self, found: tuple[str, ...] | None, sound: tuple[str, ...] | None) -> Finding:
        name = self._condition.id
        if found is None or sound is None:
            return Finding(name, "cannot-tell", "有记录不合规则，不能断定")
        if bool(found) != bool(sound):
            return Finding(name, "cannot-tell", "相关记录存在争议，不能断定", found or sound)
        if found:
            state: State = "holds" if self._wants_found else "fails"
            return Finding(name, state, f"有 {len(sound)} 条记录为据", sound)
        if self._gap:
            return Finding(name, "cannot-tell", f"未见有关记录，但{self._gap}，不能断定")
        return Finding(name, "fails" if self._wants_found else "holds", "未见有关记录")

    def _found(self, facts: Sequence[KnownFact]) -> tuple[str, ...] | None:
        """Event ids that the rule finds; without facts it finds nothing, None when it cannot be evaluated."""
        if not facts:
            return ()
        rows = {fact.event_id.hex(): fact for fact in facts}
        self._context.add_variable("records", [self._row(event_id, fact) for event_id, fact in rows.items()])
        try:
            return tuple(sorted({event_id for event_id in self._program.execute(self._context) if event_id in rows}))
        except _NOT_EVALUABLE:
            return None

    def _row(self, event_id: str, fact: KnownFact) -> dict[str, Any]:
        # To hand a value to CEL costs more than to evaluate the rule: it is given the fields that the rule names.
        content, names = fact.content, self._content_fields
        named = content if names is None else {name: content[name] for name in names if name in content}
        row: dict[str, Any] = {name: getattr(fact, name) for name in self._fact_fields}
        row["event_id"] = event_id
        row["content"] = named
        return row


def _gap(read: PolicyRead, coverage: KnownCoverage, now: int) -> str:
    """Why silence of a resource says nothing; empty where it does."""
    name = load_resources().by_code[read.resource].name
    if coverage.complete_until is None:
        return f"“{name}”{coverage.fault or '数源部门未作覆盖声明'}"
    if not is_fresh(coverage, now, read.coverage_max_age_days):
        return f"“{name}”数据截止时间早于要求（{read.coverage_max_age_days}日内）"
    return ""


def _outcome(findings: Iterable[Finding]) -> Outcome:
    states = {finding.state for finding in findings}
    if "fails" in states:
        return "not-matched"
    return "cannot-tell" if "cannot-tell" in states else "matched"


def _occasion(policy: Policy, findings: Sequence[Finding], facts: _Facts) -> str:
    place, condition = next((at, each) for at, each in enumerate(policy.conditions) if each.id == policy.again_on)
    evidence = set(findings[place].evidence)
    records = [
        (fact.valid_at, f"{fact.resource}/{fact.record_id}")
        for code in condition.resources
        for fact, _ in facts.get(code, ())
        if fact.event_id.hex() in evidence
    ]
    return max(records, default=(0, ""))[1]


@cache
def _program(rule: str) -> cel.Program:
    return cel.compile(rule)
