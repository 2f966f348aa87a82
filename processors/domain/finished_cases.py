"""What the figures of four reductions and of evaluations take from a case."""

from catalog.evaluation_counts import Evaluated
from catalog.savings import FinishedCase
from processors.domain.case import Case
from processors.domain.handling.state import Handling

BROUGHT = frozenset(("upload", "paper"))
ON_PAPER = "paper"
DELIVERED = "delivered"


def finished_case(case: Handling | Case) -> FinishedCase | None:
    """Return what a case took from its applicant; None for one that was not delivered, or has no report yet."""
    return _finished_verification(case) if isinstance(case, Case) else _finished_handling(case)


def _finished_verification(case: Case) -> FinishedCase | None:
    """A verification is asked for online, brings nothing along, and ends with its first report."""
    if not case.reports:
        return None
    return FinishedCase(
        case_id=case.case_id,
        bundle=case.definition.bundle,
        lead=case.definition.lead,
        channel="online",
        accepted_at=case.request.requested_at,
        delivered_at=case.reports[0].issued_at,
        delivery_means="e-licence",
    )


def _finished_handling(handling: Handling) -> FinishedCase | None:
    if handling.status != DELIVERED or handling.ended_at is None:
        return None
    application = handling.application
    return FinishedCase(
        case_id=handling.case_id,
        bundle=handling.plan.bundle,
        lead=handling.plan.lead,
        channel=application.channel,
        accepted_at=application.submitted_at,
        delivered_at=handling.ended_at,
        # Items are handled side by side: their pauses are not added up, the longest is what the case stood.
        paused_us=max((each.paused_us for each in handling.assignments if each.kind == "item"), default=0),
        supplements=len(handling.supplements),
        paper_supplements=_paper_supplements(handling),
        payments=sum(item.payment is not None and item.payment.paid_at is not None for item in handling.items),
        delivery_means=application.delivery.means,
        deliveries=len({item.delivered_at for item in handling.items if item.delivered_at is not None}),
        materials_brought=sum(each.means in BROUGHT for each in handling.pieces),
    )


def evaluated(handling: Handling) -> Evaluated | None:
    """Return a case's evaluation, None while it has none."""
    judged = handling.evaluation
    if judged is None:
        return None
    return Evaluated(
        case_id=handling.case_id,
        bundle=handling.plan.bundle,
        lead=handling.plan.lead,
        stars=judged.stars,
        at=judged.at,
        answered_at=judged.answered_at,
    )


def _paper_supplements(handling: Handling) -> int:
    paper = {each.material for each in handling.pieces if each.means == ON_PAPER}
    return sum(not paper.isdisjoint(each.materials) for each in handling.supplements)
