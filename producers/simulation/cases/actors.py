"""Everybody in a simulated case: they hear what the hub tells and act as the script has it.

What a department tells and what an applicant tells travel by different topics, so nobody acts on what another one did
before the hub has told of it.
"""

from typing import Final

from producers.simulation.cases import applicants, departments
from producers.simulation.cases.acts import Act, event_id
from producers.simulation.cases.profile import USUAL, Way
from producers.simulation.cases.script import CaseScript
from topics.declarations import HUB
from topics.events import (
    ApprovalSynchronised,
    CaseEvent,
    CaseNotified,
    CaseUpdated,
    ChecksAnswered,
    ChecksRequested,
    ItemDispatched,
    PartAnswer,
    PaymentRequested,
    SourceCoverage,
    TaskAssigned,
)

ENDED: Final = ("delivered", "refused", "withdrawn")


class CaseActors:
    """The people of one case, and what they heard of it.

    Attributes:
        script: what they go by.
        status, items: what the hub last told of the case and of its items, by number.
        supervised: number → the decisions that supervision heard of.
        rectified: whether the applicant got an answer to a bad evaluation.
        stopped_for: the codes of the faults for which a door did not take the application.
    """

    def __init__(self, script: CaseScript, *, answers_checks: bool = False, keeps_promises: bool = True) -> None:
        """Take the script.

        Args:
            script: of the case.
            answers_checks: answer what archives would, such that every check passes.
            keeps_promises: what is found when promises are checked after the fact.
        """
        self.script = script
        self.status = ""
        self.items: dict[int, str] = {}
        self.supervised: dict[int, set[str]] = {}
        self.rectified = False
        self.stopped_for: tuple[str, ...] = ()
        self._answers_checks, self._keeps_promises = answers_checks, keeps_promises
        self._numbers = {item.id: item.number for item in script.bundle.items}
        self._heard: set[bytes] = set()
        self._went_its_way: set[int] = set()
        self._supplementing: dict[int, ItemDispatched] = {}
        self._supplied: set[int] = set()
        self._seen_supplementing: set[int] = set()
        self._revision = -1
        self._rest = "due" if script.rests else "over"
        self._held: list[CaseEvent] = []
        self._evaluated = False
        self._withdrew = False

    def submit(self, now: int) -> Act:
        """The application itself."""
        return applicants.submission(self.script, now)

    def hear(self, event: CaseEvent, now: int) -> list[Act]:
        """What follows from something that the hub told; nothing from a repeat."""
        if event.event_id in self._heard:
            return []
        self._heard.add(event.event_id)
        if isinstance(event, CaseUpdated):
            return self._follow(event, now)
        if isinstance(event, ApprovalSynchronised):
            self.supervised.setdefault(event.number, set()).add(event.decision)
            return []
        if self._rest != "over" and not isinstance(event, ChecksRequested):
            # Nothing is decided while the case is on its way to rest: it would be refused.
            self._held.append(event)
            return []
        return self._act(event, now)

    def _act(self, event: CaseEvent, now: int) -> list[Act]:
        match event:
            case ItemDispatched():
                return self._dispatched(event, now)
            case TaskAssigned() if not self._withdrew:
                return departments.task_acts(self.script, event, now)
            case PaymentRequested():
                return applicants.payment_acts(self.script, event, now)
            case CaseNotified():
                return self._notified(event, now)
            case ChecksRequested() if self._answers_checks:
                return [Act(self._passing(event, now))]
        return []

    def _dispatched(self, event: ItemDispatched, now: int) -> list[Act]:
        match event.kind:
            case "delivery":
                return departments.delivery_acts(self.script, event, now)
            case "rectification":
                return departments.rectification_acts(event, now)
            case "commitment-check":
                return departments.check_acts(self.script, event, now, kept=self._keeps_promises)
        if self.script.withdraws:
            acts = [] if self._withdrew else applicants.withdrawal_acts(self.script, now)
            self._withdrew = True
            return acts
        way = self._way(event)
        if way == "supplement":
            self._supplementing[event.number] = event
        return departments.item_acts(self.script, event, way, now)

    def _way(self, event: ItemDispatched) -> Way:
        """The script's way for the item's first assignment; what is passed on or given back is approved."""
        number = event.number
        item = next(each for each in self.script.bundle.items if each.number == number)
        if number not in self.script.items or number in self._went_its_way or event.department != item.routed_to[0]:
            return USUAL
        self._went_its_way.add(number)
        way = self.script.items[number].way
        return USUAL if way == "return" and not departments.can_return(self.script, event) else way

    def _notified(self, event: CaseNotified, now: int) -> list[Act]:
        self.rectified = self.rectified or (event.kind == "rectification" and event.recipient == "applicant")
        number = event.number
        if number is None or event.kind != "supplement" or event.recipient != "applicant":
            return []
        if number not in self._supplementing or number in self._supplied or not self.script.items[number].supplies:
            return []
        # A fee for the item is told of by the same kind of notice.
        self._supplied.add(number)
        return applicants.supplement_acts(self.script, number, now)

    def _follow(self, event: CaseUpdated, now: int) -> list[Act]:
        if event.revision <= self._revision:
            return []
        self._revision, self.status = event.revision, event.status
        changed = {self._numbers[line.check_id]: line.answer or "" for line in event.lines}
        self.items.update(changed)
        return [*self._steered(now), *self._go_on(changed, now), *self._judged(now)]

    def _steered(self, now: int) -> list[Act]:
        if self._rest == "due":
            self._rest = "asked"
            return departments.suspension_acts(self.script, now)
        if self._rest == "asked" and self.status == "suspended":
            self._rest = "resuming"
            return departments.resumption_acts(self.script, now)
        if self._rest == "resuming" and self.status != "suspended":
            self._rest = "over"
            held, self._held = self._held, []
            return [act for event in held for act in self._act(event, now)]
        return []

    def _go_on(self, changed: dict[int, str], now: int) -> list[Act]:
        acts: list[Act] = []
        for number, state in changed.items():
            if state == "supplementing":
                self._seen_supplementing.add(number)
            elif number in self._seen_supplementing and state == "open":
                self._seen_supplementing.discard(number)
                acts += departments.approval_acts(self.script, self._supplementing[number], now)
        return acts

    def _judged(self, now: int) -> list[Act]:
        if self.status not in ENDED or self._evaluated:
            return []
        self._evaluated = True
        return applicants.evaluation_acts(self.script, now)

    def _passing(self, asked: ChecksRequested, now: int) -> ChecksAnswered:
        passes = {item.id: "found" if item.passes == "found" else "clear" for item in self.script.bundle.checks}
        answers = (
            PartAnswer(
                check_id=part.check_id,
                department=part.department,
                subject=part.subject,
                answer=passes[part.check_id],
                evidence=("00" * 16,) if passes[part.check_id] == "found" else (),
                coverage=(SourceCoverage(resource=f"{part.department}.simulated", complete_until=now),),
            )
            for part in asked.parts
        )
        return ChecksAnswered(
            event_id=event_id(asked.case_id, "ChecksAnswered"),
            case_id=asked.case_id,
            answered_by=HUB,
            answered_at=now,
            answers=tuple(answers),
        )
