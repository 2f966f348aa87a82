"""What the ledger (工作台账) holds: frozen data; days are China's, instants µs UTC, organisations by their codes."""

from datetime import date
from typing import Annotated, Final, Literal

import msgspec

from catalog.ledger.periods import CycleKind

UNSTATED: Final = "unstated"

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
Long = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}\Z")]
Amount = Annotated[float, msgspec.Meta(ge=0, le=1e9)]

EntryKind = Literal["task", "goal", "step", "bundle", "own"]
EntryState = Literal["open", "closing", "closed"]
MeetingKind = Literal["quarterly", "monthly"]

KIND_NAMES: Final = {
    "task": "任务",
    "goal": "总体目标",
    "step": "实施步骤",
    "bundle": "一件事",
    "own": "自行增列",
}
MEETING_NAMES: Final = {"quarterly": "专题会议", "monthly": "月调度"}


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A unit as the source prints it; ``code`` is ``""`` where the words name no organisation of the register."""

    text: str
    code: str = ""


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """One goal of an entry.

    Attributes:
        quote: the source's sentence to the character; ``""`` for one that a lead planned by itself.
        due_text, quantity_text: as printed; ``"unstated"`` where the source is silent.
        begins: the day from which a planned one counts; ``None``: from the source's day.
        due: the last day, as we count it; ``None`` where no day follows from the source.
        target: how much of ``unit`` is wanted; ``None``: no quantity, progress is told in percent of the work.
        every: wanted again in each such period, ``target`` times; ``due`` is ``None`` then.
        readings: what of the above is our reading rather than the source's words.
        rate: the rate of the hub that shows the same figure.
        meeting: the kind of meeting that counts for it.
        origin: ``source``, or ``planned``: added by a lead.
    """

    id: Word
    name: Text
    quote: str = ""
    begins: date | None = None
    due_text: str = UNSTATED
    due: date | None = None
    quantity_text: str = UNSTATED
    target: Amount | None = None
    unit: str = ""
    every: CycleKind | Literal[""] = ""
    readings: tuple[str, ...] = ()
    rate: str = ""
    meeting: MeetingKind | Literal[""] = ""
    origin: Literal["source", "planned"] = "source"


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as its source states it; ``issued`` is the source's day, ``number`` its place there.

    ``acting_lead`` is whom the operator's routes name where the source names no lead.
    """

    id: Text
    kind: EntryKind
    name: Text
    source: str
    document: str
    issued: date
    milestones: tuple[Milestone, ...]
    number: int | None = None
    section: str = ""
    text: str = ""
    lead_text: str = UNSTATED
    lead_parties: tuple[Party, ...] = ()
    acting_lead: str = ""
    responsible_text: str = UNSTATED
    responsible_parties: tuple[Party, ...] = ()
    bundle: str = ""

    @property
    def leads(self) -> tuple[str, ...]:
        """Codes of the leads that the source names, else of who acts as lead."""
        named = tuple(dict.fromkeys(each.code for each in self.lead_parties if each.code))
        return named or ((self.acting_lead,) if self.acting_lead else ())

    @property
    def responsible(self) -> tuple[str, ...]:
        """Codes of the responsible units that the source names."""
        return tuple(dict.fromkeys(each.code for each in self.responsible_parties if each.code))

    @property
    def is_collective(self) -> bool:
        """Whether the source names units together (市级各相关单位) that no organisation of the register stands for."""
        return any(not each.code for each in (*self.lead_parties, *self.responsible_parties))


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Goals of a milestone: id of a period → what is to be added in it; ``standing`` is what was there before."""

    standing: Amount = 0
    goals: dict[str, Amount] = {}


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What was reported of a milestone.

    ``done`` is what is reached in all by the end of the day ``on``; of a milestone that is wanted ``every`` period it
    is what was done on that day.
    """

    milestone: str
    on: date
    done: float
    organisation: str
    by: str
    at: int
    note: str = ""
    evidence: tuple[str, ...] = ()


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A difficulty (难点堵点); ``resolved_at`` is ``None`` while it is open."""

    id: str
    text: str
    raised_by: str
    organisation: str
    raised_at: int
    asked_of: str = ""
    outcome: str = ""
    resolved_by: str = ""
    resolved_at: int | None = None


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting that dealt with the entry; ``record`` is the id of its minutes, ``entries`` what else it dealt with."""

    kind: MeetingKind
    on: date
    subject: str
    organisation: str
    by: str
    at: int
    decisions: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    record: str = ""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A criterion measured: ``count`` of ``of``; ``of`` is 0 and ``why_unmeasured`` says why where nothing can be."""

    criterion: str
    count: int
    of: int
    missing: tuple[str, ...] = ()
    why_unmeasured: str = ""

    @property
    def share(self) -> float | None:
        """The count as a part of what it is of; ``None`` where nothing is."""
        return self.count / self.of if self.of else None


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a lead states of a standard that cannot be measured, with what shows it."""

    standard: Word
    text: Long
    evidence: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]


class Reductions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """四减 over delivered cases: what was before and the median now, by steps, days, materials and trips.

    ``before_origin`` is who says what was before; ``ours``: the hub's own estimate, no source's.
    """

    cases: Annotated[int, msgspec.Meta(ge=0)]
    before: dict[Literal["steps", "days", "materials", "trips"], float | None]
    now: dict[Literal["steps", "days", "materials", "trips"], float | None]
    figure: Text
    before_origin: Annotated[str, msgspec.Meta(max_length=400)] = ""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of all criteria at an instant, and the reductions that were told by then."""

    at: int
    by: str
    standards_version: int
    figures: tuple[Figure, ...]
    reductions: Reductions | None = None


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One office's consent to a close-out."""

    organisation: str
    by: str
    at: int


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """A close-out that was asked for, on which figures and statements; ``closed_at`` once every office consented."""

    organisation: str
    requested_by: str
    requested_at: int
    measured: Measured
    statements: tuple[Statement, ...] = ()
    reviews: tuple[Review, ...] = ()
    closed_at: int | None = None


class Reopening(msgspec.Struct, frozen=True, kw_only=True):
    """Why a closed entry is open again: somebody's reason, or the criteria that no longer hold."""

    at: int
    by: str
    reason: str
    fallen: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it stands; ``leads`` and ``responsible`` are the codes of those whom the source names."""

    id: str
    kind: EntryKind
    declared: Declared
    state: EntryState = "open"
    bundle: str = ""
    leads: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    planned: tuple[Milestone, ...] = ()
    plans: dict[str, Plan] = {}
    progress: tuple[Progress, ...] = ()
    problems: tuple[Problem, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    measured: Measured | None = None
    closing: Closing | None = None
    reopenings: tuple[Reopening, ...] = ()

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """The source's, then those that were planned."""
        return self.declared.milestones + self.planned

    def milestone(self, id_: str) -> Milestone | None:
        """The milestone of this id."""
        return next((each for each in self.milestones if each.id == id_), None)


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A department's part in a team: the contact's post (联络岗位), never a person's name or number."""

    organisation: Text
    role: Text
    contact: Text


class TeamPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The team's work plan (工作方案): its number or address, and from which day it holds."""

    title: Text
    reference: Text
    adopted_on: date


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """一事一组: who works on a bundle; ``organisations`` are the members' codes."""

    id: str
    bundle: str
    lead: str
    members: tuple[Member, ...]
    organisations: tuple[str, ...]
    formed_at: int
    formed_by: str
    plan: TeamPlan | None = None
    ended_at: int | None = None
