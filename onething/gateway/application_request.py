"""What an application for a bundle may say, and the event that it becomes; every fault of it at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, Protocol, TypeVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onething.gateway.problems import Fault
from onething.gateway.verification_request import LONGEST_TEXT, text_fault
from processors.domain.requests import moment
from topics.events import ApplicationSubmitted, Choice, Delivery, Place, SuppliedMaterial
from topics.identifiers import SUBJECT_KINDS, check_resident_id, check_subject, person_subject

MOST_MATERIALS: Final = 200
MOST_FIELDS: Final = 500
CITY: Final = "610100"

Level = Literal["city", "district", "street", "community"]
Channel = Literal["online", "counter", "self-service"]
Mode = Literal["whole-online", "collected-elsewhere", "joint-places"]
Means = Literal["archive", "upload", "paper", "promise", "later"]
DeliveryMeans = Literal["counter", "mail", "e-licence"]
FieldValue = str | int | float | bool


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PersonBody(_Strict):
    """A person by the number that only the key ring may see; it becomes a token before anything is kept."""

    resident_id: str = Field(description="公民身份号码")


class PlaceBody(_Strict):
    """Where, by one of four levels."""

    level: Level = Field(default="city", description="市、区县（开发区）、街道（镇）、社区（村）")
    code: str = Field(default=CITY, description="区划或窗口代码")


class MaterialBody(_Strict):
    """A material and how it comes."""

    id: str = Field(description="材料 id")
    means: Means = Field(default="upload", description="档案调用、上传、纸质、承诺、容后补")
    reference: str | None = Field(default=None, description="event id, digest or shelf mark of what is supplied")


class DeliveryBody(_Strict):
    """How the applicant takes the results; the bundle's own way where something is left out."""

    together: bool | None = Field(default=None, description="true: 统一发证; false: 依次发证")
    means: DeliveryMeans = Field(default="counter", description="窗口领取、邮寄、电子证照")
    address: str | None = Field(default=None, description="寄递地址; sealed, required with means=mail")


class ApplicationBody(_Strict):
    """An application for a bundle (一件事办件申请), from the applicant's own screen or from a counter."""

    bundle: str = Field(default="", description="一件事 id, required")
    subject: str | PersonBody | None = Field(
        default=None, description="申请人：统一社会信用代码、enterprise:<代码>、person:<token>，或 {resident_id}"
    )
    purpose: str = Field(default="", description="用途; the bundle's name when left out")
    submitted_by: str = Field(default="", description="提交账号或窗口工作人员, required")
    channel: Channel = Field(default="online", description="线上、窗口、自助终端")
    mode: Mode = Field(default="whole-online", description="全程网办、代收代办、多地联办")
    received_at: PlaceBody = Field(default_factory=PlaceBody, description="收件地")
    handled_at: PlaceBody | None = Field(default=None, description="办理地; where it was received when left out")
    agent: str | PersonBody | None = Field(default=None, description="代办人, written as a subject")
    authority: str | None = Field(default=None, description="授权书编号, required with an agent")
    choices: dict[str, str] = Field(default={}, description="情形问题 id → 所选情形 id")
    form: dict[str, FieldValue] = Field(default={}, description="表单字段 id → 值; what the archive has is filled in")
    materials: list[MaterialBody] = Field(default=[], description="材料")
    delivery: DeliveryBody = Field(default_factory=DeliveryBody, description="领取方式")


class SupplementBody(_Strict):
    """What the applicant supplies after the submission (补正、容缺补交)."""

    materials: list[MaterialBody] = Field(default=[], description="材料")
    form: dict[str, FieldValue] = Field(default={}, description="更正的表单字段")
    supplemented_by: str = Field(default="", description="补正人, required")


class Persons(Protocol):
    """Names persons by tokens."""

    def person_token(self, resident_id: str) -> str:
        """The person's 32 hexadecimal characters."""


@dataclass(frozen=True)
class Application:
    """An application as far as its own words go; whether its bundle takes it is told by the pre-check.

    ``form`` holds clear values and never leaves this process.
    """

    bundle: str
    subject: str
    purpose: str
    submitted_by: str
    channel: str
    mode: str
    received_at: Place
    handled_at: Place
    agent: str | None
    authority: str | None
    choices: Mapping[str, str]
    form: Mapping[str, FieldValue] = field(repr=False)
    materials: tuple[SuppliedMaterial, ...]
    together: bool | None
    means: str
    address: str | None = field(repr=False)

    def told_apart(self) -> bytes:
        """The same bytes for the same application and no other; they hold personal data in clear."""
        return msgspec.json.encode(self, order="deterministic")


