"""The service guide of an item (办事指南), generated from the register: None is unstated, and is shown as such."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

from catalog.bundles import load_bundles
from catalog.form_fields import FormField, Material, load_form_fields, load_materials
from catalog.item_uses import ItemUse, uses_of_items
from catalog.item_words import KIND_WORDS, SUBJECT_WORDS
from catalog.items import (
    UNELABORATED,
    Answerer,
    Check,
    Condition,
    Elaborated,
    ItemRegister,
    ItemResult,
    load_items,
)
from catalog.organisations import Organisations, load_organisations
from catalog.resources import Resources, load_resources
from catalog.rules import Rule, load_rules

Value = TypeVar("Value")


@dataclass(frozen=True)
class Named:
    """A code and what officials call it."""

    code: str
    name: str


@dataclass(frozen=True)
class GuideCondition:
    """A condition of acceptance; ``by_rule``: the hub judges it over the records of ``reads``, else a person does."""

    id: str
    text: str
    by_rule: bool
    reads: tuple[Named, ...]


@dataclass(frozen=True)
class GuideMaterial:
    """A material; ``supplied_by`` is the resource that takes its place, None where the applicant brings it."""

    id: str
    name: str
    form: str
    personal: bool
    supplied_by: Named | None


@dataclass(frozen=True)
class GuideField:
    """A field of the form; ``filled_from`` is the resource that supplies it, None where the applicant fills it in."""

    id: str
    name: str
    type: str
    required: bool
    personal: bool
    choices: tuple[str, ...]
    filled_from: Named | None


@dataclass(frozen=True)
class GuideAnswerer:
    """Who answers a check, how, and from which resources by which rules."""

    department: Named
    mode: str
    handled_and_reviewed: bool | None
    reads: tuple[Named, ...]
    rules: tuple[Named, ...]


@dataclass(frozen=True)
class GuideCheck:
    """What a check asks; ``passes``: clear, found or any."""

    passes: str
    answerers: tuple[GuideAnswerer, ...]


@dataclass(frozen=True)
class GuideResult:
    """What the item ends with; ``resource`` is where it enters the archive."""

    name: str
    resource: Named | None


@dataclass(frozen=True)
class ServiceGuide:
    """All that the register says of an item; None: unstated.

    ``origin`` says who elaborated it: None nobody, ``ours`` we did. Days are working days, the fee is in fen.
    """

    code: str
    version: int
    name: str
    aliases: tuple[str, ...]
    kind: Named
    main_item: Named | None
    sub_items: tuple[Named, ...]
    organisations: tuple[Named, ...] | None
    origin: str | None
    legal_basis: tuple[str, ...] | None
    audience: tuple[Named, ...] | None
    conditions: tuple[GuideCondition, ...] | None
    materials: tuple[GuideMaterial, ...] | None
    fields: tuple[GuideField, ...] | None
    legal_days: int | None
    promised_days: int | None
    fee_fen: int | None
    fee_basis: str | None
    result: GuideResult | None
    handled_and_reviewed: bool | None
    working_steps: tuple[str, ...] | None
    check: GuideCheck | None
    uses: tuple[ItemUse, ...]

    @property
    def unstated(self) -> tuple[str, ...]:
        """The names of the elements that are unstated."""
        kind = ("kind",) if self.kind.code == "unstated" else ()
        return (*kind, *(name for name in ELEMENTS if getattr(self, name) is None))


ELEMENTS: Final = (
    "organisations",
    "legal_basis",
    "audience",
    "conditions",
    "materials",
    "fields",
    "legal_days",
    "promised_days",
    "fee_fen",
    "result",
    "handled_and_reviewed",
    "working_steps",
)
"""The elements of an item that can be unstated, beside its kind."""


@dataclass(frozen=True)
class GuideBook:
    """What guides are generated from."""

    items: ItemRegister
    organisations: Organisations
    resources: Resources
    rules: Mapping[str, Rule]
    fields: Mapping[str, FormField]
    materials: Mapping[str, Material]
    uses: Mapping[str, tuple[ItemUse, ...]]

    def guide(self, code: str) -> ServiceGuide:
        """Return the guide of an item of the register.

        Raises:
            KeyError: no item has this code.
        """
        item = self.items.by_code[code]
        said = item.elaborated or UNELABORATED
        return ServiceGuide(
            code=item.code,
            version=item.version,
            name=item.name,
            aliases=item.aliases,
            kind=Named(item.kind, KIND_WORDS[item.kind]),
            main_item=self._item(item.variant_of) if item.variant_of else None,
            sub_items=tuple(Named(sub.code, sub.name) for sub in self.items.variants_of(code)),
            organisations=tuple(map(self.organisation, item.organisations)) or None,
            origin=said.origin,
            legal_basis=_stated(said, "legal_basis", said.legal_basis),
            audience=_stated(said, "audience", (Named(each, SUBJECT_WORDS.get(each, each)) for each in said.audience)),
            conditions=_stated(said, "conditions", map(self._condition, said.conditions)),
            materials=_stated(said, "materials", map(self.material, said.materials)),
            fields=_stated(said, "fields", map(self.field, said.fields)),
            legal_days=said.legal_days,
            promised_days=said.promised_days,
            fee_fen=said.fee_fen,
            fee_basis=said.fee_basis,
            result=None if said.result is None else self._result(said.result),
            handled_and_reviewed=said.handled_and_reviewed,
            working_steps=_stated(said, "working_steps", said.working_steps),
            check=None if item.check is None else self._check(item.check),
            uses=self.uses.get(code, ()),
        )

    def organisation(self, code: str) -> Named:
        """Return an organisation as the sources name it."""
        return Named(code, self.organisations.by_code[code].name)

    def material(self, id_: str) -> GuideMaterial:
        """Return a material with what takes its place."""
        known = self.materials[id_]
        supply = None if known.supplied_by is None else self._resource(known.supplied_by.resource)
        return GuideMaterial(id_, known.name, known.form, known.personal, supply)

    def field(self, id_: str) -> GuideField:
        """Return a form's field with what fills it."""
        known = self.fields[id_]
        fill = None if known.fill is None else self._resource(known.fill.resource)
        return GuideField(id_, known.name, known.type, known.required, known.personal, known.choices, fill)

    def _item(self, code: str) -> Named:
        return Named(code, self.items.by_code[code].name)

    def _resource(self, code: str) -> Named:
        return Named(code, self.resources.by_code[code].name)

    def _condition(self, condition: Condition) -> GuideCondition:
        reads = tuple(map(self._resource, condition.reads))
        return GuideCondition(condition.id, condition.text, condition.cel is not None, reads)

    def _result(self, result: ItemResult) -> GuideResult:
        return GuideResult(result.name, None if result.resource is None else self._resource(result.resource))

    def _check(self, check: Check) -> GuideCheck:
        return GuideCheck(check.passes, tuple(map(self._answerer, check.answerers)))

    def _answerer(self, answerer: Answerer) -> GuideAnswerer:
        rules = dict.fromkeys(read.rule for read in answerer.reads)
        return GuideAnswerer(
            department=self.organisation(answerer.department),
            mode=answerer.mode,
            handled_and_reviewed=answerer.handled_and_reviewed,
            reads=tuple(self._resource(read.resource) for read in answerer.reads),
            rules=tuple(Named(rule, self.rules[rule].name) for rule in rules),
        )


def _stated(said: Elaborated, name: str, values: Iterable[Value]) -> tuple[Value, ...] | None:
    return tuple(values) if name in said.stated else None


@cache
def load_guide_book() -> GuideBook:
    """Return the guide book of the project's own register and bundles."""
    return GuideBook(
        items=load_items(),
        organisations=load_organisations(),
        resources=load_resources(),
        rules=load_rules(),
        fields=load_form_fields(),
        materials=load_materials(),
        uses=uses_of_items(load_bundles().values()),
    )
