"""Which materials the hub holds for an applicant, and why others are still needed."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from processors.domain.service.held import Archive, Evidence, HeldRecord, absence, evidence_of, standing
from processors.domain.service.terms import ItemTerms, MaterialTerms, Service

Reason = Literal[
    "held",
    "not-shared",
    "another-subject",
    "not-in-archive",
    "source-behind",
    "expired",
    "lapsed",
    "disputed",
]

REASON_TEXTS: Final[Mapping[Reason, str]] = {
    "held": "档案已有，免于提交",
    "not-shared": "不能由数据共享取得，由申请人提供",
    "another-subject": "在另一主体的档案中，由申请人提供",
    "not-in-archive": "档案中没有",
    "source-behind": "档案中没有，且数源部门的数据不全或已过时",
    "expired": "档案中的已过有效期",
    "lapsed": "档案中的已失效",
    "disputed": "档案中的存在争议",
}
# Of several records that are no use, the one nearest to use is told of.
_TELLING: Final = ("disputed", "expired", "lapsed")


class MaterialState(msgspec.Struct, frozen=True, kw_only=True):
    """A material of the applying items.

    Attributes:
        items: numbers of the items that ask for it.
        held: whether the hub has it, so that nobody is asked.
        reason: a code, ``text`` says it in Chinese.
        evidence: the record that takes its place, or the one that cannot.
        state: what that record says of itself.
    """

    id: str
    name: str
    form: str
    items: tuple[int, ...]
    held: bool
    reason: Reason
    text: str
    evidence: Evidence | None = None
    state: str = ""


def material_states(
    service: Service, items: tuple[ItemTerms, ...], archive: Archive, now: int
) -> tuple[MaterialState, ...]:
    """Every material of these items, each once, in the catalogue's order."""
    asked = {code: tuple(item.number for item in items if code in item.materials) for code in service.materials}
    return tuple(
        material_state(terms, asked[code], archive, now) for code, terms in service.materials.items() if asked[code]
    )


def material_state(terms: MaterialTerms, items: tuple[int, ...], archive: Archive, now: int) -> MaterialState:
    """Whether the hub holds this material."""
    source = terms.source
    if source is None:
        return _state(terms, items, "not-shared")
    if not source.stands_with_subject:
        return _state(terms, items, "another-subject")
    records = archive.of_resource(source.resource)
    reason, record = _best(records, now)
    if record is None:
        return _state(terms, items, absence(source, archive, now))
    return _state(terms, items, reason, evidence_of(record, source, archive), record.state)


def _best(records: tuple[HeldRecord, ...], now: int) -> tuple[Reason, HeldRecord | None]:
    by_standing = {standing(record, now): record for record in reversed(records)}
    if (usable := by_standing.get("in-force")) is not None:
        return "held", usable
    return next(((each, by_standing[each]) for each in _TELLING if each in by_standing), ("not-in-archive", None))


def _state(
    terms: MaterialTerms, items: tuple[int, ...], reason: Reason, evidence: Evidence | None = None, state: str = ""
) -> MaterialState:
    return MaterialState(
        id=terms.id,
        name=terms.name,
        form=terms.form,
        items=items,
        held=reason == "held",
        reason=reason,
        text=REASON_TEXTS[reason],
        evidence=evidence,
        state=state,
    )