@dataclass(frozen=True)
class Completed:
    """What the pre-check makes of an application: the form with what the archive knows, and how each material comes."""

    form: Mapping[str, FieldValue] = field(repr=False)
    materials: tuple[SuppliedMaterial, ...]
    fields_total: int
    fields_filled: int
    fields_shareable: int


@dataclass(frozen=True)
class Sealed:
    """The parts of an application that nobody reads on the log; each None where there is none."""

    form: bytes | None
    form_digest: bytes | None
    address: bytes | None


def read_application(raw: object, persons: Persons, at_us: int) -> tuple[Application | None, list[Fault]]:
    """The application, and every fault in its words; None where its bundle or its subject cannot be read.

    Faulted fields of the application are left at their defaults, so that the rest can still be judged.
    """
    if not isinstance(raw, dict):
        return None, [Fault("body", "wrong-type", "a JSON object is due")]
    body, faults = _shaped(ApplicationBody, raw)
    today = moment(at_us).date()
    faults += [fault for fault in _faults(body, today) if fault.field.partition(".")[0] not in _heads(faults)]
    if not body.bundle or _subject_fault("subject", body.subject, today) is not None:
        return None, faults
    return _application(body, persons), faults


def read_supplement(raw: object) -> tuple[SupplementBody, list[Fault]]:
    """The supplement, and every fault in it."""
    if not isinstance(raw, dict):
        return SupplementBody(), [Fault("body", "wrong-type", "a JSON object is due")]
    body, faults = _shaped(SupplementBody, raw)
    found = [text_fault("supplemented_by", body.supplemented_by), *_material_faults(body.materials)]
    if not body.materials and not body.form:
        found.append(Fault("materials", "missing", "materials or form fields are due"))
    return body, faults + [each for each in found if each and each.field.partition(".")[0] not in _heads(faults)]


def submitted(
    application: Application,
    completed: Completed,
    sealed: Sealed,
    case_id: str,
    event_id: bytes,
    version: int,
    at_us: int,
) -> ApplicationSubmitted:
    """The event that opens the case."""
    return ApplicationSubmitted(
        event_id=event_id,
        case_id=case_id,
        bundle=application.bundle,
        bundle_version=version,
        subject=application.subject,
        purpose=application.purpose,
        submitted_by=application.submitted_by,
        channel=application.channel,
        mode=application.mode,
        received_at=application.received_at,
        handled_at=application.handled_at,
        agent=application.agent,
        authority=application.authority,
        choices=tuple(Choice(question=each, choice=chosen) for each, chosen in application.choices.items()),
        form=sealed.form,
        form_digest=sealed.form_digest,
        materials=completed.materials,
        fields_total=completed.fields_total,
        fields_filled=completed.fields_filled,
        fields_shareable=completed.fields_shareable,
        delivery=Delivery(together=application.together is not False, means=application.means, address=sealed.address),
        submitted_at=at_us,
    )


def supplied(materials: list[MaterialBody]) -> tuple[SuppliedMaterial, ...]:
    """The materials as events carry them."""
    return tuple(SuppliedMaterial(material=each.id, means=each.means, reference=each.reference) for each in materials)


def subject_of(given: str | PersonBody, persons: Persons) -> str:
    """The subject: a bare code is an enterprise's, a resident ID becomes its token."""
    if isinstance(given, PersonBody):
        return person_subject(persons.person_token(given.resident_id))
    return given if given.partition(":")[0] in SUBJECT_KINDS else f"enterprise:{given}"


def _application(body: ApplicationBody, persons: Persons) -> Application:
    received = _place(body.received_at)
    return Application(
        bundle=body.bundle,
        subject=subject_of(body.subject or "", persons),
        purpose=body.purpose,
        submitted_by=body.submitted_by.strip(),
        channel=body.channel,
        mode=body.mode,
        received_at=received,
        handled_at=_place(body.handled_at) if body.handled_at else received,
        agent=subject_of(body.agent, persons) if body.agent else None,
        authority=body.authority or None,
        choices=body.choices,
        form=body.form,
        materials=supplied(body.materials),
        together=body.delivery.together,
        means=body.delivery.means,
        address=body.delivery.address or None,
    )


