"""What a file of the item register (事项库) may say, and what must hold in it beyond its shape."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from catalog.conditions import condition_faults
from catalog.definitions import EXACT, repeated
from catalog.form_fields import FormField, Material
from catalog.organisations import Organisations
from catalog.resources import Resources
from catalog.rules import Rule

ItemKind = Literal[
    "licensing",
    "confirmation",
    "benefit",
    "levy",
    "award",
    "filing",
    "other-power",
    "public-service",
    "information-check",
    "coordination",
    "unstated",
]
AnswerMode = Literal["archive", "ask"]
Passes = Literal["clear", "found", "any"]

#: Basic code (基本编码) of GB/T 39554.1: level or region, kind, line of work (2 each), main item (3), sub-item (3).
CODE_SHAPE: Final = re.compile(r"[0-9]{11}[0-9Y]")
_ID_SHAPE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

#: Files that are not named after one organisation.
JOINT: Final = "joint"
UNSTATED: Final = "unstated"


@dataclass(frozen=True)
class ReadLine:
    """A resource that an answer rests on, the code of its rule, and how old its coverage may be."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    resource: str
    rule: str
    coverage_max_age_days: int


@dataclass(frozen=True)
class AnswererLine:
    """A department that answers a check; ``handled_and_reviewed`` is the bundle's word where it is None."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    department: str
    reads: tuple[ReadLine, ...] = ()
    mode: AnswerMode = "archive"
    handled_and_reviewed: bool | None = None


@dataclass(frozen=True)
class CheckLine:
    """What a check of information asks.

    ``passes`` says which answer is good: ``clear`` nothing found, ``found`` a record in force, ``any`` either.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    passes: Passes
    answerers: tuple[AnswererLine, ...]


@dataclass(frozen=True)
class ResultLine:
    """What an item ends with (办理结果); a fact of the resource that carries the case's id closes the item."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    name: str
    resource: str | None = None


@dataclass(frozen=True)
class ConditionLine:
    """A condition of acceptance (受理条件); without CEL a person judges it.

    ``cel`` is true where the condition is fulfilled, over ``records``, ``form``, ``choices`` and ``now``; ``reads`` are
    the codes of the resources whose records it looks at.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    text: str
    cel: str | None = None
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnitLine:
    """Where one unit's practice differs from the register: what is None is as the register has it."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    organisation: str
    conditions: tuple[str, ...] | None = None
    audience: tuple[str, ...] | None = None
    working_steps: tuple[str, ...] | None = None
    materials: tuple[str, ...] | None = None
    legal_days: int | None = None
    promised_days: int | None = None
    fee_fen: int | None = None


@dataclass(frozen=True)
class ElaboratedLine:
    """What we add to an item: nothing of it is the source's, and what is None is unstated."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    origin: str | None = None
    legal_basis: tuple[str, ...] | None = None
    audience: tuple[str, ...] | None = None
    legal_days: int | None = None
    promised_days: int | None = None
    fee_fen: int | None = None
    fee_basis: str | None = None
    result: ResultLine | None = None
    conditions: tuple[ConditionLine, ...] | None = None
    fields: tuple[str, ...] | None = None
    materials: tuple[str, ...] | None = None
    handled_and_reviewed: bool | None = None
    working_steps: tuple[str, ...] | None = None
    units: tuple[UnitLine, ...] = ()


@dataclass(frozen=True)
class ItemLine:
    """An item as a register's file writes it."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    code: str
    version: int
    name: str
    kind: ItemKind
    organisations: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    variant_of: str = ""
    elaborated: ElaboratedLine | None = None
    check: CheckLine | None = None


@dataclass(frozen=True)
class ItemFile:
    """A whole file of the register."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    item: tuple[ItemLine, ...]


@dataclass(frozen=True)
class ItemSurroundings:
    """What an item refers to."""

    organisations: Organisations
    resources: Resources
    rules: Mapping[str, Rule]
    fields: Mapping[str, FormField]
    materials: Mapping[str, Material]


def item_faults(stem: str, item: ItemLine, known: ItemSurroundings) -> Iterator[tuple[str, str]]:
    """Yield (place, reason) for all that does not hold in an item of the file whose name without ending is ``stem``."""
    if CODE_SHAPE.fullmatch(item.code) is None:
        yield "code", f"{item.code!r} has not the form of a basic code: 12 digits, the last may be Y"
    if item.version < 1:
        yield "version", f"is {item.version}, at least 1 is due"
    yield from _name_faults(item)
    yield from _organisation_faults(stem, item.organisations, known.organisations)
    if item.check is not None:
        if item.kind != "information-check":
            yield "check", f"the kind is {item.kind}, only an information-check is answered"
        yield from _under("check", _check_faults(item.check, known))
    if item.elaborated is not None:
        yield from _under("elaborated", _elaborated_faults(item.elaborated, known))


