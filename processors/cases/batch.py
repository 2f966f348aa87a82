"""A batch of arrivals folded over the cases that they concern: pure, so that it may be done again from fresh state."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from processors.cases.arrivals import Arrival
from processors.cases.handling_rows import open_key_of
from processors.domain.case import Case
from processors.domain.counting import Counted, counted
from processors.domain.definition import CaseDefinition
from processors.domain.handling import HANDLING_EVENTS, Handling, HandlingPlan, handle
from processors.domain.requests import Refusal
from processors.domain.step import step
from topics.events import ApplicationSubmitted, CaseEvent, CaseNotified, CaseRequested, ReportIssued

RECENT: Final = 2048
"""Cases that are kept at hand until they end."""

Running = dict[str, dict[str, int | None]]
"""Bundle and subject → the handlings of that subject by case id, each with its end in µs UTC, None while it runs."""


@dataclass(frozen=True)
class Stored:
    """A case as its row has it."""

    case: Case | Handling
    partition: int


@dataclass(frozen=True)
class Definitions:
    """What new cases are made of: verifications and handlings by their bundle's id."""

    verifications: Mapping[str, CaseDefinition] = field(default_factory=dict)
    handlings: Mapping[str, HandlingPlan] = field(default_factory=dict)


@dataclass
class Changes:
    """What a batch comes to.

    Attributes:
        cases: case id → the case after the batch and its partition, changed ones only.
        before: case id → the revision that its row must still have; absent for new cases.
        handled_before: case id → the handling as its row has it; absent for new ones.
        verified_before: the same of verifications.
        reports: each report that was issued, with its case as it was then.
        notices: what somebody is to be told.
        emits: what to publish, in order.
        running: handlings that may run only once for a subject.
    """

    cases: dict[str, Stored] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    handled_before: dict[str, Handling] = field(default_factory=dict)
    verified_before: dict[str, Case] = field(default_factory=dict)
    reports: list[tuple[Case, ReportIssued]] = field(default_factory=list)
    notices: list[CaseNotified] = field(default_factory=list)
    emits: list[CaseEvent] = field(default_factory=list)
    refused: list[Arrival] = field(default_factory=list)
    running: Running = field(default_factory=dict)

    def counted(self) -> Iterator[Counted]:
        """What the changes count for in live figures."""
        for case_id, stored in self.cases.items():
            before = self.handled_before.get(case_id) or self.verified_before.get(case_id)
            yield from counted(before, stored.case)

    @property
    def verifications(self) -> list[tuple[Case, int]]:
        """The changed verifications, each with its partition, in the order of their ids."""
        return [(each.case, each.partition) for _, each in sorted(self.cases.items()) if isinstance(each.case, Case)]

    @property
    def handlings(self) -> list[tuple[Handling, int]]:
        """The changed handlings, each with its partition, in the order of their ids."""
        changed = sorted(self.cases.items())
        return [(each.case, each.partition) for _, each in changed if isinstance(each.case, Handling)]


class RecentCases:
    """Open cases as they were last committed, the latest ``RECENT`` of them: true for a store that has one writer."""

    def __init__(self) -> None:
        self._cases: dict[str, Stored] = {}

    def among(self, case_ids: Iterable[str]) -> dict[str, Stored]:
        """Those of these cases that are at hand."""
        return {case_id: self._cases[case_id] for case_id in case_ids if case_id in self._cases}

    def keep(self, committed: Mapping[str, Stored]) -> None:
        """Remember what was committed, forget what has ended and what was committed longest ago."""
        for case_id, stored in committed.items():
            self._cases.pop(case_id, None)
            if not _has_ended(stored.case):
                self._cases[case_id] = stored
        for case_id in list(self._cases)[: max(0, len(self._cases) - RECENT)]:
            del self._cases[case_id]


def _has_ended(case: Case | Handling) -> bool:
    """Whether hardly anything comes after it: what does, finds it in its row."""
    return bool(case.reports) if isinstance(case, Case) else case.ended


def concerned(arrivals: Iterable[Arrival]) -> list[str]:
    """The cases that a batch may change, each once."""
    return list(dict.fromkeys(each.event.case_id for each in arrivals if each.event is not None))


def applied_once(arrivals: Iterable[Arrival], plans: Mapping[str, HandlingPlan]) -> list[ApplicationSubmitted]:
    """The applications of a batch for bundles of which a subject may have one running case."""
    return [
        each.event
        for each in arrivals
        if isinstance(each.event, ApplicationSubmitted)
        and (plan := plans.get(each.event.bundle)) is not None
        and not plan.repeatable
    ]


