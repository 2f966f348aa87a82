"""The provider replies: one person decides, another reviews."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from catalog.demands import refusals
from catalog.demands.model import Decision, Demand, Extension
from catalog.demands.sayings import Consented, Decided, Of
from catalog.demands.steps import (
    RECORDS_YEARS,
    advanced,
    application_of,
    change_of,
    empty,
    granting,
    moved,
    refused,
    sharing_of,
    years_later,
)
from catalog.register.changes import ACCEPTED, EXTENSION_CONSENTED, REFUSED, RETURNED, Command, Lookup, Refusal, Step

DECIDED: Final = "decided"
"""A person of the provider decided; another one reviews it: ``granted``, ``refused``, or ``returned``."""


def accept(demand: Demand, _: Of, __: Command, ___: Lookup) -> Step:
    """The provider takes the demand up."""
    return moved(demand, ACCEPTED, state="accepted")


def extend(demand: Demand, said: Consented, _: Command, __: Lookup) -> Step:
    """The reply's term was extended with consent; the clock judges the days."""
    return moved(
        demand, EXTENSION_CONSENTED, extension=Extension(days=said.days, evidence=said.evidence, told=said.told)
    )


def decide(demand: Demand, said: Decided, command: Command, lookup: Lookup) -> Step:
    """A person of the provider decides; another one has to review it."""
    if faults := tuple(_faults_of_decision(demand, said, command, lookup)):
        return refused(*faults)
    decision = Decision(
        outcome=said.outcome,
        decided_by=command.actor,
        at=command.at,
        reason=command.reason or "",
        withheld_basis=said.withheld_basis,
    )
    return moved(demand, DECIDED, state="decided", decision=decision)


def grant(demand: Demand, _: Of, command: Command, lookup: Lookup) -> Step:
    """Another person approves the decision to grant, and the grant is compiled."""
    decision = demand.decision
    if faults := tuple(_faults_of_review(demand, command, "grant")):
        return refused(*faults)
    assert decision is not None  # noqa: S101  the review has none else
    absent = refusals.missing(application_of(demand))
    faults = (*refusals.of_application(application_of(demand), command.at, lookup), *refusals.still_missing(absent))
    if sharing_of(demand.scope, lookup) == "withheld":
        faults = (*faults, refusals.withheld_granted(demand.resources))
    if faults:
        return refused(*faults)
    reviewed = replace(decision, reviewed_by=command.actor)
    by = f"{demand.provider}:{decision.decided_by}/{command.actor}"
    return Step(changes=granting(demand, by, command.at, decision=reviewed))


def refuse(demand: Demand, _: Of, command: Command, __: Lookup) -> Step:
    """Another person approves the decision to refuse."""
    decision = demand.decision
    if faults := tuple(_faults_of_review(demand, command, "refuse")):
        return refused(*faults)
    assert decision is not None  # noqa: S101  the review has none else
    reviewed = replace(decision, reviewed_by=command.actor)
    ended = advanced(
        demand,
        state="refused",
        decision=reviewed,
        ended_at=command.at,
        records_until=years_later(command.at, RECORDS_YEARS),
    )
    return Step(changes=(change_of(ended, REFUSED, decision.reason),))


def give_back(demand: Demand, _: Of, command: Command, __: Lookup) -> Step:
    """The reviewer returns the decision, for a reason."""
    if not (command.reason or "").strip():
        return refused(empty("reason"))
    return moved(demand, RETURNED, state="accepted", decision=None)


def _faults_of_decision(demand: Demand, said: Decided, command: Command, lookup: Lookup) -> Iterator[Refusal]:
    sharing = sharing_of(demand.scope, lookup)
    if said.outcome == "grant":
        if sharing == "withheld":
            yield refusals.withheld_granted(demand.resources)
        return
    if not (command.reason or "").strip():
        yield refusals.no_reason()
    if sharing == "withheld" or said.withheld_basis:
        yield from refusals.of_withheld_basis(said.withheld_basis, command.at, lookup)


def _faults_of_review(demand: Demand, command: Command, outcome: str) -> Iterator[Refusal]:
    decision = demand.decision
    if decision is None or decision.outcome != outcome:
        decided = "—" if decision is None else decision.outcome
        yield refusals.refusal(
            "action",
            f"经办决定为“{decided}”，审核不能改为“{outcome}”",
            f"what was decided is {decided!r}; a review cannot make it {outcome!r}",
            "退回经办重新决定",
            "return it, to be decided again",
        )
    if decision is not None and decision.decided_by == command.actor:
        yield refusals.same_person(command.actor)
