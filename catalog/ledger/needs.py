"""What a bundle needs to be done well, by the hub's definitions: what its form asks, what it reads, its items."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import msgspec

from catalog.bundles import Bundle, Item, load_bundles
from catalog.form_fields import load_form_fields, load_materials
from catalog.item_lint import lint_items
from catalog.items import UNELABORATED
from catalog.recollection.asked import Asked, asked_by_bundles
from catalog.service_guide import load_guide_book

ELEMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "legal_basis": "设定依据",
        "conditions": "受理条件",
        "materials": "申请材料",
        "days": "办结时限",
        "fee_fen": "收费标准",
        "result": "办理结果",
    }
)
"""What city plan task 28 wants sorted out of every item; legal or promised days are its term."""

OURS: Final = "ours"
"""Origin of elements that the hub's own definitions add: no department stated them."""

_LISTS: Final = frozenset(("legal_basis", "conditions", "materials"))
"""Elements that may be stated as empty: what is stated is named, not what is there."""


class NeededItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a bundle: elements that nobody states, and what differs between units, in Chinese.

    ``confirmed``: a department stated its elements; ``waits``: another item goes before it.
    """

    number: int
    code: str
    name: str
    unstated: tuple[str, ...]
    differing: tuple[str, ...]
    confirmed: bool
    waits: bool


class BundleNeeds(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle needs: what its form asks, what of it has a source, resources by code, items."""

    bundle: str
    asked: tuple[Asked, ...]
    filled: tuple[Asked, ...]
    resources: tuple[str, ...]
    items: tuple[NeededItem, ...]


NeedsOf = Callable[[str], BundleNeeds | None]
"""What the bundle of an id needs; ``None``: there is no such bundle."""


def needs_of(bundle_id: str) -> BundleNeeds | None:
    """Return what a bundle of the definitions in force needs."""
    return _all_needs().get(bundle_id)


@cache
def _all_needs() -> Mapping[str, BundleNeeds]:
    # Read once, when somebody first asks: no entry is closed in the first second of a process.
    bundles = load_bundles()
    asked = asked_by_bundles(bundles.values(), load_form_fields(), load_materials())
    differing = _differing()
    return MappingProxyType({id_: _needs(bundle, asked, differing) for id_, bundle in bundles.items()})


def _needs(bundle: Bundle, asked: tuple[Asked, ...], differing: Mapping[str, tuple[str, ...]]) -> BundleNeeds:
    own = tuple(each for each in asked if each.form == bundle.id)
    filled = tuple(each for each in own if each.resource)
    resources = dict.fromkeys((*bundle.resources, *(each.resource for each in filled)))
    return BundleNeeds(
        bundle=bundle.id,
        asked=own,
        filled=filled,
        resources=tuple(resources),
        items=tuple(_item(item, differing.get(item.code, ())) for item in bundle.items),
    )


def _item(item: Item, differing: tuple[str, ...]) -> NeededItem:
    return NeededItem(
        number=item.number,
        code=item.code,
        name=item.text,
        unstated=tuple(_unstated(item)),
        differing=differing,
        confirmed=item.registered.elaborated is not None and item.registered.elaborated.origin != OURS,
        waits=bool(item.after),
    )


def _unstated(item: Item) -> Iterator[str]:
    said = item.registered.elaborated or UNELABORATED
    days = said.promised_days if said.legal_days is None else said.legal_days
    values = {"days": days, "fee_fen": said.fee_fen, "result": said.result}
    for name, told in ELEMENTS.items():
        if not (name in said.stated if name in _LISTS else values[name] is not None):
            yield told


def _differing() -> Mapping[str, tuple[str, ...]]:
    """Code of an item → what the register's lint finds to differ between units, or to be wrong."""
    found: dict[str, tuple[str, ...]] = {}
    for finding in lint_items(load_guide_book()):
        if finding.severity == "fault" or finding.code == "unit-differs":
            found[finding.item] = (*found.get(finding.item, ()), finding.text)
    return found
