"""What applicants do in a simulated case, as its script has it."""

from typing import Final

from producers.simulation.cases.acts import Act, event_id
from producers.simulation.cases.departments import missing_material
from producers.simulation.cases.script import CaseScript
from topics.events import (
    ApplicationSubmitted,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    Choice,
    Delivery,
    PaymentConfirmed,
    PaymentRequested,
    Place,
    SuppliedMaterial,
)

APPLICANT: Final = "申请人"
_SEALED: Final = b"sealed"
"""Where only the key ring may read: simulated cases carry no address of anybody."""


def submission(script: CaseScript, now: int) -> Act:
    """The application."""
    online = script.means != "counter"
    elaborated = [item.registered.elaborated for item in script.bundle.items if item.number in script.items]
    fields = {name for each in elaborated if each is not None for name in each.fields}
    submitted = ApplicationSubmitted(
        event_id=event_id(script.case_id, "ApplicationSubmitted"),
        case_id=script.case_id,
        bundle=script.bundle.id,
        bundle_version=script.bundle.version,
        subject=script.subject,
        purpose=f"模拟办理{script.bundle.name}",
        submitted_by=APPLICANT,
        channel="online" if online else "counter",
        mode="whole-online" if online else "collected-elsewhere",
        received_at=Place(level="street", code="610112001"),
        handled_at=Place(level="city", code="610100"),
        choices=tuple(Choice(question=question, choice=choice) for question, choice in script.choices.items()),
        materials=tuple(SuppliedMaterial(material=name, means=means) for name, means in script.materials.items()),
        fields_total=len(fields),
        fields_filled=0,
        fields_shareable=0,
        delivery=Delivery(
            together=script.together, means=script.means, address=_SEALED if script.means == "mail" else None
        ),
        submitted_at=now,
    )
    return Act(submitted)


def withdrawal_acts(script: CaseScript, now: int) -> list[Act]:
    """The applicant no longer wants it."""
    withdrawn = ApplicationWithdrawn(
        event_id=event_id(script.case_id, "ApplicationWithdrawn"),
        case_id=script.case_id,
        reason="计划改变",
        withdrawn_by=APPLICANT,
        at=now,
    )
    return [Act(withdrawn)]


def supplement_acts(script: CaseScript, number: int, now: int) -> list[Act]:
    """What the department of an item found missing is supplied."""
    supplemented = ApplicationSupplemented(
        event_id=event_id(script.case_id, "ApplicationSupplemented", str(number)),
        case_id=script.case_id,
        materials=(SuppliedMaterial(material=missing_material(number), means="upload"),),
        supplemented_by=APPLICANT,
        at=now,
    )
    return [Act(supplemented)]


def payment_acts(script: CaseScript, requested: PaymentRequested, now: int) -> list[Act]:
    """The fee is paid, where the script has it so."""
    if not script.items[requested.number].pays:
        return []
    confirmed = PaymentConfirmed(
        event_id=event_id(script.case_id, "PaymentConfirmed", requested.payment_id),
        case_id=script.case_id,
        payment_id=requested.payment_id,
        amount_fen=requested.amount_fen,
        paid_at=now,
    )
    return [Act(confirmed)]


def evaluation_acts(script: CaseScript, now: int) -> list[Act]:
    """The applicant judges the case, where the script has it so."""
    if not script.stars:
        return []
    evaluated = CaseEvaluated(
        event_id=event_id(script.case_id, "CaseEvaluated"),
        case_id=script.case_id,
        stars=script.stars,
        evaluated_by=APPLICANT,
        at=now,
    )
    return [Act(evaluated)]
