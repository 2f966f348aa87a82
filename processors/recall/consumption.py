"""Who consumed a wrong value: a pure rule over what the hub keeps of reads, applications, answers and reports."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal

import msgspec

from topics.events import (
    ApplicationSubmitted,
    ApplicationSupplemented,
    ArchiveRead,
    ChecksAnswered,
    CommitmentChecked,
    Event,
    ItemHandled,
    ReportIssued,
    TaskHandled,
)
from topics.events.handling import SuppliedMaterial
from topics.events.verification import PartAnswer

Kind = Literal["read", "form", "form-read", "material", "decision", "check", "promise", "report"]

KINDS: Final[Mapping[Kind, str]] = {
    "read": "查档",
    "form": "表单预填",
    "form-read": "阅表",
    "material": "免交材料",
    "decision": "事项办理",
    "check": "核查答复",
    "promise": "承诺核查",
    "report": "报告",
}
"""How a value is consumed, in Chinese."""

FORM_RESOURCE: Final = "case.form"
"""What a read of an applicant's form names as its resource."""

ARCHIVE: Final = "archive"
"""How a material comes that the archive supplies; its reference is the event id of the record."""

Fills = Mapping[str, AbstractSet[tuple[str, str]]]
"""Bundle → what its form is filled from: resource, and name of the value in the resource's records."""


