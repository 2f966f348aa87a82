"""The words of case tests: a request, what the hub and departments answer, and what a step is expected to emit."""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any

import msgspec

from processors.domain.case import Case
from processors.domain.definition import (
    Answerer,
    Bounds,
    CaseDefinition,
    CheckLine,
    LeadLine,
    case_definitions,
)
from processors.domain.derived_ids import task_id_of
from processors.domain.requests import Refusal
from processors.domain.step import step
from topics.events import (
    CaseEvent,
    CaseRequested,
    ChecksAnswered,
    DeadlinePassed,
    Part,
    PartAnswer,
    ReportIssued,
    SourceCoverage,
    TaskHandled,
    TaskReviewed,
)

LISTING = case_definitions()["listing-compliance"]
COMPANY = "enterprise:91610131MA6U0ABC1D"
CONTROLLER = "person:" + "ab" * 16
REQUESTED_AT = 1_795_237_200_000_000
SECOND = 1_000_000
DEADLINE_AT = REQUESTED_AT + 60 * SECOND


def small_definition() -> CaseDefinition:
    """Two checks: tax from its archive (its people need no review); labour, always asked and reviewed, with tax."""
    return CaseDefinition(
        bundle="small",
        version=1,
        name="小型核查“一件事”",
        document="文〔2026〕1号",
        subject_kind="enterprise",
        lead="tax",
        look_back_years=Bounds(1, 20),
        deadline_s=Bounds(30, 3600),
        lead_lines=(LeadLine(number=1, text="受理", departments=("tax",)),),
        lines=(
            CheckLine(
                number=2,
                check_id="paid",
                text="纳税核查",
                answerers=(Answerer(department="tax", mode="archive", handled_and_reviewed=False),),
            ),
            CheckLine(
                number=3,
                check_id="staff",
                text="用工核查",
                answerers=(
                    Answerer(department="labour", mode="ask", handled_and_reviewed=True),
                    Answerer(department="tax", mode="archive", handled_and_reviewed=True),
                ),
            ),
        ),
        names={"tax": "市税务局", "labour": "市人社局"},
    )


def request(case_id: str = "case-1", definition: CaseDefinition | None = None, **changes: Any) -> CaseRequested:
    """A request that holds."""
    fields: dict[str, Any] = {
        "case_id": case_id,
        "bundle": (definition or LISTING).bundle,
        "bundle_version": 1,
        "subjects": (COMPANY,),
        "purpose": "上市申报",
        "requested_by": "industry-and-information",
        "look_back_years": 3,
        "territory": "6101",
        "requested_at": REQUESTED_AT,
        "deadline_at": DEADLINE_AT,
        "include_related": False,
        **changes,
    }
    return CaseRequested(event_id=_id("request", case_id), **fields)


def answer(check_id: str, department: str, word: str = "clear", subject: str = COMPANY, **more: Any) -> PartAnswer:
    """An answer to one part, with the evidence and coverage that such an answer has."""
    coverage = (SourceCoverage(resource=f"{department}.penalty", complete_until=REQUESTED_AT - 60 * SECOND),)
    fields: dict[str, Any] = {
        "evidence": ("cd" * 16,) if word == "found" else (),
        "coverage": coverage,
        **more,
    }
    return PartAnswer(check_id=check_id, department=department, subject=subject, answer=word, **fields)


def answered(by: str, *answers: PartAnswer, at: int = 1, case_id: str = "case-1", name: str = "") -> ChecksAnswered:
    """What ``by`` says, ``at`` seconds after the request."""
    event_id = _id(by, case_id, str(at), name)
    return ChecksAnswered(
        event_id=event_id, case_id=case_id, answered_by=by, answered_at=REQUESTED_AT + at * SECOND, answers=answers
    )


