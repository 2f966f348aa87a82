"""The examples of the bundles in full, run through what ships: doors for facts, rules of service, checks, handling."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from catalog.bundles import Bundle, load_bundles
from catalog.organisations import load_organisations
from onething.bundle_examples import Difference, ExampleFactRefused, ExampleRun

IN_FULL = (
    "bankruptcy-inquiry",
    "enterprise-change",
    "listing-compliance",
    "newborn",
    "public-rental-housing",
    "restaurant-opening",
)


def _named(case: ExampleRun) -> str:
    place = case.bundle.examples.index(case.example)
    return f"{case.bundle.id}-{place + 1}"


def cases() -> Iterator[ExampleRun]:
    for bundle in load_bundles().values():
        for example in bundle.examples:
            yield ExampleRun(bundle, example)


CASES = tuple(cases())
RESTAURANT = next(each for each in CASES if each.bundle.id == "restaurant-opening")
every_example = pytest.mark.parametrize("case", CASES, ids=_named)


def test_six_bundles_have_two_examples_each_and_all_of_them_are_ours() -> None:
    count = {bundle.id: len(bundle.examples) for bundle in load_bundles().values() if bundle.examples}
    assert tuple(sorted(count)) == IN_FULL
    assert min(count.values()) >= 2
    assert {case.example.origin for case in CASES} == {"ours"}


@pytest.mark.parametrize("bundle", [load_bundles()[name] for name in IN_FULL], ids=lambda bundle: bundle.id)
def test_a_bundle_in_full_states_everything_of_every_item(bundle: Bundle) -> None:
    organisations = load_organisations().by_code
    assert bundle.baseline is not None
    assert bundle.commitments
    for item in bundle.items:
        said = item.registered.elaborated
        assert said is not None, item.text
        assert said.origin == "ours"
        assert {"legal_basis", "audience", "promised_days", "result", "fields", "materials"} <= said.stated, item.text
        assert said.working_steps, item.text
        assert said.handled_and_reviewed is not None
        assert set(item.routed_to) <= set(organisations)


@every_example
def test_every_example_ends_as_it_says(case: ExampleRun) -> None:
    assert list(case.differences()) == []


@every_example
def test_every_example_says_what_comes_of_each_step(case: ExampleRun) -> None:
    expected = case.example.expect.keys()
    assert {"items", "filled", "needed", "faults"} <= expected
    assert {"end", "outcome"} <= expected or case.example.expect["faults"], (
        "only one that the precheck stops has no end"
    )


def test_a_wrong_expectation_is_noticed() -> None:
    wrong = replace(RESTAURANT.example, expect={**RESTAURANT.example.expect, "needed": [], "outcome": "refused"})
    assert [each.what for each in ExampleRun(RESTAURANT.bundle, wrong).differences()] == ["needed", "outcome"]


def test_without_its_facts_an_example_comes_to_something_else() -> None:
    unlicensed = replace(RESTAURANT.example, facts=RESTAURANT.example.facts[:1])
    differences = {each.what: each for each in ExampleRun(RESTAURANT.bundle, unlicensed).differences()}
    assert "business-licence" in differences["needed"].got
    assert differences["answers"].got != differences["answers"].expected


def test_what_an_example_expects_beyond_what_there_is_differs() -> None:
    more = replace(RESTAURANT.example, expect={"days": 3})
    assert list(ExampleRun(RESTAURANT.bundle, more).differences()) == [Difference("days", 3, None)]


def test_a_fact_that_no_door_takes_is_named() -> None:
    broken = replace(RESTAURANT.example, facts=({**RESTAURANT.example.facts[0], "valid_at": "yesterday"},))
    with pytest.raises(ExampleFactRefused, match=r"facts\[0\]: valid_at"):
        list(ExampleRun(RESTAURANT.bundle, broken).differences())
