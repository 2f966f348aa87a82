"""How a scripted case must end, reckoned from its bundle's definition and its script alone: none of the hub's rules."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from catalog.bundles import Item
from producers.simulation.cases.script import CaseScript, ItemScript, applicable_items, is_handled

End = Literal["delivered", "refused", "withdrawn", "handling", "supplementing"]
ItemEnd = Literal["approved", "refused", "stopped", "waiting", "open", "supplementing", "paying", "not-applicable"]

BAD_STARS: Final = 2
_ENDED: Final = ("delivered", "refused", "withdrawn")
_FAILED: Final = ("refused", "stopped")
_UNDECIDED: Final = ("waiting", "open", "supplementing", "paying")


class Expected(msgspec.Struct, frozen=True):
    """How the case and its items stand once nobody acts any more.

    Attributes:
        end: the status of the case.
        items: number → state. Checks of a withdrawn case are left out: they may have passed before the withdrawal.
        supervised: number → the decision that supervision hears of, once for each department that decided.
        rectified: whether a bad evaluation is answered by the lead.
    """

    end: End
    items: dict[int, ItemEnd]
    supervised: dict[int, str]
    rectified: bool

    @property
    def is_open(self) -> bool:
        """Whether somebody is still waited for."""
        return self.end in ("handling", "supplementing")


def expected_end(script: CaseScript) -> Expected:
    """The end of a case.

    An item begins when those before it are approved, stops when one of them failed, and ends as its department's
    script says. A case of checks alone ends with its report; any other is refused when no handled item passed.
    """
    applying = {item.number: item for item in applicable_items(script.bundle, script.choices)}
    items: dict[int, ItemEnd] = {
        item.number: "not-applicable" for item in script.bundle.items if item.number not in applying
    }
    for number in _in_order(applying):
        items[number] = _item_end(applying[number], items, script)
    end: End = "withdrawn" if script.withdraws else _case_end(items, applying)
    return Expected(
        end=end,
        items=_withdrawn(items, applying) if script.withdraws else _told(items, applying),
        supervised={} if script.withdraws else _supervised(items, applying),
        rectified=end in _ENDED and 0 < script.stars <= BAD_STARS,
    )


def _in_order(items: Mapping[int, Item]) -> list[int]:
    ordered: list[int] = []
    while len(ordered) < len(items):
        ordered += [
            number
            for number, item in items.items()
            if number not in ordered and all(each in ordered for each in item.after if each in items)
        ]
    return ordered


def _item_end(item: Item, items: Mapping[int, ItemEnd], script: CaseScript) -> ItemEnd:
    if not is_handled(item):
        return "approved"
    before = [items[number] for number in item.after]
    if any(state in _FAILED for state in before):
        return "stopped"
    if any(state in _UNDECIDED for state in before):
        return "waiting"
    return _handled_end(script.items[item.number])


def _handled_end(said: ItemScript) -> ItemEnd:
    if said.way == "never":
        return "open"
    if said.way == "refuse":
        return "refused"
    if said.way == "supplement" and not said.supplies:
        return "supplementing"
    return "approved" if said.pays or not said.fee_fen else "paying"


def _withdrawn(items: Mapping[int, ItemEnd], applying: Mapping[int, Item]) -> dict[int, ItemEnd]:
    return {
        number: "stopped" if number in applying else state
        for number, state in sorted(items.items())
        if number not in applying or applying[number].kind != "check"
    }


def _case_end(items: Mapping[int, ItemEnd], applying: Mapping[int, Item]) -> End:
    states = [items[number] for number in applying]
    if "supplementing" in states:
        return "supplementing"
    if any(state in _UNDECIDED for state in states):
        return "handling"
    granted = [items[number] == "approved" for number, item in applying.items() if is_handled(item)]
    passed = all(state == "approved" for state in states)
    return "delivered" if passed or any(granted) else "refused"


def _told(items: Mapping[int, ItemEnd], applying: Mapping[int, Item]) -> dict[int, ItemEnd]:
    """The lead's own part ends with the case: until then it is open."""
    undecided = any(items[number] in _UNDECIDED for number in applying)
    return {
        number: "open" if undecided and number in applying and applying[number].kind == "intake-and-delivery" else state
        for number, state in sorted(items.items())
    }


def _supervised(items: Mapping[int, ItemEnd], applying: Mapping[int, Item]) -> dict[int, str]:
    """A fee that is not paid leaves the approval as it is: supervision has heard of it."""
    decisions = {"approved": "approve", "paying": "approve", "refused": "refuse"}
    return {
        number: decisions[items[number]]
        for number, item in applying.items()
        if item.kind != "intake-and-delivery" and items[number] in decisions
    }
