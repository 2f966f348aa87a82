"""The life of a ledger entry: declared, goals planned, progress reported, closed with evidence, opened again.

Pure: an entry and a command give the changes, or every reason why not. A close-out is asked for by the lead and
consented to by every keeper of the ledger, each by a person of its own; the criteria are measured each time.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from catalog.ledger import closing, refusals, reporting
from catalog.ledger.actions import (
    CLOSING_REQUESTED,
    CLOSING_RETURNED,
    CLOSING_REVIEWED,
    ENTERED,
    ENTRY_ACTIONS,
    GOALS_PLANNED,
    MEASURED,
    MEETING_HELD,
    MILESTONE_PLANNED,
    PROBLEM_RAISED,
    PROBLEM_RESOLVED,
    PROGRESS_REPORTED,
    REOPENED,
    EntryEntered,
)
from catalog.ledger.model import Declared, Entry
from catalog.ledger.needs import NeedsOf
from catalog.ledger.standards import Standards
from catalog.ledger.turn import Turn, Turned
from catalog.register.canonical import canonical, plain
from catalog.register.changes import DECLARED, LEDGER_ENTRY, Change, Command, Lookup, Refusal, Rule, State, Step
from catalog.register.refusals import not_there, unknown_action

MOST_BYTES: Final = 700_000
"""An entry travels whole in one message of ``catalog.changes``, which takes a megabyte with all that goes with it."""

Act = Callable[[Turn], Turned]


class _Act(NamedTuple):
    do: Act
    states: tuple[str, ...]


_ANY: Final = ("open", "closing", "closed")
_ACTS: Final[Mapping[str, _Act]] = MappingProxyType(
    {
        PROGRESS_REPORTED: _Act(reporting.progress_reported, ("open",)),
        MILESTONE_PLANNED: _Act(reporting.milestone_planned, ("open",)),
        GOALS_PLANNED: _Act(reporting.goals_planned, ("open",)),
        PROBLEM_RAISED: _Act(reporting.problem_raised, ("open", "closing")),
        PROBLEM_RESOLVED: _Act(reporting.problem_resolved, ("open", "closing")),
        MEETING_HELD: _Act(reporting.meeting_held, _ANY),
        MEASURED: _Act(closing.measured, _ANY),
        CLOSING_REQUESTED: _Act(closing.requested, ("open",)),
        CLOSING_REVIEWED: _Act(closing.reviewed, ("closing",)),
        CLOSING_RETURNED: _Act(closing.returned, ("closing",)),
        REOPENED: _Act(closing.reopened, ("closed",)),
    }
)


def ledger_rule(standards: Standards, needs: NeedsOf) -> Rule:
    """Return the rule of ledger entries under these standards; ``needs`` says what a bundle needs."""

    def ruled(state: State | None, command: Command, lookup: Lookup) -> Step:
        if command.action not in ENTRY_ACTIONS:
            return Step(refusals=(unknown_action(command, ENTRY_ACTIONS),))
        worded = tuple(refusals.of_words(command))
        if command.action in (DECLARED, ENTERED):
            said, early = _said(state, command, lookup, standards.keepers)
            return Step(refusals=told) if (told := (*worded, *early)) else _declared(said, state, command, lookup)
        if state is None:
            return Step(refusals=(not_there(command),))
        act = _ACTS[command.action]
        entry = entry_of(state)
        early = (*worded, *refusals.of_state(entry, *act.states))
        turned = act.do(Turn(entry, command, lookup, standards, needs))
        if faults := (*early, *turned.refusals):
            return Step(refusals=faults)
        return _step(entry, turned, command)

    return ruled


def entry_of(state: State) -> Entry:
    """Return the entry that the register holds in this state."""
    return msgspec.convert(state, Entry)


def declared_entry(declared: Declared, standing: Entry | None = None) -> Entry:
    """Return the entry that a declaration makes, or what it makes of one that stands; its life stays."""
    parts: dict[str, Any] = {
        "kind": declared.kind,
        "declared": declared,
        "bundle": declared.bundle,
        "leads": declared.leads,
        "responsible": declared.responsible,
    }
    return Entry(id=declared.id, **parts) if standing is None else replace(standing, **parts)


def _said(
    state: State | None, command: Command, lookup: Lookup, keepers: tuple[str, ...]
) -> tuple[Declared, tuple[Refusal, ...]]:
    """What a command declares, and what speaks against its being declared by whom it is."""
    if command.action == DECLARED:
        return msgspec.convert(command.payload, Declared), ()
    said = msgspec.convert(command.payload, EntryEntered)
    faults = refusals.of_keeper(said.organisation, keepers)
    own = reporting.own_declaration(said, command, lookup)
    if state is None or entry_of(state).kind == own.kind:
        return own, tuple(faults)
    return own, (*faults, refusals.taken("entity_id", command.entity_id))


def _declared(declared: Declared, state: State | None, command: Command, lookup: Lookup) -> Step:
    if faults := tuple(reporting.of_declaration(declared, command, lookup)):
        return Step(refusals=faults)
    standing = None if state is None else entry_of(state)
    wanted = declared_entry(declared, standing)
    return Step() if wanted == standing else Step(changes=(_change(wanted, command.action, command),))


def _step(before: Entry, turned: Turned, command: Command) -> Step:
    if turned.entry == before:
        return Step()
    change = _change(turned.entry, turned.action or command.action, command, turned.reason)
    size = len(canonical(change.state).encode())
    return Step(refusals=(_too_large(size),)) if size > MOST_BYTES else Step(changes=(change,))


def _change(entry: Entry, action: str, command: Command, reason: str | None = None) -> Change:
    return Change(
        entity=LEDGER_ENTRY, entity_id=entry.id, action=action, state=plain(entry), reason=reason or command.reason
    )


def _too_large(size: int) -> Refusal:
    return refusals.refusal(
        "payload",
        f"条目共 {size} 字节，一条消息最多 {MOST_BYTES} 字节",
        f"the entry has {size} bytes, one message takes {MOST_BYTES}",
        "说明写短些，材料另存，只填编号；或另立条目",
        "keep notes short and give ids of papers; or declare a further entry",
    )
