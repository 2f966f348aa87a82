"""Notices, forms and pre-checks as JSON: times in ISO 8601 of China, nothing personal in clear."""

from typing import Any, Final

from onething.gateway.case_view import iso
from processors.domain.service import Form, Guidance, Notice, Precheck, Service
from processors.domain.service.reuse import FieldCounts
from processors.domain.service.terms import as_json

_INSTANTS: Final = frozenset(("at", "valid_at", "known_at", "complete_until", "since"))


def notice_view(notice: Notice) -> dict[str, Any]:
    """一次告知书."""
    view: dict[str, Any] = with_iso_times(as_json(notice))
    return view | {"form": _counts(notice.form)}


def form_view(form: Form) -> dict[str, Any]:
    """一表申报."""
    view: dict[str, Any] = with_iso_times(as_json(form))
    return view | {"counts": _counts(form.counts)}


def precheck_view(service: Service, found: Precheck) -> dict[str, Any]:
    """预审结果; the values in clear are left out."""
    return {
        "passes": not found.faults,
        "faults": as_json(found.faults),
        "items": found.items,
        "form": form_view(found.form),
        "materials": [{**as_json(each), "name": service.materials[each.material].name} for each in found.materials],
        "to_judge": as_json(found.to_judge),
    }


def questions_view(service: Service, found: Guidance) -> dict[str, Any]:
    """智能导办: the questions, what applies by the choices made, and what is still open."""
    return {
        "bundle": service.bundle,
        "version": service.version,
        "questions": as_json(service.questions),
        "open": [question.id for question in found.questions],
        "applies": [_item(service, number) for number in sorted(found.applies)],
        "undecided": [_item(service, number) for number in sorted(found.undecided)],
        "faults": as_json(found.faults),
    }


def with_iso_times(value: Any) -> Any:
    """The value with every instant (µs UTC) written as ISO 8601 of China."""
    if isinstance(value, dict):
        return {
            name: iso(each) if name in _INSTANTS and isinstance(each, int) else with_iso_times(each)
            for name, each in value.items()
        }
    return [with_iso_times(each) for each in value] if isinstance(value, list | tuple) else value


def _counts(counts: FieldCounts) -> dict[str, Any]:
    return {**as_json(counts), "recollection_rate": counts.recollection_rate}


def _item(service: Service, number: int) -> dict[str, Any]:
    item = next(each for each in service.items if each.number == number)
    return {"number": number, "text": item.text, "departments": item.departments}