def _under(place: str, faults: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((f"{place}.{inner}", reason) for inner, reason in faults)


def _name_faults(item: ItemLine) -> Iterator[tuple[str, str]]:
    for place, name in (("name", item.name), *((f"aliases[{at}]", alias) for at, alias in enumerate(item.aliases))):
        if not name or name != name.strip() or "\n" in name:
            yield place, f"{name!r} is empty, or has blanks around it or a line break in it"
    for name in repeated((item.name, *item.aliases)):
        yield "aliases", f"{name!r} stands more than once"


def _organisation_faults(stem: str, codes: tuple[str, ...], known: Organisations) -> Iterator[tuple[str, str]]:
    due = {JOINT: len(codes) > 1, UNSTATED: not codes}
    if not due.get(stem, codes == (stem,)):
        yield "organisations", f"is {list(codes)}, which does not belong into {stem}.toml"
    yield from _unknown("organisations", codes, known.by_code, "organisation")


def _unknown(place: str, ids: tuple[str, ...], known: Mapping[str, object], kind: str) -> Iterator[tuple[str, str]]:
    for at, each in enumerate(ids):
        if each not in known:
            yield f"{place}[{at}]", f"no {kind} {each!r}"
    for each in repeated(ids):
        yield place, f"{each!r} stands more than once"


def _check_faults(check: CheckLine, known: ItemSurroundings) -> Iterator[tuple[str, str]]:
    if not check.answerers:
        yield "answerers", "nobody answers"
    for department in repeated(answerer.department for answerer in check.answerers):
        yield "answerers", f"{department!r} answers more than once"
    for at, answerer in enumerate(check.answerers):
        yield from _under(f"answerers[{at}]", _answerer_faults(answerer, known))


def _answerer_faults(answerer: AnswererLine, known: ItemSurroundings) -> Iterator[tuple[str, str]]:
    if answerer.department not in known.organisations.by_code:
        yield "department", f"no organisation {answerer.department!r}"
    if answerer.mode == "archive" and not answerer.reads:
        yield "reads", "an answer from the archive reads at least one resource"
    for code in repeated(read.resource for read in answerer.reads):
        yield "reads", f"{code!r} is read more than once"
    for at, read in enumerate(answerer.reads):
        yield from ((f"reads[{at}]", reason) for reason in _read_faults(read, answerer.department, known))


def _read_faults(read: ReadLine, department: str, known: ItemSurroundings) -> Iterator[str]:
    if read.rule not in known.rules:
        yield f"no rule {read.rule!r}"
    resource = known.resources.by_code.get(read.resource)
    if resource is None:
        yield f"no resource {read.resource!r}"
        return
    if resource.department != department:
        yield f"{read.resource!r} is not a resource of {department}"
    if read.coverage_max_age_days < resource.update_cycle_days:
        yield (
            f"coverage_max_age_days is {read.coverage_max_age_days}, "
            f"but {read.resource} is brought up to date every {resource.update_cycle_days} days"
        )


def _elaborated_faults(said: ElaboratedLine, known: ItemSurroundings) -> Iterator[tuple[str, str]]:
    yield from _number_faults(said)
    if said.result is not None and said.result.resource is not None:
        yield from _unknown_resources("result.resource", (said.result.resource,), known)
    yield from _unknown("fields", said.fields or (), known.fields, "form field")
    yield from _unknown("materials", said.materials or (), known.materials, "material")
    for each in repeated(condition.id for condition in said.conditions or ()):
        yield "conditions", f"id {each!r} stands more than once"
    for at, condition in enumerate(said.conditions or ()):
        yield from _under(f"conditions[{at}]", _condition_faults(condition, known))
    for each in repeated(unit.organisation for unit in said.units):
        yield "units", f"{each!r} stands more than once"
    for at, unit in enumerate(said.units):
        yield from _under(f"units[{at}]", _unit_faults(unit, known))


def _number_faults(said: ElaboratedLine | UnitLine) -> Iterator[tuple[str, str]]:
    for name in ("legal_days", "promised_days", "fee_fen"):
        value = getattr(said, name)
        if value is not None and value < 0:
            yield name, f"is {value}, less than nothing"


def _unknown_resources(place: str, codes: tuple[str, ...], known: ItemSurroundings) -> Iterator[tuple[str, str]]:
    return ((place, f"no resource {code!r}") for code in codes if code not in known.resources.by_code)


def _condition_faults(condition: ConditionLine, known: ItemSurroundings) -> Iterator[tuple[str, str]]:
    if _ID_SHAPE.fullmatch(condition.id) is None:
        yield "id", f"{condition.id!r} is not lower-case words and hyphens"
    if not condition.text.strip():
        yield "text", "is empty"
    yield from _unknown_resources("reads", condition.reads, known)
    if condition.cel is not None:
        yield from (("cel", reason) for reason in condition_faults(condition.cel, condition.reads))


def _unit_faults(unit: UnitLine, known: ItemSurroundings) -> Iterator[tuple[str, str]]:
    if unit.organisation not in known.organisations.by_code:
        yield "organisation", f"no organisation {unit.organisation!r}"
    yield from _unknown("materials", unit.materials or (), known.materials, "material")
    yield from _number_faults(unit)
