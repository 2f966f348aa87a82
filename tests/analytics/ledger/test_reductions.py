"""四减 of a bundle's cases, played by the real rules and read from the lake."""

from datetime import date

from analytics.ledger.reductions import reductions
from catalog.bundles import load_bundles
from tests.analytics.case_rows import case_rows
from tests.analytics.lake_tables import lake
from tests.analytics.played_cases import played_city

TODAY = date(2026, 12, 31)


def test_what_delivered_cases_took_stands_beside_what_was_before() -> None:
    plays = played_city(4, 7, "newborn", "restaurant-opening")
    connection = lake(cases=case_rows(event for play in plays for event in play.log))
    found = reductions(connection, "newborn", TODAY)
    baseline = load_bundles()["newborn"].baseline
    assert found is not None
    assert baseline is not None
    assert 0 < found.cases <= 4
    assert found.before == {name: getattr(baseline, name) for name in ("steps", "days", "materials", "trips")}
    assert all(amount is not None and amount >= 0 for amount in found.now.values())
    assert found.before_origin == "ours"
    assert found.figure == "/v1/bundles/newborn/savings"


def test_nothing_delivered_says_nothing() -> None:
    assert reductions(lake(), "newborn", TODAY) is None
    assert reductions(lake(), "nothing", TODAY) is None
    plays = played_city(2, 7, "newborn")
    connection = lake(cases=case_rows(event for play in plays for event in play.log))
    assert reductions(connection, "newborn", date(2026, 8, 1)) is None
