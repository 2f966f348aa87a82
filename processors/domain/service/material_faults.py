"""What is wrong with the materials of an application, and the list that the application is to name."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from processors.domain.service.commitments import KIND_NAMES, Offer
from processors.domain.service.materials import MaterialState
from processors.domain.service.terms import Service, ServiceFault
from processors.domain.service.values import sayable
from topics.events import SuppliedMaterial

ARCHIVE: Final = "archive"
MEANS: Final[Mapping[str, str]] = {
    ARCHIVE: "由档案取得",
    "upload": "上传",
    "paper": "提交纸质件",
    **KIND_NAMES,
}
_FAULT_OF_REASON: Final = {"expired": "material-expired", "disputed": "material-disputed", "lapsed": "material-lapsed"}


def material_faults(
    service: Service,
    states: tuple[MaterialState, ...],
    supplied: tuple[SuppliedMaterial, ...],
    offered: tuple[Offer, ...],
) -> Iterator[ServiceFault]:
    """Everything wrong with what is supplied, and what is missing.

    Args:
        service: the bundle.
        states: the materials of the applying items.
        supplied: what the applicant names.
        offered: the bundle's commitments for this applicant.
    """
    asked = {state.id: state for state in states}
    for code, times in Counter(each.material for each in supplied).items():
        if times > 1:
            yield _fault(code, "material-repeated", f"{_name(service, code)}：列出了 {times} 次", "只保留一次")
    for each in supplied:
        yield from _supplied_faults(service, asked, each, offered)
    named = {each.material for each in supplied}
    for state in states:
        if not state.held and state.id not in named:
            yield _missing(state, offered)


def supplied_materials(
    states: tuple[MaterialState, ...], supplied: tuple[SuppliedMaterial, ...]
) -> tuple[SuppliedMaterial, ...]:
    """The materials of the applying items as the application names them, in the catalogue's order.

    What the applicant brings stands; what the archive holds and nobody brings is taken from there, with the event id
    of its record as reference.
    """
    given = {each.material: each for each in reversed(supplied)}
    return tuple(_named(state, given.get(state.id)) for state in states if state.held or state.id in given)


def _named(state: MaterialState, given: SuppliedMaterial | None) -> SuppliedMaterial:
    if given is not None and given.means != ARCHIVE:
        return given
    event_id = None if state.evidence is None else state.evidence.event_id
    return SuppliedMaterial(material=state.id, means=ARCHIVE, reference=event_id)


def _supplied_faults(
    service: Service, asked: Mapping[str, MaterialState], each: SuppliedMaterial, offered: tuple[Offer, ...]
) -> Iterator[ServiceFault]:
    state = asked.get(each.material)
    if each.material not in service.materials:
        yield _fault(each.material, "unknown-material", "本事项不收这种材料", "删去该项")
    elif state is None:
        name = _name(service, each.material)
        yield _fault(each.material, "material-not-asked", f"所选情形下不需要{name}", "删去该项")
    elif each.means not in MEANS:
        yield _fault(each.material, "unknown-means", f"{state.name}：没有这种提交方式", f"可选：{'、'.join(MEANS)}")
    elif each.means == ARCHIVE and not state.held:
        yield _missing(state, offered)
    elif each.means in KIND_NAMES and not state.held:
        yield from _commitment_faults(state, each.means, offered)


def _commitment_faults(state: MaterialState, kind: str, offered: tuple[Offer, ...]) -> Iterator[ServiceFault]:
    offer = next((each for each in offered if (each.material, each.kind) == (state.id, kind)), None)
    if offer is None:
        yield _fault(state.id, f"{kind}-not-allowed", f"{state.name}不适用{KIND_NAMES[kind]}", "提交该材料")
    elif offer.eligible is False:
        yield _fault(state.id, f"{kind}-refused", f"{state.name}不能{KIND_NAMES[kind]}：{offer.reason}", "提交该材料")


def _missing(state: MaterialState, offered: tuple[Offer, ...]) -> ServiceFault:
    ways = [KIND_NAMES[each.kind] for each in offered if each.material == state.id and each.eligible is not False]
    remedy = "提交该材料" + (f"，或{'、'.join(ways)}" if ways else "")
    code = _FAULT_OF_REASON.get(state.reason, "material-missing")
    return _fault(state.id, code, f"缺少{state.name}：{state.text}", remedy)


def _name(service: Service, code: str) -> str:
    terms = service.materials.get(code)
    return sayable(code) if terms is None else terms.name


def _fault(code: str, kind: str, message: str, remedy: str) -> ServiceFault:
    return ServiceFault(kind, f"materials.{sayable(code)}", message, remedy)