def handled(
    check_id: str, department: str, word: str = "clear", by: str = "经办甲", at: int = 10, **more: Any
) -> TaskHandled:
    """A person's answer to the task for a part."""
    case_id, subject = more.pop("case_id", "case-1"), more.pop("subject", COMPANY)
    proposed = answer(check_id, department, word, subject, coverage=(), **more)
    task_id = task_id_of(case_id, check_id, department, subject)
    return TaskHandled(
        event_id=_id("handled", task_id, by, word, str(at)),
        case_id=case_id,
        task_id=task_id,
        department=department,
        answer=proposed,
        handled_by=by,
        at=REQUESTED_AT + at * SECOND,
    )


def reviewed(
    check_id: str, department: str, by: str = "审核乙", at: int = 20, *, approved: bool = True, **more: Any
) -> TaskReviewed:
    """A second person's word on it."""
    case_id, subject = more.pop("case_id", "case-1"), more.pop("subject", COMPANY)
    task_id = task_id_of(case_id, check_id, department, subject)
    return TaskReviewed(
        event_id=_id("reviewed", task_id, by, str(at)),
        case_id=case_id,
        task_id=task_id,
        department=department,
        reviewed_by=by,
        approved=approved,
        at=REQUESTED_AT + at * SECOND,
        **more,
    )


def deadline(at: int = 60, case_id: str = "case-1") -> DeadlinePassed:
    """The timer, ``at`` seconds after the request."""
    return DeadlinePassed(event_id=_id("deadline", case_id), case_id=case_id, at=REQUESTED_AT + at * SECOND)


def run(
    events: Iterable[CaseEvent], definition: CaseDefinition | None = None
) -> tuple[Case, list[CaseEvent], list[Refusal]]:
    """The plain in-memory runner, the oracle of every other: state, everything emitted, everything refused."""
    case: Case | None = None
    emits: list[CaseEvent] = []
    refusals: list[Refusal] = []
    for event in events:
        done = step(case, event, definition or LISTING)
        case = done.case
        emits += done.emits
        refusals += done.refusals
    assert case is not None, refusals
    return case, emits, refusals


def assert_emits(
    *,
    given: Iterable[CaseEvent] = (),
    when: CaseEvent,
    then: Iterable[str | Callable[[CaseEvent], bool]],
    refused: Iterable[str] = (),
    definition: CaseDefinition | None = None,
) -> Case | None:
    """``then`` names the emitted events in their order, or says what must hold of each; nothing else is emitted."""
    past = list(given)
    case = run(past, definition)[0] if past else None
    done = step(case, when, definition or LISTING)
    expected = list(then)
    names = [type(each).__name__ for each in done.emits]
    assert len(names) == len(expected), names
    for emitted, name, wanted in zip(done.emits, names, expected, strict=True):
        assert name == wanted if isinstance(wanted, str) else wanted(emitted), (name, emitted)
    assert [each.code for each in done.refusals] == list(refused)
    return done.case


def reports(emits: Iterable[CaseEvent]) -> list[dict[str, Any]]:
    """The decoded bodies of the reports and amendments among the events."""
    issued = (each for each in emits if isinstance(each, ReportIssued) and each.kind != "superseded")
    return [msgspec.json.decode(each.body) for each in issued]


def words(report: dict[str, Any]) -> dict[str, str]:
    """What each line of a report says."""
    return {line["check_id"]: line["answer"] for line in report["lines"]}


def substance(report: dict[str, Any]) -> object:
    """What a report says, without when and in which version it says it."""
    lines = msgspec.json.decode(msgspec.json.encode(report["lines"]))
    for part in (part for line in lines for part in line["parts"]):
        for time in ("answered_at", "coverage"):
            del part[time]
    return lines


def all_answered(
    parts: Iterable[Part], word: str = "clear", at: int = 1, case_id: str = "case-1", **by_check: str
) -> ChecksAnswered:
    """The hub's answer to these parts; keywords with ``_`` for ``-`` say otherwise for a check."""
    said = (
        answer(part.check_id, part.department, by_check.get(part.check_id.replace("-", "_"), word), part.subject)
        for part in parts
    )
    return answered("hub", *said, at=at, case_id=case_id)


def _id(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()
