"""What will happen in a case, drawn before it begins: the same stream draws the same script."""

from collections.abc import Mapping
from random import Random
from typing import Final

import msgspec

from catalog.bundles import Bundle, Item
from catalog.resources import load_resources
from producers.simulation.cases.profile import USUAL, CaseProfile, Way

_SINGLE_HANDED: Final = frozenset(("supplement", "return", "correct", "issue"))
"""Ways that only an item of one department goes: the others of a joint item decide meanwhile."""
_GOOD_STARS: Final = (3, 4, 4, 5, 5, 5)
_BAD_STARS: Final = (1, 2)


class ItemScript(msgspec.Struct, frozen=True):
    """What happens to a handled item: what its first department does, the fee it asks (0: none), who stays silent."""

    way: Way = USUAL
    fee_fen: int = 0
    supplies: bool = True
    pays: bool = True


class CaseScript(msgspec.Struct, frozen=True):
    """A case as it will be.

    Attributes:
        subject: ``enterprise:<USCC>`` or ``person:<token>``.
        choices: question → choice.
        items: number → what happens, for every handled item that applies.
        materials: material → upload, promise or later.
        means: how results are handed over; ``together``: all at once.
        withdraws: the applicant withdraws as soon as a department has an item.
        rests: the lead suspends the whole case and resumes it.
        stars: of the evaluation, 0 where there is none.
    """

    case_id: str
    bundle: Bundle
    subject: str
    choices: Mapping[str, str]
    items: Mapping[int, ItemScript]
    materials: Mapping[str, str]
    means: str = "counter"
    together: bool = True
    withdraws: bool = False
    rests: bool = False
    stars: int = 0

    def __repr__(self) -> str:
        """Without the whole definition of its bundle."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__} | {"bundle": self.bundle.id}
        return f"CaseScript({', '.join(f'{name}={value!r}' for name, value in fields.items())})"


def drawn_script(stream: Random, profile: CaseProfile, bundle: Bundle, case_id: str, subject: str) -> CaseScript:
    """Draw a script for a case of this bundle."""
    choices = {each.id: stream.choice(each.choices).id for each in bundle.situations}
    applying = applicable_items(bundle, choices)
    handled = [item for item in applying if is_handled(item)]
    people = profile.applicants
    return CaseScript(
        case_id=case_id,
        bundle=bundle,
        subject=subject,
        choices=choices,
        items={item.number: _drawn_item(stream, profile, bundle, item) for item in handled},
        materials=_drawn_materials(stream, people.promise, bundle, applying),
        means=stream.choice(bundle.delivery.means if bundle.delivery else ("counter",)),
        together=stream.random() < people.together,
        # Without a handled item nothing waits for anybody: the case may end before a word arrives.
        withdraws=bool(handled) and stream.random() < people.withdraw,
        rests=bool(handled) and stream.random() < profile.lead.suspend,
        stars=_drawn_stars(stream, people.evaluate, people.bad),
    )


def applicable_items(bundle: Bundle, choices: Mapping[str, str]) -> tuple[Item, ...]:
    """The items that apply: those that no situation names, and those that a choice that was made names."""
    named = {number for each in bundle.situations for choice in each.choices for number in choice.items}
    brought = {
        number
        for each in bundle.situations
        for choice in each.choices
        if choices.get(each.id) == choice.id
        for number in choice.items
    }
    return tuple(item for item in bundle.items if item.number not in named or item.number in brought)


def is_handled(item: Item) -> bool:
    """Whether departments handle it: neither a check nor the lead's own part."""
    return item.kind not in ("check", "intake-and-delivery")


def issues(bundle: Bundle, item: Item) -> bool:
    """Whether its department itself publishes what the item ends with, into the archive of the bundle's subject."""
    elaborated = item.registered.elaborated
    if elaborated is None or elaborated.result is None or elaborated.result.resource is None:
        return False
    resource = load_resources().by_code[elaborated.result.resource]
    return item.routed_to == (resource.department,) and bundle.subject in resource.subjects


def _drawn_item(stream: Random, profile: CaseProfile, bundle: Bundle, item: Item) -> ItemScript:
    ways = profile.departments.ways()
    way = stream.choices(tuple(ways), tuple(ways.values()))[0]
    supplies, pays = (stream.random() >= profile.applicants.silent for _ in range(2))
    asks_fee = stream.random() < profile.fee.share
    fee_fen = stream.randint(*profile.fee.fen)
    if (way in _SINGLE_HANDED and len(item.routed_to) > 1) or (way == "issue" and not issues(bundle, item)):
        way = USUAL
    if not asks_fee or not may_ask_fee(item, way):
        fee_fen = 0
    return ItemScript(way=way, fee_fen=fee_fen, supplies=supplies, pays=pays)


def may_ask_fee(item: Item, way: Way) -> bool:
    """Whether a fee may be asked on this way: its first department asks it, when it approves the item itself."""
    return way != "issue" and not (way == "pass-on" and len(item.routed_to) > 1)


def _drawn_materials(stream: Random, share: float, bundle: Bundle, applying: tuple[Item, ...]) -> dict[str, str]:
    asked = {
        material: "upload"
        for item in applying
        if item.registered.elaborated is not None
        for material in item.registered.elaborated.materials
    }
    for commitment in bundle.commitments:
        if commitment.material in asked and stream.random() < share:
            asked[commitment.material] = commitment.kind
    return asked


def _drawn_stars(stream: Random, evaluated: float, bad: float) -> int:
    if stream.random() >= evaluated:
        return 0
    return stream.choice(_BAD_STARS if stream.random() < bad else _GOOD_STARS)
