"""Bundles (“一件事”): what is asked of whom, in which order, on whose word. One file each in ``catalog/bundles``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from catalog.bundle_file import (
    DEADLINE_S,
    LOOK_BACK_YEARS,
    Baseline,
    BundleFile,
    Choice,
    Commitment,
    Delivery,
    IntegerParameter,
    ItemKind,
    ItemLine,
    Situation,
)
from catalog.bundle_folder import read_folder, routes_beside
from catalog.bundle_inheritance import Difference, differences
from catalog.definition_place import place_of, read_from
from catalog.definitions import DefinitionFaultsError, Fault
from catalog.item_file import AnswererLine, AnswerMode, Passes
from catalog.items import ItemRegister, RegisteredItem, load_items
from catalog.organisations import Organisations, load_organisations
from catalog.printed_units import carried_down, codes_of, printed_leads, printed_units
from catalog.resources import Resources, SubjectKind, load_resources
from catalog.routes import LEAD, Routes, load_routes
from catalog.rules import Rule, load_rules

__all__ = [
    "Answerer",
    "Baseline",
    "Bundle",
    "Choice",
    "Commitment",
    "Delivery",
    "Difference",
    "Example",
    "IntegerParameter",
    "Item",
    "Read",
    "Situation",
    "bundle_folder_faults",
    "load_bundles",
]

BUNDLES_FOLDER: Final = Path(__file__).parent / "bundles"

_EXAMPLE_FIELDS: Final = ("name", "origin", "facts", "choices", "form", "supplied", "expect")


@dataclass(frozen=True)
class Read:
    """A resource that an answer rests on.

    ``cel`` is its rule over ``records``, ``since``, ``until`` and ``territory``, a list of the event ids found;
    ``rule_name`` is that rule's Chinese name.
    """

    resource: str
    rule: str
    rule_name: str
    cel: str
    coverage_max_age_days: int


@dataclass(frozen=True)
class Answerer:
    """A department that answers a check.

    Mode ``archive``: the hub answers from the archive, and the department is asked when its data cannot answer;
    mode ``ask``: it is always asked. ``handled_and_reviewed``: a person's answer needs a second person's review.
    """

    department: str
    mode: AnswerMode
    reads: tuple[Read, ...]
    handled_and_reviewed: bool

    @property
    def resources(self) -> tuple[str, ...]:
        """The codes of the resources read."""
        return tuple(read.resource for read in self.reads)

    @property
    def rule(self) -> str:
        """One CEL expression for the whole answer: the evidence of all its reads, ``[]`` when nothing is read."""
        return " + ".join(f"({read.cel})" for read in self.reads) or "[]"


@dataclass(frozen=True)
class Item:
    """An item of a bundle, as its source prints it and as the register knows it.

    ``departments`` are the codes of whom the source names (none: unstated), ``department_names`` the same as printed,
    ``department_text`` the cell itself ("" where it was left to the row above: ``carried_down``), ``open_list`` whether
    the cell ends with 等. ``routed_to`` is never empty: the source's departments, else an operator's route, else the
    acting lead. ``after`` are numbers of items that go before. ``answerers`` and ``passes`` are a check's.
    """

    number: int
    id: str
    code: str
    text: str
    kind: ItemKind
    registered: RegisteredItem
    departments: tuple[str, ...]
    department_names: tuple[str, ...]
    department_text: str
    carried_down: bool
    open_list: bool
    note: str
    routed_to: tuple[str, ...]
    after: tuple[int, ...]
    answerers: tuple[Answerer, ...]
    passes: Passes | None
    parent: int | None


@dataclass(frozen=True)
class Example:
    """Facts in and answers out, ours; ``rest`` is whatever else its table says."""

    name: str
    origin: str
    facts: tuple[Mapping[str, Any], ...]
    choices: Mapping[str, Any]
    form: Mapping[str, Any]
    supplied: Any
    expect: Mapping[str, Any]
    rest: Mapping[str, Any]


@dataclass(frozen=True)
class Bundle:
    """A bundle's definition, one version.

    ``leads`` are the codes of the leads that the source names (none: unstated), ``lead_names`` the same as printed;
    ``lead`` is who acts as lead: the first of them, else an operator's route. ``participants`` are words as printed
    (district bundles name their departments together), ``participant_codes`` whom they mean. ``open_items``: the
    source ends its enumeration of items with 等. ``handled_and_reviewed``: what people decide needs a second person,
    unless the item says otherwise. ``differences`` to the parent that it ``extends``.
    """

    id: str
    version: int
    name: str
    source: str
    document: str
    annex: int | None
    number: int
    stage: str | None
    subject: SubjectKind
    leads: tuple[str, ...]
    lead_names: tuple[str, ...]
    lead_note: str
    lead: str
    participants: tuple[str, ...]
    participant_codes: tuple[str, ...]
    participants_text: str
    open_items: bool
    repeatable: bool
    extends: str
    differences: tuple[Difference, ...]
    handled_and_reviewed: bool
    look_back_years: IntegerParameter
    deadline_s: IntegerParameter
    items: tuple[Item, ...]
    situations: tuple[Situation, ...]
    commitments: tuple[Commitment, ...]
    delivery: Delivery
    baseline: Baseline | None
    examples: tuple[Example, ...]

    @property
    def checks(self) -> tuple[Item, ...]:
        """The items that are asked and answered."""
        return tuple(item for item in self.items if item.kind == "check")

    @property
    def departments(self) -> tuple[str, ...]:
        """Who answers checks, each once, in the order of the items."""
        return tuple(dict.fromkeys(each.department for item in self.checks for each in item.answerers))

    @property
    def is_verification(self) -> bool:
        """Whether it only asks: the lead takes it in and delivers a report, and every other item is a check."""
        kinds = {item.kind for item in self.items}
        return kinds == {"intake-and-delivery", "check"}

    @property
    def handling_departments(self) -> tuple[str, ...]:
        """Who is given something to do, each once: the acting lead, then those whom the items are routed to."""
        return tuple(dict.fromkeys((self.lead, *(code for item in self.items for code in item.routed_to))))

    @property
    def resources(self) -> tuple[str, ...]:
        """What is read, each once, in the order of the items."""
        return tuple(
            dict.fromkeys(code for item in self.checks for answerer in item.answerers for code in answerer.resources),
        )


@dataclass(frozen=True)
class _Parts:
    """What a file is made into a bundle with."""

    organisations: Organisations
    resources: Resources
    register: ItemRegister
    rules: Mapping[str, Rule]
    routes: Routes
    files: Mapping[str, BundleFile]


@read_from(BUNDLES_FOLDER.name)
def load_bundles(folder: Path) -> Mapping[str, Bundle]:
    """Return every bundle of the folder by its id; its routes say who acts where the sources leave it open.

    Raises:
        DefinitionFaultsError: a file does not hold together; the faults of all files are named.
    """
    files = read_folder(folder)
    parts = _Parts(
        load_organisations(), load_resources(), load_items(), load_rules(), load_routes(routes_beside(folder)), files
    )
    return MappingProxyType({id_: _bundle(file, parts) for id_, file in files.items()})


def bundle_folder_faults(folder: Path | None = None) -> tuple[Fault, ...]:
    """Return every fault of the folder's files, with its line; none when the bundles can be loaded."""
    try:
        load_bundles.__wrapped__(folder or place_of(BUNDLES_FOLDER.name))
    except DefinitionFaultsError as broken:
        return broken.faults
    return ()


