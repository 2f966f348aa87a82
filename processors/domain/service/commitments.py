"""告知承诺、容缺受理: which needed materials an applicant may promise or supply later, and why not."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from processors.domain.service.conditions import Occasion, Verdict, verdict
from processors.domain.service.held import Archive, HeldRecord, breaches, dishonesty
from processors.domain.service.terms import PROMISE, CommitmentTerms, Service

KIND_NAMES: Final = {PROMISE: "告知承诺", "later": "容缺受理"}
_ELIGIBLE: Final = {True: "符合适用条件，且未查见违反承诺记录", False: "不符合适用条件"}


class BrokenCommitment(msgspec.Struct, frozen=True, kw_only=True):
    """A commitment that was broken before and still stands; ``text`` is the record's own account of it."""

    resource: str
    record_id: str
    event_id: str
    valid_at: int
    disputed: bool
    text: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A material that may be promised or supplied later.

    Attributes:
        eligible: whether this applicant may; None when it cannot be told, and then the desk decides.
        reason: why, in Chinese.
    """

    material: str
    kind: str
    kind_name: str
    days: int | None
    text: str
    liability: str
    after_check_days: int | None
    eligible: bool | None
    reason: str


def offers(service: Service, materials: frozenset[str], on: Occasion) -> tuple[Offer, ...]:
    """Every commitment of the bundle that is about one of these materials."""
    return tuple(_offer(terms, on) for terms in service.commitments if terms.material in materials)


def broken_commitments(archive: Archive) -> tuple[BrokenCommitment, ...]:
    """Earlier broken commitments that still stand against the subject, the newest first."""
    return tuple(_broken(record) for record in breaches(archive))


def _broken(record: HeldRecord) -> BrokenCommitment:
    words = (record.content.get(name) for name in ("cause", "title", "summary"))
    return BrokenCommitment(
        resource=record.resource,
        record_id=record.record_id,
        event_id=record.event_id,
        valid_at=record.valid_at,
        disputed=record.disputed,
        text=next((str(word) for word in words if word), "违反承诺"),
    )


def _offer(terms: CommitmentTerms, on: Occasion) -> Offer:
    judged = eligibility(terms, on)
    return Offer(
        material=terms.material,
        kind=terms.kind,
        kind_name=KIND_NAMES.get(terms.kind, terms.kind),
        days=terms.days,
        text=terms.text,
        liability=terms.liability,
        after_check_days=terms.after_check_days,
        eligible=judged.holds,
        reason=judged.reason,
    )


def eligibility(terms: CommitmentTerms, on: Occasion) -> Verdict:
    """Whether the applicant may: whom no record of supervision or credit bars, and the commitment's own rule lets.

    Nobody with a broken commitment may; nobody listed for serious dishonesty may promise, until it is repaired
    (国办发〔2020〕42号).
    """
    if against := sorted(_credit_verdicts(terms, on.archive), key=_leaves_it_open):
        return against[0]
    if terms.cel is None:
        return Verdict(True, "未查见违反承诺记录")
    judged = verdict(terms.cel, terms.reads, on)
    return judged if judged.holds is None else Verdict(judged.holds, _ELIGIBLE[judged.holds])


def _credit_verdicts(terms: CommitmentTerms, archive: Archive) -> Iterator[Verdict]:
    yield from _verdicts("违反承诺记录", breaches(archive))
    if terms.kind == PROMISE:
        yield from _verdicts("严重失信主体名单记录", dishonesty(archive))


def _leaves_it_open(judged: Verdict) -> bool:
    return judged.holds is None


def _verdicts(name: str, found: Sequence[HeldRecord]) -> Iterator[Verdict]:
    """What records against somebody mean: an undisputed one decides, disputed ones leave it to the desk."""
    for record in found:
        if not record.disputed:
            yield Verdict(False, f"有{name}（{record.resource}，{record.record_id}），修复前不适用")
    if found:
        yield Verdict(None, f"{name}存在争议，由受理人员核对")
