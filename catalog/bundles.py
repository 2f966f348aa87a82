"""Bundles (“一件事”): what is asked of whom, and the rule of each answer. One file each in ``catalog/bundles``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from catalog.bundle_file import (
    AnswererLine,
    AnswerMode,
    BundleFile,
    IntegerParameter,
    ItemKind,
    ItemLine,
    Surroundings,
    bundle_faults,
)
from catalog.definitions import DefinitionFaultsError, Fault, demand_none, read_definition
from catalog.organisations import load_organisations
from catalog.resources import SubjectKind, load_resources
from catalog.rules import Rule, load_rules

BUNDLES_FOLDER: Final = Path(__file__).parent / "bundles"


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
    """An item of the bundle: the lead's own part, or a check; ``id`` is None for the lead's own part."""

    number: int
    id: str | None
    text: str
    kind: ItemKind
    departments: tuple[str, ...]
    answerers: tuple[Answerer, ...]


@dataclass(frozen=True)
class Bundle:
    """A bundle's definition, one version."""

    id: str
    version: int
    name: str
    source: str
    document: str
    annex: int
    number: int
    stage: str
    subject: SubjectKind
    lead: str
    look_back_years: IntegerParameter
    deadline_s: IntegerParameter
    items: tuple[Item, ...]

    @property
    def checks(self) -> tuple[Item, ...]:
        """The items that are asked and answered."""
        return tuple(item for item in self.items if item.kind == "check")

    @property
    def departments(self) -> tuple[str, ...]:
        """Who answers, each once, in the order of the items."""
        return tuple(dict.fromkeys(code for item in self.checks for code in item.departments))

    @property
    def resources(self) -> tuple[str, ...]:
        """What is read, each once, in the order of the items."""
        return tuple(
            dict.fromkeys(code for item in self.checks for answerer in item.answerers for code in answerer.resources),
        )


@cache
def load_bundles(folder: Path = BUNDLES_FOLDER) -> Mapping[str, Bundle]:
    """Return every bundle of the folder by its id.

    Raises:
        DefinitionFaultsError: a file does not hold together; the faults of all files are named.
    """
    known = Surroundings(load_organisations(), load_resources(), load_rules())
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise DefinitionFaultsError([Fault(folder.name, str(folder), "no bundle is defined in this folder")])
    demand_none(fault for path in paths for fault in _faults_of(path, known))
    files = (read_definition(path, BundleFile) for path in paths)
    return MappingProxyType({file.id: _bundle(file, known.rules) for file in files})


def _faults_of(path: Path, known: Surroundings) -> Iterator[Fault]:
    try:
        file = read_definition(path, BundleFile)
    except DefinitionFaultsError as broken:
        yield from broken.faults
        return
    yield from (Fault(path.name, place, reason) for place, reason in bundle_faults(path.stem, file, known))


def _bundle(file: BundleFile, rules: Mapping[str, Rule]) -> Bundle:
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
        lead=file.lead,
        look_back_years=file.look_back_years,
        deadline_s=file.deadline_s,
        items=tuple(_item(line, rules, reviewed=file.handled_and_reviewed) for line in file.items),
    )


def _item(line: ItemLine, rules: Mapping[str, Rule], *, reviewed: bool) -> Item:
    answerers = tuple(_answerer(answerer, rules, reviewed=reviewed) for answerer in line.answerers)
    departments = line.departments or tuple(answerer.department for answerer in answerers)
    return Item(line.number, line.id, line.text, line.kind, departments, answerers)


def _answerer(line: AnswererLine, rules: Mapping[str, Rule], *, reviewed: bool) -> Answerer:
    return Answerer(
        department=line.department,
        mode=line.mode,
        reads=tuple(
            Read(
                resource=read.resource,
                rule=read.rule,
                rule_name=rules[read.rule].name,
                cel=rules[read.rule].of_resource(read.resource),
                coverage_max_age_days=read.coverage_max_age_days,
            )
            for read in line.reads
        ),
        handled_and_reviewed=reviewed if line.handled_and_reviewed is None else line.handled_and_reviewed,
    )