def _bundle(file: BundleFile, parts: _Parts) -> Bundle:
    lead = (file.leads or parts.routes[file.id, LEAD].departments)[0]
    parent = parts.files.get(file.extends)
    items = tuple(_items(file, lead, parts))
    return Bundle(
        id=file.id,
        version=file.version,
        name=file.name,
        source=file.source,
        document=file.document,
        annex=file.annex,
        number=file.number,
        stage=file.stage,
        subject=file.subject,
        leads=file.leads,
        lead_names=printed_leads(file.lead_text),
        lead_note=file.lead_note,
        lead=lead,
        participants=file.participants,
        participant_codes=tuple(filter(None, codes_of(file.participants, file.source, parts.organisations))),
        participants_text=file.participants_text,
        open_items=file.open_items,
        repeatable=bool(file.repeatable),
        extends=file.extends,
        differences=tuple(differences(file, parent)) if parent else (),
        handled_and_reviewed=_reviewed(file),
        look_back_years=file.look_back_years or LOOK_BACK_YEARS,
        deadline_s=file.deadline_s or DEADLINE_S,
        items=items,
        situations=file.situations or (),
        commitments=tuple(_commitments(file, items)),
        delivery=file.delivery or Delivery(),
        baseline=file.baseline,
        examples=tuple(_example(table) for table in file.example),
    )


