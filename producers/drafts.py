"""Drafts of facts, held against the catalogue and the schemas: every fault of a record at once, before it is sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from catalog.resources import Resource, Resources
from producers import values
from producers.faults import Fault, fault
from producers.identifier_reasons import in_chinese
from producers.shapes import EventShape, FieldRule, event_shapes
from producers.values import DAY_US, Person, Take, Wrong
from topics.clear_text import holds_resident_id
from topics.declarations import topic_name
from topics.identifiers import check_resident_id

Draft = Mapping[str, Any]
"""A fact as a department writes it: type, source, resource, subject, record_id, version, valid_at, case_id, content."""

LARGEST_BYTES: Final = 64 * 1024
DISPUTE: Final = "dispute"
"""Record type of a correction."""
_LONGEST_ID_BYTES: Final = 200
_1900_US: Final[int] = values.moment("1900-01-01T00:00:00+08:00")
_A_DAY: Final = timedelta(days=1)
_COMMON: Final = frozenset(
    ("type", "source", "resource", "subject", "record_id", "version", "valid_at", "case_id", "content")
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ANY_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_DAMAGED: Final = "\ufffd"
# Only a name without digits is repeated to its sender: a number in a name's place may be a person's.
_SPEAKABLE: Final = re.compile(r"[A-Za-z_]{1,40}")


@dataclass(frozen=True)
class DraftRules:
    """What drafts are held against: their publisher's code and the catalogue."""

    source: str
    resources: Resources


class CheckedDraft(msgspec.Struct, gc=False):
    """A draft without faults, as far as it can be built before persons have tokens.

    Attributes:
        shape: its event type.
        topic: where it goes.
        record: the fields as Avro stores them; None where ``personal`` and ``persons`` are still to be put in.
        personal: field → clear text.
        persons: field → resident ID, for fields that name a person.
    """

    shape: EventShape
    topic: str
    record: dict[str, Any]
    personal: dict[str, str]
    persons: dict[str, str]


def examine(draft: Any, rules: DraftRules, now_us: int) -> CheckedDraft | tuple[Fault, ...]:
    """The draft ready to be protected and sent, or everything that is wrong with it.

    Args:
        draft: as read from JSON, or the same in Python (dates and times may be ``date`` and ``datetime``).
        rules: the publisher's code and the catalogue.
        now_us: the time now, which a fact may not be more than a day ahead of.
    """
    if not isinstance(draft, dict | Mapping):
        return (fault("not-an-object", ""),)
    examination = _Examination(draft, rules, now_us)
    examination.common()
    examination.origin()
    examination.content()
    examination.texts()
    return tuple(examination.faults) or examination.checked()


