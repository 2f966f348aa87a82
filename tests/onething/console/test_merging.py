"""Pages of several lists are those of one sorted list, whatever their lengths; a plain sort is the oracle."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onething.console import merging
from onething.console.hub import HubFault
from onething.console.merging import At, Row, merged, read_places, written

lists = st.dictionaries(st.sampled_from(["checks", "items", "handled"]), st.lists(st.integers(0, 9)), min_size=1)


async def page(rows: Sequence[Row], mark: str, size: int) -> tuple[Sequence[Row], str | None]:
    start = int(mark or 0)
    end = start + size
    return rows[start:end], str(end) if end < len(rows) else None


@given(told=lists, limit=st.integers(1, 7), size=st.integers(1, 5))
def test_pages_are_those_of_one_sorted_list(told: dict[str, list[int]], limit: int, size: int) -> None:
    rows = {
        name: [{"due": due, "name": f"{name}-{place}"} for place, due in enumerate(sorted(dues))]
        for name, dues in told.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "PAGE", size)
        found, after = [], ""
        while True:
            shown, following = asyncio.run(
                merged({name: partial(page, each) for name, each in rows.items()}, lambda row: row["due"], after, limit)
            )
            assert len(shown) <= limit
            found += shown
            if following is None:
                break
            assert following != after
            after = following
    assert [row["due"] for row in found] == sorted(due for dues in told.values() for due in dues)
    assert {row["name"] for row in found} == {row["name"] for each in rows.values() for row in each}


def test_a_mark_is_read_back() -> None:
    places = {"checks": At("x", 3), "items": At(ended=True)}
    assert read_places(written(places), places) == places


@pytest.mark.parametrize("mark", ["x", "{}", '{"checks": 1}', '{"other": {}}'])
def test_what_is_no_mark_is_refused(mark: str) -> None:
    with pytest.raises(HubFault):
        read_places(mark, {"checks": None})
