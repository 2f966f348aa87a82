"""The guide of a whole bundle (集成办事指南): the union of what its items ask for, each material and field once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from catalog.bundles import Baseline, Bundle, Commitment, Delivery, Item, Situation
from catalog.service_guide import GuideBook, GuideField, GuideMaterial, Named, ServiceGuide

#: Items whose own time is not counted where they state none: the hub answers checks, the lead takes in and hands out.
AT_ONCE: Final = frozenset(("check", "intake-and-delivery"))


@dataclass(frozen=True)
class AppliesWhen:
    """A question and the choices with which an item applies."""

    question: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class BundleGuideItem:
    """An item of the bundle.

    ``departments`` are whom the source names (none: unstated), ``routed_to`` who acts; ``after`` are the numbers of
    items that go before; without ``applies_when`` it always applies.
    """

    number: int
    text: str
    kind: str
    departments: tuple[Named, ...] | None
    open_list: bool
    routed_to: tuple[Named, ...]
    handled_and_reviewed: bool
    after: tuple[int, ...]
    applies_when: tuple[AppliesWhen, ...]
    register: ServiceGuide


@dataclass(frozen=True)
class Asked:
    """A material or a field of the bundle's one form, and the numbers of the items that ask for it."""

    items: tuple[int, ...]
    material: GuideMaterial | None = None
    field: GuideField | None = None


@dataclass(frozen=True)
class Total:
    """Days or fen of the whole when every item applies; ``unstated``: numbers of the items that state none."""

    value: int | None
    unstated: tuple[int, ...]


@dataclass(frozen=True)
class GuidedCommitment:
    """A material that may be promised (``promise``) or supplied later (``later``)."""

    material: Named
    kind: str
    text: str
    liability: str
    days: int | None
    after_check_days: int | None
    restricted: bool


@dataclass(frozen=True)
class BundleGuide:
    """All that the definitions say of a bundle; ``leads`` None: the source names none, ``acting_lead`` stands in."""

    id: str
    version: int
    name: str
    document: str
    annex: int | None
    number: int
    stage: str | None
    subject: str
    leads: tuple[Named, ...] | None
    acting_lead: Named
    participants: tuple[str, ...]
    open_items: bool
    situations: tuple[Situation, ...]
    items: tuple[BundleGuideItem, ...]
    materials: tuple[Asked, ...]
    fields: tuple[Asked, ...]
    materials_unstated: tuple[int, ...]
    fields_unstated: tuple[int, ...]
    commitments: tuple[GuidedCommitment, ...]
    legal_days: Total
    promised_days: Total
    fee_fen: Total
    delivery: Delivery
    baseline: Baseline | None


def bundle_guide(book: GuideBook, bundle: Bundle) -> BundleGuide:
    """Return the guide of a bundle."""
    items = tuple(_item(book, bundle, item) for item in bundle.items)
    applied_for = [item for item in items if item.kind not in AT_ONCE]
    return BundleGuide(
        id=bundle.id,
        version=bundle.version,
        name=bundle.name,
        document=bundle.document,
        annex=bundle.annex,
        number=bundle.number,
        stage=bundle.stage,
        subject=bundle.subject,
        leads=tuple(map(book.organisation, bundle.leads)) or None,
        acting_lead=book.organisation(bundle.lead),
        participants=bundle.participants,
        open_items=bundle.open_items,
        situations=bundle.situations,
        items=items,
        materials=tuple(_materials(items)),
        fields=tuple(_fields(items)),
        materials_unstated=tuple(item.number for item in applied_for if item.register.materials is None),
        fields_unstated=tuple(item.number for item in applied_for if item.register.fields is None),
        commitments=tuple(_commitment(book, each) for each in bundle.commitments),
        legal_days=longest(items, lambda item: item.register.legal_days),
        promised_days=longest(items, lambda item: item.register.promised_days),
        fee_fen=_sum(applied_for, lambda item: item.register.fee_fen),
        delivery=bundle.delivery,
        baseline=bundle.baseline,
    )


def _item(book: GuideBook, bundle: Bundle, item: Item) -> BundleGuideItem:
    guide = book.guide(item.code)
    reviewed = guide.handled_and_reviewed
    return BundleGuideItem(
        number=item.number,
        text=item.text,
        kind=item.kind,
        departments=tuple(map(book.organisation, item.departments)) or None,
        open_list=item.open_list,
        routed_to=tuple(map(book.organisation, item.routed_to)),
        handled_and_reviewed=bundle.handled_and_reviewed if reviewed is None else reviewed,
        after=item.after,
        applies_when=tuple(_applies_when(bundle.situations, item.number)),
        register=guide,
    )


def _applies_when(situations: Iterable[Situation], number: int) -> Iterator[AppliesWhen]:
    for situation in situations:
        choices = tuple(choice.text for choice in situation.choices if number in choice.items)
        if choices:
            yield AppliesWhen(situation.question, choices)


def _materials(items: Iterable[BundleGuideItem]) -> Iterator[Asked]:
    asked: dict[GuideMaterial, tuple[int, ...]] = {}
    for item in items:
        for material in item.register.materials or ():
            asked[material] = (*asked.get(material, ()), item.number)
    return (Asked(numbers, material=material) for material, numbers in asked.items())


def _fields(items: Iterable[BundleGuideItem]) -> Iterator[Asked]:
    asked: dict[GuideField, tuple[int, ...]] = {}
    for item in items:
        for field in item.register.fields or ():
            asked[field] = (*asked.get(field, ()), item.number)
    return (Asked(numbers, field=field) for field, numbers in asked.items())


def _commitment(book: GuideBook, commitment: Commitment) -> GuidedCommitment:
    return GuidedCommitment(
        material=Named(commitment.material, book.materials[commitment.material].name),
        kind=commitment.kind,
        text=commitment.text,
        liability=commitment.liability,
        days=commitment.days,
        after_check_days=commitment.after_check_days,
        restricted=commitment.cel is not None,
    )


def _sum(items: Iterable[BundleGuideItem], value_of: Callable[[BundleGuideItem], int | None]) -> Total:
    values = {item.number: value_of(item) for item in items}
    stated = [value for value in values.values() if value is not None]
    unstated = tuple(number for number, value in values.items() if value is None)
    return Total(sum(stated) if stated else None, unstated)


def longest(items: Iterable[BundleGuideItem], days_of: Callable[[BundleGuideItem], int | None]) -> Total:
    """Return the days of the longest way through the order of the items, which runs in no circle.

    Items side by side take as long as the longest of them. With unstated items it is a lower bound.
    """
    by_number = {item.number: item for item in items}
    stated = {number: days for number, item in by_number.items() if (days := days_of(item)) is not None}
    due = [number for number, item in by_number.items() if item.kind not in AT_ONCE]
    unstated = tuple(number for number in due if number not in stated)
    if not stated:
        return Total(None, unstated)
    ends: dict[int, int] = {}
    return Total(max(_end(number, by_number, stated, ends) for number in by_number), unstated)


def _end(number: int, items: Mapping[int, BundleGuideItem], days: Mapping[int, int], ends: dict[int, int]) -> int:
    if number not in ends:
        before = (_end(each, items, days, ends) for each in items[number].after)
        ends[number] = max(before, default=0) + days.get(number, 0)
    return ends[number]
