"""What departments do in a simulated case, as its script has it."""

from collections.abc import Callable
from typing import Final

from catalog.bundles import Item
from catalog.form_fields import load_materials
from catalog.resources import load_resources
from producers.simulation.cases.acts import SECOND_US, Act, event_id
from producers.simulation.cases.profile import Way
from producers.simulation.cases.script import CaseScript, ItemScript
from topics.events import (
    CaseResumed,
    CaseSuspended,
    CaseUpdated,
    CommitmentChecked,
    ItemDispatched,
    ItemHandled,
    ItemResult,
    ItemReviewed,
    PartAnswer,
    RectificationAnswered,
    ResultRecorded,
    ResultsDelivered,
    TaskAssigned,
    TaskHandled,
    TaskReviewed,
)

SLOW_S: Final = 2.0
_HANDLER: Final = "经办人甲"
_REVIEWER: Final = "审核人乙"
_SECOND_TURN: Final = 10
"""More than anybody does with an assignment in one go: what comes later gets ids and times of its own."""
_PASSING: Final = {"clear": "clear", "found": "found", "any": "clear", None: "clear"}


def item_acts(script: CaseScript, dispatched: ItemDispatched, way: Way, now: int) -> list[Act]:
    """What the department does when an item is dispatched to it; what follows from an answer is not among it."""
    after_s = SLOW_S if way == "slow" else 0
    return _WAYS[way](_Work(script, dispatched, now, after_s))


def missing_material(number: int) -> str:
    """What the department of an item finds missing."""
    return f"supplement-{number}"


def approval_acts(script: CaseScript, dispatched: ItemDispatched, now: int) -> list[Act]:
    """The approval of an item whose supplement has come in."""
    return _Work(script, dispatched, now, turn=_SECOND_TURN).approves()


def can_return(script: CaseScript, dispatched: ItemDispatched) -> bool:
    """Whether there is somebody to give the item back to."""
    return dispatched.department != script.bundle.lead


def task_acts(script: CaseScript, task: TaskAssigned, now: int) -> list[Act]:
    """A person's answer to a check, such that the check passes, and a second person's word where that is due."""
    item = next(each for each in script.bundle.checks if each.id == task.check_id)
    answer = PartAnswer(
        check_id=task.check_id,
        department=task.department,
        subject=task.subject,
        answer=_PASSING[item.passes],
        evidence=(),
        coverage=(),
        note="人工核查",
        handled_by=_HANDLER,
    )
    handled = TaskHandled(
        event_id=event_id(task.case_id, "TaskHandled", task.task_id),
        case_id=task.case_id,
        task_id=task.task_id,
        department=task.department,
        answer=answer,
        handled_by=_HANDLER,
        at=now,
    )
    reviewed = TaskReviewed(
        event_id=event_id(task.case_id, "TaskReviewed", task.task_id),
        case_id=task.case_id,
        task_id=task.task_id,
        department=task.department,
        reviewed_by=_REVIEWER,
        approved=True,
        at=now + 1,
    )
    return [Act(handled), *([Act(reviewed)] if task.handled_and_reviewed else [])]


def delivery_acts(script: CaseScript, dispatched: ItemDispatched, now: int) -> list[Act]:
    """The lead hands over what is ready."""
    delivered = ResultsDelivered(
        event_id=event_id(dispatched.case_id, "ResultsDelivered", dispatched.assignment_id),
        case_id=dispatched.case_id,
        department=dispatched.department,
        items=(),
        means=script.means,
        reference="EMS1000000000" if script.means == "mail" else None,
        delivered_by=_HANDLER,
        at=now,
    )
    return [Act(delivered)]


def rectification_acts(dispatched: ItemDispatched, now: int) -> list[Act]:
    """The lead answers a bad evaluation."""
    answered = RectificationAnswered(
        event_id=event_id(dispatched.case_id, "RectificationAnswered", dispatched.assignment_id),
        case_id=dispatched.case_id,
        department=dispatched.department,
        answer="已向申请人说明情况，并改进窗口服务",
        answered_by=_HANDLER,
        at=now,
    )
    return [Act(answered)]


def check_acts(script: CaseScript, dispatched: ItemDispatched, now: int, *, kept: bool) -> list[Act]:
    """What the department finds when it checks a promise after the fact."""
    # An assignment names the material in its text, as a person reads it.
    names = load_materials()
    material = next(each for each in script.materials if f"“{names[each].name}”" in dispatched.text)
    checked = CommitmentChecked(
        event_id=event_id(dispatched.case_id, "CommitmentChecked", dispatched.assignment_id),
        case_id=dispatched.case_id,
        department=dispatched.department,
        material=material,
        kept=kept,
        evidence=(),
        note=None if kept else "现场核查与承诺不符",
        checked_by=_HANDLER,
        at=now,
    )
    return [Act(checked)]


def suspension_acts(script: CaseScript, now: int) -> list[Act]:
    """The lead lets the whole case rest."""
    suspended = CaseSuspended(
        event_id=event_id(script.case_id, "CaseSuspended"),
        case_id=script.case_id,
        department=script.bundle.lead,
        reason="等待上级机关答复",
        suspended_by=_HANDLER,
        at=now,
    )
    return [Act(suspended)]


def resumption_acts(script: CaseScript, now: int) -> list[Act]:
    """The lead lets it go on."""
    resumed = CaseResumed(
        event_id=event_id(script.case_id, "CaseResumed"),
        case_id=script.case_id,
        department=script.bundle.lead,
        reason="已收到答复",
        resumed_by=_HANDLER,
        at=now,
    )
    return [Act(resumed)]


