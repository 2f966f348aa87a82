"""Close-out (销号): asked for by the lead, consented to by every keeper, undone when its evidence falls away."""

from typing import Final

from msgspec.structs import replace

from catalog.ledger import refusals
from catalog.ledger.actions import CLOSED, REOPENED, Acting, ClosingRequested, MeasureAsked
from catalog.ledger.measures import Verdict, figures, verdicts
from catalog.ledger.model import Closing, Entry, Measured, Reductions, Reopening, Review, Statement
from catalog.ledger.reporting import read
from catalog.ledger.turn import Turn, Turned
from catalog.register.changes import Refusal

EVIDENCE_FELL_AWAY: Final = "销号依据不再成立"


def measured(turn: Turn) -> Turned:
    """Measure anew; a closed entry whose criteria no longer hold is open again."""
    said = read(turn, MeasureAsked)
    entry = _with_figures(turn, said.reductions)
    fallen = tuple(each for verdict in _verdicts(turn, entry) for each in verdict.fallen)
    if entry.state != "closed" or not fallen:
        return Turned(entry)
    told = f"{EVIDENCE_FELL_AWAY}：{'、'.join(fallen)}"
    return Turned(_opened(entry, turn, told, fallen), action=REOPENED, reason=told)


def requested(turn: Turn) -> Turned:
    """Ask for the close-out: every goal reached, no problem open, each standard met or, unmeasurable, stated."""
    said = read(turn, ClosingRequested)
    entry = _with_figures(turn, said.reductions)
    faults = (
        *refusals.of_lead(entry, said.organisation, turn.standards.keepers),
        *_of_evidence(turn, entry, said.statements),
    )
    asked = Closing(
        organisation=said.organisation,
        requested_by=turn.command.actor,
        requested_at=turn.command.at,
        measured=_measured(entry),
        statements=said.statements,
    )
    return Turned(replace(entry, state="closing", closing=asked), faults)


def reviewed(turn: Turn) -> Turned:
    """Consent for one office; with the last of them the entry is closed."""
    organisation = read(turn, Acting).organisation
    entry = _with_figures(turn, None)
    asked = _closing(entry)
    faults = (
        *refusals.of_keeper(organisation, turn.standards.keepers),
        *refusals.of_reviewer(asked.requested_by, (each.by for each in asked.reviews), turn.command.actor),
        *_of_office(organisation, asked),
        *_of_evidence(turn, entry, asked.statements),
    )
    reviews = (*asked.reviews, Review(organisation=organisation, by=turn.command.actor, at=turn.command.at))
    asked = replace(asked, reviews=reviews, measured=_measured(entry))
    if {each.organisation for each in reviews} < set(turn.standards.keepers):
        return Turned(replace(entry, closing=asked), faults)
    closed = replace(entry, state="closed", closing=replace(asked, closed_at=turn.command.at))
    return Turned(closed, faults, action=CLOSED)


def returned(turn: Turn) -> Turned:
    """Send the request back to the lead."""
    organisation = read(turn, Acting).organisation
    faults = (*refusals.of_keeper(organisation, turn.standards.keepers), *refusals.of_reason(turn.command))
    return Turned(replace(turn.entry, state="open", closing=None), faults)


def reopened(turn: Turn) -> Turned:
    """Open a closed entry again, for a reason."""
    organisation = read(turn, Acting).organisation
    faults = (*refusals.of_keeper(organisation, turn.standards.keepers), *refusals.of_reason(turn.command))
    return Turned(_opened(turn.entry, turn, turn.command.reason or "", ()), faults)


def _of_evidence(turn: Turn, entry: Entry, statements: tuple[Statement, ...]) -> tuple[Refusal, ...]:
    return (
        *refusals.of_closing(entry, refusals.day_of(turn.command.at)),
        *refusals.of_standards(_verdicts(turn, entry), statements),
    )


def _of_office(organisation: str, asked: Closing) -> tuple[Refusal, ...]:
    if organisation not in {each.organisation for each in asked.reviews}:
        return ()
    return (
        refusals.refusal(
            "payload.organisation",
            f"“{organisation}”已审核同意",
            f"{organisation!r} has consented already",
            "由另一台账管理单位审核",
            "the other keeper of the ledger reviews it",
        ),
    )


def _with_figures(turn: Turn, reductions: Reductions | None) -> Entry:
    """The entry with its criteria as they are now; an entry whose figures are as before stays what it is."""
    entry, before = turn.entry, turn.entry.measured
    told = reductions or (before.reductions if before else None)
    found = figures(entry, turn.lookup, turn.standards, turn.needs_of, told)
    version = turn.standards.version
    if before is not None and (before.figures, before.reductions, before.standards_version) == (found, told, version):
        return entry
    new = Measured(at=turn.command.at, by=turn.command.actor, standards_version=version, figures=found, reductions=told)
    return replace(entry, measured=new)


def _verdicts(turn: Turn, entry: Entry) -> tuple[Verdict, ...]:
    return verdicts(turn.standards, _measured(entry).figures)


def _measured(entry: Entry) -> Measured:
    assert entry.measured is not None  # noqa: S101  it was measured in the same turn
    return entry.measured


def _closing(entry: Entry) -> Closing:
    """The request that stands; where there is none the state refuses the command, whatever comes of it."""
    nobody = Closing(organisation="", requested_by="", requested_at=0, measured=_measured(entry))
    return entry.closing or nobody


def _opened(entry: Entry, turn: Turn, reason: str, fallen: tuple[str, ...]) -> Entry:
    opening = Reopening(at=turn.command.at, by=turn.command.actor, reason=reason, fallen=fallen)
    return replace(entry, state="open", closing=None, reopenings=(*entry.reopenings, opening))
