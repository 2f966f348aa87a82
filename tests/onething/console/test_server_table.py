from hypothesis import given
from hypothesis import strategies as st

from onething.console.server_table import Column, Paging, Wanted, aria_sort, turned


def test_a_page_is_asked_for_as_the_hubs_lists_take_it() -> None:
    wanted = Wanted(after="m1", limit=50, sort="-due", filters={"state": "open"})
    assert wanted.query() == {"state": "open", "after": "m1", "limit": 50, "sort": "-due"}


@given(st.lists(st.text(min_size=1), max_size=8), st.integers(0, 10))
def test_who_goes_forth_and_back_again_is_on_the_same_page(marks: list[str], back: int) -> None:
    paging = Paging()
    for mark in marks:
        paging = paging.forth(mark)
    for _ in range(back):
        paging = paging.back()
    expected = ["", *marks][: max(len(marks) + 1 - back, 1)]
    assert paging.marks == tuple(expected)
    assert paging.number == len(expected)


def test_a_heading_turns_the_order_up_down_and_off() -> None:
    orders = ["", "due", "-due", ""]
    assert [turned(order, "due") for order in orders[:-1]] == orders[1:]
    assert turned("-name", "due") == "due"
    assert [aria_sort(order, "due") for order in orders[:-1]] == ["none", "ascending", "descending"]


def test_a_cell_shows_its_member_or_what_is_made_of_it() -> None:
    assert Column("name", "名称").of({"name": "a"}) == "a"
    assert Column("name", "名称").of({}) is None
    assert Column("name", "名称", lambda row: row["name"].upper()).of({"name": "a"}) == "A"