def state_of(updated: CaseUpdated, item: Item) -> str | None:
    """What an update says of an item, None when it says nothing."""
    return next((line.answer for line in updated.lines if line.check_id == item.id), None)


class _Work:
    """One assignment at work; what is done later in it bears a later time."""

    def __init__(
        self, script: CaseScript, dispatched: ItemDispatched, now: int, after_s: float = 0, turn: int = 0
    ) -> None:
        self._script, self._dispatched = script, dispatched
        self._at, self._after_s = now + int(after_s * SECOND_US), after_s
        self._turn = turn

    @property
    def number(self) -> int:
        """The item's."""
        return self._dispatched.number

    @property
    def neighbour(self) -> str:
        """Another department of the bundle, the lead first; the approval office where there is none."""
        others = (code for code in self._script.bundle.handling_departments if code != self._dispatched.department)
        return next(others, "admin-approval")

    @property
    def _no_fee(self) -> int | None:
        """What is said where nothing is due: of a fee whose amount the register leaves open, that it is nought."""
        said = self._item.registered.elaborated
        return 0 if self._item.kind == "payment" and (said is None or said.fee_fen is None) else None

    def approves(self) -> list[Act]:
        said = self._script.items.get(self._dispatched.number, ItemScript())
        first = self._dispatched.department == self._item.routed_to[0] or len(self._item.routed_to) == 1
        fee_fen = said.fee_fen if said.fee_fen and first else self._no_fee
        return [self.handles("approve", fee_fen=fee_fen, results=self._results()), *self.review()]

    def approves_on_second_thought(self) -> list[Act]:
        if not self._dispatched.handled_and_reviewed:
            return self.approves()
        first = self.handles("approve", fee_fen=self._no_fee, results=self._results())
        return [first, *self.review(approved=False), *self.approves()]

    def issues(self) -> Act:
        """What the hub records once the department's own system has published what the item ends with."""
        result = self._results()[0]
        resource = load_resources().by_code[result.resource or ""]
        issued = ResultRecorded(
            event_id=self._id("ResultRecorded"),
            case_id=self._dispatched.case_id,
            department=self._dispatched.department,
            resource=resource.code,
            record_type=resource.record_type,
            record_id=f"{resource.code}:{self._dispatched.case_id}",
            fact="LicenceIssued" if resource.family == "licence" else "RegistrationRecorded",
            fact_event_id=self._id("Fact"),
            withdrawn=False,
            at=self._at,
        )
        return Act(issued)

    def handles(self, decision: str, **more: object) -> Act:
        self._turn += 1
        fields = {"reason": None, "missing": (), "results": (), **more}
        handled = ItemHandled(
            event_id=self._id("ItemHandled"),
            case_id=self._dispatched.case_id,
            assignment_id=self._dispatched.assignment_id,
            department=self._dispatched.department,
            decision=decision,
            handled_by=_HANDLER,
            at=self._at + self._turn,
            **fields,  # type: ignore[arg-type]  # each as the event has it
        )
        return Act(handled, self._after_s)

    def review(self, *, approved: bool = True) -> list[Act]:
        if not self._dispatched.handled_and_reviewed:
            return []
        self._turn += 1
        reviewed = ItemReviewed(
            event_id=self._id("ItemReviewed"),
            case_id=self._dispatched.case_id,
            assignment_id=self._dispatched.assignment_id,
            department=self._dispatched.department,
            reviewed_by=_REVIEWER,
            approved=approved,
            note=None if approved else "请补充依据",
            at=self._at + self._turn,
        )
        return [Act(reviewed, self._after_s)]

    @property
    def _item(self) -> Item:
        return next(each for each in self._script.bundle.items if each.number == self._dispatched.number)

    def _results(self) -> tuple[ItemResult, ...]:
        elaborated = self._item.registered.elaborated
        if elaborated is None or elaborated.result is None:
            return ()
        return (ItemResult(name=elaborated.result.name, resource=elaborated.result.resource),)

    def _id(self, name: str) -> bytes:
        return event_id(self._dispatched.case_id, name, self._dispatched.assignment_id, str(self._turn))


def _refuses(work: _Work) -> list[Act]:
    return [work.handles("refuse", reason="不符合法定条件"), *work.review()]


def _asks_for_more(work: _Work) -> list[Act]:
    return [work.handles("supplement", reason="材料不齐全", missing=(missing_material(work.number),))]


def _passes_on(work: _Work) -> list[Act]:
    return [work.handles("pass-on", reason="不属于本部门职责", pass_on_to=work.neighbour)]


def _gives_back(work: _Work) -> list[Act]:
    return [work.handles("return", reason="请牵头部门办理")]


def _rests(work: _Work) -> list[Act]:
    resting = work.handles("suspend", reason="等待现场核查")
    return [resting, work.handles("resume", reason="现场核查完成"), *work.approves()]


_WAYS: Final[dict[Way, Callable[[_Work], list[Act]]]] = {
    "approve": _Work.approves,
    "slow": _Work.approves,
    "refuse": _refuses,
    "supplement": _asks_for_more,
    "pass-on": _passes_on,
    "return": _gives_back,
    "correct": _Work.approves_on_second_thought,
    "suspend": _rests,
    "issue": lambda work: [work.issues()],
    "never": lambda _: [],
}
