from collections import Counter

import pytest

from catalog.bundles import Bundle, load_bundles
from producers.simulation.cases.profile import CaseProfile, Departments, load_case_profile
from producers.simulation.cases.script import applicable_items, drawn_script, is_handled
from producers.simulation.streams import Streams
from tests.producers.simulation.cases.scripting import CHANGE, LISTING, RESTAURANT

SUBJECT = "enterprise:911"


def drawn(bundle: Bundle, profile: CaseProfile, seed: int, cases: int = 1) -> list[object]:
    stream = Streams(seed).of(bundle.id)
    return [drawn_script(stream, profile, bundle, f"case-{number}", SUBJECT) for number in range(cases)]


def test_the_same_seed_draws_the_same_scripts_and_another_one_others() -> None:
    profile = load_case_profile()
    assert drawn(CHANGE, profile, 1, 20) == drawn(CHANGE, profile, 1, 20)
    assert drawn(CHANGE, profile, 1, 20) != drawn(CHANGE, profile, 2, 20)


def test_items_apply_as_the_choices_have_it() -> None:
    numbers = [item.number for item in applicable_items(RESTAURANT, {"signboard": "no", "gathering": "yes"})]
    assert numbers == [1, 2, 4]
    assert [item.number for item in applicable_items(LISTING, {})] == list(range(1, 19))


@pytest.mark.parametrize("bundle", load_bundles().values(), ids=lambda bundle: bundle.id)
def test_a_script_speaks_of_every_handled_item_that_applies_and_of_no_other(bundle: Bundle) -> None:
    stream = Streams(3).of(bundle.id)
    script = drawn_script(stream, load_case_profile(), bundle, "case", SUBJECT)
    handled = {item.number for item in applicable_items(bundle, script.choices) if is_handled(item)}
    assert script.items.keys() == handled
    assert not (script.withdraws and not handled)
    assert script.means in bundle.delivery.means


def test_ways_come_in_their_shares() -> None:
    profile = CaseProfile(departments=Departments(refuse=0.25, never=0.25))
    stream = Streams(1).of("shares")
    ways = Counter(
        item.way
        for number in range(500)
        for item in drawn_script(stream, profile, CHANGE, f"{number}", SUBJECT).items.values()
    )
    total = ways.total()
    assert ways["refuse"] / total == pytest.approx(0.25, abs=0.04)
    assert ways["never"] / total == pytest.approx(0.25, abs=0.04)
    assert set(ways) == {"approve", "refuse", "never"}


def test_an_item_of_several_departments_is_handled_at_once_by_all_of_them() -> None:
    joint = next(item for bundle in load_bundles().values() for item in bundle.items if len(item.routed_to) > 1)
    bundle = next(each for each in load_bundles().values() if joint in each.items)
    profile = CaseProfile(departments=Departments(supplement=1))
    stream = Streams(1).of("joint")
    for number in range(20):
        script = drawn_script(stream, profile, bundle, f"{number}", SUBJECT)
        assert {script.items[item.number].way for item in bundle.items if item.number in script.items} <= {
            "approve",
            "supplement",
        }
        if joint.number in script.items:
            assert script.items[joint.number].way == "approve"
