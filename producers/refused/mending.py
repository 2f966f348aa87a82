"""A refused record made good: shown without what is personal, changed in single places, and held against the rules."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

import msgspec

from catalog.resources import Resource, Resources
from producers.drafts import CheckedDraft, DraftRules, examine
from producers.faults import Fault, fault
from producers.intake.desk import judged, publishing_departments
from producers.intake.reading import JSON, Record, read_request
from producers.outcomes import Received
from producers.refused.records import ATTEMPT
from producers.shapes import CONTROLLED, EventShape, event_shapes
from topics.clear_text import holds_resident_id
from topics.identifiers import check_uscc

LONGEST_PATH: Final = 8
# µs since 1970 of the years 2001 to 2286, as versions and instants are written.
_INSTANT: Final = re.compile(r"[1-9][0-9]{15}")
_STARS: Final = "＊＊＊"
# What a record says of itself, no person's: shown to everybody of its department.
_OWN_WORDS: Final = frozenset(("type", "source", "resource", "version", "valid_at", "case_id", "kind"))
_CODE: Final = re.compile(r"[A-Za-z0-9_.:+-]{1,80}")
# Also a person's number with a digit mistyped, which is no valid one any more.
_LONG_NUMBER: Final = re.compile(r"[0-9０-９]{15}")


class Change(msgspec.Struct, frozen=True):
    """One place of a record, as a path such as ``content.state``, and what is to stand there."""

    path: str
    value: Any = None
    removed: bool = False


class FieldAsked(msgspec.Struct, frozen=True):
    """One field of a draft's content, for a form.

    Attributes:
        path: ``content.<name>``.
        kind: string, long, date, timestamp-micros or personal.
        allowed: the values that it may have; empty when any.
    """

    path: str
    kind: str
    required: bool
    allowed: tuple[str, ...] = ()


class NoSuchPlace(ValueError):  # noqa: N818  the name is the fact
    """A change names a place that the record does not have and cannot get."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def changed(draft: Any, changes: Sequence[Change]) -> dict[str, Any]:
    """The draft with these changes; objects on the way to a place are made where they are missing.

    Raises:
        NoSuchPlace: a path leads through a text or a list, or the draft is no object.
    """
    if not isinstance(draft, dict):
        raise NoSuchPlace(changes[0].path if changes else "")
    fresh = deepcopy(draft)
    for each in changes:
        _change(fresh, each)
    return fresh


def as_record(body: bytes, refused_id: str) -> Record:
    """Bytes that mend a refused record, read as the HTTP door reads a single draft."""
    reading = read_request(JSON, {}, body)
    origin = f"{ATTEMPT}{refused_id}"
    if reading is None or reading.is_batch:
        return Record(Received(body, None, JSON, origin), (fault("not-an-object", ""),))
    record = reading.records[0]
    return Record(msgspec.structs.replace(record.received, origin=origin), record.faults)


def faults_of(record: Record, department: str | None, resources: Resources, now_us: int) -> tuple[Fault, ...]:
    """Everything that the door would refuse this record for; ``department`` sends it, None: as it says itself."""
    source, faults = judged(record, department, publishing_departments(resources))
    if faults:
        return faults
    examined = examine(record.received.draft, DraftRules(source, resources), now_us)
    return () if isinstance(examined, CheckedDraft) else examined


def masked(draft: Any) -> Any:
    """The draft as lists and first looks show it.

    Texts stay where the schema knows their field and knows it as nobody's; everything else shows only that it is there.
    """
    if not isinstance(draft, dict):
        return _hidden(draft)
    shape = _shape(draft)
    shown: dict[str, Any] = {}
    for name, value in draft.items():
        if name == "subject":
            shown[name] = _masked_subject(value)
        elif name == "content":
            shown[name] = _masked_content(value, shape)
        elif name in _OWN_WORDS:
            shown[name] = _code_or_hidden(value)
        else:
            shown[_name(name)] = _hidden(value)
    return shown


def fields_asked(draft: Any, resource: Resource | None) -> tuple[FieldAsked, ...]:
    """The fields that the draft's event type has, or else the first event type of its resource; for a form."""
    shape = _shape(draft) or (
        event_shapes().get(resource.schemas[0].rpartition(".")[2]) if resource is not None else None
    )
    if shape is None:
        return ()
    return tuple(
        FieldAsked(f"content.{rule.name}", rule.kind, rule.required, tuple(CONTROLLED.get((shape.name, rule.name), ())))
        for rule in shape.rules
    )


def value_at(draft: Any, path: str) -> Any:
    """What stands at a path, None where nothing does."""
    for name in path.split("."):
        if not isinstance(draft, Mapping):
            return None
        draft = draft.get(name)
    return draft


def _change(draft: dict[str, Any], change: Change) -> None:
    *way, last = change.path.split(".")
    if not all((*way, last)) or len(way) >= LONGEST_PATH:
        raise NoSuchPlace(change.path)
    at: Any = draft
    for name in way:
        at = at.setdefault(name, {}) if not change.removed else at.get(name, {})
        if not isinstance(at, dict):
            raise NoSuchPlace(change.path)
    if change.removed:
        at.pop(last, None)
    else:
        at[last] = change.value


def _shape(draft: Any) -> EventShape | None:
    named = draft.get("type") if isinstance(draft, dict) else None
    return event_shapes().get(named) if isinstance(named, str) else None


def _masked_subject(value: Any) -> Any:
    if isinstance(value, str):
        kind, parted, name = value.partition(":")
        shown = kind == "enterprise" and not _may_name_a_person(name)
        return value if shown else f"{_code_or_hidden(kind)}:{_STARS}" if parted else _STARS
    if not isinstance(value, dict):
        return _hidden(value)
    is_enterprise = value.get("kind") == "enterprise"
    return {
        _name(name): _code_or_hidden(each) if name == "kind" or (is_enterprise and name == "id") else _hidden(each)
        for name, each in value.items()
    }


def _masked_content(value: Any, shape: EventShape | None) -> Any:
    if not isinstance(value, dict):
        return _hidden(value)
    kinds = {} if shape is None else {rule.name: rule.kind for rule in shape.rules}
    return {
        _name(name): _plain_or_hidden(each) if kinds.get(name, "personal") != "personal" else _hidden(each)
        for name, each in value.items()
    }


def _plain_or_hidden(value: Any) -> Any:
    """A value of a field that the schema knows as nobody's; a number of a person in the wrong place stays hidden."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | str) and not _may_name_a_person(str(value)):
        return value
    return _hidden(value)


def _may_name_a_person(text: str) -> bool:
    if holds_resident_id(text):
        return True
    return _LONG_NUMBER.search(text) is not None and check_uscc(text) is not None and _INSTANT.fullmatch(text) is None


def _code_or_hidden(value: Any) -> Any:
    if isinstance(value, str) and not _CODE.fullmatch(value):
        return _STARS
    return _plain_or_hidden(value)


def _hidden(value: Any) -> Any:
    return None if value is None else _STARS


def _name(name: str) -> str:
    """A field's name; one that the schema does not know may be a value in the wrong place."""
    return name if re.fullmatch(r"[A-Za-z_]{1,40}", name) else _STARS


def places_of(faults: Sequence[Fault]) -> Iterator[str]:
    """The places that faults are about, each once, in their order."""
    yield from dict.fromkeys(each.field for each in faults if each.field)