def _commitments(file: BundleFile, items: Iterable[Item]) -> Iterator[Commitment]:
    """What may be promised; of a parent's, that about materials which the items here ask for."""
    asked = {material for item in items if (said := item.registered.elaborated) for material in said.materials}
    return (each for each in file.commitments or () if not file.extends or each.material in asked)


def _reviewed(file: BundleFile) -> bool:
    return file.handled_and_reviewed is not False


def _items(file: BundleFile, lead: str, parts: _Parts) -> Iterator[Item]:
    cells = carried_down((line.department_text, line.carried_down) for line in file.items)
    for line, cell in zip(file.items, cells, strict=True):
        yield _item(line, cell, file, lead, parts)


def _item(line: ItemLine, cell: str, file: BundleFile, lead: str, parts: _Parts) -> Item:
    registered = _registered(line, file, parts)
    route = parts.routes.get((file.id, line.number))
    check = registered.check
    return Item(
        number=line.number,
        id=line.id,
        code=line.item,
        text=line.text,
        kind=line.kind or "handling",
        registered=registered,
        departments=line.departments,
        department_names=printed_units(cell),
        department_text=line.department_text,
        carried_down=line.carried_down,
        open_list=line.open_list,
        note=line.note,
        routed_to=line.departments or (route.departments if route else (lead,)),
        after=line.after or (),
        answerers=tuple(_answerers(check.answerers, file, parts)) if check else (),
        passes=check.passes if check else None,
        parent=line.parent,
    )


def _registered(line: ItemLine, file: BundleFile, parts: _Parts) -> RegisteredItem:
    """The register's item; where it is not elaborated, what was elaborated for the parent's item holds for it."""
    own = parts.register.by_code[line.item]
    parent = parts.files.get(file.extends)
    if own.elaborated is not None or parent is None or line.parent is None:
        return own
    theirs = next(each.item for each in parent.items if each.number == line.parent)
    return replace(own, elaborated=parts.register.by_code[theirs].elaborated)


def _answerers(lines: Iterable[AnswererLine], file: BundleFile, parts: _Parts) -> Iterator[Answerer]:
    """Who answers; what stands in no archive of such a subject is not read, and who then reads nothing is asked."""
    for line in lines:
        reads = tuple(
            Read(
                resource=read.resource,
                rule=read.rule,
                rule_name=parts.rules[read.rule].name,
                cel=parts.rules[read.rule].of_resource(read.resource),
                coverage_max_age_days=read.coverage_max_age_days,
            )
            for read in line.reads
            if file.subject in parts.resources.by_code[read.resource].subjects
        )
        reviewed = _reviewed(file) if line.handled_and_reviewed is None else line.handled_and_reviewed
        yield Answerer(line.department, line.mode if reads else "ask", reads, reviewed)


def _example(table: Mapping[str, Any]) -> Example:
    return Example(
        name=table["name"],
        origin=table["origin"],
        facts=tuple(table.get("facts", ())),
        choices=table.get("choices", {}),
        form=table.get("form", {}),
        supplied=table.get("supplied", {}),
        expect=table.get("expect", {}),
        rest={name: value for name, value in table.items() if name not in _EXAMPLE_FIELDS},
    )
