"""From a bundle's definition to the plan of its cases."""

from collections.abc import Iterable

from catalog.bundles import Bundle, Item
from catalog.evaluations import load_evaluation_rule
from catalog.form_fields import load_materials
from catalog.organisations import Organisations
from processors.domain.definition import definition_of
from processors.domain.handling.plan import (
    CHECK,
    DELIVERY_MEANS,
    HANDLED,
    LEAD,
    PAYMENT,
    CommitmentPlan,
    HandlingPlan,
    ItemMode,
    ItemPlan,
    SituationPlan,
)

_MODES: dict[str, ItemMode] = {
    "intake-and-delivery": LEAD,
    "check": CHECK,
    "handling": HANDLED,
    "joint": HANDLED,
    "payment": PAYMENT,
}


def plan_of(bundle: Bundle, organisations: Organisations) -> HandlingPlan:
    """What the cases of this bundle keep of it."""
    items = tuple(_item(item, reviewed=bundle.handled_and_reviewed) for item in bundle.items)
    evaluation = load_evaluation_rule()
    codes = dict.fromkeys((bundle.lead, *(code for item in items for code in item.departments)))
    return HandlingPlan(
        bundle=bundle.id,
        version=bundle.version,
        name=bundle.name,
        document=bundle.document,
        subject_kind=bundle.subject,
        lead=bundle.lead,
        items=items,
        names={code: organisations.by_code[code].name for code in codes if code},
        checks=definition_of(bundle, organisations) if bundle.checks else None,
        situations=tuple(
            SituationPlan(each.id, {choice.id: tuple(choice.items) for choice in each.choices})
            for each in bundle.situations
        ),
        commitments=tuple(
            CommitmentPlan(
                material=each.material, kind=each.kind, days=each.days, after_check_days=each.after_check_days
            )
            for each in bundle.commitments
        ),
        delivery_means=bundle.delivery.means if bundle.delivery else DELIVERY_MEANS,
        repeatable=bundle.repeatable,
        look_back_years=bundle.look_back_years.default,
        check_deadline_s=_check_deadline_s(bundle),
        bad_stars=evaluation.bad_stars,
        rectification_days=evaluation.rectification_days,
        material_names=_material_names(bundle, items),
        unrouted=tuple(item.number for item in items if not item.departments) or (() if bundle.lead else (0,)),
    )


def _material_names(bundle: Bundle, items: Iterable[ItemPlan]) -> dict[str, str]:
    known = load_materials()
    asked = (*(each for item in items for each in item.materials), *(each.material for each in bundle.commitments))
    return {material: known[material].name for material in dict.fromkeys(asked)}


def _item(item: Item, *, reviewed: bool) -> ItemPlan:
    elaborated = item.registered.elaborated
    own = None if elaborated is None else elaborated.handled_and_reviewed
    result = None if elaborated is None else elaborated.result
    return ItemPlan(
        number=item.number,
        item_id=item.id,
        code=item.code,
        text=item.text,
        mode=_MODES[item.kind],
        departments=item.routed_to,
        handled_and_reviewed=reviewed if own is None else own,
        after=item.after,
        limit_days=None if elaborated is None else _limit_days(elaborated.promised_days, elaborated.legal_days),
        passes=item.passes or "any",
        fee_fen=None if elaborated is None else elaborated.fee_fen,
        result_resource=None if result is None else result.resource,
        result_name=None if result is None else result.name,
        materials=() if elaborated is None else elaborated.materials,
    )


def _check_deadline_s(bundle: Bundle) -> int:
    """A bundle that only checks reports within its own time; inside an application, people get the longest."""
    return bundle.deadline_s.default if bundle.is_verification else bundle.deadline_s.maximum


def _limit_days(promised: int | None, legal: int | None) -> int | None:
    return legal if promised is None else promised
