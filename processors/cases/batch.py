"""A batch of arrivals folded over the cases that they concern: pure, so that it may be done again from fresh state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from processors.cases.arrivals import Arrival
from processors.domain.case import Case
from processors.domain.definition import CaseDefinition
from processors.domain.step import step
from topics.events import CaseEvent, CaseRequested, ReportIssued

RECENT: Final = 1024
"""Cases that are kept at hand between their request and their answers."""


@dataclass(frozen=True)
class Stored:
    """A case as its row has it."""

    case: Case
    partition: int


@dataclass
class Changes:
    """What a batch comes to.

    Attributes:
        cases: case id → the case after the batch and its partition, changed ones only.
        before: case id → the revision that its row must still have; absent for new cases.
        reports: each report that was issued, with its case as it was then.
        emits: what to publish, in order.
    """

    cases: dict[str, Stored] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    reports: list[tuple[Case, ReportIssued]] = field(default_factory=list)
    emits: list[CaseEvent] = field(default_factory=list)
    refused: list[Arrival] = field(default_factory=list)


class RecentCases:
    """Cases as they were last committed, the latest ``RECENT`` of them: true for a store that has one writer."""

    def __init__(self) -> None:
        self._cases: dict[str, Stored] = {}

    def among(self, case_ids: Iterable[str]) -> dict[str, Stored]:
        """Those of these cases that are at hand."""
        return {case_id: self._cases[case_id] for case_id in case_ids if case_id in self._cases}

    def keep(self, committed: Mapping[str, Stored]) -> None:
        """Remember what was committed, forget what was so longest ago."""
        for case_id, stored in committed.items():
            self._cases.pop(case_id, None)
            self._cases[case_id] = stored
        for case_id in list(self._cases)[: max(0, len(self._cases) - RECENT)]:
            del self._cases[case_id]


def concerned(arrivals: Iterable[Arrival]) -> list[str]:
    """The cases that a batch may change, each once."""
    return list(dict.fromkeys(each.event.case_id for each in arrivals if each.event is not None))


def folded_batch(
    arrivals: Iterable[Arrival], stored: Mapping[str, Stored], definitions: Mapping[str, CaseDefinition]
) -> Changes:
    """Take every arrival in its order.

    Args:
        arrivals: messages of one poll.
        stored: the concerned cases that have rows.
        definitions: bundles by id, for new cases.
    """
    changes = Changes()
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
    definitions: Mapping[str, CaseDefinition],
) -> None:
    known = changes.cases.get(event.case_id) or stored.get(event.case_id)
    before = known.case if known else None
    done = step(before, event, definitions.get(event.bundle) if isinstance(event, CaseRequested) else None)
    if done.refusals:
        changes.refused.append(Arrival(arrival.message, None, done.refusals))
    if done.case is None or done.case is before:
        return
    if known is not None and event.case_id not in changes.cases:
        changes.before[event.case_id] = known.case.revision
    changes.cases[event.case_id] = Stored(done.case, known.partition if known else arrival.message.partition)
    changes.emits += done.emits
    changes.reports += [
        (done.case, each) for each in done.emits if isinstance(each, ReportIssued) and each.kind != "superseded"
    ]


def topic_of(event: CaseEvent) -> str:
    """Where an emitted event goes."""
    return _TOPICS[type(event).__name__].format(department=getattr(event, "department", ""))


_TOPICS = {
    "ChecksRequested": "case.checks",
    "TaskAssigned": "case.tasks.{department}",
    "CaseUpdated": "case.updates",
    "ReportIssued": "reports",
    "DeadlinePassed": "case.timers",
}
