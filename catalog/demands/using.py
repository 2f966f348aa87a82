"""What comes after the reply: delivery, use, disposal, disputes, the records that are kept."""

from typing import Final

from msgspec.structs import replace

from catalog.demands import grants, refusals
from catalog.demands.model import Delivery, Demand, Dispute, Receipt, Use
from catalog.demands.sayings import Delivered, Disposed, Escalated, Of, Settled, Used
from catalog.demands.steps import (
    RECORDS_YEARS,
    advanced,
    change_of,
    empty,
    grant_ends,
    moved,
    refused,
    years_later,
)
from catalog.duties.ladder import next_rung
from catalog.register.canonical import canonical, digest_of
from catalog.register.changes import DELIVERED, DISPOSED, ESCALATED, USED, WITHDRAWN, Command, Lookup, Step

SETTLED: Final = "settled"
RECORDS_DESTROYED: Final = "records-destroyed"


def deliver(demand: Demand, said: Delivered, command: Command, _: Lookup) -> Step:
    """The provider delivered, by a means that was granted."""
    if said.means not in demand.means:
        return refused(refusals.not_the_means(said.means, demand))
    delivery = Delivery(means=said.means, reference=said.reference, delivered_by=command.actor, at=command.at)
    return moved(demand, DELIVERED, state="delivered", delivery=delivery)


def use(demand: Demand, said: Used, command: Command, _: Lookup) -> Step:
    """The requester puts a use on record."""
    use = Use(
        scenario=said.scenario,
        process=said.process,
        effect=said.effect,
        storage=said.storage,
        recorded_by=command.actor,
        at=command.at,
    )
    return moved(demand, USED, uses=(*demand.uses, use))


def dispose(demand: Demand, said: Disposed, command: Command, lookup: Lookup) -> Step:
    """The requester disposed of the data: the grant ends, and there is a receipt."""
    if not said.evidence:
        return refused(empty("payload.evidence"))
    receipt = _receipt(demand, said, command)
    disposed = advanced(
        demand,
        state="disposed",
        receipt=receipt,
        ended_at=command.at,
        records_until=receipt.records_until,
    )
    return Step(
        changes=(
            *grant_ends(demand, command, lookup, "目的已达到，数据已处置 disposed of"),
            change_of(disposed, DISPOSED),
        )
    )


def ring(demand: Demand, _: None, command: Command, lookup: Lookup) -> Step:
    """The grant's term has passed."""
    ends = grant_ends(demand, command, lookup, grants.EXPIRED)
    return Step(changes=(*ends, grants.disposal_due(demand, command.at, grants.EXPIRED)))


def withdraw(demand: Demand, _: Of, command: Command, __: Lookup) -> Step:
    """The requester wants it no more."""
    until = years_later(command.at, RECORDS_YEARS)
    return moved(demand, WITHDRAWN, state="withdrawn", ended_at=command.at, records_until=until)


def escalate(demand: Demand, said: Escalated, command: Command, _: Lookup) -> Step:
    """A refusal is taken one rung up the ladder of art. 28."""
    reached = demand.dispute.rung if demand.dispute is not None and not demand.dispute.outcome else ""
    expected = next_rung(reached)
    if said.rung != expected:
        return refused(refusals.not_the_next_rung(said.rung, expected))
    if not said.evidence:
        return refused(empty("payload.evidence"))
    return moved(demand, ESCALATED, dispute=Dispute(rung=said.rung, evidence=said.evidence, at=command.at))


def settle(demand: Demand, said: Settled, _: Command, __: Lookup) -> Step:
    """A dispute ends: the refusal is upheld, or the provider has to reply again."""
    if demand.dispute is None or demand.dispute.outcome:
        return refused(refusals.not_the_next_rung("", next_rung("")))
    if not said.evidence:
        return refused(empty("payload.evidence"))
    dispute = replace(demand.dispute, outcome=said.outcome, evidence=(*demand.dispute.evidence, *said.evidence))
    if said.outcome == "upheld":
        return moved(demand, SETTLED, dispute=dispute)
    again = advanced(demand, state="accepted", dispute=dispute, decision=None, ended_at=None, records_until=None)
    return Step(changes=(change_of(again, SETTLED),))


def destroy_records(demand: Demand, _: Of, command: Command, __: Lookup) -> Step:
    """The requester states that its own records are gone; what the register did stays in its changes."""
    if demand.records_until is None or command.at < demand.records_until:
        return refused(refusals.kept_still(demand))
    return moved(demand, RECORDS_DESTROYED, uses=(), records_destroyed_at=command.at)


def _receipt(demand: Demand, said: Disposed, command: Command) -> Receipt:
    receipt = Receipt(
        number="",
        demand=demand.id,
        grant=demand.grant,
        method=said.method,
        evidence=said.evidence,
        disposed_by=f"{demand.requester}:{command.actor}",
        disposed_at=command.at,
        records_until=years_later(command.at, RECORDS_YEARS),
    )
    return replace(receipt, number=f"R-{digest_of(canonical(receipt)).hex()}")
