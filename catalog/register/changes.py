"""What rules of the register take and give: commands, changes, refusals, and the read-only view that they may ask.

A rule is pure: the same state, command and lookups give the same step; time is ``Command.at`` and nothing else.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol

import msgspec

Entity = Literal[
    "organisation",
    "system",
    "resource",
    "licence-type",
    "legal-basis",
    "demand",
    "grant",
    "duty",
    "list",
    "correction",
    "ledger-entry",
    "team",
]

ORGANISATION: Final = "organisation"
SYSTEM: Final = "system"
RESOURCE: Final = "resource"
LICENCE_TYPE: Final = "licence-type"
LEGAL_BASIS: Final = "legal-basis"
DEMAND: Final = "demand"
GRANT: Final = "grant"
DUTY: Final = "duty"
LIST: Final = "list"
CORRECTION: Final = "correction"
LEDGER_ENTRY: Final = "ledger-entry"
TEAM: Final = "team"

# Organisations, systems, licence types and legal bases are declared; so are resources that a declaration publishes.
DECLARED: Final = "declared"
# Resources.
DRAFTED: Final = "drafted"
CHANGED: Final = "changed"
SUBMITTED: Final = "submitted"
RETURNED: Final = "returned"
REVIEWED: Final = "reviewed"
PUBLISHED: Final = "published"
UPDATE_DUE: Final = "update-due"
UPDATED: Final = "updated"
WITHDRAWN: Final = "withdrawn"
# Demands.
APPLIED: Final = "applied"
COMPLETION_ASKED: Final = "completion-asked"
COMPLETED: Final = "completed"
ACCEPTED: Final = "accepted"
GRANTED: Final = "granted"
REFUSED: Final = "refused"
EXTENSION_CONSENTED: Final = "extension-consented"
DELIVERED: Final = "delivered"
USED: Final = "used"
DISPOSAL_DUE: Final = "disposal-due"
DISPOSED: Final = "disposed"
# Grants.
ISSUED: Final = "issued"
ENDED: Final = "ended"
# Corrections.
DISPUTED: Final = "disputed"
CORRECTED: Final = "corrected"
MARK_REMOVED: Final = "mark-removed"
UNDETERMINABLE: Final = "undeterminable"
# Duties.
OPENED: Final = "opened"
SUSPENDED: Final = "suspended"
RESUMED: Final = "resumed"
EXTENDED: Final = "extended"
WARNED: Final = "warned"
BREACHED: Final = "breached"
FULFILLED: Final = "fulfilled"
ESCALATED: Final = "escalated"
LAPSED: Final = "lapsed"
# Lists.
DRAWN_UP: Final = "drawn-up"
SIGNED_OFF: Final = "signed-off"

# The command that the clock gives at an entity's ``due_at``; its ``at`` is that instant, however late it is rung.
RUNG: Final = "rung"
CLOCK: Final = "clock"

# One entity after a change, as plain JSON values (objects, arrays, strings, integers, booleans, null).
State = Mapping[str, Any]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks of one entity: ``action`` is the past-tense word of the change that they want to have made.

    ``at`` is µs UTC. The same ``command_id`` twice is one change. ``expected_version`` is the version that the asker
    saw; ``None`` takes whatever stands.
    """

    entity: Entity
    entity_id: str
    action: str
    actor: str
    at: int
    command_id: str
    payload: Mapping[str, Any] = {}
    expected_version: int | None = None
    reason: str | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a command was refused: the field, the reason and the remedy, in Chinese and in English."""

    field: str
    reason: str
    reason_en: str
    remedy: str
    remedy_en: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule changes: an entity's ``state`` after it, and when the clock must ring for it (``due_at``, µs UTC).

    A change without ``due_at`` silences the clock for that entity.
    """

    entity: Entity
    entity_id: str
    action: str
    state: State
    reason: str | None = None
    due_at: int | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What a command does: all changes, or the refusals and nothing. Neither: the command asks what is so already."""

    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class RecordedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change as the register keeps it: ``number`` counts all changes, ``version`` those of its entity, from 1."""

    number: int
    entity: Entity
    entity_id: str
    version: int
    action: str
    actor: str
    at: int
    state: State
    command_id: str
    reason: str | None = None
    due_at: int | None = None


class Lookup(Protocol):
    """The register as a rule sees it: what stands before its command, within the same transaction."""

    def get(self, entity: Entity, entity_id: str) -> State | None:
        """Return the entity's state; ``None``: there is none."""
        ...

    def find(self, entity: Entity, /, **fields: str) -> tuple[State, ...]:
        """Return the entities whose fields have these values (a list: contains it), in the order of their ids.

        Raises:
            KeyError: the register does not find this entity by such a field (``catalog.register.tables.FILTERED``).
        """
        ...


# What a command does to an entity (``None``: there is none yet).
Rule = Callable[[State | None, Command, Lookup], Step]
# What must follow a change in the same transaction, as commands; ids are given by the store.
Reaction = Callable[[RecordedChange, Lookup], tuple[Command, ...]]
