from catalog.bundles import load_bundles
from catalog.hotline import load_hotline_words
from catalog.organisations import load_organisations
from producers.hotline import judge_complaints, known_codes
from producers.simulation.complaints import CaseSeen, made_up_complaints

NOW_US = 1_790_000_000_000_000
DAY_US = 86_400_000_000
WORDS = load_hotline_words()
CASES = [
    CaseSeen(f"case-{number}", "newborn", "health", NOW_US - 30 * DAY_US, None if number % 2 else NOW_US - DAY_US)
    for number in range(20)
]


def test_they_are_what_the_hotlines_door_takes() -> None:
    made = list(made_up_complaints(CASES, 500, 1, "run", NOW_US, WORDS))
    known = known_codes(WORDS, [], load_bundles(), load_organisations().by_code)
    stated, faults = judge_complaints(made, known, NOW_US)
    assert (len(stated), faults) == (500, [])
    assert all(each["made_up"] for each in made)
    assert len({each["complaint_id"] for each in made}) == 500


def test_some_name_the_case_some_the_bundle_some_the_department_some_nothing() -> None:
    made = list(made_up_complaints(CASES, 500, 1, "run", NOW_US, WORDS))
    named = {frozenset(each.keys() & {"case_id", "bundle", "department"}) for each in made}
    assert named == {
        frozenset({"case_id", "bundle", "department"}),
        frozenset({"bundle", "department"}),
        frozenset({"department"}),
        frozenset(),
    }


def test_the_same_seed_and_cases_in_any_order_give_the_same_ones() -> None:
    first = list(made_up_complaints(CASES, 50, 3, "run", NOW_US, WORDS))
    assert list(made_up_complaints(CASES[::-1], 50, 3, "run", NOW_US, WORDS)) == first
    assert list(made_up_complaints(CASES, 50, 4, "run", NOW_US, WORDS)) != first


def test_without_a_case_there_is_nothing_to_complain_of() -> None:
    assert list(made_up_complaints([], 50, 3, "run", NOW_US, WORDS)) == []
