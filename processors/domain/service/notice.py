"""一次告知: everything an applicant needs to know about a bundle, told once and for this applicant."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from processors.domain.service.commitments import BrokenCommitment, Offer, broken_commitments, offers
from processors.domain.service.conditions import Occasion, verdict
from processors.domain.service.form import one_form, prefilled
from processors.domain.service.guidance import guidance
from processors.domain.service.held import Archive, Ending
from processors.domain.service.materials import MaterialState, material_states
from processors.domain.service.reuse import FieldCounts
from processors.domain.service.terms import DeliveryTerms, ItemTerms, Question, Service, ServiceFault
from processors.domain.service.terms_of_time import Term, whole_term

#: What an item may leave unstated, and how a notice calls it.
PARTS: Mapping[str, str] = {
    "conditions": "受理条件",
    "materials": "申请材料",
    "fields": "填报内容",
    "legal_days": "法定办结时限",
    "promised_days": "承诺办结时限",
    "fee_fen": "收费",
    "result": "办理结果",
}


class ConditionState(msgspec.Struct, frozen=True, kw_only=True):
    """A condition of acceptance for this applicant; ``holds`` None: it cannot be told, ``reason`` says why."""

    id: str
    text: str
    holds: bool | None
    reason: str


class ItemNotice(msgspec.Struct, frozen=True, kw_only=True):
    """An applying item; ``unstated`` are Chinese names of the parts that nobody has stated."""

    number: int
    code: str
    text: str
    kind: str
    departments: tuple[str, ...]
    departments_stated: bool
    open_list: bool
    after: tuple[int, ...]
    legal_basis: tuple[str, ...]
    conditions: tuple[ConditionState, ...]
    legal_days: int | None
    promised_days: int | None
    fee_fen: int | None
    fee_basis: str | None
    result: str | None
    unstated: tuple[str, ...]


class UndecidedItem(msgspec.Struct, frozen=True):
    """An item that the answer to a question decides."""

    number: int
    text: str
    questions: tuple[str, ...]


class Fee(msgspec.Struct, frozen=True):
    """The fees of all applying items, in fen; ``unstated``: numbers of the items that state none.

    ``total_fen`` is None when no item states any; with unstated items it is a lower bound.
    """

    total_fen: int | None
    unstated: tuple[int, ...]


class ResultDocument(msgspec.Struct, frozen=True):
    """What an item ends with; ``resource``: where the archive will hold it, None where it will not."""

    item: int
    name: str
    resource: str | None


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """一次告知书.

    Attributes:
        at: µs UTC; what is told holds for this moment.
        exists: whether the archive knows anything of the subject.
        closed: the archive's closing, None while it is open.
        items: what applies; ``undecided``: what open ``questions`` decide.
        held: materials that the hub holds; ``needed``: those that are still needed, with the reason.
        offers: needed materials that may be promised or come later.
        broken: earlier broken commitments of the subject.
        form: how much of the form is filled already.
        legal: legal time of the whole, ``promised``: promised time, legal where no other is promised.
        lead: who answers for the whole; empty where the source names nobody; ``acting_lead``: who acts as lead.
        faults: what is wrong with the choices that were made.
    """

    bundle: str
    version: int
    name: str
    document: str
    subject: str
    at: int
    exists: bool
    closed: Ending | None
    items: tuple[ItemNotice, ...]
    undecided: tuple[UndecidedItem, ...]
    questions: tuple[Question, ...]
    held: tuple[MaterialState, ...]
    needed: tuple[MaterialState, ...]
    offers: tuple[Offer, ...]
    broken: tuple[BrokenCommitment, ...]
    form: FieldCounts
    legal: Term
    promised: Term
    fee: Fee
    results: tuple[ResultDocument, ...]
    lead: tuple[str, ...]
    acting_lead: str
    participants: tuple[str, ...]
    delivery: DeliveryTerms
    faults: tuple[ServiceFault, ...]


def notice(service: Service, choices: Mapping[str, str], archive: Archive, now: int) -> Notice:
    """What this applicant is told.

    Args:
        service: the bundle.
        choices: question id → choice id, as far as they are made.
        archive: what is known of the applicant; empty for one that nobody knows.
        now: µs UTC.
    """
    found = guidance(service, choices)
    items = service.items_of(found.applies)
    form = one_form(service, choices, archive, now)
    on = Occasion(
        archive=archive,
        form=prefilled(form),
        form_is_given=False,
        choices=choices,
        choices_are_made=not found.questions,
        now=now,
    )
    states = material_states(service, items, archive, now)
    needed = tuple(state for state in states if not state.held)
    return Notice(
        bundle=service.bundle,
        version=service.version,
        name=service.name,
        document=service.document,
        subject=archive.subject,
        at=now,
        exists=any(not record.withdrawn for record in archive.records),
        closed=archive.closed,
        items=tuple(_item(item, on) for item in items),
        undecided=tuple(_undecided(service, found.undecided, found.questions)),
        questions=found.questions,
        held=tuple(state for state in states if state.held),
        needed=needed,
        offers=offers(service, frozenset(state.id for state in needed), on),
        broken=broken_commitments(archive),
        form=form.counts,
        legal=whole_term(items, lambda item: item.legal_days),
        promised=whole_term(items, promised_days),
        fee=whole_fee(items),
        results=tuple(_results(items)),
        lead=service.lead,
        acting_lead=service.acting_lead,
        participants=service.participants,
        delivery=service.delivery,
        faults=found.faults,
    )


def promised_days(item: ItemTerms) -> int | None:
    """The promised working days; the legal ones bind where no other time is promised."""
    return item.legal_days if item.promised_days is None else item.promised_days


def whole_fee(items: Iterable[ItemTerms]) -> Fee:
    """The fees of these items together; a check that states none costs nothing."""
    known = tuple(items)
    stated = [item.fee_fen for item in known if item.fee_fen is not None]
    unstated = tuple(item.number for item in known if item.fee_fen is None and item.role != "check")
    return Fee(sum(stated) if stated else None, unstated)


def unstated_parts(item: ItemTerms) -> tuple[str, ...]:
    """Chinese names of what nobody has stated of an item; a check asks nothing of the applicant."""
    if item.role == "check":
        return ()
    return tuple(name for part, name in PARTS.items() if part not in item.stated)


def condition_states(item: ItemTerms, on: Occasion) -> tuple[ConditionState, ...]:
    """Each condition of an item for this applicant."""
    judged = ((each, verdict(each.cel, each.reads, on)) for each in item.conditions)
    return tuple(
        ConditionState(id=each.id, text=each.text, holds=found.holds, reason=found.reason) for each, found in judged
    )


def _item(item: ItemTerms, on: Occasion) -> ItemNotice:
    return ItemNotice(
        number=item.number,
        code=item.code,
        text=item.text,
        kind=item.kind,
        departments=item.departments,
        departments_stated=item.departments_stated,
        open_list=item.open_list,
        after=item.after,
        legal_basis=item.legal_basis,
        conditions=condition_states(item, on),
        legal_days=item.legal_days,
        promised_days=item.promised_days,
        fee_fen=item.fee_fen,
        fee_basis=item.fee_basis,
        result=item.result_name,
        unstated=unstated_parts(item),
    )


def _undecided(service: Service, numbers: frozenset[int], questions: tuple[Question, ...]) -> Iterator[UndecidedItem]:
    for item in service.items_of(numbers):
        yield UndecidedItem(item.number, item.text, tuple(each.id for each in questions if item.number in each.selects))


def _results(items: tuple[ItemTerms, ...]) -> Iterator[ResultDocument]:
    for item in items:
        if item.result_name is not None:
            yield ResultDocument(item.number, item.result_name, item.result_resource)
