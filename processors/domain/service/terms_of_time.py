"""How long a whole bundle takes: the longest way through the order of its items."""

from collections.abc import Callable, Mapping

import msgspec

from processors.domain.service.terms import ItemTerms


class Term(msgspec.Struct, frozen=True):
    """Working days of the whole; ``unstated``: numbers of the items that state none.

    ``days`` is None when no item states any; with unstated items it is a lower bound.
    """

    days: int | None
    unstated: tuple[int, ...]


def whole_term(items: tuple[ItemTerms, ...], days_of: Callable[[ItemTerms], int | None]) -> Term:
    """The days of the longest way through ``after``; an item that is not among these holds up nothing.

    Items side by side take as long as the longest of them. A check is answered from the archive within minutes: where
    it states no days, it counts none.
    """
    stated = {item.number: days for item in items if (days := days_of(item)) is not None}
    unstated = tuple(sorted(item.number for item in items if item.role != "check" and item.number not in stated))
    if not stated:
        return Term(None, unstated)
    after = {item.number: item.after for item in items}
    return Term(max(_ends(after, stated).values()), unstated)


def _ends(after: Mapping[int, tuple[int, ...]], days: Mapping[int, int]) -> dict[int, int]:
    """Number of each item → working days from the start to its end; an order that runs in a circle is cut there."""
    ends: dict[int, int] = {}

    def end(number: int, on_the_way: frozenset[int]) -> int:
        if number not in ends:
            before = [each for each in after[number] if each in after and each not in on_the_way]
            start = max((end(each, on_the_way | {number}) for each in before), default=0)
            ends[number] = start + days.get(number, 0)
        return ends[number]

    for number in after:
        end(number, frozenset())
    return ends