def folded_batch(
    arrivals: Iterable[Arrival],
    stored: Mapping[str, Stored],
    definitions: Definitions,
    running: Running | None = None,
) -> Changes:
    """Take every arrival in its order.

    Args:
        arrivals: messages of one poll.
        stored: the concerned cases that have rows.
        definitions: bundles by id, for new cases.
        running: of the subjects of ``applied_once``, what they have; it is taken over and kept up to date.
    """
    changes = Changes(running={} if running is None else running)
    for each in arrivals:
        if each.event is None:
            changes.refused.append(each)
        else:
            _take(changes, each, each.event, stored, definitions)
    return changes


def _take(
    changes: Changes,
    arrival: Arrival,
    event: CaseEvent,
    stored: Mapping[str, Stored],
    definitions: Definitions,
) -> None:
    known = changes.cases.get(event.case_id) or stored.get(event.case_id)
    before = None if known is None else known.case
    after, emits, refusals = _stepped(changes.running, before, event, definitions)
    if refusals:
        changes.refused.append(Arrival(arrival.message, None, refusals))
    if after is None or after is before:
        return
    if known is not None and event.case_id not in changes.cases:
        changes.before[event.case_id] = known.case.revision
        if isinstance(known.case, Handling):
            changes.handled_before[event.case_id] = known.case
        else:
            changes.verified_before[event.case_id] = known.case
    changes.cases[event.case_id] = Stored(after, known.partition if known else arrival.message.partition)
    changes.emits += emits
    _note(changes, after, emits)


_Stepped = tuple[Case | Handling | None, tuple[CaseEvent, ...], tuple[Refusal, ...]]


def _stepped(running: Running, before: Case | Handling | None, event: CaseEvent, definitions: Definitions) -> _Stepped:
    if isinstance(before, Handling):
        if isinstance(event, CaseRequested):
            return before, (), (Refusal("case-exists", "an application has this case id"),)
        return _handled(running, before, event)
    if before is None and isinstance(event, ApplicationSubmitted):
        return _applied(running, event, definitions.handlings.get(event.bundle))
    if before is None and isinstance(event, HANDLING_EVENTS):
        return _handled(running, None, event)
    definition = definitions.verifications.get(event.bundle) if isinstance(event, CaseRequested) else None
    done = step(before, event, definition)
    return done.case, done.emits, done.refusals


def _applied(running: Running, event: ApplicationSubmitted, plan: HandlingPlan | None) -> _Stepped:
    done = handle(None, event, plan)
    if done.handling is None or done.handling.plan.repeatable:
        return done.handling, done.emits, done.refusals
    duplicate = _duplicate(running, event)
    if duplicate is not None:
        return None, (), (duplicate,)
    _note_running(running, done.handling)
    return done.handling, done.emits, done.refusals


def _handled(running: Running, before: Handling | None, event: CaseEvent) -> _Stepped:
    done = handle(before, event)
    if done.handling is not None and done.handling is not before and not done.handling.plan.repeatable:
        _note_running(running, done.handling)
    return done.handling, done.emits, done.refusals


def _duplicate(running: Running, event: ApplicationSubmitted) -> Refusal | None:
    """Why a subject cannot have this second case, judged at the instant of its application.

    Whether a case ran then does not change any more, so a message that is read again is refused again.
    """
    for case_id, ended_at in running.get(open_key_of(event.bundle, event.subject), {}).items():
        if case_id != event.case_id and (ended_at is None or ended_at > event.submitted_at):
            return Refusal("duplicate-application", f"case {case_id} of this bundle is running for this subject")
    return None


def _note_running(running: Running, handling: Handling) -> None:
    key = open_key_of(handling.plan.bundle, handling.application.subject)
    running.setdefault(key, {})[handling.case_id] = handling.ended_at


def _note(changes: Changes, after: Case | Handling, emits: Iterable[CaseEvent]) -> None:
    case = after.checks if isinstance(after, Handling) else after
    for each in emits:
        if isinstance(each, CaseNotified):
            changes.notices.append(each)
        elif isinstance(each, ReportIssued) and each.kind != "superseded" and case is not None:
            changes.reports.append((case, each))


def topic_of(event: CaseEvent) -> str:
    """Where an emitted event goes."""
    return _TOPICS[type(event).__name__].format(department=getattr(event, "department", ""))


_TOPICS = {
    "ChecksRequested": "case.checks",
    "TaskAssigned": "case.tasks.{department}",
    "ItemDispatched": "case.tasks.{department}",
    "PaymentRequested": "case.payments",
    "ApprovalSynchronised": "supervision",
    "CommitmentBroken": "supervision",
    "CaseNotified": "case.notices",
    "CaseUpdated": "case.updates",
    "ReportIssued": "reports",
    "DeadlinePassed": "case.timers",
}
