"""What a handled case needs of its bundle's definition: kept with it, so that a new version changes no running case."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from processors.domain.definition import CaseDefinition

ItemMode = Literal["lead", "check", "handled", "payment"]
"""``lead``: the lead's own part; ``check``: the check engine answers; ``payment``: nothing but a fee."""

LEAD: Final = "lead"
CHECK: Final = "check"
HANDLED: Final = "handled"
PAYMENT: Final = "payment"

DELIVERY_MEANS: Final = ("counter", "mail", "e-licence")
PROMISE: Final = "promise"
LATER: Final = "later"


class ItemPlan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One item of the bundle.

    Attributes:
        number: its place in the source.
        item_id: short name, a check's id.
        code: in the item register.
        text: as the source prints it.
        mode: who does what.
        departments: who handles it; several handle it together (联合评审、联合验收).
        handled_and_reviewed: whether a second person must approve a decision (经办–审核).
        after: numbers of the items that must be approved first.
        limit_days: promised, else legal, working days; None when neither is stated.
        passes: the answer with which a check passes: clear, found, or any.
        fee_fen: fee in 0.01 yuan, None when unstated.
        result_resource: a fact of this resource that carries the case id closes the item.
        result_name: the document that it ends with.
        materials: ids of what it asks for.
    """

    number: int
    item_id: str
    code: str
    text: str
    mode: ItemMode
    departments: tuple[str, ...]
    handled_and_reviewed: bool = False
    after: tuple[int, ...] = ()
    limit_days: int | None = None
    passes: Literal["clear", "found", "any"] = "any"
    fee_fen: int | None = None
    result_resource: str | None = None
    result_name: str | None = None
    materials: tuple[str, ...] = ()


class SituationPlan(msgspec.Struct, frozen=True, gc=False):
    """A question whose answer selects items: choice → numbers of the items that it brings in."""

    question: str
    choices: dict[str, tuple[int, ...]]


class CommitmentPlan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A material that may be promised (告知承诺) or supplied later (容缺受理).

    Attributes:
        material: its id.
        kind: ``promise`` or ``later``.
        days: working days until a later one is due; for a promise, until it must be fulfilled; None when unstated.
        after_check_days: working days after the decision in which a promise is checked; None: when ``days`` are over.
    """

    material: str
    kind: Literal["promise", "later"]
    days: int | None
    after_check_days: int | None = None


class HandlingPlan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One version of a bundle as its handled cases keep it.

    Attributes:
        lead: who answers for the whole (牵头部门).
        checks: the checking items as the check engine takes them, None where there are none.
        look_back_years: what checks look back over.
        check_deadline_s: when a report on the checks goes out at the latest.
        unrouted: numbers of items that nobody is named for; while there are any, the bundle cannot be applied for.
        bad_stars: an evaluation with so few stars, or fewer, is bad.
        rectification_days: working days in which the lead answers a bad evaluation.
        names: each department's Chinese name by its code.
        material_names: each material's Chinese name by its id, of those that items ask for or commitments are about.
    """

    bundle: str
    version: int
    name: str
    document: str
    subject_kind: str
    lead: str
    items: tuple[ItemPlan, ...]
    names: dict[str, str]
    checks: CaseDefinition | None = None
    situations: tuple[SituationPlan, ...] = ()
    commitments: tuple[CommitmentPlan, ...] = ()
    delivery_means: tuple[str, ...] = DELIVERY_MEANS
    repeatable: bool = False
    look_back_years: int = 3
    check_deadline_s: int = 60
    unrouted: tuple[int, ...] = ()
    bad_stars: int = 2
    rectification_days: int = 5
    material_names: dict[str, str] = {}

    @property
    def is_verification(self) -> bool:
        """Whether the lead only gathers what others check: its result is the report, whatever the report says."""
        modes = {item.mode for item in self.items}
        return modes == {LEAD, CHECK}

    def item(self, number: int) -> ItemPlan:
        """The item of this number; it exists."""
        return next(item for item in self.items if item.number == number)

    def material_name(self, material: str) -> str:
        """What people call a material; one that the definition does not know is called as it was written."""
        return self.material_names.get(material, material)

    def applicable(self, choices: Iterable[tuple[str, str]]) -> frozenset[int]:
        """Numbers of the items that apply: those that no situation selects, and those that a choice brings in."""
        chosen = dict(choices)
        selected = {number for each in self.situations for numbers in each.choices.values() for number in numbers}
        brought = {number for each in self.situations for number in each.choices.get(chosen.get(each.question, ""), ())}
        return frozenset(item.number for item in self.items if item.number not in selected or item.number in brought)

    def commitment(self, material: str, kind: str) -> CommitmentPlan | None:
        """How this material may be promised or supplied later, None when it may not."""
        return next((each for each in self.commitments if (each.material, each.kind) == (material, kind)), None)


def cycle(items: Iterable[tuple[int, tuple[int, ...]]]) -> tuple[int, ...]:
    """Numbers of items whose order runs in a circle, empty when there is none; unknown numbers are passed over."""
    after = dict(items)
    left = set(after)
    while left:
        ready = {number for number in left if not left.intersection(after[number])}
        if not ready:
            return tuple(sorted(left))
        left -= ready
    return ()


def checks_of(plan: HandlingPlan, applicable: frozenset[int]) -> CaseDefinition | None:
    """The definition of the checks that apply, None where none does."""
    if plan.checks is None:
        return None
    ids = {item.item_id for item in _checking(plan) if item.number in applicable}
    lines = tuple(line for line in plan.checks.lines if line.check_id in ids)
    return msgspec.structs.replace(plan.checks, lines=lines) if lines else None


def _checking(plan: HandlingPlan) -> Iterator[ItemPlan]:
    return (item for item in plan.items if item.mode == CHECK)
