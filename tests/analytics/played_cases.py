"""Scripted cases played on the real rules with a clock that goes on: their events, and how they stand."""

from dataclasses import dataclass, field
from random import Random

import msgspec

from catalog.bundles import load_bundles
from onething.simulated_cases.casting import Wishes, cast
from onething.simulated_cases.rehearsal import Rehearsal
from processors.domain.handling import Handling
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.acts import Act
from producers.simulation.cases.profile import load_case_profile
from producers.simulation.cases.script import CaseScript
from producers.simulation.streams import Streams
from topics.events import CaseEvent
from topics.identifiers import make_uscc

HOUR_US = 3_600_000_000
BEGIN_US = 1_788_192_000_000_000
"""2026-09-01 00:00 in China."""
SUBJECTS = {
    "enterprise": tuple(f"enterprise:{make_uscc('91', '610103', number)}" for number in range(40)),
    "person": tuple(f"person:{number:032x}" for number in range(40)),
}
_TIMES = ("at", "submitted_at", "answered_at", "paid_at")


@dataclass
class PlayedCase(Rehearsal):
    """A rehearsal in which every act takes its time; ``log`` holds what was said, in its order."""

    clock: Random = field(default_factory=lambda: Streams(0).of("clock"))
    log: list[CaseEvent] = field(default_factory=list)

    def take(self, event: CaseEvent) -> list[Act]:
        self.now += self.clock.randrange(1, 60 * HOUR_US)
        times = {name: self.now for name in _TIMES if hasattr(event, name)}
        said = msgspec.structs.replace(event, **times)
        told = len(self.emits)
        acts = super().take(said)
        self.log += [said, *self.emits[told:]]
        return acts


def played(script: CaseScript, seed: int) -> PlayedCase:
    """Play a case until nobody acts any more."""
    play = PlayedCase(CaseActors(script, answers_checks=True), BEGIN_US, clock=Streams(seed).of("clock"))
    play.run([play.actors.submit(BEGIN_US)])
    return play


def played_city(count: int, seed: int, *bundles: str) -> list[PlayedCase]:
    """Cases of these bundles, or of all: ``count`` of each."""
    known = load_bundles()
    chosen = tuple(known[name] for name in bundles) or tuple(known.values())
    scripts = cast(Wishes(chosen, count, seed, "played", load_case_profile()), SUBJECTS).scripts
    return [played(script, seed * 1000 + number) for number, script in enumerate(scripts)]


def handlings(plays: list[PlayedCase]) -> list[Handling]:
    """The cases as they stand; applications that were refused are none."""
    return [play.handling for play in plays if play.handling is not None]
