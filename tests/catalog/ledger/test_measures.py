"""The criteria of a close-out, each counted by hand."""

from typing import Any

import msgspec
import pytest

from catalog.bundles import load_bundles
from catalog.ledger.measures import MOST_NAMED, figures, verdicts
from catalog.ledger.model import Figure, Reductions
from catalog.ledger.needs import needs_of as shipped_needs
from catalog.register.list_rows import AsOf
from tests.catalog.ledger.ledgering import BUNDLE, NEEDS, REDUCED, STANDARDS, TASK, entry, lookup, needs_of, resource


def measured(look: AsOf, reductions: dict[str, Any] | None = None) -> dict[str, Figure]:
    told = None if reductions is None else msgspec.convert(reductions, Reductions)
    return {each.criterion: each for each in figures(entry(BUNDLE), look, STANDARDS, needs_of, told)}


def shares(look: AsOf) -> dict[str, tuple[int, int]]:
    return {name: (each.count, each.of) for name, each in measured(look).items()}


def both(**more: Any) -> AsOf:
    return lookup(resources=(resource("ps.r", **more), resource("ps.h")))


def test_everything_published_attached_and_unconditional_is_shared() -> None:
    assert shares(lookup()) == {
        "fields-filled": (2, 2),
        "resources-attached": (2, 2),
        "resources-shared": (2, 2),
        "not-asked-again": (3, 3),
        "elements-stated": (2, 2),
        "elements-same": (2, 2),
        "elements-confirmed": (1, 2),
        "reduced": (0, 0),
        "side-by-side": (1, 2),
    }


@pytest.mark.parametrize(
    ("more", "filled", "attached", "shared"),
    [
        ({"state": "draft"}, 1, 1, 1),
        ({"sharing_class": "withheld"}, 1, 1, 1),
        ({"sharing_class": "unstated"}, 2, 2, 1),
        ({"sharing_class": "conditional"}, 2, 2, 1),
        ({"topic": ""}, 2, 1, 2),
        ({"schema_name": ""}, 2, 1, 2),
        ({"data_items": []}, 1, 2, 2),
    ],
)
def test_what_a_resource_lacks_counts_where_it_matters(
    more: dict[str, Any], filled: int, attached: int, shared: int
) -> None:
    found = measured(both(**more))
    assert found["fields-filled"].count == filled
    assert found["resources-attached"].count == attached
    assert found["resources-shared"].count == shared


def test_a_conditional_resource_is_shared_once_a_demand_was_granted() -> None:
    """The hub's own standing grants open no department's data."""
    held = (resource("ps.r", sharing_class="conditional"), resource("ps.h"))
    granted = {"state": "issued", "resources": ["ps.r"], "demand": "D-1"}
    assert measured(lookup(resources=held, grants=(granted,)))["resources-shared"].count == 2
    for other in ({"state": "ended"}, {"demand": ""}, {"resources": ["ps.h"]}):
        assert measured(lookup(resources=held, grants=(granted | other,)))["resources-shared"].count == 1


def test_a_field_that_a_shared_entry_carries_by_name_is_asked_again() -> None:
    carrying = [{"field": "name", "name": "姓名"}, {"field": "number", "name": "决定书文号"}]
    found = measured(both(data_items=carrying))["not-asked-again"]
    assert (found.count, found.of, found.missing) == (2, 3, ("决定书文号（ps.r）",))
    assert measured(both(data_items=carrying, sharing_class="unstated"))["not-asked-again"].count == 3


def test_what_is_missing_is_named() -> None:
    assert measured(lookup(resources=()))["resources-attached"].missing == ("ps.r", "ps.h")
    assert measured(lookup(resources=()))["fields-filled"].missing == ("姓名（ps.r）", "户口簿（ps.h）")
    many = msgspec.structs.replace(NEEDS, resources=tuple(f"r.{number}" for number in range(30)))
    found = figures(entry(BUNDLE), lookup(), STANDARDS, lambda _: many, None)
    (missing,) = [each.missing for each in found if each.criterion == "resources-attached"]
    assert len(missing) == MOST_NAMED + 1
    assert missing[-1] == "等，另有 10 项"


@pytest.mark.parametrize(
    ("told", "count", "of"),
    [
        (REDUCED, 4, 4),
        (REDUCED | {"cases": 0}, 0, 0),
        (REDUCED | {"now": {"steps": 6, "days": 21, "materials": 3, "trips": 0}}, 2, 4),
        (REDUCED | {"before": {"steps": None, "days": 20}}, 1, 1),
        (REDUCED | {"before": {"trips": 0}, "now": {"trips": 0}}, 1, 1),
        (REDUCED | {"before": {}, "now": {}}, 0, 0),
    ],
)
def test_four_reductions_count_where_before_and_now_are_known(told: dict[str, Any], count: int, of: int) -> None:
    found = measured(lookup(), told)["reduced"]
    assert (found.count, found.of) == (count, of)
    assert bool(found.why_unmeasured) == (of == 0)


def test_nothing_of_a_task_can_be_measured() -> None:
    found = figures(entry(TASK), lookup(), STANDARDS, needs_of, None)
    assert {each.of for each in found} == {0}
    assert {each.met for each in verdicts(STANDARDS, found)} == {None}


def test_a_standard_holds_when_every_criterion_that_decides_and_can_be_measured_does() -> None:
    found = {each.standard.id: each.met for each in verdicts(STANDARDS, measured(lookup()).values())}
    assert found == {"data-shared": True, "elements-uniform": True, "process-optimised": None}


def test_what_the_shipped_bundles_need_is_counted_from_their_definitions() -> None:
    newborn = shipped_needs("newborn")
    assert newborn is not None
    assert (len(newborn.filled), len(newborn.resources), len(newborn.items)) == (9, 5, 7)
    assert [each.unstated for each in newborn.items] == [()] * 7
    assert not any(each.confirmed for each in newborn.items)
    bare = shipped_needs("retirement")
    assert bare is not None
    assert all(len(each.unstated) == 6 for each in bare.items)
    assert all(shipped_needs(each) is not None for each in load_bundles())
    assert shipped_needs("nothing") is None
