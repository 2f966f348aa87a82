"""Bundles as applicants meet them: made from the catalogue, nothing of it lost, nothing made up."""

from dataclasses import replace

import pytest

from catalog.bundles import Bundle, load_bundles
from catalog.closing import load_bundles_open_to_closed
from catalog.items import UnitDifference
from processors.domain.service import Archive, load_services, notice, service_of, sources_of
from processors.domain.service.held import DAY_US

NOW = 20_000 * DAY_US


@pytest.mark.parametrize("name", sorted(load_bundles()))
def test_every_bundle_has_a_service_and_a_notice(name: str) -> None:
    bundle, service = load_bundles()[name], load_services()[name]
    assert [item.number for item in service.items] == [item.number for item in bundle.items]
    assert [item.text for item in service.items] == [item.text for item in bundle.items]
    told = notice(service, {}, Archive(subject=f"{bundle.subject}:x"), NOW)
    assert len(told.items) + len(told.undecided) == len(bundle.items)
    assert told.held == ()


def test_what_nobody_elaborated_is_unstated_in_every_part() -> None:
    unstated = [item for service in load_services().values() for item in service.items if not item.stated]
    assert unstated
    for item in unstated:
        assert (item.legal_days, item.promised_days, item.fee_fen, item.materials, item.fields) == (None,) * 3 + (
            (),
        ) * 2


def test_where_the_source_names_nobody_the_operators_route_is_told_apart() -> None:
    retirement = load_services()["retirement"]
    routed = [item for item in retirement.items if not item.departments_stated]
    assert [item.number for item in routed] == [1, 2, 3, 4]
    assert all(item.departments for item in routed)
    assert retirement.lead == ()
    assert retirement.acting_lead


def test_fields_and_materials_are_those_that_items_ask_for_in_the_catalogues_order() -> None:
    for service in load_services().values():
        assert set(service.fields) == {code for item in service.items for code in item.fields}
        assert set(service.materials) == {code for item in service.items for code in item.materials}


def test_sources_are_named_once() -> None:
    codes = list(sources_of(load_services()["restaurant-opening"]))
    assert "market-regulation.enterprise-registration" in codes
    assert len(codes) == len(set(codes))


def test_records_of_persons_do_not_stand_in_an_enterprises_archive() -> None:
    sources = [field.source for service in load_services().values() for field in service.fields.values()]
    kinds = {(each.resource, each.stands_with_subject) for each in sources if each is not None}
    assert ("market-regulation.enterprise-registration", True) in kinds
    assert all(each.max_age_days >= 7 for each in sources if each is not None)


def test_bundles_that_follow_an_end_take_the_closed() -> None:
    open_to_closed = {name for name, service in load_services().items() if service.takes_closed}
    assert open_to_closed == load_bundles_open_to_closed()


def _with_unit(unit: UnitDifference) -> Bundle:
    """The restaurant, its second item differing at one unit."""
    bundle = load_bundles()["restaurant-opening"]
    item = bundle.items[1]
    assert item.registered.elaborated is not None
    elaborated = replace(item.registered.elaborated, units=(unit,))
    changed = replace(item, registered=replace(item.registered, elaborated=elaborated))
    return replace(bundle, items=(bundle.items[0], changed, *bundle.items[2:]))


def test_a_units_own_practice_goes_before_the_register() -> None:
    own = UnitDifference(organisation="market-regulation", promised_days=3, materials=("business-licence",))
    registered = load_services()["restaurant-opening"].items[1]
    item = service_of(_with_unit(own)).items[1]
    assert (item.promised_days, item.materials) == (3, ("business-licence",))
    assert (item.legal_days, item.fee_fen) == (registered.legal_days, registered.fee_fen)
    other = UnitDifference(organisation="tax", promised_days=3)
    assert service_of(_with_unit(other)).items[1] == registered
