"""What ends an item beside a department's word: the licence or registration itself, and the payment of its fee."""

from typing import Final

import msgspec

from processors.domain.handling.decisions import closed
from processors.domain.handling.progress import approve_item, fee_of, grant
from processors.domain.handling.state import Decision, with_assignment, with_item
from processors.domain.handling.telling import Draft
from processors.domain.requests import Refusal, time_fault
from topics.events import ItemResult, PaymentConfirmed, ResultRecorded

MOST_RESULTS: Final = 100
"""Records that are kept with one item."""

_CLOSED_BY_RESULT: Final = frozenset(("open", "handled", "supplementing", "suspended"))


def take_result(draft: Draft, event: ResultRecorded) -> tuple[Refusal, ...]:
    """The licence or registration is there: the item that should end with it has ended."""
    handling = draft.handling
    if fault := time_fault(event.at):
        return (fault,)
    if event.withdrawn:
        return (Refusal("withdrawn-result", "a withdrawn record closes no item"),)
    found = [(plan, item) for plan, item in handling.planned() if plan.result_resource == event.resource]
    if not found:
        return (Refusal("no-such-result", f"no item of the case ends with a record of {event.resource}"),)
    result = ItemResult(
        name=found[0][0].result_name or event.record_type, resource=event.resource, record_id=event.record_id
    )
    at_work = next(((plan, item) for plan, item in found if item.state in _CLOSED_BY_RESULT), None)
    if at_work is None or handling.ended:
        return _attach(draft, found[0][1].number, result)
    plan, item = at_work
    fee_fen = fee_of(plan, handling.of_item(item.number))
    for each in handling.of_item(item.number):
        if each.is_active:
            draft.handling = with_assignment(draft.handling, closed(each, event.at))
    decision = Decision(decision="approve", decided_by=event.department, at=event.at, results=(result,))
    grant(draft, plan, item, decision, fee_fen)
    draft.supervise(plan, decision, event.department)
    return ()


def _attach(draft: Draft, number: int, result: ItemResult) -> tuple[Refusal, ...]:
    """The record of an item that was approved before its licence came in."""
    item = draft.handling.item(number)
    if item is None or item.state not in ("approved", "paying") or item.decision is None:
        return (Refusal("item-closed", "no item of the case waits for this record"),)
    results = item.decision.results
    if any((each.resource, each.record_id) == (result.resource, result.record_id) for each in results):
        return ()
    if len(results) >= MOST_RESULTS:
        return (Refusal("too-many", f"an item has {MOST_RESULTS} results at most"),)
    # A result that was named without its record is this one, now that it is there.
    named = next((each for each in results if (each.resource, each.record_id) == (result.resource, None)), None)
    known = tuple(result if each is named else each for each in results)
    decision = msgspec.structs.replace(item.decision, results=known if named else (*results, result))
    draft.handling = with_item(draft.handling, msgspec.structs.replace(item, decision=decision))
    return ()


def take_payment(draft: Draft, event: PaymentConfirmed) -> tuple[Refusal, ...]:
    """The fee is paid: the item that waited for it has passed."""
    if fault := time_fault(event.paid_at):
        return (fault,)
    item = next(
        (each for each in draft.handling.items if each.payment and each.payment.payment_id == event.payment_id), None
    )
    if item is None or item.payment is None:
        return (Refusal("no-such-payment", "the case asks for no payment of this id"),)
    if item.payment.paid_at is not None:
        return ()
    if item.state != "paying" or draft.handling.ended:
        return (Refusal("item-closed", "the item no longer waits for a payment"),)
    if event.amount_fen != item.payment.amount_fen:
        return (Refusal("wrong-amount", f"{item.payment.amount_fen} fen are due, {event.amount_fen} were paid"),)
    paid = msgspec.structs.replace(item.payment, paid_at=event.paid_at)
    decision = item.decision or Decision(decision="approve", decided_by="hub", at=event.paid_at)
    approve_item(draft, msgspec.structs.replace(item, payment=paid), decision)
    if item.decision is None:
        plan = draft.handling.plan
        draft.supervise(plan.item(item.number), decision, plan.item(item.number).departments[0])
    return ()
