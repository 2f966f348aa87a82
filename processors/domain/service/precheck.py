"""预审: an application held against its bundle and the archive before it is submitted, every fault named at once."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from processors.domain.service.commitments import offers
from processors.domain.service.conditions import Occasion
from processors.domain.service.form import FieldView, Form, form_of_items
from processors.domain.service.guidance import Guidance, guidance, open_question_faults
from processors.domain.service.held import Archive
from processors.domain.service.material_faults import material_faults, supplied_materials
from processors.domain.service.materials import material_states
from processors.domain.service.notice import ConditionState, condition_states
from processors.domain.service.reuse import FieldCounts
from processors.domain.service.terms import ItemTerms, Service, ServiceFault
from processors.domain.service.values import fitted, is_blank, is_same, sayable
from topics.events import SuppliedMaterial

_KINDS = {"enterprise": "企业", "person": "个人"}


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What an applicant has filled in so far.

    Attributes:
        subject: ``enterprise:<USCC>`` or ``person:<token>``.
        choices: question id → choice id.
        form: field id → value, in clear.
        materials: what is supplied and how; what the archive holds need not be named.
        delivery_means: how the results are to be handed over, None while that is open.
    """

    subject: str
    choices: Mapping[str, str] = {}
    form: Mapping[str, Any] = {}
    materials: tuple[SuppliedMaterial, ...] = ()
    delivery_means: str | None = None


class ItemConditions(msgspec.Struct, frozen=True):
    """The conditions of an item that a person has to judge, because no rule could."""

    item: int
    conditions: tuple[ConditionState, ...]


