from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.services.rule import RULE_FILE, ServiceCount, ServiceKind, listed, load_service_rule
from catalog.definitions import DefinitionFaultsError

RULE = load_service_rule()


def count(code: str, volume: int, previous: int = 0, kind: ServiceKind = "item", **more: int) -> ServiceCount:
    return ServiceCount(
        kind=kind,
        code=code,
        volume=volume,
        previous=previous,
        **{"online": volume, "evaluations": 0, "good": 0, **more},
    )


def test_volume_and_growth_are_grounds() -> None:
    found = listed([count("a", 100, 90), count("b", 6, 3), count("c", 6, 6), count("d", 4, 1), count("e", 9)], RULE)
    assert [(each.count.code, each.grounds) for each in found] == [
        ("a", ("办件量大",)),
        ("e", ("新增需求",)),
        ("b", ("增长快",)),
    ]


def test_only_the_first_places_of_a_kind_are_of_great_volume() -> None:
    many = [count(f"{number:03d}", 1000 - number, 1000) for number in range(RULE.volume.places + 5)]
    assert len(listed(many, RULE)) == RULE.volume.places
    assert len(listed([*many, count("bundle", 10, 10, "bundle")], RULE)) == RULE.volume.places + 1


def test_what_is_to_be_improved_is_said() -> None:
    (found,) = listed([count("a", 100, 100, online=49, evaluations=10, good=8)], RULE)
    assert found.to_improve == ("线上占比低", "好评率低")
    (few,) = listed([count("a", 100, 100, evaluations=2, good=0)], RULE)
    assert few.to_improve == ()


@given(
    st.lists(
        st.builds(
            count,
            st.sampled_from("abcdefgh"),
            st.integers(0, 40),
            st.integers(0, 40),
            st.sampled_from(["bundle", "item"]),
        ),
        unique_by=lambda each: (each.kind, each.code),
    ),
    st.randoms(),
)
def test_the_list_depends_on_counts_alone(counts: list[ServiceCount], chance: object) -> None:
    found = listed(counts, RULE)
    chance.shuffle(counts)  # type: ignore[attr-defined]
    assert listed(counts, RULE) == found
    assert all(each.grounds for each in found)
    kinds = [each.count.kind for each in found]
    assert kinds == sorted(kinds)


@pytest.mark.parametrize(
    ("line", "told"),
    [("version = 1", "version = 0"), ("growth = 0.5", "growth = 0.0"), ("good_below = 0.9", "good_below = 2.0")],
)
def test_a_number_that_makes_no_sense_is_refused(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "rule.toml"
    text = RULE_FILE.read_text(encoding="utf-8")
    assert f"\n{line}\n" in text
    path.write_text(text.replace(f"\n{line}\n", f"\n{told}\n"), encoding="utf-8")
    with pytest.raises(DefinitionFaultsError):
        load_service_rule(path)
