"""Where a case goes on by itself: items start as their order allows, end with their assignments, and end the case."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from processors.domain.answers import CLEAR, FOUND, Lines, line_answer, part_key
from processors.domain.case import settled
from processors.domain.derived_ids import derived_event_id
from processors.domain.handling.clock import due_after, paused
from processors.domain.handling.decisions import SUPPLEMENT, closed
from processors.domain.handling.plan import CHECK, HANDLED, LEAD, PAYMENT, ItemPlan
from processors.domain.handling.state import (
    CASE_PAUSE,
    Assignment,
    Decision,
    HandledItem,
    Handling,
    ItemState,
    Payment,
    with_assignment,
    with_item,
)
from processors.domain.handling.telling import APPLICANT, Draft
from topics.declarations import HUB
from topics.events import ItemResult

_FIRST_STATES: Final[dict[str, ItemState]] = {LEAD: "open", CHECK: "checking", HANDLED: "waiting", PAYMENT: "waiting"}
_AT_WORK: Final[tuple[ItemState, ...]] = ("open", "handled", "supplementing", "suspended")
_PASSING_ANSWER: Final = {"clear": CLEAR, "found": FOUND}


def advance(draft: Draft) -> None:
    """Take the case as far as it goes: until nothing starts and nothing ends any more."""
    if draft.handling.ended:
        return
    lines = {} if draft.handling.checks is None else settled(draft.handling.checks)
    while True:
        before = draft.handling
        for plan in before.plan.items:
            _advance_item(draft, plan, lines)
        if draft.handling is before:
            return


def assign(draft: Draft, item: ItemPlan, department: str, *, text: str = "") -> None:
    """Give a department an item to handle, and tell it so."""
    add(draft, _assignment(draft, item, department, text or item.text, due_after(draft.at, item.limit_days)))


def hand_on(draft: Draft, given_up: Assignment, department: str) -> None:
    """Give a department what another one gave up: its clock goes on as it stood, what was asked for is still awaited.

    What is missing is told once (一次性告知): a department that has asked before cannot ask again.
    """
    item = draft.handling.plan.item(given_up.number)
    new = _assignment(draft, item, department, given_up.text, given_up.due_at)
    earlier = (each for each in draft.handling.of_item(item.number) if each.department == department)
    new = msgspec.structs.replace(new, supplement_asked=any(each.supplement_asked for each in earlier))
    if given_up.missing:
        awaiting = msgspec.structs.replace(new, state="supplementing", missing=given_up.missing)
        new = paused(awaiting, SUPPLEMENT, draft.at)
    add(draft, new)


def _assignment(draft: Draft, item: ItemPlan, department: str, text: str, due_at: int | None) -> Assignment:
    handling = draft.handling
    return Assignment(
        assignment_id=assignment_id(handling.case_id, len(handling.assignments)),
        number=item.number,
        department=department,
        text=text,
        dispatched_at=draft.at,
        due_at=due_at,
        handled_and_reviewed=item.handled_and_reviewed,
        joint=len(item.departments) > 1,
    )


def add(draft: Draft, assignment: Assignment) -> None:
    """Put an assignment on the case and tell its department; while the case rests, its clock stands from the start."""
    if draft.handling.pause is not None and assignment.kind in ("item", "delivery"):
        assignment = paused(assignment, CASE_PAUSE, draft.at)
    draft.handling = with_assignment(draft.handling, assignment)
    draft.dispatch(assignment)


def assignment_id(case_id: str, sequence: int) -> str:
    """The id of a case's n-th assignment."""
    return derived_event_id(case_id.encode(), "Assignment", str(sequence)).hex()


def _advance_item(draft: Draft, plan: ItemPlan, lines: Lines) -> None:
    item = draft.handling.item(plan.number)
    if item is None or item.state == "not-applicable" or plan.mode == LEAD:
        return
    if plan.mode == CHECK:
        _advance_check(draft, plan, item, lines)
        item = draft.handling.item(plan.number) or item
    if item.state == "waiting":
        _start(draft, plan, item)
    elif not item.is_decided and item.state != "paying":
        _follow_assignments(draft, plan, item)


