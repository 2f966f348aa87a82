"""What a bundle's definition file may say, and what must hold in it beyond its shape."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from catalog.definitions import EXACT, repeated
from catalog.organisations import Organisations
from catalog.resources import Resources, SubjectKind
from catalog.rules import Rule

ItemKind = Literal["intake-and-delivery", "check"]
AnswerMode = Literal["archive", "ask"]

#: A coordinator's due rows are scanned no faster, so that a shorter deadline could not be kept.
SHORTEST_DEADLINE_S: Final = 30


@dataclass(frozen=True)
class IntegerParameter:
    """A whole number that a request may set between ``minimum`` and ``maximum``, both included."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    default: int
    minimum: int
    maximum: int

    def refusal(self, value: int) -> str | None:
        """Return why the value is refused, or None when it may be used."""
        if self.minimum <= value <= self.maximum:
            return None
        return f"{value} is outside {self.minimum} to {self.maximum}"


@dataclass(frozen=True)
class ReadLine:
    """A resource that an answer rests on, the code of its rule, and how old its coverage may be."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    resource: str
    rule: str
    coverage_max_age_days: int


@dataclass(frozen=True)
class AnswererLine:
    """A department that answers a check."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    department: str
    reads: tuple[ReadLine, ...] = ()
    mode: AnswerMode = "archive"
    handled_and_reviewed: bool | None = None


@dataclass(frozen=True)
class ItemLine:
    """An item as the source prints it."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    number: int
    text: str
    kind: ItemKind
    id: str | None = None
    departments: tuple[str, ...] = ()
    answerers: tuple[AnswererLine, ...] = ()


@dataclass(frozen=True)
class BundleFile:
    """A whole definition file."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

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
    handled_and_reviewed: bool
    look_back_years: IntegerParameter
    deadline_s: IntegerParameter
    items: tuple[ItemLine, ...]


@dataclass(frozen=True)
class Surroundings:
    """What a definition refers to."""

    organisations: Organisations
    resources: Resources
    rules: Mapping[str, Rule]


def bundle_faults(stem: str, bundle: BundleFile, known: Surroundings) -> Iterator[tuple[str, str]]:
    """Yield (place, reason) for everything that does not hold in the file whose name without ending is ``stem``."""
    if bundle.id != stem:
        yield "id", f"is {bundle.id!r}, the file is called {stem!r}"
    if bundle.version < 1:
        yield "version", f"is {bundle.version}, at least 1 is due"
    if bundle.lead not in known.organisations.by_code:
        yield "lead", f"no organisation {bundle.lead!r}"
    yield from _parameter_faults(bundle)
    if [item.number for item in bundle.items] != list(range(1, len(bundle.items) + 1)):
        yield "items", "the numbers are not 1, 2, 3, …"
    for check in repeated(item.id for item in bundle.items if item.id is not None):
        yield "items", f"id {check!r} stands more than once"
    for place, item in enumerate(bundle.items):
        for inner, reason in _item_faults(item, bundle.subject, known):
            yield f"items[{place}]{inner}", reason


def _parameter_faults(bundle: BundleFile) -> Iterator[tuple[str, str]]:
    for name, parameter in (("look_back_years", bundle.look_back_years), ("deadline_s", bundle.deadline_s)):
        if parameter.refusal(parameter.default) is not None:
            yield name, f"the default {parameter.refusal(parameter.default)}"
    if bundle.deadline_s.minimum < SHORTEST_DEADLINE_S:
        yield "deadline_s", f"the minimum is {bundle.deadline_s.minimum}, at least {SHORTEST_DEADLINE_S} is due"


def _item_faults(item: ItemLine, subject: SubjectKind, known: Surroundings) -> Iterator[tuple[str, str]]:
    if item.kind == "check":
        yield from (("", reason) for reason in _check_faults(item))
    elif not item.departments or item.answerers or item.id is not None:
        yield "", "the lead's own part has departments, no id and no answerers"
    for code in item.departments:
        if code not in known.organisations.by_code:
            yield ".departments", f"no organisation {code!r}"
    for place, answerer in enumerate(item.answerers):
        for inner, reason in _answerer_faults(answerer, subject, known):
            yield f".answerers[{place}]{inner}", reason


def _check_faults(item: ItemLine) -> Iterator[str]:
    if item.id is None:
        yield "a check needs an id"
    if item.departments:
        yield "a check's departments are its answerers"
    if not item.answerers:
        yield "nobody answers"
    for department in repeated(answerer.department for answerer in item.answerers):
        yield f"{department!r} answers more than once"


def _answerer_faults(answerer: AnswererLine, subject: SubjectKind, known: Surroundings) -> Iterator[tuple[str, str]]:
    if answerer.department not in known.organisations.by_code:
        yield ".department", f"no organisation {answerer.department!r}"
    if answerer.mode == "archive" and not answerer.reads:
        yield ".reads", "an answer from the archive reads at least one resource"
    for code in repeated(read.resource for read in answerer.reads):
        yield ".reads", f"{code!r} is read more than once"
    for place, read in enumerate(answerer.reads):
        for reason in _read_faults(read, answerer.department, subject, known):
            yield f".reads[{place}]", reason


def _read_faults(read: ReadLine, department: str, subject: SubjectKind, known: Surroundings) -> Iterator[str]:
    if read.rule not in known.rules:
        yield f"no rule {read.rule!r}"
    resource = known.resources.by_code.get(read.resource)
    if resource is None:
        yield f"no resource {read.resource!r}"
        return
    if resource.department != department:
        yield f"{read.resource!r} is not a resource of {department}"
    if subject not in resource.subjects:
        yield f"{read.resource!r} does not stand in {subject} archives"
    if read.coverage_max_age_days < resource.update_cycle_days:
        yield (
            f"coverage_max_age_days is {read.coverage_max_age_days}, "
            f"but {read.resource} is brought up to date every {resource.update_cycle_days} days"
        )
