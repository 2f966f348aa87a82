"""What a bundle's definition file may say: its shape, and the values that stand where it says nothing."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from pydantic import ConfigDict

from catalog.definitions import EXACT
from catalog.resources import SubjectKind

ItemKind = Literal["intake-and-delivery", "check", "handling", "joint", "payment"]
CommitmentKind = Literal["promise", "later"]
DeliveryMeans = Literal["counter", "mail", "e-licence"]

#: A coordinator's due rows are scanned no faster, so that a shorter deadline could not be kept.
SHORTEST_DEADLINE_S: Final = 30


@dataclass(frozen=True)
class IntegerParameter:
    """A whole number that a request may set between ``minimum`` and ``maximum``, both included."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    default: int
    minimum: int
    maximum: int

    def refusal(self, value: int) -> str | None:
        """Return why the value is refused, or None when it may be used."""
        if self.minimum <= value <= self.maximum:
            return None
        return f"{value} is outside {self.minimum} to {self.maximum}"


#: What a bundle's checks look back over, and wait for, where its file says nothing. Both are ours.
LOOK_BACK_YEARS: Final = IntegerParameter(default=3, minimum=1, maximum=20)
DEADLINE_S: Final = IntegerParameter(default=60, minimum=SHORTEST_DEADLINE_S, maximum=86_400)


@dataclass(frozen=True)
class ItemLine:
    """An item as the source prints it; ``parent`` is the number of the item that it stands for in ``extends``.

    A list that is None, and an ``id`` or ``kind`` that is "", is the parent's: only a file with a parent may leave it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    number: int
    item: str
    text: str
    id: str = ""
    kind: ItemKind | Literal[""] = ""
    department_text: str = ""
    carried_down: bool = False
    departments: tuple[str, ...] = ()
    open_list: bool = False
    note: str = ""
    after: tuple[int, ...] | None = None
    parent: int | None = None


@dataclass(frozen=True)
class Choice:
    """An answer to a situation's question, and the numbers of the items that apply when it is chosen."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    text: str
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Situation:
    """A question about the applicant's situation (智能导办): an item that any choice names applies only when chosen."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    question: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Commitment:
    """A material that may be promised (告知承诺) or brought later (容缺受理), and what a broken word costs.

    ``days``: calendar of working days within which it is due; ``after_check_days``: working days until the word is
    checked after the fact (事后核查). ``cel`` over ``records``, ``form``, ``choices`` and ``now`` says who may give it;
    without it everyone may who has no broken commitment. All of it is ours.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    material: str
    kind: CommitmentKind
    text: str
    liability: str
    days: int | None = None
    after_check_days: int | None = None
    cel: str | None = None
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """How results reach the applicant (一窗发证): ``together`` when all are there, or each as it is ready."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    together: bool = True
    means: tuple[DeliveryMeans, ...] = ("counter", "mail", "e-licence")


@dataclass(frozen=True)
class Baseline:
    """What the items took one by one (四减, before): steps, working days, materials, trips. None is unstated."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    steps: int | None = None
    days: int | None = None
    materials: int | None = None
    trips: int | None = None
    origin: str = "ours"
    note: str = ""


@dataclass(frozen=True)
class BundleFile:
    """A whole definition file; what a file with ``extends`` leaves out is its parent's, see ``bundle_inheritance``."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    version: int
    name: str
    source: str
    document: str
    number: int
    subject: SubjectKind
    items: tuple[ItemLine, ...]
    annex: int | None = None
    stage: str | None = None
    leads: tuple[str, ...] = ()
    lead_text: str = ""
    lead_note: str = ""
    participants_text: str = ""
    participants: tuple[str, ...] = ()
    open_items: bool = False
    repeatable: bool | None = None
    extends: str = ""
    handled_and_reviewed: bool | None = None
    look_back_years: IntegerParameter | None = None
    deadline_s: IntegerParameter | None = None
    situations: tuple[Situation, ...] | None = None
    commitments: tuple[Commitment, ...] | None = None
    delivery: Delivery | None = None
    baseline: Baseline | None = None
    example: tuple[dict[str, Any], ...] = ()
