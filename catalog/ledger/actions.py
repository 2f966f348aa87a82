"""What happens to entries and teams of the ledger, and what a command says of it."""

from datetime import date
from typing import Annotated, Final

import msgspec

from catalog.ledger.model import (
    Amount,
    Long,
    MeetingKind,
    Member,
    Milestone,
    Reductions,
    Statement,
    TeamPlan,
    Text,
    Word,
)
from catalog.ledger.periods import CycleKind
from catalog.register.changes import DECLARED, ENDED

ENTERED: Final = "entered"
PROGRESS_REPORTED: Final = "progress-reported"
MILESTONE_PLANNED: Final = "milestone-planned"
GOALS_PLANNED: Final = "goals-planned"
PROBLEM_RAISED: Final = "problem-raised"
PROBLEM_RESOLVED: Final = "problem-resolved"
MEETING_HELD: Final = "meeting-held"
MEASURED: Final = "measured"
CLOSING_REQUESTED: Final = "closing-requested"
CLOSING_REVIEWED: Final = "closing-reviewed"
CLOSING_RETURNED: Final = "closing-returned"
CLOSED: Final = "closed"
REOPENED: Final = "reopened"

ENTRY_ACTIONS: Final = (
    DECLARED,
    ENTERED,
    PROGRESS_REPORTED,
    MILESTONE_PLANNED,
    GOALS_PLANNED,
    PROBLEM_RAISED,
    PROBLEM_RESOLVED,
    MEETING_HELD,
    MEASURED,
    CLOSING_REQUESTED,
    CLOSING_REVIEWED,
    CLOSING_RETURNED,
    REOPENED,
)
"""What happens to an entry; ``closed`` follows from the last review, ``declared`` is of what ships with the hub."""

FORMED: Final = "formed"
MEMBER_JOINED: Final = "member-joined"
MEMBER_LEFT: Final = "member-left"
PLAN_ADOPTED: Final = "plan-adopted"

TEAM_ACTIONS: Final = (FORMED, MEMBER_JOINED, MEMBER_LEFT, PLAN_ADOPTED, ENDED)

Evidence = Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)]


class _By(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``organisation`` is for whom the actor acts."""

    organisation: Text


class Reported(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Progress: ``done`` by the end of the day ``on`` (the command's, when left out), see ``model.Progress``."""

    milestone: Word
    done: Amount
    on: date | None = None
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    evidence: Evidence = ()


class NewMilestone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A milestone that a lead adds."""

    id: Word
    name: Text
    due: date | None = None
    target: Amount | None = None
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""
    every: CycleKind | None = None

    def planned(self, begins: date) -> Milestone:
        """As the entry keeps it, from the day on which it is planned."""
        due_text = str(self.due) if self.due else "unstated"
        return Milestone(
            id=self.id,
            name=self.name,
            begins=begins,
            due=self.due,
            due_text=due_text,
            target=self.target,
            unit=self.unit,
            every=self.every or "",
            origin="planned",
        )


class EntryEntered(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of the keepers' own: units by their codes; ``document`` is what it rests on, if anything does."""

    name: Text
    milestones: Annotated[tuple[NewMilestone, ...], msgspec.Meta(min_length=1, max_length=50)]
    leads: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=20)]
    responsible: Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)] = ()
    document: Annotated[str, msgspec.Meta(max_length=400)] = ""
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    bundle: Annotated[str, msgspec.Meta(max_length=64)] = ""


class MilestonePlanned(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who adds which milestone."""

    milestone: NewMilestone


class GoalsPlanned(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goals by the ids of periods; ``None`` takes one back, those that are not named stay."""

    milestone: Word
    goals: Annotated[dict[str, Amount | None], msgspec.Meta(max_length=500)]
    standing: Amount | None = None


class ProblemRaised(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A difficulty under an id of its own; ``asked_of``: the organisation that could resolve it."""

    id: Word
    text: Long
    asked_of: Annotated[str, msgspec.Meta(max_length=400)] = ""


class ProblemResolved(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a difficulty was resolved."""

    id: Word
    outcome: Long


class MeetingHeld(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A meeting; see ``model.Meeting``."""

    kind: MeetingKind
    on: date
    subject: Text
    decisions: Annotated[tuple[Long, ...], msgspec.Meta(max_length=50)] = ()
    entries: Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)] = ()
    record: Annotated[str, msgspec.Meta(max_length=400)] = ""


class MeasureAsked(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Measure anew; with ``reductions`` where cases have been delivered since."""

    reductions: Reductions | None = None


class ClosingRequested(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A close-out is asked for; a statement for each standard of which nothing can be measured."""

    statements: Annotated[tuple[Statement, ...], msgspec.Meta(max_length=20)] = ()
    reductions: Reductions | None = None


class Acting(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which organisation somebody consents, returns, reopens or ends."""


class TeamFormed(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team's members, the lead among them."""

    members: Annotated[tuple[Member, ...], msgspec.Meta(min_length=1, max_length=100)]


class MemberJoined(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who joins, or whose contact is another now."""

    member: Member


class MemberLeft(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which organisation leaves."""

    member: Text


class PlanAdopted(_By, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The team's work plan."""

    plan: TeamPlan
