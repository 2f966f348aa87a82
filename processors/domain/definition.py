"""What a case needs of its bundle's definition: kept with the case, so that a new version changes no running case."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from catalog.bundles import Bundle, Item, load_bundles
from catalog.organisations import Organisations, load_organisations

ARCHIVE = "archive"
ASK = "ask"


class Bounds(msgspec.Struct, frozen=True, gc=False):
    """The smallest and the greatest value that a request may ask for, both included."""

    minimum: int
    maximum: int

    def __contains__(self, value: int) -> bool:
        return self.minimum <= value <= self.maximum


class Answerer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A department that answers a check; mode ``archive``: the hub answers for it where its data can."""

    department: str
    mode: Literal["archive", "ask"]
    handled_and_reviewed: bool


class CheckLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A check as the source prints it, and who answers it."""

    number: int
    check_id: str
    text: str
    answerers: tuple[Answerer, ...]


class LeadLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The lead's own part: intake, dispatch, assembly and delivery."""

    number: int
    text: str
    departments: tuple[str, ...]


class CaseDefinition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One version of a bundle as its cases keep it; ``names`` gives each department's Chinese name by its code."""

    bundle: str
    version: int
    name: str
    document: str
    subject_kind: str
    lead: str
    look_back_years: Bounds
    deadline_s: Bounds
    lead_lines: tuple[LeadLine, ...]
    lines: tuple[CheckLine, ...]
    names: dict[str, str]


def case_definitions() -> Mapping[str, CaseDefinition]:
    """Every bundle of the catalogue that only asks, by its id: what may be requested as a verification."""
    organisations = load_organisations()
    return {each.id: definition_of(each, organisations) for each in load_bundles().values() if each.is_verification}


def definition_of(bundle: Bundle, organisations: Organisations) -> CaseDefinition:
    """What the cases of this bundle keep of it."""
    lead_lines = tuple(
        LeadLine(number=item.number, text=item.text, departments=item.departments)
        for item in bundle.items
        if item.kind != "check"
    )
    codes = dict.fromkeys(
        (bundle.lead, *bundle.departments, *(code for line in lead_lines for code in line.departments))
    )
    return CaseDefinition(
        bundle=bundle.id,
        version=bundle.version,
        name=bundle.name,
        document=bundle.document,
        subject_kind=bundle.subject,
        lead=bundle.lead,
        look_back_years=Bounds(bundle.look_back_years.minimum, bundle.look_back_years.maximum),
        deadline_s=Bounds(bundle.deadline_s.minimum, bundle.deadline_s.maximum),
        lead_lines=lead_lines,
        lines=tuple(_line(item) for item in bundle.checks),
        names={code: organisations.by_code[code].name for code in codes},
    )


def _line(item: Item) -> CheckLine:
    answerers = tuple(
        Answerer(department=each.department, mode=each.mode, handled_and_reviewed=each.handled_and_reviewed)
        for each in item.answerers
    )
    return CheckLine(number=item.number, check_id=item.id, text=item.text, answerers=answerers)