def _start(draft: Draft, plan: ItemPlan, item: HandledItem) -> None:
    handling = draft.handling
    # The lead's own part lasts as long as the case: nothing waits for its end.
    earlier = [item for each, item in handling.planned() if each.number in plan.after and each.mode != LEAD]
    failed = [each.number for each in earlier if each.state in ("refused", "stopped")]
    if failed:
        reason = f"前置事项第{failed[0]}项未通过"
        draft.handling = with_item(handling, msgspec.structs.replace(item, state="stopped", reason=reason))
        return
    if handling.pause is not None or any(not each.is_decided for each in earlier):
        return
    if plan.mode == PAYMENT and plan.fee_fen:
        _ask_payment(draft, plan, item, plan.fee_fen, None)
        return
    draft.handling = with_item(handling, msgspec.structs.replace(item, state="open"))
    for department in plan.departments:
        assign(draft, plan, department)


def _follow_assignments(draft: Draft, plan: ItemPlan, item: HandledItem) -> None:
    current = _latest(draft.handling, item)
    refused = next((each for each in current if each.state == "refused"), None)
    if refused is not None and refused.decided is not None:
        _refuse(draft, plan, item, refused.department, refused.decided)
    elif current and all(each.state in ("approved", "closed") for each in current):
        _approve(draft, plan, item, [each for each in current if each.state == "approved"])
    else:
        state = _state_of(current, item)
        if state != item.state:
            draft.handling = with_item(draft.handling, msgspec.structs.replace(item, state=state))


def _latest(handling: Handling, item: HandledItem) -> list[Assignment]:
    """What departments have to do, or have done, for the item as it stands; not what they gave up."""
    return [
        each
        for each in handling.assignments[item.asked_from :]
        if each.kind == "item" and each.number == item.number and each.state not in ("passed-on", "returned")
    ]


def _state_of(current: list[Assignment], item: HandledItem) -> ItemState:
    active = {each.state for each in current if each.is_active}
    # One that still works on it is what counts for the item: all wait only when each of them does.
    return next((state for state in _AT_WORK if state in active), item.state)


def _refuse(draft: Draft, plan: ItemPlan, item: HandledItem, department: str, decision: Decision) -> None:
    for each in draft.handling.of_item(item.number):
        if each.is_active:
            draft.handling = with_assignment(draft.handling, closed(each, draft.at))
    refused = msgspec.structs.replace(item, state="refused", decision=decision, reason=decision.reason)
    draft.handling = with_item(draft.handling, refused)
    draft.supervise(plan, decision, department)
    draft.notify(APPLICANT, "result", f"“{plan.text}”不予通过：{decision.reason or ''}", plan.number)


def _approve(draft: Draft, plan: ItemPlan, item: HandledItem, approved: list[Assignment]) -> None:
    for each in approved:
        if each.decided is not None:
            draft.supervise(plan, each.decided, each.department)
    decision = _joined([each.decided for each in approved if each.decided is not None])
    grant(draft, plan, item, decision, fee_of(plan, approved))


def fee_of(plan: ItemPlan, assignments: Iterable[Assignment]) -> int:
    """What the departments set, which may be nothing at all; where none of them did, what the register states."""
    proposals = (each.proposed for each in assignments if each.proposed is not None)
    set_fen = [each.fee_fen for each in proposals if each.fee_fen is not None]
    return sum(set_fen) if set_fen else plan.fee_fen or 0


def grant(draft: Draft, plan: ItemPlan, item: HandledItem, decision: Decision | None, fee_fen: int) -> None:
    """The item was decided well: it has passed, once what it costs is paid."""
    if fee_fen and item.payment is None:
        _ask_payment(draft, plan, item, fee_fen, decision)
    else:
        approve_item(draft, item, decision)


def approve_item(draft: Draft, item: HandledItem, decision: Decision | None) -> None:
    """The item has passed."""
    draft.handling = with_item(draft.handling, msgspec.structs.replace(item, state="approved", decision=decision))


def _joined(decisions: list[Decision]) -> Decision | None:
    """What several departments decided together, as the last of them closed it."""
    if not decisions:
        return None
    last = max(decisions, key=lambda each: each.at)
    results: tuple[ItemResult, ...] = tuple(result for each in decisions for result in each.results)
    return msgspec.structs.replace(last, results=results)


def _ask_payment(draft: Draft, plan: ItemPlan, item: HandledItem, fee_fen: int, decision: Decision | None) -> None:
    payment = Payment(
        payment_id=derived_event_id(draft.handling.case_id.encode(), "Payment", str(plan.number)).hex(),
        amount_fen=fee_fen,
        requested_at=draft.at,
    )
    paying = msgspec.structs.replace(item, state="paying", payment=payment, decision=decision)
    draft.handling = with_item(draft.handling, paying)
    draft.ask_payment(plan, payment)
    draft.notify(APPLICANT, "supplement", f"“{plan.text}”应缴费用{fee_fen / 100:.2f}元", plan.number)


