"""What the SQL of rates reads by name is what the hub writes: a field that is renamed would be read as null."""

import re

import pytest

from analytics.rates.blocks import load_blocks
from catalog.corrections.model import Correction
from catalog.demands.model import Delivery, Demand, Grant
from catalog.duties.duty import Duty
from catalog.policies import load_policies
from catalog.register.lists import DrawnList
from catalog.register.model import RegisteredOrganisation, Resource, System
from processors.policies.telling import _text
from topics.events.handling import ApplicationSubmitted, ItemDispatched, Place

STATES = {
    "resources": Resource,
    "systems": System,
    "organisations": RegisteredOrganisation,
    "grants": Grant,
    "demands": Demand,
    "duties_by_day": Duty,
    "duties_newest": Duty,
    "corrections": Correction,
    "listed": DrawnList,
    "applications_by_day": ApplicationSubmitted,
    "dispatches_by_day": ItemDispatched,
    "dispatches": ItemDispatched,
}
INNER = {"delivery": Delivery, "received_at": Place, "handled_at": Place}


def read_names(block: str) -> set[str]:
    found = load_blocks()[block]
    return set(re.findall(r"(?:state|body) ?(?:->>|->|,) ?'\$\.([a-z_.]+)'", found.sql + found.raw))


@pytest.mark.parametrize("block", STATES)
def test_every_field_that_is_read_is_a_field_of_what_is_written(block: str) -> None:
    names = read_names(block) or {""}
    outer = {name.split(".")[0] for name in names} - {""}
    assert outer <= set(STATES[block].__struct_fields__)
    for name in names:
        first, _, second = name.partition(".")
        assert not second or second in INNER[first].__struct_fields__


def test_the_states_of_a_system_are_read_in_its_words() -> None:
    assert load_blocks()["systems"].sql.count("'$.state'") == 1


def test_notices_of_policies_say_what_they_are_read_for() -> None:
    policy = next(iter(load_policies().values()))
    sql = load_blocks()["notices_by_day"].sql
    told = _text(policy, ("身份证",))
    assert (asked := re.search(r"LIKE '%(.+)%'", sql)) is not None
    assert asked[1] in told
    assert asked[1] not in _text(policy, ())
    assert re.match(r"^【(.+?)】", told)
    assert "'^【(.+?)】'" in sql
