"""Scripted cases played on the pure rule: no broker, no store, every event in memory, the clock turned by hand."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Final, TypeVar

from catalog.bundles import load_bundles
from catalog.organisations import load_organisations
from processors.domain.handling import Handling, HandlingPlan, handle, next_due
from processors.domain.handling.planning import plan_of
from processors.domain.requests import Refusal
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.acts import Act, event_id
from producers.simulation.cases.reckoning import Mismatch
from producers.simulation.cases.script import CaseScript
from topics.events import CaseEvent, CaseNotified, DeadlinePassed

DAY_US: Final = 86_400_000_000
LATE: Final = ("reminder", "overdue", "escalated")

Told = TypeVar("Told", bound=CaseEvent)


@cache
def plans() -> Mapping[str, HandlingPlan]:
    """The plan of every bundle by its id."""
    organisations = load_organisations()
    return {bundle.id: plan_of(bundle, organisations) for bundle in load_bundles().values()}


@dataclass
class Rehearsal:
    """A case that is played: how it stands, and everything that was told and refused on the way."""

    actors: CaseActors
    now: int
    handling: Handling | None = None
    emits: list[CaseEvent] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def told(self, kind: type[Told]) -> list[Told]:
        """Everything of this kind that was told."""
        return [event for event in self.emits if isinstance(event, kind)]

    @property
    def case(self) -> Handling:
        """The case; there is one once its application was taken."""
        assert self.handling is not None, self.refusals  # noqa: S101  a refused application is a fault of the script
        return self.handling

    def states(self) -> dict[int, str]:
        """Number → state of each item."""
        return {item.number: item.state for item in self.case.items}

    def take(self, event: CaseEvent) -> list[Act]:
        """Give an event to the rule; what everybody then does."""
        step = handle(self.handling, event, plans()[self.actors.script.bundle.id])
        self.handling = step.handling
        self.refusals += step.refusals
        self.emits += step.emits
        return [act for emitted in step.emits for act in self.actors.hear(emitted, self.now)]

    def run(self, acts: Iterable[Act], *, disorder: Random | None = None, twice: bool = False) -> None:
        """Deliver these acts and all that follow from them.

        Args:
            acts: what is published first.
            disorder: which topic is read next, drawn from it; each topic keeps its order. None: as things happen.
            twice: every event is delivered twice.
        """
        log = _Log()
        log.put(acts)
        while (event := log.next_event(disorder)) is not None:
            for _ in range(2 if twice else 1):
                log.put(self.take(event))

    def ring(self, until: int) -> None:
        """Let every timer of the case ring until an instant, µs, and everybody act on it."""
        while (due := next_due(self.case)) is not None and due <= until:
            self.now = max(self.now, due)
            ringing = DeadlinePassed(event_id=event_id("ring", str(due)), case_id=self.case.case_id, at=due)
            self.run(self.take(ringing))


class _Log:
    """Topics, each in its order."""

    def __init__(self) -> None:
        self._topics: dict[str, deque[CaseEvent]] = {}
        self._order: deque[str] = deque()

    def put(self, acts: Iterable[Act]) -> None:
        for act in acts:
            self._topics.setdefault(act.topic, deque()).append(act.event)
            self._order.append(act.topic)

    def next_event(self, disorder: Random | None) -> CaseEvent | None:
        if not self._order:
            return None
        topic = disorder.choice(sorted(set(self._order))) if disorder else self._order[0]
        self._order.remove(topic)
        return self._topics[topic].popleft()


def rehearsed(
    script: CaseScript, now: int, *, disorder: Random | None = None, twice: bool = False, kept: bool = True
) -> Rehearsal:
    """Play a case until nobody acts any more.

    Args:
        script: of the case; its checks are answered such that they pass.
        now: µs UTC, for everything until a timer rings.
        disorder: see ``Rehearsal.run``.
        twice: see ``Rehearsal.run``.
        kept: whether promises are found kept.
    """
    play = Rehearsal(CaseActors(script, answers_checks=True, keeps_promises=kept), now)
    play.run([play.actors.submit(now)], disorder=disorder, twice=twice)
    return play


def late_mismatches(play: Rehearsal) -> Iterable[Mismatch]:
    """What is wrong with reminders and warnings once every timer has rung.

    Each item that nobody ever answered, and that has a time limit, is told of three times: its department is reminded
    and then named overdue, and the lead hears of it. Nothing else is late.
    """
    script = play.actors.script
    due = {number for number, said in script.items.items() if said.way == "never" and _limited(play, number)}
    told = Counter((each.number, each.kind) for each in play.told(CaseNotified) if each.kind in LATE)
    for number in sorted({number for number, _ in told if number is not None} | due):
        reached = number in due and play.states()[number] == "open"
        for kind in LATE:
            expected, got = int(reached), told[number, kind]
            if got != expected:
                what = f"{kind} of item {number}"
                yield Mismatch(script.case_id, script.bundle.id, what, str(expected), str(got))


def _limited(play: Rehearsal, number: int) -> bool:
    elaborated = next(item for item in play.actors.script.bundle.items if item.number == number).registered.elaborated
    return elaborated is not None and (elaborated.promised_days or elaborated.legal_days) is not None