class WrongValue(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong, of whom, and for how long; times µs UTC.

    Attributes:
        field: name of the value in the records of the resource; ``None``: the whole record.
        event_ids: of the facts that stated it, hexadecimal.
        appeared_at: when the log had the first of them.
        disputed_at: from when on it was shown as disputed; forms are not filled with it any more.
        corrected_at: when the log had the fact that says what is right, or when the dispute ended otherwise;
            ``None``: it still stands.
    """

    subject: str
    resource: str
    record_id: str
    event_ids: tuple[str, ...]
    appeared_at: int
    disputed_at: int
    field: str | None = None
    corrected_at: int | None = None

    def stood_at(self, at: int) -> bool:
        """Whether it could be read then."""
        return self.appeared_at <= at and (self.corrected_at is None or at < self.corrected_at)


class Consumption(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One time that the value was consumed.

    Attributes:
        department: whose doing it was; ``""``: the hub's own, on nobody's behalf.
        who: account or person, as the log has it.
        report: revision of the case's report; 0: none.
        marked: whether the value was shown as disputed by then.
    """

    at: int
    kind: Kind
    department: str
    who: str
    purpose: str
    case: str
    grant: str
    report: int
    marked: bool


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody who is to be told that the value was wrong; all in order, each once."""

    value: WrongValue
    consumptions: tuple[Consumption, ...]

    @property
    def reports(self) -> tuple[tuple[str, int], ...]:
        """Case and revision of each report that rests on the value."""
        return tuple(sorted({(each.case, each.report) for each in self.consumptions if each.report}))

    @property
    def cases(self) -> tuple[str, ...]:
        """Cases for which it was consumed."""
        return _distinct(each.case for each in self.consumptions)

    @property
    def grants(self) -> tuple[str, ...]:
        """Grants under which it was read."""
        return _distinct(each.grant for each in self.consumptions)

    @property
    def departments(self) -> tuple[str, ...]:
        """Departments that consumed it."""
        return _distinct(each.department for each in self.consumptions)


def consumptions(
    value: WrongValue, events: Iterable[Event], fills: Fills, organisations: AbstractSet[str]
) -> tuple[Consumption, ...]:
    """Return who consumed the value, in the order of time, each once.

    Args:
        value: what was wrong.
        events: from the topics of requests, reads, answers and reports, in any order; others are passed over.
        fills: what forms are filled from.
        organisations: known codes; a reader whose name begins with none of them acts for no department.
    """
    every = tuple(events)
    first = {found for event in every for found in _direct(value, event, fills, organisations)}
    cases = {each.case for each in first if each.kind in ("form", "material")}
    then = {found for event in every for found in _of_cases(value, event, cases, organisations)}
    return tuple(sorted(first | then))


def _direct(value: WrongValue, event: Event, fills: Fills, organisations: AbstractSet[str]) -> Iterator[Consumption]:
    if isinstance(event, ArchiveRead):
        yield from _of_read(value, event, organisations)
    elif isinstance(event, ApplicationSubmitted):
        yield from _of_application(value, event, fills)
    elif isinstance(event, ApplicationSupplemented):
        yield from _of_materials(value, event, event.materials, event.supplemented_by, event.at)
    elif (told := _TOLD.get(type(event))) is not None:
        yield from told(value, event)


def _of_read(value: WrongValue, read: ArchiveRead, organisations: AbstractSet[str]) -> Iterator[Consumption]:
    # A read without resources is of the whole archive; one as of an earlier time did not see the value.
    saw = not read.resources or value.resource in read.resources
    if saw and value.subject in read.subjects and read.refused_reason is None and _saw_it(value, read):
        yield _consumption(
            value,
            "read",
            read.at,
            department=_department(read.reader, organisations),
            who=read.reader,
            purpose=read.purpose,
            case=read.case_id or "",
            grant=read.grant_id or "",
        )


def _saw_it(value: WrongValue, read: ArchiveRead) -> bool:
    return value.stood_at(read.at) and (read.as_of is None or read.as_of >= value.appeared_at)


def _of_application(value: WrongValue, event: ApplicationSubmitted, fills: Fills) -> Iterator[Consumption]:
    yield from _of_materials(value, event, event.materials, event.submitted_by, event.submitted_at)
    was_filled = event.fields_filled and value.appeared_at <= event.submitted_at < value.disputed_at
    if event.subject == value.subject and was_filled and _is_filled_from(value, fills.get(event.bundle, frozenset())):
        yield _consumption(
            value, "form", event.submitted_at, who=event.submitted_by, purpose=event.purpose, case=event.case_id
        )


def _is_filled_from(value: WrongValue, sources: AbstractSet[tuple[str, str]]) -> bool:
    return any(resource == value.resource and value.field in (None, content) for resource, content in sources)


def _of_materials(
    value: WrongValue, event: Any, materials: Iterable[SuppliedMaterial], who: str, at: int
) -> Iterator[Consumption]:
    if any(each.means == ARCHIVE and each.reference in value.event_ids for each in materials):
        yield _consumption(value, "material", at, who=who, case=event.case_id)


def _of_checks(value: WrongValue, event: ChecksAnswered) -> Iterator[Consumption]:
    for answer in event.answers:
        if _rests_on(value, answer):
            yield _of_answer(value, event.case_id, answer, event.answered_by, event.answered_at)


def _of_task(value: WrongValue, event: TaskHandled) -> Iterator[Consumption]:
    if _rests_on(value, event.answer):
        yield _of_answer(value, event.case_id, event.answer, event.handled_by, event.at)


def _of_promise(value: WrongValue, event: CommitmentChecked) -> Iterator[Consumption]:
    if not set(value.event_ids).isdisjoint(event.evidence):
        yield _consumption(
            value, "promise", event.at, department=event.department, who=event.checked_by, case=event.case_id
        )


def _of_report(value: WrongValue, event: ReportIssued) -> Iterator[Consumption]:
    body = msgspec.json.decode(event.body)
    parts = [part for line in body["lines"] for part in line["parts"]]
    if any(not set(value.event_ids).isdisjoint(part["evidence"]) for part in parts):
        yield _consumption(
            value,
            "report",
            event.at,
            department=body["lead"]["code"],
            who=body["requested_by"],
            purpose=body["purpose"],
            case=event.case_id,
            report=event.revision,
        )


def _of_cases(
    value: WrongValue, event: Event, cases: AbstractSet[str], organisations: AbstractSet[str]
) -> Iterator[Consumption]:
    """Who read a form that holds the value, and who decided in such a case."""
    if isinstance(event, ArchiveRead) and event.case_id in cases and FORM_RESOURCE in event.resources:
        if event.refused_reason is None:
            department = _department(event.reader, organisations)
            yield _consumption(
                value,
                "form-read",
                event.at,
                department=department,
                who=event.reader,
                purpose=event.purpose,
                case=event.case_id or "",
            )
    elif isinstance(event, ItemHandled) and event.case_id in cases:
        yield _consumption(
            value, "decision", event.at, department=event.department, who=event.handled_by, case=event.case_id
        )


def _of_answer(value: WrongValue, case: str, answer: PartAnswer, who: str, at: int) -> Consumption:
    return _consumption(value, "check", at, department=answer.department, who=who, case=case)


def _rests_on(value: WrongValue, answer: PartAnswer) -> bool:
    return not set(value.event_ids).isdisjoint(answer.evidence)


def _consumption(value: WrongValue, kind: Kind, at: int, **more: Any) -> Consumption:
    said = {"department": "", "who": "", "purpose": "", "case": "", "grant": "", "report": 0, **more}
    return Consumption(at=at, kind=kind, marked=at >= value.disputed_at, **said)


def _department(reader: str, organisations: AbstractSet[str]) -> str:
    """Accounts are written ``<organisation>:<account>``, or as the organisation alone."""
    organisation = reader.partition(":")[0]
    return organisation if organisation in organisations else ""


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


_TOLD: Final[Mapping[type[Event], Callable[[WrongValue, Any], Iterator[Consumption]]]] = {
    ChecksAnswered: _of_checks,
    TaskHandled: _of_task,
    CommitmentChecked: _of_promise,
    ReportIssued: _of_report,
}
