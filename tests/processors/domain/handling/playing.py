"""Scripted cases played on the pure rule: no broker, no store, every event in memory."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import msgspec

from catalog.bundles import Bundle, load_bundles
from catalog.organisations import load_organisations
from processors.domain.handling import Handling, HandlingPlan, handle, next_due
from processors.domain.handling.planning import plan_of
from processors.domain.requests import Refusal
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.acts import Act, event_id
from producers.simulation.cases.profile import CaseProfile
from producers.simulation.cases.script import CaseScript, ItemScript, applicable_items, drawn_script, is_handled
from producers.simulation.streams import Streams
from topics.events import CaseEvent, DeadlinePassed
from topics.identifiers import make_uscc

STARTED_AT = 1_795_237_200_000_000
PLANS: Mapping[str, HandlingPlan] = {
    bundle.id: plan_of(bundle, load_organisations()) for bundle in load_bundles().values()
}


@dataclass
class Played:
    """A case that was played: how it stands, and everything that was told and refused on the way."""

    actors: CaseActors
    handling: Handling | None = None
    emits: list[CaseEvent] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def told(self, *types: type[CaseEvent]) -> list[CaseEvent]:
        return [event for event in self.emits if isinstance(event, types)]

    @property
    def case(self) -> Handling:
        assert self.handling is not None, self.refusals
        return self.handling

    def states(self) -> dict[int, str]:
        return {item.number: item.state for item in self.case.items}

    def take(self, event: CaseEvent) -> list[Act]:
        step = handle(self.handling, event, PLANS[self.actors.script.bundle.id])
        self.handling = step.handling
        self.refusals += step.refusals
        self.emits += step.emits
        return [act for emitted in step.emits for act in self.actors.hear(emitted, STARTED_AT)]


def script_for(bundle: Bundle, said: Mapping[int, ItemScript] | None = None) -> CaseScript:
    """A script of this bundle in which everybody does what is usual; ``said`` tells otherwise of some items."""
    drawn = drawn_script(stream(bundle.id), CaseProfile(), bundle, "case", subject_of(bundle))
    return msgspec.structs.replace(drawn, items={**drawn.items, **(said or {})})


def script_with(bundle: Bundle, number: int, said: ItemScript) -> CaseScript:
    """A script in which this item applies and goes as said; everybody else does what is usual."""
    choices = {
        each.id: next((choice.id for choice in each.choices if number in choice.items), each.choices[0].id)
        for each in bundle.situations
    }
    applying = applicable_items(bundle, choices)
    usual = {item.number: ItemScript() for item in applying if is_handled(item)}
    return msgspec.structs.replace(script_for(bundle), choices=choices, items={**usual, number: said})


def stream(name: str) -> Random:
    """A random stream of this name."""
    return Streams(0).of(name)


def subject_of(bundle: Bundle, number: int = 7) -> str:
    """A subject of the kind that the bundle is for."""
    return (
        f"enterprise:{make_uscc('91', '610103', number)}" if bundle.subject == "enterprise" else f"person:{number:032x}"
    )


def played(script: CaseScript, *, disorder: Random | None = None, twice: bool = False, kept: bool = True) -> Played:
    """Play a case until nobody acts any more.

    Args:
        script: of the case.
        disorder: which topic is read next, drawn from it; each topic keeps its order. None: as things happen.
        twice: every event is delivered twice.
        kept: whether promises are found kept.
    """
    play = Played(CaseActors(script, answers_checks=True, keeps_promises=kept))
    run(play, [play.actors.submit(STARTED_AT)], disorder=disorder, twice=twice)
    return play


def run(play: Played, acts: list[Act], *, disorder: Random | None = None, twice: bool = False) -> None:
    """Deliver these acts and all that follow from them."""
    topics: dict[str, deque[CaseEvent]] = {}
    order: deque[str] = deque()

    def put(more: list[Act]) -> None:
        for act in more:
            topics.setdefault(act.topic, deque()).append(act.event)
            order.append(act.topic)

    put(acts)
    while order:
        waiting = sorted(set(order))
        topic = disorder.choice(waiting) if disorder else order[0]
        order.remove(topic)
        event = topics[topic].popleft()
        for _ in range(2 if twice else 1):
            put(play.take(event))


def ring(play: Played, until: int) -> None:
    """Let every timer of the case ring until an instant, µs, and everybody act on it."""
    while (due := next_due(play.case)) is not None and due <= until:
        run(play, play.take(DeadlinePassed(event_id=event_id("ring", str(due)), case_id=play.case.case_id, at=due)))