class _Examination:
    """One draft under examination: the record as it is built, and the faults found so far."""

    __slots__ = ("_draft", "_now_us", "_personal", "_persons", "_record", "_rules", "_shape", "faults")

    def __init__(self, draft: Draft, rules: DraftRules, now_us: int) -> None:
        self._draft, self._rules, self._now_us = draft, rules, now_us
        self._shape: EventShape | None = None
        self._record: dict[str, Any] = {}
        self._personal: dict[str, str] = {}
        self._persons: dict[str, str] = {}
        self.faults: list[Fault] = []

    def checked(self) -> CheckedDraft:
        assert self._shape is not None  # noqa: S101  an unknown type is a fault
        topic = topic_name(self._shape.family, self._rules.source)
        return CheckedDraft(self._shape, topic, self._record, self._personal, self._persons)

    def common(self) -> None:
        """Source, subject, record id, version, times."""
        draft, record = self._draft, self._record
        record["source"] = source = draft.get("source")
        if source != self._rules.source:
            self._refuse_or_miss(source, "source-differs", "source", self._rules.source)
        self._take("subject", "subject", values.subject, draft.get("subject"), required=True)
        record["record_id"] = record_id = draft.get("record_id")
        if not _is_id(record_id):
            self._refuse_or_miss(record_id, "bad-record-id", "record_id")
        self._take("version", "version", values.whole_number, draft.get("version"), required=True)
        self._take("valid_at", "valid_at", values.moment, draft.get("valid_at"), required=True)
        valid_at = record["valid_at"]
        if valid_at is not None and not _1900_US <= valid_at <= self._now_us + DAY_US:
            self.faults.append(fault("time-not-plausible", "valid_at"))
        record["case_id"] = case_id = draft.get("case_id")
        if case_id is not None and not _is_id(case_id):
            self.faults.append(fault("bad-record-id", "case_id"))
        if not _COMMON.issuperset(draft):
            self.faults += [fault("unknown-field", _speakable(name)) for name in draft if name not in _COMMON]

    def origin(self) -> None:
        """Type and resource, and whether they fit each other, the publisher and the subject."""
        name, code = self._draft.get("type"), self._draft.get("resource")
        self._shape = shape = event_shapes().get(name) if isinstance(name, str) else None
        if shape is None:
            self._refuse_or_miss(name, "unknown-event-type", "type")
        resource = self._rules.resources.by_code.get(code) if isinstance(code, str) else None
        if resource is None:
            self._refuse_or_miss(code, "unknown-resource", "resource")
            return
        self._record["resource"] = resource.code
        if shape is not None and shape.family == "correction":
            self._record["record_type"] = DISPUTE
            self._disputed(resource)
        else:
            self._record["record_type"] = resource.record_type
            self._of_resource(resource, shape)

    def _of_resource(self, resource: Resource, shape: EventShape | None) -> None:
        if resource.department != self._rules.source:
            self.faults.append(fault("resource-of-another-department", "resource"))
        if shape is not None and shape.full_name not in resource.schemas:
            names = " ".join(each.rsplit(".", 1)[-1] for each in resource.schemas)
            self.faults.append(fault("type-not-of-resource", "type", names))
        kind = self._subject_kind()
        if kind is not None and kind not in resource.subjects:
            self.faults.append(fault("subject-kind-not-of-resource", "subject", " ".join(resource.subjects)))
        content = self._draft.get("content")
        if resource.domain and isinstance(content, dict) and content.get("domain", resource.domain) != resource.domain:
            self.faults.append(fault("domain-differs", "content.domain", resource.domain))

    def _disputed(self, resource: Resource) -> None:
        content = self._draft.get("content")
        if not isinstance(content, dict):
            return
        for name, due in (("disputed_resource", resource.code), ("disputed_record_type", resource.record_type)):
            if content.get(name, due) != due:
                self.faults.append(fault("not-the-disputed-record", f"content.{name}"))

    def content(self) -> None:
        """The fields that the event type asks for, no more."""
        content, shape = self._draft.get("content"), self._shape
        if not isinstance(content, dict | Mapping):
            self._refuse_or_miss(content, "not-an-object", "content")
            return
        if shape is None:
            return
        met = 0
        for rule in shape.rules:
            value = content.get(rule.name)
            met += value is not None or rule.name in content
            if rule.kind == "personal":
                self._take_personal(rule, value)
            else:
                self._take(rule.name, f"content.{rule.name}", rule.take, value, required=rule.required)
        if met != len(content):
            self.faults += [
                fault("unknown-field", f"content.{_speakable(name)}") for name in content if name not in shape.names
            ]
        for begin, end in shape.periods:
            begins, ends = self._record[begin], self._record[end]
            if begins is not None and ends is not None and ends < begins:
                self.faults.append(fault("ends-before-it-begins", f"content.{end}", begin))

    def texts(self) -> None:
        """What no text may hold, and how large all of them may be together."""
        texts = self._texts()
        joined = "\n".join(texts.values())
        try:
            size = len(joined.encode()) + sum(len(each.encode()) for each in self._personal.values())
        except UnicodeEncodeError:
            self._blame("not-unicode", lambda value: not _is_unicode(value))
            return
        if size > LARGEST_BYTES:
            self.faults.append(fault("too-large", "", str(LARGEST_BYTES)))
        if _CONTROL.search(joined) or any(_CONTROL.search(each) for each in self._personal.values()):
            self._blame("control-character", lambda value: _CONTROL.search(value) is not None)
        if _DAMAGED in joined:
            self._blame("text-damaged", lambda value: _DAMAGED in value)
        if holds_resident_id(joined):
            self._blame("personal-data-in-clear", holds_resident_id, personal=False)

    def _texts(self) -> dict[str, str]:
        """Place → text of everything that is neither personal nor checked for its exact form."""
        record, shape = self._record, self._shape
        found = {
            rule.name: value
            for rule in (shape.rules if shape is not None else ())
            if rule.kind == "string" and (value := record.get(rule.name)) is not None
        }
        for name in ("record_id", "case_id"):
            if isinstance(record[name], str):
                found[name] = record[name]
        return found

    def _blame(self, code: str, is_bad: Callable[[str], bool], *, personal: bool = True) -> None:
        texts = self._texts() | (self._personal if personal else {})
        bad = [_place(name) for name, value in texts.items() if is_bad(value)]
        self.faults += [fault(code, place) for place in bad or [""]]

    def _subject_kind(self) -> str | None:
        named = self._record["subject"]
        if named is None:
            return "person" if "subject" in self._persons else None
        return str(named).partition(":")[0]

    def _take(self, name: str, place: str, take: Take, value: Any, *, required: bool) -> None:
        if value is None:
            if required:
                self.faults.append(fault("missing-field", place))
            self._record[name] = None
            return
        taken = take(value)
        kind = type(taken)
        if kind is Wrong:
            self.faults.append(fault(taken.code, place, taken.en, taken.zh))
            taken = None
        elif kind is Person:
            self._note_person(name, place, taken.resident_id)
            taken = None
        self._record[name] = taken

    def _take_personal(self, rule: FieldRule, value: Any) -> None:
        self._take(rule.name, f"content.{rule.name}", rule.take, value, required=rule.required)
        taken = self._record[rule.name]
        if taken is not None:
            self._personal[rule.name] = taken
            self._record[rule.name] = None
            if rule.name == "resident_id":
                self._demand_born(rule.name, f"content.{rule.name}", taken)

    def _note_person(self, name: str, place: str, number: str) -> None:
        self._persons[name] = number
        self._demand_born(name, place, number)

    def _demand_born(self, name: str, place: str, number: str) -> None:
        today = datetime.fromtimestamp(self._now_us // 1_000_000, UTC).date() + _A_DAY
        reason = check_resident_id(number, today)
        if reason is not None:
            code = "bad-subject" if name in self._persons else "bad-identifier"
            self.faults.append(fault(code, place, reason, in_chinese(reason)))

    def _refuse_or_miss(self, value: Any, code: str, place: str, en: str = "") -> None:
        self.faults.append(fault("missing-field", place) if value is None else fault(code, place, en))


def _is_id(value: Any) -> bool:
    return (
        isinstance(value, str)
        and value != ""
        and len(value.encode("utf-8", "replace")) <= _LONGEST_ID_BYTES
        and _ANY_CONTROL.search(value) is None
    )


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _place(name: str) -> str:
    return name if name in _COMMON else f"content.{name}"


def _speakable(name: Any) -> str:
    return name if isinstance(name, str) and _SPEAKABLE.fullmatch(name) else "?"
