"""Several lists of the hub, each paged and sorted by itself, as one list that is paged and sorted alike."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from onething.console.hub import HubFault
from onething.console.language import t

Row = Mapping[str, Any]
Order = Callable[[Row], Any]
Ask = Callable[[str, int], Awaitable[tuple[Sequence[Row], str | None]]]
"""(mark, size) → the page behind the mark, and the mark of the next one."""

PAGE: Final = 100
"""Rows of a list's page, whatever is shown: a mark and a number of rows then name any place of the list."""


class At(msgspec.Struct, frozen=True):
    """How far a list was shown: so many rows behind a mark; ``ended`` once there are no more."""

    mark: str = ""
    shown: int = 0
    ended: bool = False


Places = Mapping[str, At]


async def merged(lists: Mapping[str, Ask], order: Order, after: str, limit: int) -> tuple[list[Row], str | None]:
    """The next rows of all lists in their common order, and the mark of the page after them.

    Args:
        lists: each already in that order.
        order: what a row is sorted by; equal rows stand in the order of the lists.
        after: the mark that the page before gave; empty for the first page.
        limit: how many rows.
    """
    places = read_places(after, lists)
    rest = {name: at for name, at in places.items() if not at.ended}
    ahead = await asyncio.gather(*(_ahead(lists[name], at, limit) for name, at in rest.items()))
    told = dict(zip(rest, ahead, strict=True))
    waiting = sorted(
        ((row, name) for name, each in told.items() for row in each.rows[rest[name].shown :]),
        key=lambda each: order(each[0]),
    )
    taken = waiting[:limit]
    counts = Counter(name for _, name in taken)
    following = {
        name: told[name].after(rest[name].shown + counts[name]) if name in told else at for name, at in places.items()
    }
    is_over = all(at.ended for at in following.values())
    return [row for row, _ in taken], None if is_over else written(following)


class _Ahead(msgspec.Struct):
    """Pages of one list one behind the other; ``starts`` are (rows before it, mark) of each, of the next one too."""

    rows: list[Row]
    starts: list[tuple[int, str]]
    is_all: bool = False

    def after(self, shown: int) -> At:
        """The place behind so many of the rows."""
        if self.is_all and shown == len(self.rows):
            return At(ended=True)
        before, mark = max(start for start in self.starts if start[0] <= shown)
        return At(mark, shown - before)


async def _ahead(ask: Ask, at: At, limit: int) -> _Ahead:
    """As many rows behind a place as a page may take of one list, or all there are."""
    found = _Ahead([], [(0, at.mark)])
    while not found.is_all and len(found.rows) < at.shown + limit:
        rows, mark = await ask(found.starts[-1][1], PAGE)
        found.rows += rows
        if mark is None:
            found.is_all = True
        else:
            found.starts.append((len(found.rows), mark))
    return found


def written(places: Places) -> str:
    """Places as a mark."""
    return msgspec.json.encode(places).decode()


def read_places(mark: str, names: Mapping[str, object]) -> dict[str, At]:
    """The places of a mark.

    Raises:
        HubFault: it is no mark of these lists.
    """
    if not mark:
        return dict.fromkeys(names, At())
    try:
        places = msgspec.json.decode(mark, type=dict[str, At])
    except msgspec.MsgspecError:
        places = {}
    if places.keys() != names.keys():
        raise HubFault(t("页码无效", "This is no page"), "", t("请回到第一页。", "go back to the first page"))
    return places
