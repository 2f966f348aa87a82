"""What simulated departments issue holds against the catalogue, whichever item it closes."""

import time
from collections.abc import Iterator

import pytest

from catalog.bundles import Bundle, Item, load_bundles
from catalog.resources import load_resources
from onething.simulated_cases.fact_door import issued_draft
from producers.drafts import CheckedDraft, DraftRules, examine
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.script import ItemScript, issues
from producers.simulation.city import Person
from producers.simulation.simulate import Simulation
from tests.producers.simulation.cases.scripting import script
from tests.producers.simulation.cases.test_actors import dispatched
from topics.events import ResultRecorded

NOW = time.time_ns() // 1000


def issuing() -> Iterator[tuple[Bundle, Item]]:
    for bundle in load_bundles().values():
        for item in bundle.items:
            if issues(bundle, item):
                yield bundle, item


@pytest.fixture(scope="module")
def person() -> Person:
    from datetime import date  # noqa: PLC0415

    return Simulation(1, 30, 1, date(2026, 11, 1)).people[5]


@pytest.mark.parametrize(("bundle", "item"), tuple(issuing()), ids=lambda each: each.id)
def test_what_is_issued_is_taken_by_the_publishing_door(bundle: Bundle, item: Item, person: Person) -> None:
    case = script({item.number: ItemScript(way="issue")}, bundle=bundle, choices={})
    told = dispatched(item.number, item.routed_to[0])
    (act,) = CaseActors(case).hear(told, NOW)
    assert isinstance(act.event, ResultRecorded)
    enterprise = {"kind": "enterprise", "id": case.subject.removeprefix("enterprise:")}
    draft = issued_draft(act.event, enterprise if bundle.subject == "enterprise" else person.subject)
    taken = examine(draft, DraftRules(item.routed_to[0], load_resources()), NOW)
    assert isinstance(taken, CheckedDraft), taken
    assert taken.record["case_id"] == case.case_id


def test_a_districts_item_that_ends_with_a_record_of_the_city_is_not_issued() -> None:
    district = load_bundles()["weiyang-newborn"]
    vaccination = next(item for item in district.items if item.text == "预防接种证办理")
    assert not issues(district, vaccination)
