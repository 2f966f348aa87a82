"""What serving an applicant needs of a bundle's definition: questions, items, fields, materials, commitments.

Everything elaborated in it is ours; what an item does not state stands in none of its ``stated`` names.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

PROMISE = "promise"
LATER = "later"

FieldType = Literal["text", "number", "date", "choice", "boolean", "uscc", "resident-id", "phone", "address"]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A data resource that can supply something.

    Attributes:
        resource: its code.
        name: its Chinese name.
        department: whose data it is, by its Chinese name.
        max_age_days: how old its coverage statement may be for "there is none" to be believed.
        stands_with_subject: whether its records stand in archives of the bundle's kind of subject.
    """

    resource: str
    name: str
    department: str
    max_age_days: int
    stands_with_subject: bool = True


class FieldTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the form; ``content`` is where the source's records hold its value."""

    id: str
    name: str
    type: FieldType = "text"
    required: bool = True
    personal: bool = False
    choices: tuple[str, ...] = ()
    source: Source | None = None
    content: str = ""

    @property
    def is_shareable(self) -> bool:
        """Whether sharing can supply it for the bundle's subject."""
        return self.source is not None and self.source.stands_with_subject


class MaterialTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A material; a record in force of ``source`` takes its place."""

    id: str
    name: str
    form: str = "document"
    personal: bool = False
    source: Source | None = None


class ConditionTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A condition of acceptance; without CEL a person judges it."""

    id: str
    text: str
    cel: str | None = None
    reads: tuple[Source, ...] = ()


class ItemTerms(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the bundle: days are working days, the fee is in fen, None is unstated.

    Attributes:
        departments: Chinese names of who handles it; ``open_list``: and others (等); where the source names nobody they
            are those whom the operator named, and ``departments_stated`` is False.
        kind: what the item is in the register; ``role`` is its part in the bundle.
        after: numbers of the items that come before it.
        stated: names of the elaborated parts that are stated, such as ``materials``; what is not among them is
            unstated, and an empty list that is stated says "none".
    """

    number: int
    code: str
    text: str
    kind: str = "unstated"
    role: str = "handling"
    departments: tuple[str, ...] = ()
    departments_stated: bool = True
    open_list: bool = False
    after: tuple[int, ...] = ()
    legal_basis: tuple[str, ...] = ()
    legal_days: int | None = None
    promised_days: int | None = None
    fee_fen: int | None = None
    fee_basis: str | None = None
    result_name: str | None = None
    result_resource: str | None = None
    conditions: tuple[ConditionTerms, ...] = ()
    fields: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    stated: frozenset[str] = frozenset()


class Option(msgspec.Struct, frozen=True):
    """A choice of a question and the numbers of the items that it brings in."""

    id: str
    text: str
    items: tuple[int, ...] = ()


class Question(msgspec.Struct, frozen=True):
    """A situation question (情形)."""

    id: str
    text: str
    options: tuple[Option, ...]

    @property
    def selects(self) -> frozenset[int]:
        """Numbers of the items that some choice brings in."""
        return frozenset(number for option in self.options for number in option.items)

    def option(self, option_id: str | None) -> Option | None:
        """The choice of this id, None for no such choice."""
        return next((each for each in self.options if each.id == option_id), None)


class CommitmentTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How a material may be promised (告知承诺) or supplied later (容缺受理), and by whom.

    Attributes:
        kind: ``promise`` or ``later``.
        days: working days in which it is to be supplied or fulfilled.
        liability: what a broken promise leads to.
        cel: who is eligible, as a condition; None: everyone without a broken commitment.
    """

    material: str
    kind: str
    days: int | None = None
    text: str = ""
    liability: str = ""
    after_check_days: int | None = None
    cel: str | None = None
    reads: tuple[Source, ...] = ()


class DeliveryTerms(msgspec.Struct, frozen=True):
    """How results are handed over; no means: unstated."""

    together: bool | None = None
    means: tuple[str, ...] = ()


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a bundle as applicants meet it.

    Attributes:
        lead: Chinese names of who leads it; empty where the source names none.
        acting_lead: who acts as lead, also where only the operator named one.
        fields: every field that some item asks for, by id, in the catalogue's order.
        materials: the same for materials.
        takes_closed: whether a subject whose archive is closed may apply.
    """

    bundle: str
    version: int
    name: str
    document: str = ""
    subject_kind: str = "enterprise"
    lead: tuple[str, ...] = ()
    acting_lead: str = ""
    participants: tuple[str, ...] = ()
    repeatable: bool = False
    takes_closed: bool = False
    items: tuple[ItemTerms, ...] = ()
    questions: tuple[Question, ...] = ()
    commitments: tuple[CommitmentTerms, ...] = ()
    delivery: DeliveryTerms = DeliveryTerms()
    fields: Mapping[str, FieldTerms] = {}
    materials: Mapping[str, MaterialTerms] = {}

    def question(self, question_id: str) -> Question | None:
        """The question of this id, None for no such question."""
        return next((each for each in self.questions if each.id == question_id), None)

    def items_of(self, numbers: frozenset[int]) -> tuple[ItemTerms, ...]:
        """The items of these numbers, in the order of their numbers."""
        return tuple(sorted((each for each in self.items if each.number in numbers), key=lambda item: item.number))


class ServiceFault(msgspec.Struct, frozen=True):
    """One thing wrong with an application.

    Attributes:
        code: stable kebab-case name.
        place: where, such as ``form.enterprise-name``.
        message: what, in Chinese; never holds personal data.
        remedy: what to do, in Chinese.
    """

    code: str
    place: str
    message: str
    remedy: str


def as_json(value: Any) -> Any:
    """A notice, form or verdict as plain JSON values."""
    return msgspec.to_builtins(value)
