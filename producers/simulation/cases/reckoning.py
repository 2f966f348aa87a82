"""The written account of simulated cases: how each ended, and whether its definition and its script say so."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.expected import Expected, expected_end

STOPPED: Final = "not-taken"
RUNNING: Final = "duplicate-application"
"""Another case of the bundle runs for the subject, such as one that the hub itself opened for a policy."""
MAY_STOP: Final = frozenset(("condition-not-fulfilled", "subject-closed", "promise-refused", "later-refused", RUNNING))
"""Why an application may be stopped: what lies with its subject, of which a script knows nothing."""


class Mismatch(msgspec.Struct, frozen=True):
    """A case that stands otherwise than it must: what of it, and the two words."""

    case_id: str
    bundle: str
    what: str
    expected: str
    got: str


class CaseAccount(msgspec.Struct, frozen=True):
    """What came of the cases.

    Attributes:
        cases: how many were submitted.
        ends: bundle → status → how many cases.
        ways: what departments did with items → how many items.
        items: state → how many items that apply.
        supervised: decisions that supervision heard of.
        mismatches: empty when every case ended as its definition and its script say.
    """

    cases: int
    ends: dict[str, dict[str, int]]
    ways: dict[str, int]
    items: dict[str, int]
    supervised: int
    mismatches: tuple[Mismatch, ...]


def reckoned(actors: Iterable[CaseActors]) -> CaseAccount:
    """The account of these cases, as their people heard of them."""
    played = tuple(actors)
    ends: dict[str, Counter[str]] = {}
    for each in played:
        ends.setdefault(each.script.bundle.id, Counter())[_end_of(each)] += 1
    states = Counter(state for each in played for state in each.items.values() if state != "not-applicable")
    ways = Counter(item.way for each in played for item in each.script.items.values())
    return CaseAccount(
        cases=len(played),
        ends={bundle: dict(sorted(counts.items())) for bundle, counts in sorted(ends.items())},
        ways=dict(ways.most_common()),
        items=dict(states.most_common()),
        supervised=sum(len(decisions) for each in played for decisions in each.supervised.values()),
        mismatches=tuple(mismatch for each in played for mismatch in mismatches(each)),
    )


def mismatches(actors: CaseActors, due: Expected | None = None) -> Iterator[Mismatch]:
    """Everything in which a case stands otherwise than it must."""
    if actors.stopped_for:
        strange = sorted(set(actors.stopped_for) - MAY_STOP)
        if strange:
            yield Mismatch(actors.script.case_id, actors.script.bundle.id, "door", "taken", ", ".join(strange))
        return
    due = expected_end(actors.script) if due is None else due
    for what, expected, got in _differences(actors, due):
        yield Mismatch(actors.script.case_id, actors.script.bundle.id, what, expected, got)


def is_settled(actors: CaseActors, due: Expected) -> bool:
    """Whether the case stands as it must."""
    return next(mismatches(actors, due), None) is None


def _end_of(actors: CaseActors) -> str:
    return STOPPED if actors.stopped_for else actors.status or "unanswered"


def _differences(actors: CaseActors, due: Expected) -> Iterator[tuple[str, str, str]]:
    if actors.status != due.end:
        yield "status", due.end, actors.status or "unanswered"
    for number, state in due.items.items():
        if actors.items.get(number) != state:
            yield f"item {number}", state, actors.items.get(number, "untold")
    for number, decision in due.supervised.items():
        heard = actors.supervised.get(number, set())
        if decision not in heard:
            yield f"supervision of item {number}", decision, ", ".join(sorted(heard)) or "nothing"
    if actors.rectified != due.rectified:
        yield "rectification", str(due.rectified), str(actors.rectified)
