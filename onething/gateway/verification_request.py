"""What a request for a verification may say, and the event that it becomes; every fault of it at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalog.bundles import Bundle
from onething.gateway.case_ids import digest
from onething.gateway.problems import Fault
from topics.clear_text import holds_resident_id
from topics.events import CaseRequested
from topics.identifiers import SUBJECT_KINDS, check_subject

MOST_SUBJECTS: Final = 20
LONGEST_TEXT: Final = 200
_TERRITORY: Final = re.compile(r"[0-9]{0,6}")
_SECOND_US: Final = 1_000_000


class VerificationBody(BaseModel):
    """A request for a verification (“一件事”核查申请)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    bundle: str = Field(default="listing-compliance", description="一件事 id")
    subject: str | None = Field(default=None, description="被核查主体：统一社会信用代码，或 enterprise:<代码>")
    subjects: list[str] = Field(default=[], description="several subjects instead of one, the applicant first")
    purpose: str = Field(default="", description="用途, required")
    requested_by: str = Field(default="gateway", description="申请单位或系统")
    look_back_years: int | None = Field(default=None, description="追溯年限; the bundle's default when left out")
    territory: str = Field(default="", description="核查地域: leading digits of a region code, or empty for anywhere")
    deadline_s: int | None = Field(default=None, description="办结时限, seconds; the bundle's default when left out")
    include_related: bool = Field(default=False, description="also ask about 控股股东 and 实际控制人")


@dataclass(frozen=True)
class RequestedVerification:
    """A request without a fault."""

    bundle: Bundle
    subjects: tuple[str, ...]
    purpose: str
    requested_by: str
    look_back_years: int
    territory: str
    deadline_s: int
    include_related: bool

    def event(self, case_id: str, at_us: int) -> CaseRequested:
        """The event that opens the case; its id depends on the case alone."""
        return CaseRequested(
            event_id=digest("CaseRequested", case_id),
            case_id=case_id,
            bundle=self.bundle.id,
            bundle_version=self.bundle.version,
            subjects=self.subjects,
            purpose=self.purpose,
            requested_by=self.requested_by,
            look_back_years=self.look_back_years,
            territory=self.territory,
            requested_at=at_us,
            deadline_at=at_us + self.deadline_s * _SECOND_US,
            include_related=self.include_related,
        )

    def is_asked_by(self, event: CaseRequested) -> bool:
        """Whether this event asks the same, whenever it was asked."""
        same = self.event(event.case_id, event.requested_at)
        return msgspec.structs.replace(same, bundle_version=event.bundle_version) == event


def judge(raw: object, bundles: Mapping[str, Bundle]) -> RequestedVerification | list[Fault]:
    """The request, or every fault in it."""
    if not isinstance(raw, dict):
        return [Fault("body", "wrong-type", "a JSON object is due")]
    body, faults = _shaped(raw)
    faulted = {fault.field.partition(".")[0] for fault in faults}
    faults += [fault for fault in _faults(body, bundles) if not _rests_on(fault.field, faulted)]
    if faults:
        return faults
    bundle = bundles[body.bundle]
    return RequestedVerification(
        bundle=bundle,
        subjects=_subjects(body, bundle.subject),
        purpose=body.purpose,
        requested_by=body.requested_by,
        look_back_years=_or(body.look_back_years, bundle.look_back_years.default),
        territory=body.territory,
        deadline_s=_or(body.deadline_s, bundle.deadline_s.default),
        include_related=body.include_related,
    )


def text_fault(field: str, text: str, *, required: bool = True) -> Fault | None:
    """Why this text cannot be kept as one line of a record."""
    if required and not text.strip():
        return Fault(field, "missing", "is required")
    if len(text) > LONGEST_TEXT:
        return Fault(field, "too-long", f"{len(text)} characters, at most {LONGEST_TEXT} are taken")
    if holds_resident_id(text):
        return Fault(field, "personal-data-in-clear", "holds a resident ID number, which may stand in no text")
    if not text.isprintable():
        return Fault(field, "not-printable", "holds a character that cannot be printed, such as a line break")
    return None


def _shaped(raw: dict[str, Any]) -> tuple[VerificationBody, list[Fault]]:
    """The body with its faulted fields left out, and their faults."""
    try:
        return VerificationBody.model_validate(raw), []
    except ValidationError as refused:
        errors = refused.errors()
    faults = [Fault(".".join(map(str, each["loc"])), _code(each["type"]), each["msg"]) for each in errors]
    faulted = {each["loc"][0] for each in errors}
    whole = {name: value for name, value in raw.items() if name not in faulted}
    return VerificationBody.model_validate(whole), faults


def _rests_on(field: str, faulted: set[str]) -> bool:
    """Whether a fault is about a field that could not be read at all; subject and subjects are one question."""
    name = field.partition(".")[0]
    return name in faulted or (name.startswith("subject") and not faulted.isdisjoint(("subject", "subjects")))


def _code(pydantic_type: str) -> str:
    return "unknown-field" if pydantic_type == "extra_forbidden" else "wrong-type"


def _faults(body: VerificationBody, bundles: Mapping[str, Bundle]) -> Iterator[Fault]:
    for field, text in (("purpose", body.purpose), ("requested_by", body.requested_by)):
        if fault := text_fault(field, text):
            yield fault
    if _TERRITORY.fullmatch(body.territory) is None:
        yield Fault("territory", "not-a-territory", "up to six leading digits of a region code are due, or nothing")
    bundle = bundles.get(body.bundle)
    if bundle is None:
        yield Fault("bundle", "unknown-bundle", f"no bundle has this id; known: {', '.join(sorted(bundles))}")
    else:
        yield from _parameter_faults(body, bundle)
    yield from _subject_faults(body, bundle.subject if bundle else "enterprise")


def _parameter_faults(body: VerificationBody, bundle: Bundle) -> Iterator[Fault]:
    for field in ("look_back_years", "deadline_s"):
        value = getattr(body, field)
        refusal = None if value is None else getattr(bundle, field).refusal(value)
        if refusal is not None:
            yield Fault(field, "out-of-range", refusal)


def _subject_faults(body: VerificationBody, kind: str) -> Iterator[Fault]:
    if body.subject is not None and body.subjects:
        yield Fault("subjects", "ambiguous", "either subject or subjects is taken, not both")
        return
    subjects = _subjects(body, kind)
    if not subjects:
        yield Fault("subject", "missing", "is required")
    if len(subjects) > MOST_SUBJECTS:
        yield Fault("subjects", "too-many", f"{len(subjects)} subjects, at most {MOST_SUBJECTS} are taken")
    for place, subject in enumerate(subjects):
        field = "subject" if body.subject is not None else f"subjects.{place}"
        if reason := check_subject(subject) or _first_subject_reason(place, subject, kind):
            yield Fault(field, "not-a-subject", reason)
        elif subject in subjects[:place]:
            yield Fault(field, "repeated", "stands more than once")


def _first_subject_reason(place: int, subject: str, kind: str) -> str | None:
    fits = place > 0 or subject.startswith(f"{kind}:")
    return None if fits else f"this bundle is about a subject of kind {kind}"


def _subjects(body: VerificationBody, kind: str) -> tuple[str, ...]:
    given = body.subjects if body.subject is None else [body.subject]
    return tuple(each if each.partition(":")[0] in SUBJECT_KINDS else f"{kind}:{each}" for each in given)


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
