"""Which bundles an item of the register stands in, and with which words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ItemUse:
    """An item's line in a bundle: ``text`` as printed there, ``departments`` the codes that the source names there."""

    bundle: str
    bundle_name: str
    number: int
    text: str
    departments: tuple[str, ...]


class UsedItem(Protocol):
    """A line of a bundle: see ``catalog.bundles.Item``."""

    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def departments(self) -> tuple[str, ...]: ...  # noqa: D102


class UsingBundle(Protocol):
    """A bundle: see ``catalog.bundles.Bundle``."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def items(self) -> tuple[UsedItem, ...]: ...  # noqa: D102


def uses_of_items(bundles: Iterable[UsingBundle]) -> Mapping[str, tuple[ItemUse, ...]]:
    """Return the uses of each item by its code, in the order of the bundles; an item nobody uses has no entry."""
    uses: dict[str, tuple[ItemUse, ...]] = {}
    for bundle in bundles:
        for item in bundle.items:
            use = ItemUse(bundle.id, bundle.name, item.number, item.text, item.departments)
            uses[item.code] = (*uses.get(item.code, ()), use)
    return uses
