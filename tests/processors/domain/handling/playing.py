"""Words of tests that play every bundle: scripts in which all do what is usual, but for what a test says."""

from random import Random

import msgspec

from catalog.bundles import Bundle
from onething.simulated_cases.rehearsal import Rehearsal, rehearsed
from producers.simulation.cases.profile import CaseProfile
from producers.simulation.cases.script import CaseScript, ItemScript, applicable_items, drawn_script, is_handled
from producers.simulation.streams import Streams
from topics.identifiers import make_uscc

STARTED_AT = 1_795_237_200_000_000


def script_for(bundle: Bundle, said: dict[int, ItemScript] | None = None) -> CaseScript:
    """A script of this bundle in which everybody does what is usual; ``said`` tells otherwise of some items."""
    drawn = drawn_script(stream(bundle.id), CaseProfile(), bundle, "case", subject_of(bundle))
    return msgspec.structs.replace(drawn, items={**drawn.items, **(said or {})})


def script_with(bundle: Bundle, number: int, said: ItemScript) -> CaseScript:
    """A script in which this item applies and goes as said; everybody else does what is usual."""
    choices = {
        each.id: next((choice.id for choice in each.choices if number in choice.items), each.choices[0].id)
        for each in bundle.situations
    }
    usual = {item.number: ItemScript() for item in applicable_items(bundle, choices) if is_handled(item)}
    return msgspec.structs.replace(script_for(bundle), choices=choices, items={**usual, number: said})


def stream(name: str) -> Random:
    """A random stream of this name."""
    return Streams(0).of(name)


def subject_of(bundle: Bundle, number: int = 7) -> str:
    """A subject of the kind that the bundle is for."""
    if bundle.subject == "enterprise":
        return f"enterprise:{make_uscc('91', '610103', number)}"
    return f"person:{number:032x}"


def played(script: CaseScript, *, disorder: Random | None = None, twice: bool = False, kept: bool = True) -> Rehearsal:
    """Play a case until nobody acts any more."""
    return rehearsed(script, STARTED_AT, disorder=disorder, twice=twice, kept=kept)