def _place(body: PlaceBody) -> Place:
    return Place(level=body.level, code=body.code)


Body = TypeVar("Body", bound=BaseModel)


def _shaped(shape: type[Body], raw: dict[str, Any]) -> tuple[Body, list[Fault]]:
    """The body with its faulted fields left out, and their faults, one a field."""
    try:
        return shape.model_validate(raw), []
    except ValidationError as refused:
        errors = refused.errors()
    faults = {_field(each["loc"]): Fault(_field(each["loc"]), _code(each["type"]), each["msg"]) for each in errors}
    faulted = {each["loc"][0] for each in errors}
    return shape.model_validate({name: value for name, value in raw.items() if name not in faulted}), [*faults.values()]


_DEPTH: Final = {"subject": 1, "agent": 1, "form": 2, "choices": 2}
"""Where a fault's place ends: what follows names the type that was tried, or nothing that a reader wrote."""


def _field(place: tuple[int | str, ...]) -> str:
    return ".".join(map(str, place[: _DEPTH.get(str(place[0]), len(place))]))


def _code(pydantic_type: str) -> str:
    return "unknown-field" if pydantic_type == "extra_forbidden" else "wrong-type"


def _heads(faults: list[Fault]) -> set[str]:
    return {fault.field.partition(".")[0] for fault in faults}


def _faults(body: ApplicationBody, today: date) -> Iterator[Fault]:
    if not body.bundle:
        yield Fault("bundle", "missing", "is required")
    found = (
        _subject_fault("subject", body.subject, today),
        text_fault("purpose", body.purpose, required=False),
        text_fault("submitted_by", body.submitted_by),
        text_fault("received_at.code", body.received_at.code),
        text_fault("handled_at.code", body.handled_at.code) if body.handled_at else None,
        *_agent_faults(body, today),
        *_choice_faults(body),
        *_material_faults(body.materials),
        _address_fault(body.delivery),
    )
    yield from (fault for fault in found if fault is not None)
    if len(body.form) > MOST_FIELDS:
        yield Fault("form", "too-many", f"{len(body.form)} fields, at most {MOST_FIELDS} are taken")


def _subject_fault(place: str, given: str | PersonBody | None, today: date) -> Fault | None:
    if not given:
        return Fault(place, "missing", "is required")
    if isinstance(given, PersonBody):
        reason = check_resident_id(given.resident_id, today)
        return Fault(f"{place}.resident_id", "not-a-resident-id", reason) if reason else None
    reason = check_subject(given if given.partition(":")[0] in SUBJECT_KINDS else f"enterprise:{given}")
    return Fault(place, "not-a-subject", reason) if reason else None


def _agent_faults(body: ApplicationBody, today: date) -> Iterator[Fault | None]:
    if body.agent is not None:
        yield _subject_fault("agent", body.agent, today)
        yield text_fault("authority", body.authority or "")
    elif body.authority:
        yield Fault("agent", "missing", "an authority names the agent that it was given to")


def _choice_faults(body: ApplicationBody) -> Iterator[Fault | None]:
    for question, choice in body.choices.items():
        yield text_fault("choices", question) or text_fault("choices", choice)


def _material_faults(materials: list[MaterialBody]) -> Iterator[Fault | None]:
    if len(materials) > MOST_MATERIALS:
        yield Fault("materials", "too-many", f"{len(materials)} materials, at most {MOST_MATERIALS} are taken")
    seen: set[str] = set()
    for place, each in enumerate(materials):
        yield text_fault(f"materials.{place}.id", each.id)
        yield text_fault(f"materials.{place}.reference", each.reference or "", required=False)
        if each.id in seen:
            yield Fault(f"materials.{place}.id", "repeated", "stands more than once")
        seen.add(each.id)


def _address_fault(delivery: DeliveryBody) -> Fault | None:
    address = delivery.address or ""
    if delivery.means == "mail" and not address.strip():
        return Fault("delivery.address", "missing", "is required with means=mail")
    if len(address) > LONGEST_TEXT:
        return Fault("delivery.address", "too-long", f"at most {LONGEST_TEXT} characters are taken")
    return None
