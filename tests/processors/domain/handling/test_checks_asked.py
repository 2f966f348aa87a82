"""What the checking items of a handled case ask."""

import msgspec

from catalog.bundles import load_bundles
from catalog.organisations import load_organisations
from processors.domain.handling import handle
from processors.domain.handling.planning import plan_of
from tests.processors.handling_story import an_application, emitted
from topics.events import Choice, Place


def test_checks_ask_about_records_from_anywhere() -> None:
    """A case taken at a district's counter once missed what other districts had recorded of the enterprise."""
    plan = plan_of(load_bundles()["restaurant-opening"], load_organisations())
    application = msgspec.structs.replace(
        an_application(),
        bundle=plan.bundle,
        bundle_version=plan.version,
        handled_at=Place(level="district", code="610112"),
        choices=tuple(Choice(question=each.question, choice=next(iter(each.choices))) for each in plan.situations),
    )
    opened = handle(None, application, plan)
    assert opened.refusals == ()
    (asked,) = emitted(opened, "ChecksRequested")
    assert asked.territory == ""
