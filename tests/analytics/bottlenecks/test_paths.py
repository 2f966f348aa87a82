from hypothesis import given
from hypothesis import strategies as st

from analytics.bottlenecks.paths import DELIVERY, CaseRun, Link, bundle_paths, critical_path

AFTER = {"b": ("a",), "c": ("a",), "d": ("b", "c")}


def run(began: int, ended: int, **settled: int) -> CaseRun:
    return CaseRun("case", "bundle", began, ended, settled)


def test_the_path_goes_back_over_what_was_waited_for() -> None:
    path = critical_path(run(0, 100, a=10, b=20, c=50, d=70), AFTER)
    assert path == (Link("a", 10), Link("c", 40), Link("d", 20), Link(DELIVERY, 30))


def test_items_side_by_side_hold_up_by_the_last() -> None:
    assert critical_path(run(0, 40, a=10, b=30), {}) == (Link("b", 30), Link(DELIVERY, 10))


def test_a_case_without_an_item_is_its_delivery() -> None:
    assert critical_path(run(5, 9), AFTER) == (Link(DELIVERY, 4),)


def test_what_was_settled_anew_after_its_successor_held_nothing_up() -> None:
    assert critical_path(run(0, 40, a=35, b=30), AFTER) == (Link("a", 35), Link(DELIVERY, 5))
    assert critical_path(run(0, 40, a=35, b=36), AFTER)[-2:] == (Link("b", 1), Link(DELIVERY, 4))


def test_a_circle_ends() -> None:
    assert len(critical_path(run(0, 9, a=3, b=3), {"a": ("b",), "b": ("a",)})) == 3


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 100)),
    st.integers(0, 50),
    st.dictionaries(st.sampled_from("abcd"), st.lists(st.sampled_from("abcd"), max_size=3)),
)
def test_links_add_up_to_the_case(settled: dict[str, int], began: int, after: dict[str, list[str]]) -> None:
    settled = {item: began + at for item, at in settled.items()}
    ended = max([began, *settled.values()]) + 7
    assert sum(link.took_us for link in critical_path(CaseRun("c", "b", began, ended, settled), after)) == ended - began


def test_the_slowest_step_of_a_bundle_took_most_time() -> None:
    (path,) = bundle_paths([run(0, 100, a=10, b=90), run(0, 60, a=10, b=40)], {"bundle": AFTER})
    assert [(each.item, each.cases, each.total_us) for each in path.steps] == [
        ("b", 2, 110),
        (DELIVERY, 2, 30),
        ("a", 2, 20),
    ]
    assert (path.bundle, path.cases, path.median_us) == ("bundle", 2, 80)
    assert round(sum(each.share for each in path.steps), 9) == 1
