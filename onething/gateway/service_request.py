"""What somebody who is to be served may say: who they are, which situation is theirs, what they have filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onething.gateway.application_request import (
    MOST_FIELDS,
    MOST_MATERIALS,
    DeliveryBody,
    FieldValue,
    MaterialBody,
    PersonBody,
    Persons,
    subject_of,
    supplied,
)
from onething.gateway.problems import Fault, request_refused
from onething.gateway.verification_request import text_fault
from processors.domain.requests import moment
from processors.domain.service import Service
from topics.events import SuppliedMaterial
from topics.identifiers import SUBJECT_KINDS, check_resident_id, check_subject

CHOICE_PREFIX: Final = "choice."
UNNAMED: Final = "unnamed"


class ServiceBody(BaseModel):
    """Who asks about a bundle, and what is chosen and filled in so far (办事咨询、预审)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    subject: str | PersonBody | None = Field(
        default=None, description="申请人：统一社会信用代码、enterprise:<代码>、person:<token>，或 {resident_id}"
    )
    purpose: str = Field(default="", description="用途; the bundle's name when left out")
    choices: dict[str, str] = Field(default={}, description="情形问题 id → 所选情形 id")
    form: dict[str, FieldValue] = Field(default={}, description="表单字段 id → 值; what the archive has is filled in")
    materials: list[MaterialBody] = Field(default=[], description="材料; what the archive holds need not be named")
    delivery: DeliveryBody | None = Field(default=None, description="领取方式")


@dataclass(frozen=True)
class ServiceRequest:
    """A request without a fault of its own; ``form`` holds clear values and never leaves this process."""

    subject: str
    purpose: str
    reader: str
    choices: Mapping[str, str]
    form: Mapping[str, FieldValue] = field(default_factory=dict, repr=False)
    materials: tuple[SuppliedMaterial, ...] = ()
    delivery_means: str | None = None


def request_of_query(service: Service, query: list[tuple[str, str]], reader: str) -> ServiceRequest:
    """The request that a query makes: ``subject``, ``choice.<question>``, ``purpose``, ``reader``.

    Raises:
        Problem: 422 with every fault.
    """
    named = dict(query)
    choices = [(name.removeprefix(CHOICE_PREFIX), value) for name, value in query if name.startswith(CHOICE_PREFIX)]
    body = ServiceBody(subject=named.get("subject") or None, purpose=named.get("purpose", ""), choices=dict(choices))
    faults = [Fault(f"{CHOICE_PREFIX}{each}", "repeated", "is answered more than once") for each in _twice(choices)]
    return _demanded(service, body, faults, named.get("reader") or reader, None, date.max)


def request_of_body(service: Service, raw: object, reader: str, persons: Persons, now: int) -> ServiceRequest:
    """The request that a JSON body makes.

    Raises:
        Problem: 422 with every fault; a resident ID is never repeated in it.
    """
    try:
        body = ServiceBody.model_validate(raw)
    except ValidationError as unfit:
        raise request_refused(list(_shape_faults(unfit))) from None
    return _demanded(service, body, [], reader, persons, moment(now).date())


def _demanded(
    service: Service, body: ServiceBody, faults: list[Fault], reader: str, persons: Persons | None, today: date
) -> ServiceRequest:
    named = unquote(reader)
    if faults := [*faults, *_faults(service, body, named, today)]:
        raise request_refused(faults)
    return ServiceRequest(
        subject=_subject(body.subject, persons),
        purpose=body.purpose.strip() or service.name,
        reader=named,
        choices=body.choices,
        form=body.form,
        materials=supplied(body.materials),
        delivery_means=body.delivery.means if body.delivery else None,
    )


def _subject(given: str | PersonBody | None, persons: Persons | None) -> str:
    if isinstance(given, PersonBody) and persons is not None:
        return subject_of(given, persons)
    return _written(given) if isinstance(given, str) else ""


def _written(given: str) -> str:
    return given if given.partition(":")[0] in SUBJECT_KINDS else f"enterprise:{given}"


def _faults(service: Service, body: ServiceBody, reader: str, today: date) -> Iterator[Fault]:
    if fault := _subject_fault(service, body.subject, today):
        yield fault
    texts = {"purpose": body.purpose, "reader": reader}
    yield from (fault for name, text in texts.items() if (fault := text_fault(name, text, required=False)))
    for place, material in enumerate(body.materials):
        for name, text in (("id", material.id), ("reference", material.reference or "")):
            if fault := text_fault(f"materials.{place}.{name}", text, required=name == "id"):
                yield fault
    for name, count, most in (
        ("form", len(body.form), MOST_FIELDS),
        ("materials", len(body.materials), MOST_MATERIALS),
    ):
        if count > most:
            yield Fault(name, "too-many", f"{count}, at most {most} are taken")


def _subject_fault(service: Service, given: str | PersonBody | None, today: date) -> Fault | None:
    if not given:
        return Fault("subject", "missing", "is required")
    if isinstance(given, PersonBody):
        reason = check_resident_id(given.resident_id, today)
        if reason:
            return Fault("subject.resident_id", "not-a-resident-id", reason)
    elif reason := check_subject(_written(given)):
        return Fault("subject", "not-a-subject", reason)
    kind = "person" if isinstance(given, PersonBody) else _written(given).partition(":")[0]
    if kind != service.subject_kind:
        return Fault("subject", "wrong-subject-kind", f"this bundle is about a subject of kind {service.subject_kind}")
    return None


def _twice(choices: list[tuple[str, str]]) -> Iterator[str]:
    seen: set[str] = set()
    for question, _ in choices:
        if question in seen:
            yield question
        seen.add(question)


_DEPTH: Final = {"subject": 1, "form": 2, "choices": 2}
"""Where a fault's place ends: what follows names the type that was tried, or nothing that a reader wrote."""


def _shape_faults(unfit: ValidationError) -> Iterator[Fault]:
    seen: set[str] = set()
    for error in unfit.errors():
        steps: tuple[Any, ...] = error["loc"] or ("body",)
        place = ".".join(map(str, steps[: _DEPTH.get(str(steps[0]), len(steps))]))
        if place not in seen:
            seen.add(place)
            yield Fault(place, "unknown-field" if error["type"] == "extra_forbidden" else "wrong-type", error["msg"])