class Precheck(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome.

    Attributes:
        faults: everything that stands against submitting it; empty when it may be submitted.
        items: numbers of the items that apply.
        form: the completed form, personal values masked.
        values: field id → value in clear, personal ones too, as the application is to seal them; what the archive
            holds and masks is not among them.
        materials: what ``ApplicationSubmitted`` is to name, those from the archive included.
        to_judge: conditions that the desk has to judge.
    """

    faults: tuple[ServiceFault, ...]
    items: tuple[int, ...]
    form: Form
    values: Mapping[str, Any]
    materials: tuple[SuppliedMaterial, ...]
    to_judge: tuple[ItemConditions, ...]

    @property
    def counts(self) -> FieldCounts:
        """The fields of the form."""
        return self.form.counts


def precheck(
    service: Service, application: Application, archive: Archive, now: int, open_case: str | None = None
) -> Precheck:
    """Hold an application against its bundle.

    Args:
        service: the bundle.
        application: what was filled in.
        archive: the applicant's; empty for one that nobody knows.
        now: µs UTC.
        open_case: id of a running case of the same bundle and subject, if there is one.
    """
    found = guidance(service, application.choices)
    items = service.items_of(found.applies)
    blank = form_of_items(service, items, archive, now)
    values, field_faults = _values(service, blank, application.form, now)
    form = form_of_items(service, items, archive, now, values)
    on = Occasion(
        archive=archive,
        form=values,
        form_is_given=True,
        choices=application.choices,
        choices_are_made=not found.questions,
        now=now,
    )
    states = material_states(service, items, archive, now)
    offered = offers(service, frozenset(service.materials), on)
    conditions = tuple(ItemConditions(item.number, condition_states(item, on)) for item in items)
    faults = (
        *_applicant_faults(service, application, archive, open_case),
        *_choice_faults(found),
        *field_faults,
        *material_faults(service, states, application.materials, offered),
        *_condition_faults(items, conditions),
        *_delivery_faults(service, application),
    )
    return Precheck(
        faults=faults,
        items=tuple(sorted(found.applies)),
        form=form,
        values=values,
        materials=supplied_materials(states, application.materials),
        to_judge=tuple(_to_judge(conditions)),
    )


def _applicant_faults(
    service: Service, application: Application, archive: Archive, open_case: str | None
) -> Iterator[ServiceFault]:
    kind = _KINDS.get(service.subject_kind, service.subject_kind)
    if not application.subject.startswith(f"{service.subject_kind}:"):
        yield ServiceFault("wrong-subject-kind", "subject", f"本事项由{kind}申请", f"以{kind}的身份申请")
    if archive.closed is not None and not archive.closed.disputed and not service.takes_closed:
        yield ServiceFault(
            "subject-closed",
            "subject",
            f"申请主体已{archive.closed.state}，档案已关闭（{archive.closed.by}）",
            "核对申请主体；如登记有误，请登记机关更正",
        )
    if open_case is not None and not service.repeatable:
        yield ServiceFault(
            "duplicate-application",
            "bundle",
            f"同一主体已有在办的同一事项：{open_case}",
            "在原办件中补充或撤回后再申请",
        )


def _choice_faults(found: Guidance) -> Iterator[ServiceFault]:
    yield from found.faults
    yield from open_question_faults(found)
    if not found.applies and not found.questions:
        yield ServiceFault("nothing-applies", "choices", "所选情形下没有需要办理的事项", "重新选择情形")


def _values(
    service: Service, blank: Form, given: Mapping[str, Any], now: int
) -> tuple[dict[str, Any], list[ServiceFault]]:
    """The form's values in clear, and what is wrong with those that were given."""
    views = {view.id: view for view in blank.fields}
    values = {view.id: view.value for view in blank.fields if view.status == "filled"}
    faults = list(_unknown_field_faults(service, views, given))
    for code, view in views.items():
        value = given.get(code)
        if is_blank(value):
            faults += _missing_field_faults(view)
            continue
        fits = fitted(service.fields[code], value, now)
        if fits.reason is not None:
            faults.append(_fault(view, "wrong-type", fits.reason, "改正后再提交"))
        elif view.status == "filled" and not is_same(view.value, fits.value):
            faults.append(_contradiction(view, fits.value))
        elif view.status != "filled":
            values[code] = fits.value
    return values, faults


def _unknown_field_faults(
    service: Service, views: Mapping[str, FieldView], given: Mapping[str, Any]
) -> Iterator[ServiceFault]:
    for code in given:
        if code not in service.fields:
            yield ServiceFault("unknown-field", f"form.{sayable(code)}", "本事项的申请表没有这一项", "删去该项")
        elif code not in views:
            yield ServiceFault(
                "not-asked", f"form.{code}", f"所选情形下不收集“{service.fields[code].name}”", "删去该项"
            )


def _missing_field_faults(view: FieldView) -> Iterator[ServiceFault]:
    if view.required and view.status == "asked":
        why = f"（{view.text}）" if view.shareable else ""
        yield _fault(view, "field-missing", "未填写", f"填写该项{why}")


def _contradiction(view: FieldView, value: Any) -> ServiceFault:
    source = view.source
    held = "" if source is None else f"（{source.department}，{source.name}，{source.record_id}）"
    return _fault(
        view,
        "contradicts-archive",
        f"填写为“{sayable(value)}”，档案为“{sayable(view.value)}”{held}",
        "留空以采用档案的值；档案有误的，请数源部门更正",
    )


def _fault(view: FieldView, code: str, reason: str, remedy: str) -> ServiceFault:
    return ServiceFault(code, f"form.{view.id}", f"{view.name}：{reason}", remedy)


def _condition_faults(items: tuple[ItemTerms, ...], conditions: tuple[ItemConditions, ...]) -> Iterator[ServiceFault]:
    for item, judged in zip(items, conditions, strict=True):
        for each in judged.conditions:
            if each.holds is False:
                yield ServiceFault(
                    "condition-not-fulfilled",
                    f"conditions.{item.number}.{each.id}",
                    f"“{item.text}”的受理条件不符合：{each.text}",
                    "具备该条件后再申请；如档案有误，请数源部门更正",
                )


def _to_judge(conditions: tuple[ItemConditions, ...]) -> Iterator[ItemConditions]:
    for each in conditions:
        if untold := tuple(state for state in each.conditions if state.holds is None):
            yield ItemConditions(each.item, untold)


def _delivery_faults(service: Service, application: Application) -> Iterator[ServiceFault]:
    means, offered = application.delivery_means, service.delivery.means
    if means is not None and offered and means not in offered:
        yield ServiceFault(
            "delivery-not-offered", "delivery.means", "本事项不以这种方式送达", f"可选：{'、'.join(offered)}"
        )
