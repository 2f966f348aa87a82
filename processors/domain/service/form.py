"""一表申报: one form for all applying items, each field once, filled from the archive with its source shown."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from processors.domain.service.guidance import guidance
from processors.domain.service.held import (
    MASK,
    Archive,
    Evidence,
    HeldRecord,
    absence,
    evidence_of,
    standing,
)
from processors.domain.service.reuse import FieldCounts, counted
from processors.domain.service.terms import FieldTerms, ItemTerms, Service, Source
from processors.domain.service.values import is_blank, is_same, written

FieldStatus = Literal["filled", "held-masked", "given", "asked"]

SHARED_TITLE: Final = "共同信息"
_COMMON: Final = frozenset(("resource", "record_type", "record_id", "version", "valid_at"))
ASKED_TEXTS: Final = {
    "not-shared": "由申请人填写",
    "another-subject": "在另一主体的档案中，由申请人填写",
    "not-in-archive": "应由共享取得，档案中没有",
    "source-behind": "应由共享取得，数源部门的数据不全或已过时",
    "disputed": "档案中的值存在争议，由申请人填写",
    "several-values": "档案中有多个不同的值，由申请人填写",
}


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """A field as the form shows it; personal values are shown as ``***``.

    Attributes:
        items: numbers of the items that ask for it.
        status: filled from the archive, held there and masked, given by the applicant, or still asked.
        reason: why it is asked, a code; ``text`` says it in Chinese.
        shareable: whether sharing can supply it.
        source: the record of the archive that holds it.
        in_force: whether that record is in force; a value may come from one that has expired.
    """

    id: str
    name: str
    type: str
    required: bool
    personal: bool
    choices: tuple[str, ...]
    items: tuple[int, ...]
    status: FieldStatus
    value: Any = None
    reason: str = ""
    text: str = ""
    shareable: bool = False
    source: Evidence | None = None
    in_force: bool = True

    @property
    def is_filled(self) -> bool:
        """Whether the archive has it."""
        return self.status in ("filled", "held-masked")


class FieldGroup(msgspec.Struct, frozen=True):
    """Fields that belong together: those that several items ask for, then each item's own."""

    title: str
    items: tuple[int, ...]
    fields: tuple[FieldView, ...]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """The one form of a bundle for one applicant; ``unstated``: numbers of items whose fields nobody has stated."""

    bundle: str
    version: int
    name: str
    groups: tuple[FieldGroup, ...]
    counts: FieldCounts
    recollection_rate: float | None
    unstated: tuple[int, ...]

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """All fields, in the order of the groups."""
        return tuple(field for group in self.groups for field in group.fields)


def one_form(
    service: Service,
    choices: Mapping[str, str],
    archive: Archive,
    now: int,
    given: Mapping[str, Any] | None = None,
) -> Form:
    """The form for the items that apply under these choices.

    Args:
        service: the bundle.
        choices: question id → choice id; an open question brings in nothing.
        archive: the applicant's.
        now: µs UTC.
        given: field id → value of what the applicant has filled in; where the archive has a value, that one stands.
    """
    items = service.items_of(guidance(service, choices).applies)
    return form_of_items(service, items, archive, now, given)


def form_of_items(
    service: Service,
    items: tuple[ItemTerms, ...],
    archive: Archive,
    now: int,
    given: Mapping[str, Any] | None = None,
) -> Form:
    """The form of these items, given in the order of their numbers."""
    views = tuple(_views(service, items, archive, now, given or {}))
    counts = counted((view.is_filled, view.shareable) for view in views)
    return Form(
        bundle=service.bundle,
        version=service.version,
        name=service.name,
        groups=tuple(_groups(items, views)),
        counts=counts,
        recollection_rate=counts.recollection_rate,
        unstated=tuple(item.number for item in items if item.role != "check" and "fields" not in item.stated),
    )


def prefilled(form: Form) -> dict[str, Any]:
    """Field id → value, for the values that stand in clear in the form."""
    return {
        view.id: view.value
        for view in form.fields
        if not view.personal and view.status in ("filled", "given") and not is_blank(view.value)
    }


def _views(
    service: Service, items: tuple[ItemTerms, ...], archive: Archive, now: int, given: Mapping[str, Any]
) -> Iterator[FieldView]:
    for code, terms in service.fields.items():
        asking = tuple(item.number for item in items if code in item.fields)
        if asking:
            yield _with_given(_from_archive(terms, asking, archive, now), given.get(code))


def _groups(items: tuple[ItemTerms, ...], views: tuple[FieldView, ...]) -> Iterator[FieldGroup]:
    shared = tuple(view for view in views if len(view.items) > 1)
    if shared:
        numbers = sorted({number for view in shared for number in view.items})
        yield FieldGroup(SHARED_TITLE, tuple(numbers), shared)
    for item in items:
        own = tuple(view for view in views if view.items == (item.number,))
        if own:
            yield FieldGroup(item.text, (item.number,), own)


def _from_archive(terms: FieldTerms, items: tuple[int, ...], archive: Archive, now: int) -> FieldView:
    source = terms.source
    if source is None or not source.stands_with_subject:
        return _asked(terms, items, "not-shared" if source is None else "another-subject")
    having = tuple(each for each in archive.of_resource(source.resource) if content_of(each, terms.content) is not None)
    sound = tuple(each for each in having if not each.disputed)
    if not sound:
        return _asked(terms, items, "disputed" if having else absence(source, archive, now))
    best = tuple(each for each in sound if standing(each, now) == "in-force") or sound
    values = [written(terms, content_of(each, terms.content)) for each in best]
    if len(best) > 1 and not _agree(terms, best, values):
        return _asked(terms, items, "several-values")
    return _filled(terms, items, best[0], source, archive, now)


def content_of(record: HeldRecord, name: str) -> Any:
    """A field of a record, whether it is the fact's own or one that all facts have; None when it is empty."""
    value = getattr(record, name) if name in _COMMON else record.content.get(name)
    return None if is_blank(value) else value


def _agree(terms: FieldTerms, records: tuple[HeldRecord, ...], values: list[Any]) -> bool:
    """Whether records say the same; masked values cannot be compared, so several of them do not."""
    masked = any(terms.content in record.personal for record in records)
    return not masked and all(is_same(value, values[0]) for value in values)


def _filled(
    terms: FieldTerms, items: tuple[int, ...], record: HeldRecord, source: Source, archive: Archive, now: int
) -> FieldView:
    masked = terms.personal or terms.content in record.personal
    return FieldView(
        **_told(terms, items),
        status="held-masked" if masked else "filled",
        value=MASK if masked else written(terms, content_of(record, terms.content)),
        source=evidence_of(record, source, archive),
        in_force=standing(record, now) == "in-force",
    )


def _asked(terms: FieldTerms, items: tuple[int, ...], reason: str) -> FieldView:
    return FieldView(**_told(terms, items), status="asked", reason=reason, text=ASKED_TEXTS[reason])


def _told(terms: FieldTerms, items: tuple[int, ...]) -> dict[str, Any]:
    return {
        "id": terms.id,
        "name": terms.name,
        "type": terms.type,
        "required": terms.required,
        "personal": terms.personal,
        "choices": terms.choices,
        "items": items,
        "shareable": terms.is_shareable,
    }


def _with_given(view: FieldView, value: Any) -> FieldView:
    """The field with what the applicant filled in, where the archive has not filled it."""
    if is_blank(value) or view.is_filled:
        return view
    return msgspec.structs.replace(view, status="given", value=MASK if view.personal else value)
