"""The ledger in the register: what ships with the hub is declared, and close-outs follow what they rest on."""

from collections.abc import Iterator
from typing import Any, Final

from catalog.ledger.actions import MEASURED
from catalog.ledger.declarations import load_declared
from catalog.ledger.needs import NeedsOf
from catalog.ledger.rule import entry_of
from catalog.ledger.standards import Standards
from catalog.register.canonical import canonical, digest_of, plain
from catalog.register.changes import (
    DECLARED,
    GRANT,
    LEDGER_ENTRY,
    RESOURCE,
    Command,
    Lookup,
    Reaction,
    RecordedChange,
)

LEDGER: Final = "ledger"
"""Who measures a closed entry anew when something changes that it rests on."""


def ledger_commands(at: int, declarer: str) -> tuple[Command, ...]:
    """Return a declaration of every entry that ships with the hub, dated ``at`` (µs UTC).

    What is declared as it stands changes nothing; a command's id follows from what it declares.
    """
    return tuple(_declaration(plain(declared), at, declarer) for declared in load_declared())


def closings_follow(standards: Standards, needs_of: NeedsOf) -> Reaction:
    """Return what follows from a changed resource or grant: closed entries that rest on it are measured anew."""

    def follow(change: RecordedChange, lookup: Lookup) -> tuple[Command, ...]:
        resources = frozenset(_resources(change))
        if not resources:
            return ()
        closed = (entry_of(each) for each in lookup.find(LEDGER_ENTRY, state="closed"))
        return tuple(
            Command(
                entity=LEDGER_ENTRY,
                entity_id=entry.id,
                action=MEASURED,
                actor=LEDGER,
                at=change.at,
                command_id="",
                payload={"organisation": standards.keepers[0]},
            )
            for entry in closed
            if (needs := needs_of(entry.bundle)) is not None and not resources.isdisjoint(needs.resources)
        )

    return follow


def _declaration(content: dict[str, Any], at: int, declarer: str) -> Command:
    return Command(
        entity=LEDGER_ENTRY,
        entity_id=content["id"],
        action=DECLARED,
        actor=declarer,
        at=at,
        command_id=f"{declarer}/{LEDGER_ENTRY}/{content['id']}/{digest_of(canonical(content)).hex()}",
        payload=content,
    )


def _resources(change: RecordedChange) -> Iterator[str]:
    if change.entity == RESOURCE:
        yield change.entity_id
    elif change.entity == GRANT:
        yield from change.state["resources"]
