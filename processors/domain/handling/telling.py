"""What a handled case tells the log, and the ids of what it tells, which follow from the step's cause."""

from typing import Final

import msgspec

from processors.domain.derived_ids import derived_event_id
from processors.domain.handling.plan import ItemPlan
from processors.domain.handling.state import Assignment, Decision, Handling, Payment
from topics.events import (
    ApprovalSynchronised,
    CaseEvent,
    CaseNotified,
    CaseUpdated,
    CommitmentBroken,
    ItemDispatched,
    LineState,
    PaymentRequested,
)

APPLICANT: Final = "applicant"


class Draft(msgspec.Struct, gc=False):
    """A case while an event is taken: what it is by now, and what it has to tell."""

    handling: Handling
    cause: bytes
    at: int
    emits: list[CaseEvent]

    def id_for(self, name: str, discriminator: str = "") -> bytes:
        """The id of an event that follows from the cause.

        It tells of the case and of its progress, so that a careless sender's id, used twice, makes no two alike.
        """
        place = f"{self.handling.case_id}/{self.handling.revision}/{len(self.emits)}"
        return derived_event_id(self.cause, name, f"{discriminator}/{place}")

    def notify(
        self, recipient: str, kind: str, text: str, number: int | None = None, due_at: int | None = None
    ) -> None:
        """Tell a department or the applicant something."""
        self.emits.append(
            CaseNotified(
                event_id=self.id_for("CaseNotified", f"{recipient}/{kind}"),
                case_id=self.handling.case_id,
                recipient=recipient,
                kind=kind,
                number=number,
                text=text,
                due_at=due_at,
                at=self.at,
            )
        )

    def dispatch(self, assignment: Assignment) -> None:
        """Tell a department what it is to act on."""
        plan, application = self.handling.plan, self.handling.application
        item = plan.item(assignment.number).code if assignment.number else ""
        self.emits.append(
            ItemDispatched(
                event_id=self.id_for("ItemDispatched", assignment.assignment_id),
                case_id=self.handling.case_id,
                assignment_id=assignment.assignment_id,
                department=assignment.department,
                bundle=plan.bundle,
                item=item,
                number=assignment.number,
                text=assignment.text,
                subject=application.subject,
                purpose=application.purpose,
                kind=assignment.kind,
                dispatched_at=assignment.dispatched_at,
                due_at=assignment.due_at,
                handled_and_reviewed=assignment.handled_and_reviewed,
                joint=assignment.joint,
            )
        )

    def supervise(self, item: ItemPlan, decision: Decision, department: str) -> None:
        """Push a decision to supervision (监管同步)."""
        self.emits.append(
            ApprovalSynchronised(
                event_id=self.id_for("ApprovalSynchronised", f"{item.number}/{department}"),
                case_id=self.handling.case_id,
                department=department,
                bundle=self.handling.plan.bundle,
                item=item.code,
                number=item.number,
                subject=self.handling.application.subject,
                decision=decision.decision,
                results=decision.results,
                decided_by=decision.decided_by,
                reviewed_by=decision.reviewed_by,
                at=decision.at,
            )
        )

    def ask_payment(self, item: ItemPlan, payment: Payment) -> None:
        """Ask the payment office for a fee."""
        self.emits.append(
            PaymentRequested(
                event_id=self.id_for("PaymentRequested", payment.payment_id),
                case_id=self.handling.case_id,
                payment_id=payment.payment_id,
                item=item.code,
                number=item.number,
                payer=self.handling.application.subject,
                amount_fen=payment.amount_fen,
                at=payment.requested_at,
            )
        )

    def denounce(self, department: str, material: str, evidence: tuple[str, ...]) -> None:
        """Tell supervision and credit of a broken promise."""
        self.emits.append(
            CommitmentBroken(
                event_id=self.id_for("CommitmentBroken", material),
                case_id=self.handling.case_id,
                department=department,
                bundle=self.handling.plan.bundle,
                subject=self.handling.application.subject,
                material=material,
                evidence=evidence,
                at=self.at,
            )
        )


def case_updated(draft: Draft, before: tuple[str, ...]) -> CaseUpdated:
    """The items whose state is another than ``before``; all of them for a case that has just begun."""
    handling = draft.handling
    changed = [
        LineState(check_id=item.item_id, answer=now)
        for place, (item, now) in enumerate(zip(handling.plan.items, handling.told, strict=True))
        if not before or before[place] != now
    ]
    return CaseUpdated(
        event_id=draft.id_for("CaseUpdated", str(handling.revision)),
        case_id=handling.case_id,
        revision=handling.revision,
        status=handling.status,
        at=draft.at,
        lines=tuple(changed),
    )
