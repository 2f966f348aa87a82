"""Small bundles and scripts for tests of simulated cases."""

from collections.abc import Mapping

from catalog.bundles import Bundle, load_bundles
from producers.simulation.cases.script import CaseScript, ItemScript, applicable_items, is_handled
from topics.identifiers import make_uscc

CHANGE: Bundle = load_bundles()["enterprise-change"]
RESTAURANT: Bundle = load_bundles()["restaurant-opening"]
LISTING: Bundle = load_bundles()["listing-compliance"]
EVERYTHING = {"change": "name", "insured": "yes", "housing-fund": "yes"}
NOW = 1_795_237_200_000_000


def script(
    said: Mapping[int, ItemScript] | None = None,
    *,
    bundle: Bundle = CHANGE,
    choices: Mapping[str, str] = EVERYTHING,
    **more: object,
) -> CaseScript:
    """A script in which all items apply and everybody approves, but for what is said."""
    usual = {item.number: ItemScript() for item in applicable_items(bundle, choices) if is_handled(item)}
    return CaseScript(
        case_id="case-1",
        bundle=bundle,
        subject=f"enterprise:{make_uscc('91', '610103', 5)}",
        choices=choices,
        items={**usual, **(said or {})},
        materials={},
        **more,  # type: ignore[arg-type]  # as a script has them
    )
