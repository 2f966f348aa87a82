"""Bundles as programs and people read them: the list, one definition, and the order of its items."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from catalog.bundles import Bundle, Item
from catalog.organisations import Organisations, load_organisations

CITY_PLAN: Final = "xian-2024-60"
DISTRICT_PLAN: Final = "weiyang-2021-1"


def source_order(bundle: Bundle) -> tuple[int, str, int, int]:
    """Where it is printed: the city plan's annexes, the district plan, then documents that an operator added."""
    plans = (CITY_PLAN, DISTRICT_PLAN)
    rank = plans.index(bundle.source) if bundle.source in plans else len(plans)
    return rank, bundle.source, bundle.annex or 0, bundle.number


def listed(bundle: Bundle) -> dict[str, Any]:
    """A bundle in the list: leads and departments are the Chinese names as its source prints them, none is unstated.

    ``source`` and ``number`` name one bundle: each annex of the city plan counts from 1.
    """
    return {
        "id": bundle.id,
        "source": bundle.source if bundle.annex is None else f"{bundle.source}/annex-{bundle.annex}",
        "document": bundle.document,
        "annex": bundle.annex,
        "number": bundle.number,
        "name": bundle.name,
        "stage": bundle.stage,
        "subject": bundle.subject,
        "is_verification": bundle.is_verification,
        "leads": list(bundle.lead_names),
        "items": [{"name": item.text, "departments": list(item.department_names)} for item in bundle.items],
    }


def shown(bundle: Bundle) -> dict[str, Any]:
    """A whole definition; ``acting_lead`` and ``routed_to`` are codes, the source's own or an operator's route."""
    organisations = load_organisations()
    return {
        **{name: value for name, value in listed(bundle).items() if name != "items"},
        "version": bundle.version,
        "lead_note": bundle.lead_note,
        "acting_lead": bundle.lead,
        "participants": list(bundle.participants),
        "open_items": bundle.open_items,
        "repeatable": bundle.repeatable,
        "extends": bundle.extends,
        "differences": [asdict(each) for each in bundle.differences],
        "items": [_shown_item(item, organisations) for item in bundle.items],
        "situations": [asdict(each) for each in bundle.situations],
        "commitments": [asdict(each) for each in bundle.commitments],
        "delivery": asdict(bundle.delivery),
        "baseline": None if bundle.baseline is None else asdict(bundle.baseline),
        "examples": [each.name for each in bundle.examples],
    }


def graph(bundle: Bundle) -> dict[str, Any]:
    """Which items wait for which: ``wave`` 1 starts at once, every other follows the last wave that it waits for."""
    waves = waves_of({item.number: item.after for item in bundle.items})
    return {
        "id": bundle.id,
        "name": bundle.name,
        "nodes": [
            {
                "number": item.number,
                "id": item.id,
                "name": item.text,
                "kind": item.kind,
                "wave": waves[item.number],
                "departments": list(item.department_names),
                "routed_to": list(item.routed_to),
            }
            for item in bundle.items
        ],
        "edges": [{"from": number, "to": item.number} for item in bundle.items for number in item.after],
    }


def waves_of(after: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return the wave of each number, from 1; the order has no cycle."""
    waves: dict[int, int] = {}
    while len(waves) < len(after):
        ready = {number for number in after if number not in waves and all(each in waves for each in after[number])}
        waves.update({number: 1 + max((waves[each] for each in after[number]), default=0) for number in ready})
    return waves


def dot(bundle: Bundle) -> str:
    """The order of a bundle's items in the DOT language of Graphviz."""
    names = {
        item.number: "\\n".join((f"{item.number}. {item.text}", "、".join(item.department_names) or "来源未载明"))
        for item in bundle.items
    }
    nodes = [f'  n{number} [label="{_quoted(name)}"];' for number, name in names.items()]
    edges = [f"  n{number} -> n{item.number};" for item in bundle.items for number in item.after]
    return "\n".join(("digraph bundle {", f'  label="{_quoted(bundle.name)}";', *nodes, *edges, "}"))


def _quoted(text: str) -> str:
    return text.replace('"', '\\"')


def _shown_item(item: Item, organisations: Organisations) -> dict[str, Any]:
    return {
        "number": item.number,
        "id": item.id,
        "code": item.code,
        "name": item.text,
        "kind": item.kind,
        "registered_kind": item.registered.kind,
        "departments": list(item.department_names),
        "open_list": item.open_list,
        "carried_down": item.carried_down,
        "note": item.note,
        "routed_to": list(item.routed_to),
        "routed_to_names": [organisations.by_code[code].name for code in item.routed_to],
        "after": list(item.after),
    }
