"""What must hold in a bundle's definition beyond its shape; every fault names the place where it stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any

from catalog.bundle_file import (
    DEADLINE_S,
    LOOK_BACK_YEARS,
    SHORTEST_DEADLINE_S,
    BundleFile,
    Commitment,
    ItemLine,
    Situation,
)
from catalog.conditions import condition_faults
from catalog.definitions import repeated
from catalog.form_fields import Material
from catalog.items import ItemRegister
from catalog.organisations import Organisations
from catalog.printed_units import OPEN_END, carried_down, codes_of, printed_leads, printed_units
from catalog.resources import Resources, SubjectKind
from catalog.routes import LEAD, Routes

PlaceFault = tuple[str, str]


@dataclass(frozen=True)
class Surroundings:
    """What a definition refers to."""

    organisations: Organisations
    resources: Resources
    register: ItemRegister
    materials: Mapping[str, Material]
    routes: Routes


def bundle_faults(stem: str, bundle: BundleFile, known: Surroundings) -> Iterator[PlaceFault]:
    """Yield (place, reason) for everything that does not hold in the file whose name without ending is ``stem``.

    ``bundle`` is what the file says with what it leaves to its parent filled in.
    """
    if bundle.id != stem:
        yield "id", f"is {bundle.id!r}, the file is called {stem!r}"
    if bundle.version < 1:
        yield "version", f"is {bundle.version}, at least 1 is due"
    yield from _lead_faults(bundle, known)
    yield from _participant_faults(bundle, known.organisations)
    yield from _parameter_faults(bundle)
    yield from _items_faults(bundle, known)
    yield from _situations_faults(bundle)
    for at, commitment in enumerate(bundle.commitments or ()):
        yield from _at(f"commitments[{at}]", _commitment_faults(commitment, known))
    for material in repeated(commitment.material for commitment in bundle.commitments or ()):
        yield "commitments", f"{material!r} stands more than once"
    yield from _rest_faults(bundle)


def _at(place: str, faults: Iterable[PlaceFault]) -> Iterator[PlaceFault]:
    return ((f"{place}{inner}", reason) for inner, reason in faults)


def _lead_faults(bundle: BundleFile, known: Surroundings) -> Iterator[PlaceFault]:
    yield from _unknown_organisations("leads", bundle.leads, known.organisations)
    routed = (bundle.id, LEAD) in known.routes
    if not bundle.leads and not routed:
        yield "leads", f"unstated, and routes.toml has no route for it (bundle {bundle.id!r}, item {LEAD})"
    if bundle.leads and routed:
        yield "leads", "stated, but routes.toml routes it: a route is for what the source leaves open"
    yield from _cell_faults(
        "leads", bundle.leads, printed_leads(bundle.lead_text), bundle.source, known.organisations, "lead_text"
    )


def _cell_faults(
    place: str, codes: tuple[str, ...], units: tuple[str, ...], source: str, organisations: Organisations, cell: str
) -> Iterator[PlaceFault]:
    """Faults where codes are not what the printed units mean."""
    meant = codes_of(units, source, organisations)
    for unit, code in zip(units, meant, strict=True):
        if code is None:
            yield cell, f"{unit!r} means no organisation in {source}"
    if None not in meant and meant != codes:
        yield place, f"are {list(codes)}, but {cell.lstrip('.')} prints {list(meant)}"


def _unknown_organisations(place: str, codes: tuple[str, ...], known: Organisations) -> Iterator[PlaceFault]:
    for at, code in enumerate(codes):
        if code not in known.by_code:
            yield f"{place}[{at}]", f"no organisation {code!r}"
    for code in repeated(codes):
        yield place, f"{code!r} stands more than once"


def _participant_faults(bundle: BundleFile, organisations: Organisations) -> Iterator[PlaceFault]:
    for at, code in enumerate(codes_of(bundle.participants, bundle.source, organisations)):
        if code is None:
            yield f"participants[{at}]", f"{bundle.participants[at]!r} means no organisation in {bundle.source}"


def _parameter_faults(bundle: BundleFile) -> Iterator[PlaceFault]:
    look_back, deadline = bundle.look_back_years or LOOK_BACK_YEARS, bundle.deadline_s or DEADLINE_S
    for name, parameter in (("look_back_years", look_back), ("deadline_s", deadline)):
        if parameter.refusal(parameter.default) is not None:
            yield name, f"the default {parameter.refusal(parameter.default)}"
    if deadline.minimum < SHORTEST_DEADLINE_S:
        yield "deadline_s", f"the minimum is {deadline.minimum}, at least {SHORTEST_DEADLINE_S} is due"


def _items_faults(bundle: BundleFile, known: Surroundings) -> Iterator[PlaceFault]:
    numbers = [item.number for item in bundle.items]
    if not numbers:
        yield "items", "a bundle has at least one item"
    if numbers != list(range(1, len(numbers) + 1)):
        yield "items", "the numbers are not 1, 2, 3, …"
    for id_ in repeated(item.id for item in bundle.items if item.id):
        yield "items", f"id {id_!r} stands more than once"
    for code in repeated(item.item for item in bundle.items):
        yield "items", f"item {code!r} stands more than once"
    cells = carried_down((item.department_text, item.carried_down) for item in bundle.items)
    for at, (item, cell) in enumerate(zip(bundle.items, cells, strict=True)):
        yield from _at(f"items[{at}]", _item_faults(item, cell, bundle, known))
    yield from _order_faults(bundle.items)


def _item_faults(item: ItemLine, cell: str, bundle: BundleFile, known: Surroundings) -> Iterator[PlaceFault]:
    yield from _own_faults(item)
    yield from _register_faults(item, known.register)
    yield from _unknown_organisations(".departments", item.departments, known.organisations)
    yield from _cell_faults(
        ".departments", item.departments, printed_units(cell), bundle.source, known.organisations, ".department_text"
    )
    if item.open_list != cell.endswith(OPEN_END):
        yield ".open_list", f"is {str(item.open_list).lower()}, but the cell is {cell!r}"
    if item.carried_down and (item.department_text or not cell):
        yield ".carried_down", "a cell is carried down when it is empty and a row above has one"
    if item.departments and (bundle.id, item.number) in known.routes:
        yield ".departments", "stated, but routes.toml routes it: a route is for what the source leaves open"


def _own_faults(item: ItemLine) -> Iterator[PlaceFault]:
    if not item.id:
        yield ".id", "an item needs an id"
    if not item.kind:
        yield ".kind", "an item needs a kind"
    if item.kind == "joint" and len(item.departments) == 1:
        yield ".kind", "a joint item is several departments'"


def _register_faults(item: ItemLine, register: ItemRegister) -> Iterator[PlaceFault]:
    registered = register.by_code.get(item.item)
    if registered is None:
        yield ".item", f"no item {item.item!r} in the register"
        return
    if item.text not in registered.names:
        yield ".text", f"{item.text!r} is neither the name nor an alias of {item.item} ({registered.name})"
    if (item.kind == "check") != (registered.check is not None):
        yield ".kind", f"is {item.kind!r}, but the register's {item.item} is of kind {registered.kind}"
    answerers = registered.check.answerers if registered.check else ()
    departments = tuple(answerer.department for answerer in answerers)
    if registered.check is not None and item.departments and departments != item.departments:
        yield ".departments", f"are {list(item.departments)}, but {list(departments)} answer {item.item}"


def _order_faults(items: tuple[ItemLine, ...]) -> Iterator[PlaceFault]:
    numbers = {item.number for item in items}
    for at, item in enumerate(items):
        for number in item.after or ():
            if number not in numbers:
                yield f"items[{at}].after", f"no item {number}"
    try:
        TopologicalSorter({item.number: item.after or () for item in items}).prepare()
    except CycleError as cycle:
        yield "items", f"wait for one another: {' → '.join(map(str, reversed(cycle.args[1])))}"


def _situations_faults(bundle: BundleFile) -> Iterator[PlaceFault]:
    situations = bundle.situations or ()
    for id_ in repeated(situation.id for situation in situations):
        yield "situations", f"id {id_!r} stands more than once"
    numbers = {item.number for item in bundle.items}
    for at, situation in enumerate(situations):
        yield from _at(f"situations[{at}]", _situation_faults(situation, numbers))


def _situation_faults(situation: Situation, numbers: set[int]) -> Iterator[PlaceFault]:
    if len(situation.choices) < 2:  # noqa: PLR2004  a question with one answer asks nothing
        yield ".choices", "a question has at least two choices"
    for id_ in repeated(choice.id for choice in situation.choices):
        yield ".choices", f"id {id_!r} stands more than once"
    for at, choice in enumerate(situation.choices):
        for number in choice.items:
            if number not in numbers:
                yield f".choices[{at}].items", f"no item {number}"


def _commitment_faults(commitment: Commitment, known: Surroundings) -> Iterator[PlaceFault]:
    if commitment.material not in known.materials:
        yield ".material", f"no material {commitment.material!r}"
    if commitment.kind == "later" and commitment.days is None:
        yield ".days", "what is brought later is due within a number of days"
    for name in ("days", "after_check_days"):
        value = getattr(commitment, name)
        if value is not None and value < 1:
            yield f".{name}", f"is {value}, at least 1 is due"
    for name in ("text", "liability"):
        if not getattr(commitment, name).strip():
            yield f".{name}", "is empty"
    for code in commitment.reads:
        if code not in known.resources.by_code:
            yield ".reads", f"no resource {code!r}"
    if commitment.cel is not None:
        yield from ((".cel", reason) for reason in condition_faults(commitment.cel, commitment.reads))


def _rest_faults(bundle: BundleFile) -> Iterator[PlaceFault]:
    if bundle.delivery is not None and not bundle.delivery.means:
        yield "delivery.means", "results reach the applicant by no means"
    for name in ("steps", "days", "materials", "trips"):
        value = getattr(bundle.baseline, name, None)
        if value is not None and value < 0:
            yield f"baseline.{name}", f"is {value}, less than nothing"
    for at, example in enumerate(bundle.example):
        for key in ("name", "origin"):
            if not isinstance(example.get(key), str) or not example[key]:
                yield f"example[{at}].{key}", "an example says what it shows, and whose it is"
        yield from _at(f"example[{at}]", _example_faults(example, bundle.subject))
    for name in repeated(str(example.get("name")) for example in bundle.example):
        yield "example", f"{name!r} stands more than once"


def _example_faults(example: Mapping[str, Any], kind: SubjectKind) -> Iterator[PlaceFault]:
    """Faults for which it could not be run."""
    try:
        aware = datetime.fromisoformat(str(example.get("at"))).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        yield ".at", "an example says when the application comes: ISO 8601 with its offset"
    subject = example.get("subject")
    key = "id" if kind == "enterprise" else "born_on"
    if not isinstance(subject, dict) or subject.get("kind") != kind or not isinstance(subject.get(key), str):
        yield ".subject", f'an example has a subject: {{ kind = "{kind}", {key} = "…" }}'
