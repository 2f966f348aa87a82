"""Which resources would help most, against counting every set of resources by hand."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from analytics.bottlenecks.obstacles import UNKNOWN, Obstacle, data_success

NAMES = ("a", "b", "c", "d")


def obstacle(case: int, resource: str, cause: str = "source-behind") -> Obstacle:
    return Obstacle(f"case-{case}", "bundle", resource, cause, f"{case}{resource}")


def freed(obstacles: list[Obstacle], there: set[str]) -> int:
    """Cases all of whose obstacles lie among these resources, counted one by one."""
    ways: dict[str, set[str]] = defaultdict(set)
    for each in obstacles:
        ways[each.case_id].add(each.resource)
    return sum(way <= there for way in ways.values())


obstacles_ = st.lists(st.builds(obstacle, st.integers(0, 5), st.sampled_from([*NAMES, UNKNOWN])))


def test_what_frees_most_comes_first() -> None:
    found = data_success(
        6,
        [
            obstacle(1, "a"),
            obstacle(2, "a"),
            obstacle(3, "b"),
            obstacle(4, "b"),
            obstacle(4, "c"),
            obstacle(5, UNKNOWN),
        ],
        5,
    )
    assert [(each.resource, each.gain, each.alone, each.touched) for each in found.resources] == [
        ("a", 2, 2, 2),
        ("b", 1, 1, 2),
        ("c", 1, 0, 1),
    ]
    assert (found.cases, found.served, found.not_by_data, found.would_be_served) == (6, 1, 1, 5)


@given(obstacles_, st.integers(1, 5))
def test_each_gain_is_the_cases_freed_beside_those_before(obstacles: list[Obstacle], most: int) -> None:
    found = data_success(6, obstacles, most)
    there: set[str] = set()
    for each in found.resources:
        best = max(freed(obstacles, there | {name}) for name in NAMES)
        after = freed(obstacles, there | {each.resource})
        assert (each.gain, after) == (after - freed(obstacles, there), best)
        assert each.alone == freed(obstacles, {each.resource})
        there.add(each.resource)
    assert found.would_be_served == found.served + freed(obstacles, there)
    assert len(there) == min(most, len({each.resource for each in obstacles} - {UNKNOWN}))


@given(obstacles_, st.randoms())
def test_order_and_repeats_change_nothing(obstacles: list[Obstacle], chance: object) -> None:
    again = [*obstacles, *obstacles]
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert data_success(6, again, 5) == data_success(6, obstacles, 5)
