"""A small bundle and its events, made by hand."""

from typing import Any

import msgspec

from processors.domain.handling import CommitmentPlan, Handling, HandlingPlan, HandlingStep, ItemPlan, handle
from topics.events import (
    ApplicationSubmitted,
    CaseEvent,
    Delivery,
    ItemHandled,
    ItemReviewed,
    Place,
)

DAY_US = 86_400_000_000
SUBMITTED_AT = 1_772_416_800_000_000
"""Monday 2026-03-02, 10:00 in China."""


def an_item(number: int, department: str = "market-regulation", **changed: Any) -> ItemPlan:
    """An item that one department handles within five working days."""
    item = ItemPlan(
        number=number,
        item_id=f"item-{number}",
        code=f"61011300{number:04d}",
        text=f"事项{number}",
        mode="handled",
        departments=(department,),
        limit_days=5,
    )
    return msgspec.structs.replace(item, **changed)


def a_plan(*items: ItemPlan, **changed: Any) -> HandlingPlan:
    """A bundle of these items, led by market regulation."""
    plan = HandlingPlan(
        bundle="food-outlet",
        version=1,
        name="开办餐饮店“一件事”",
        document="市政办函〔2024〕60号",
        subject_kind="enterprise",
        lead="market-regulation",
        items=items or (an_item(1), an_item(2, "urban-management"), an_item(3, "fire-rescue", after=(1,))),
        names={
            "market-regulation": "市市场监管局",
            "urban-management": "市城管执法局",
            "fire-rescue": "市消防救援支队",
        },
        commitments=(
            CommitmentPlan(material="fire-promise", kind="promise", days=10, after_check_days=30),
            CommitmentPlan(material="lease", kind="later", days=3),
        ),
    )
    return msgspec.structs.replace(plan, **changed)


def an_application(**changed: Any) -> ApplicationSubmitted:
    """An application that every plan here takes."""
    application = ApplicationSubmitted(
        event_id=b"application-0001",
        case_id="case-1",
        bundle="food-outlet",
        bundle_version=1,
        subject="enterprise:91610100MA6U0J1K2L",
        purpose="开办餐饮店",
        submitted_by="applicant-1",
        channel="online",
        mode="whole-online",
        received_at=Place(level="city", code="610100"),
        handled_at=Place(level="city", code="610100"),
        choices=(),
        materials=(),
        fields_total=3,
        fields_filled=2,
        fields_shareable=0,
        delivery=Delivery(together=True, means="e-licence"),
        submitted_at=SUBMITTED_AT,
    )
    return msgspec.structs.replace(application, **changed)


def decided(handling: Handling, number: int, decision: str = "approve", **changed: Any) -> ItemHandled:
    """What the department of an item's first active assignment says."""
    assignment = next(each for each in handling.of_item(number) if each.is_active)
    event = ItemHandled(
        event_id=f"h{assignment.assignment_id[:11]}{decision[:4]:4}".encode(),
        case_id=handling.case_id,
        assignment_id=assignment.assignment_id,
        department=assignment.department,
        decision=decision,
        reason=None if decision in ("approve", "resume") else "理由",
        missing=("lease",) if decision == "supplement" else (),
        results=(),
        handled_by="张经办",
        at=SUBMITTED_AT + 3_600_000_000,
    )
    return msgspec.structs.replace(event, **changed)


def judged(handling: Handling, number: int, *, approved: bool = True, **changed: Any) -> ItemReviewed:
    """What a second person says of the decision that waits for review."""
    assignment = next(each for each in handling.of_item(number) if each.state == "handled")
    event = ItemReviewed(
        event_id=f"r{assignment.assignment_id[:14]}{approved:d}".encode(),
        case_id=handling.case_id,
        assignment_id=assignment.assignment_id,
        department=assignment.department,
        reviewed_by="李审核",
        approved=approved,
        at=SUBMITTED_AT + 7_200_000_000,
    )
    return msgspec.structs.replace(event, **changed)


def taken(handling: Handling | None, event: CaseEvent, plan: HandlingPlan | None = None) -> Handling:
    """The case after an event that it must take."""
    done = handle(handling, event, plan)
    assert not done.refusals, done.refusals
    assert done.handling is not None
    return done.handling


def refused(handling: Handling, event: CaseEvent) -> str:
    """The code of the one refusal of an event that must change nothing."""
    done = handle(handling, event)
    assert done.handling is handling
    assert done.emits == ()
    (refusal,) = done.refusals
    return refusal.code


def opened(plan: HandlingPlan | None = None, **changed: Any) -> Handling:
    """A case that has just begun, of a plan and with changes of the application."""
    return taken(None, an_application(**changed), plan or a_plan())


def emitted(done: HandlingStep, name: str) -> list[Any]:
    """Events of a type that a step emits."""
    return [each for each in done.emits if type(each).__name__ == name]
