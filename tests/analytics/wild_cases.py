"""Cases in which anybody does anything that the rules take, in any order, with a clock that goes on."""

from collections.abc import Callable, Iterator
from random import Random

from catalog.bundles import load_bundles
from onething.simulated_cases.rehearsal import plans
from processors.domain.handling import Handling, handle
from processors.domain.handling.state import Assignment
from producers.simulation.cases.applicants import submission
from producers.simulation.cases.profile import CaseProfile
from producers.simulation.cases.script import drawn_script
from producers.simulation.streams import Streams
from tests.analytics.played_cases import BEGIN_US, HOUR_US, SUBJECTS
from topics.events import (
    ApplicationSubmitted,
    ApplicationSupplemented,
    CaseEvent,
    CaseResumed,
    CaseSuspended,
    ItemHandled,
    ItemReviewed,
    SuppliedMaterial,
)

DECISIONS = ("approve", "refuse", "supplement", "supplement", "suspend", "resume", "resume", "pass-on", "return")
BUNDLES = ("restaurant-opening", "newborn", "credit-repair", "weiyang-enterprise-opening")


def wild_case(seed: int, steps: int = 60) -> tuple[Handling, list[CaseEvent]]:
    """A case, and what the log holds of it: what the rules refused is not there."""
    stream = Streams(seed).of("wild")
    bundle = load_bundles()[stream.choice(BUNDLES)]
    script = drawn_script(stream, CaseProfile(), bundle, f"wild-{seed}", SUBJECTS[bundle.subject][0])
    submitted = submission(script, BEGIN_US).event
    assert isinstance(submitted, ApplicationSubmitted)
    step = handle(None, submitted, plans()[bundle.id])
    assert step.handling is not None, step.refusals
    case, log, now = step.handling, [submitted, *step.emits], BEGIN_US
    for number in range(steps):
        now += stream.randrange(1, 40 * HOUR_US)
        event = _anything(stream, case, now, number.to_bytes(16, "big"))
        taken = handle(case, event)
        if not taken.refusals and taken.handling is not None:
            case = taken.handling
            log += [event, *taken.emits]
    return case, log


def _anything(stream: Random, case: Handling, now: int, event_id: bytes) -> CaseEvent:
    active = [each for each in case.assignments if each.is_active]
    whole = (_suspended, _resumed, _supplemented)
    if not active or stream.random() < 0.3:
        return stream.choice(whole)(stream, case, now, event_id)
    chosen = stream.choice(active)
    act: Callable[[Random, Handling, Assignment, int, bytes], CaseEvent] = _reviewed if chosen.proposed else _handled
    return act(stream, case, chosen, now, event_id)


def _handled(stream: Random, case: Handling, given: Assignment, now: int, event_id: bytes) -> CaseEvent:
    decision = stream.choice(DECISIONS)
    missing = tuple(stream.sample(("m-1", "m-2", "m-3"), stream.randrange(1, 3)))
    return ItemHandled(
        event_id=event_id,
        case_id=case.case_id,
        assignment_id=given.assignment_id,
        department=given.department,
        decision=decision,
        reason="理由",
        missing=missing if decision == "supplement" else (),
        pass_on_to=stream.choice(("tax", "health", "education")) if decision == "pass-on" else None,
        results=(),
        handled_by="张三",
        at=now,
    )


def _reviewed(stream: Random, case: Handling, given: Assignment, now: int, event_id: bytes) -> CaseEvent:
    return ItemReviewed(
        event_id=event_id,
        case_id=case.case_id,
        assignment_id=given.assignment_id,
        department=given.department,
        reviewed_by="李四",
        approved=stream.random() < 0.6,
        note="再核",
        at=now,
    )


def _suspended(_: Random, case: Handling, now: int, event_id: bytes) -> CaseEvent:
    return CaseSuspended(
        event_id=event_id, case_id=case.case_id, department=case.plan.lead, reason="等批复", suspended_by="王五", at=now
    )


def _resumed(_: Random, case: Handling, now: int, event_id: bytes) -> CaseEvent:
    return CaseResumed(
        event_id=event_id, case_id=case.case_id, department=case.plan.lead, reason="已批复", resumed_by="王五", at=now
    )


def _supplemented(stream: Random, case: Handling, now: int, event_id: bytes) -> CaseEvent:
    missing = sorted({each for given in case.assignments if given.is_active for each in given.missing})
    brought = missing[: stream.randrange(len(missing) + 1)]
    means = stream.choice(("upload", "paper"))
    return ApplicationSupplemented(
        event_id=event_id,
        case_id=case.case_id,
        materials=tuple(SuppliedMaterial(material=each, means=means) for each in brought),
        supplemented_by="applicant",
        at=now,
    )


def wild_cases(seeds: range) -> Iterator[tuple[Handling, list[CaseEvent]]]:
    """Several of them."""
    return (wild_case(seed) for seed in seeds)
