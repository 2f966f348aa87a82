"""What bottlenecks take from the catalogue: names, the order of items, and which resources answer what."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from catalog.bundles import Bundle, load_bundles
from catalog.form_fields import load_materials
from catalog.hotline import HotlineWords, load_hotline_words
from catalog.items import load_items
from catalog.organisations import load_organisations
from catalog.resources import load_resources

UNSTATED: Final = "未载明"


@dataclass(frozen=True)
class ReadAge:
    """A resource that a check reads, and how old its coverage may be, days."""

    resource: str
    max_age_days: int


@dataclass(frozen=True)
class Known:
    """The catalogue as bottlenecks see it.

    Attributes:
        departments, items, bundles, resources: code → name.
        item_names: bundle → item's id in the bundle → its text there.
        after: bundle → item's id → ids of the items that go before it.
        check_items: (bundle, check) → the item's code in the register.
        reads: (bundle, check, department) → what the check reads of that department.
        supplied_by: material → the resource whose record stands for it.
        leads: bundle → who leads it.
        kept_by: resource → the department that keeps it.
    """

    departments: Mapping[str, str]
    items: Mapping[str, str]
    bundles: Mapping[str, str]
    resources: Mapping[str, str]
    item_names: Mapping[str, Mapping[str, str]]
    after: Mapping[str, Mapping[str, tuple[str, ...]]]
    check_items: Mapping[tuple[str, str], str]
    reads: Mapping[tuple[str, str, str], tuple[ReadAge, ...]]
    supplied_by: Mapping[str, str]
    leads: Mapping[str, str]
    kept_by: Mapping[str, str]
    hotline: HotlineWords

    def name(self, by: str, key: str) -> str:
        """The Chinese name of a key by department, item or bundle; the key itself where nobody knows it."""
        names = {"department": self.departments, "item": self.items, "bundle": self.bundles}[by]
        return names.get(key, key) or UNSTATED


@cache
def known_catalogue() -> Known:
    """The catalogue that is in force."""
    bundles, resources = load_bundles(), load_resources()
    supplied = {id_: each.supplied_by for id_, each in load_materials().items()}
    return Known(
        departments={each.code: each.name for each in load_organisations().all},
        items={each.code: each.name for each in load_items()},
        bundles={id_: each.name for id_, each in bundles.items()},
        resources={each.code: each.name for each in resources.all},
        item_names={id_: {item.id: item.text for item in each.items} for id_, each in bundles.items()},
        after={id_: _after(each) for id_, each in bundles.items()},
        check_items={(id_, item.id): item.code for id_, each in bundles.items() for item in each.checks},
        reads={key: reads for each in bundles.values() for key, reads in _reads(each).items()},
        supplied_by={id_: supply.resource for id_, supply in supplied.items() if supply is not None},
        leads={id_: each.lead for id_, each in bundles.items()},
        kept_by={each.code: each.department for each in resources.all},
        hotline=load_hotline_words(),
    )


def _after(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    ids = {item.number: item.id for item in bundle.items}
    return {item.id: tuple(ids[number] for number in item.after if number in ids) for item in bundle.items}


def _reads(bundle: Bundle) -> dict[tuple[str, str, str], tuple[ReadAge, ...]]:
    return {
        (bundle.id, item.id, answerer.department): tuple(
            ReadAge(read.resource, read.coverage_max_age_days) for read in answerer.reads
        )
        for item in bundle.checks
        for answerer in item.answerers
    }
