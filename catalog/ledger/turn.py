"""What an action works with, and what it comes to."""

import msgspec

from catalog.ledger.model import Entry
from catalog.ledger.needs import NeedsOf
from catalog.ledger.standards import Standards
from catalog.register.changes import Command, Lookup, Refusal


class Turn(msgspec.Struct, frozen=True):
    """An entry as it stands, what is asked of it, and what may be looked up."""

    entry: Entry
    command: Command
    lookup: Lookup
    standards: Standards
    needs_of: NeedsOf


class Turned(msgspec.Struct, frozen=True):
    """The entry afterwards, or why not; ``action`` and ``reason`` where the change is told by other words."""

    entry: Entry
    refusals: tuple[Refusal, ...] = ()
    action: str = ""
    reason: str | None = None