def _advance_check(draft: Draft, plan: ItemPlan, item: HandledItem, lines: Lines) -> None:
    if item.state in ("refused", "stopped") or plan.item_id not in lines:
        return
    parts = lines[plan.item_id]
    answer = line_answer(parts)
    # A case that is decided is not taken up again: what comes later is told by the report's amendment.
    if answer is None or draft.handling.outcome is not None or any(part.awaits_department for part in parts):
        if item.answer != answer:
            draft.handling = with_item(draft.handling, msgspec.structs.replace(item, answer=answer))
        return
    if item.answer == answer and item.state != "checking":
        return
    item = msgspec.structs.replace(item, answer=answer)
    draft.handling = with_item(draft.handling, item)
    if _passes(draft.handling, plan, answer):
        _pass_check(draft, plan, item)
    else:
        _ask_person(draft, plan, item, answer)


def _passes(handling: Handling, plan: ItemPlan, answer: str) -> bool:
    if handling.plan.is_verification:
        # Its result is the report, and the report may say anything.
        return True
    if plan.passes == "any":
        return answer in (CLEAR, FOUND)
    return answer == _PASSING_ANSWER[plan.passes]


def _pass_check(draft: Draft, plan: ItemPlan, item: HandledItem) -> None:
    asked = _latest(draft.handling, item)
    if item.state not in ("checking", "open") or not all(_is_untouched(each) for each in asked):
        return
    # The check says it now by itself: a person who was asked, and has not begun, need not look any more.
    for each in asked:
        draft.handling = with_assignment(draft.handling, closed(each, draft.at))
    decision = Decision(decision="approve", decided_by=HUB, at=draft.at)
    approve_item(draft, item, decision)
    draft.supervise(plan, decision, HUB)


def _ask_person(draft: Draft, plan: ItemPlan, item: HandledItem, answer: str) -> None:
    """What the check found speaks against the applicant, or cannot be told: a person decides, never the hub alone."""
    if any(each.is_active for each in draft.handling.of_item(item.number)):
        return
    asked = msgspec.structs.replace(item, state="open", asked_from=len(draft.handling.assignments))
    draft.handling = with_item(draft.handling, asked)
    for department in plan.departments:
        assign(draft, plan, department, text=f"{plan.text}（系统核验结果：{_WORDS[answer]}，请人工核实）")


def _is_untouched(assignment: Assignment) -> bool:
    return assignment.state == "open" and not assignment.supplement_asked and assignment.review_note is None


def chase_checks(draft: Draft) -> None:
    """The time for the checks is over: who owes an answer is told, and what nobody was asked goes to a person."""
    checks = draft.handling.checks
    if checks is None:
        return
    lines, asked = settled(checks), {part_key(task.part) for task in checks.tasks}
    for plan, item in draft.handling.planned():
        if item.state == "checking":
            awaited = [each.part for each in lines.get(plan.item_id, ()) if each.awaits_department]
            owing = {part.department for part in awaited if part_key(part) in asked}
            _chase(draft, plan, sorted(owing))
            if awaited and not owing:
                _ask_person(draft, plan, item, "timed-out")


def _chase(draft: Draft, plan: ItemPlan, departments: list[str]) -> None:
    for department in departments:
        name = draft.handling.plan.names.get(department, department)
        draft.notify(department, "overdue", f"“{plan.text}”核验已逾期，请尽快答复", plan.number)
        draft.notify(draft.handling.plan.lead, "escalated", f"{name}逾期未答复核验：{plan.text}", plan.number)


_WORDS: Final = {
    "found": "查有记录",
    "clear": "未查到记录",
    "disputed": "记录存在争议",
    "unavailable": "暂无法核验",
    "timed-out": "逾期未答复",
    "source-behind": "数源更新滞后",
    "no-such-subject": "查无此主体",
}


def initial_items(items: tuple[ItemPlan, ...], applicable: frozenset[int]) -> Iterator[HandledItem]:
    """The items as a case begins with them."""
    for item in items:
        state = _FIRST_STATES[item.mode] if item.number in applicable else "not-applicable"
        yield HandledItem(number=item.number, state=state)
