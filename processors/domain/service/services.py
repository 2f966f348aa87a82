"""Bundles as applicants meet them, made from the catalogue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from catalog.bundles import Bundle, Commitment, Item, Situation, load_bundles
from catalog.closing import load_bundles_open_to_closed
from catalog.form_fields import FormField, Material, load_form_fields, load_materials
from catalog.items import Condition, Elaborated, UnitDifference
from catalog.organisations import Organisations, load_organisations
from catalog.resources import Resource, Resources, load_resources
from processors.domain.service.terms import (
    CommitmentTerms,
    ConditionTerms,
    DeliveryTerms,
    FieldTerms,
    ItemTerms,
    MaterialTerms,
    Option,
    Question,
    Service,
    Source,
)

LEAST_AGE_DAYS: Final = 7
"""Checks ask the same of sources that are brought up to date every day."""


@cache
def load_services() -> Mapping[str, Service]:
    """Every bundle of the catalogue by its id.

    Raises:
        DefinitionFaultsError: the catalogue does not hold together.
    """
    return MappingProxyType({bundle.id: service_of(bundle) for bundle in load_bundles().values()})


def service_of(bundle: Bundle) -> Service:
    """One bundle of the catalogue as applicants meet it."""
    return _Making(bundle, load_organisations(), load_resources()).service()


@dataclass(frozen=True)
class _Making:
    """A bundle and what its words refer to."""

    bundle: Bundle
    organisations: Organisations
    resources: Resources

    def service(self) -> Service:
        bundle = self.bundle
        items = tuple(self._item(item) for item in bundle.items)
        fields = frozenset(code for item in items for code in item.fields)
        materials = frozenset(code for item in items for code in item.materials)
        return Service(
            bundle=bundle.id,
            version=bundle.version,
            name=bundle.name,
            document=bundle.document,
            subject_kind=bundle.subject,
            lead=bundle.lead_names,
            acting_lead=self._name(bundle.lead),
            participants=bundle.participants,
            repeatable=bundle.repeatable,
            takes_closed=bundle.id in load_bundles_open_to_closed(),
            items=items,
            questions=tuple(_question(each) for each in bundle.situations),
            commitments=tuple(self._commitment(each) for each in bundle.commitments),
            delivery=DeliveryTerms(bundle.delivery.together, bundle.delivery.means),
            fields={code: self._field(each) for code, each in load_form_fields().items() if code in fields},
            materials={code: self._material(each) for code, each in load_materials().items() if code in materials},
        )

    def _item(self, item: Item) -> ItemTerms:
        said = item.registered.elaborated
        terms = ItemTerms(
            number=item.number,
            code=item.code,
            text=item.text,
            kind=item.registered.kind,
            role=item.kind,
            departments=item.department_names or tuple(self._name(code) for code in item.routed_to),
            departments_stated=bool(item.department_names),
            open_list=item.open_list,
            after=item.after,
        )
        return terms if said is None else self._elaborated(terms, said, item.routed_to)

    def _elaborated(self, terms: ItemTerms, said: Elaborated, departments: tuple[str, ...]) -> ItemTerms:
        unit = next((each for each in said.units if departments == (each.organisation,)), None)
        return ItemTerms(
            number=terms.number,
            code=terms.code,
            text=terms.text,
            kind=terms.kind,
            role=terms.role,
            departments=terms.departments,
            departments_stated=terms.departments_stated,
            open_list=terms.open_list,
            after=terms.after,
            legal_basis=said.legal_basis,
            legal_days=_of_unit(unit, said, "legal_days"),
            promised_days=_of_unit(unit, said, "promised_days"),
            fee_fen=_of_unit(unit, said, "fee_fen"),
            fee_basis=said.fee_basis,
            result_name=None if said.result is None else said.result.name,
            result_resource=None if said.result is None else said.result.resource,
            conditions=tuple(self._condition(each) for each in said.conditions),
            fields=said.fields,
            materials=said.materials if unit is None or unit.materials is None else unit.materials,
            stated=said.stated,
        )

    def _condition(self, condition: Condition) -> ConditionTerms:
        return ConditionTerms(
            id=condition.id, text=condition.text, cel=condition.cel, reads=self._sources(condition.reads)
        )

    def _commitment(self, commitment: Commitment) -> CommitmentTerms:
        return CommitmentTerms(
            material=commitment.material,
            kind=commitment.kind,
            days=commitment.days,
            text=commitment.text,
            liability=commitment.liability,
            after_check_days=commitment.after_check_days,
            cel=commitment.cel,
            reads=self._sources(commitment.reads),
        )

    def _field(self, field: FormField) -> FieldTerms:
        return FieldTerms(
            id=field.id,
            name=field.name,
            type=field.type,
            required=field.required,
            personal=field.personal,
            choices=field.choices,
            source=None if field.fill is None else self._source(field.fill.resource),
            content="" if field.fill is None else field.fill.content,
        )

    def _material(self, material: Material) -> MaterialTerms:
        supply = material.supplied_by
        return MaterialTerms(
            id=material.id,
            name=material.name,
            form=material.form,
            personal=material.personal,
            source=None if supply is None else self._source(supply.resource),
        )

    def _sources(self, codes: tuple[str, ...]) -> tuple[Source, ...]:
        return tuple(self._source(code) for code in codes)

    def _source(self, code: str) -> Source:
        resource: Resource = self.resources.by_code[code]
        return Source(
            resource=code,
            name=resource.name,
            department=self._name(resource.department),
            max_age_days=max(LEAST_AGE_DAYS, resource.update_cycle_days),
            stands_with_subject=self.bundle.subject in resource.subjects,
        )

    def _name(self, code: str) -> str:
        return self.organisations.by_code[code].name


def _of_unit(unit: UnitDifference | None, said: Elaborated, name: str) -> int | None:
    """What the handling unit says where it differs from the register."""
    own: int | None = None if unit is None else getattr(unit, name)
    registered: int | None = getattr(said, name)
    return registered if own is None else own


def _question(situation: Situation) -> Question:
    options = tuple(Option(each.id, each.text, each.items) for each in situation.choices)
    return Question(situation.id, situation.question, options)


def sources_of(service: Service) -> Iterator[str]:
    """Codes of the resources that serving this bundle looks at, each once."""
    terms = [
        *(field.source for field in service.fields.values()),
        *(material.source for material in service.materials.values()),
        *(source for item in service.items for condition in item.conditions for source in condition.reads),
        *(source for commitment in service.commitments for source in commitment.reads),
    ]
    yield from dict.fromkeys(source.resource for source in terms if source is not None)
