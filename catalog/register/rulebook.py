"""Commands done by the rules, with what follows from them, within one transaction."""

from collections.abc import Mapping
from typing import Final

import msgspec

from catalog.register.canonical import canonical, digest_of
from catalog.register.changes import Change, Command, Reaction, RecordedChange, Refusal, Rule
from catalog.register.refusals import changed_meanwhile, other_command, unknown_entity, wrong_payload
from catalog.register.transaction import Transaction

FOLLOWED_DEEPEST: Final = 8
"""Commands that follow from commands that follow …: deeper than this, reactions call each other in a circle."""


class ReactionsCircle(Exception):  # noqa: N818  named for the fact
    """Reactions gave rise to each other without end: the rules contradict each other."""


class Rulebook(msgspec.Struct, frozen=True):
    """Kind of entity → what a command does to it; and what must follow from each change in the same transaction."""

    rules: Mapping[str, Rule]
    reactions: tuple[Reaction, ...] = ()


class Done(msgspec.Struct, frozen=True):
    """What a command came to; ``repeated``: it had been taken before, and these are the changes that it made then."""

    changes: tuple[RecordedChange, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    repeated: bool = False


def do(rulebook: Rulebook, transaction: Transaction, command: Command) -> Done:
    """Do a command once; when it is refused, the transaction must be given up, for part of it may be written.

    Raises:
        ReactionsCircle: what follows from the command has no end.
    """
    known = transaction.digest(command.command_id)
    if known is None:
        return _done(rulebook, transaction, command, 0)
    if known != digest_of_command(command):
        return Done(refusals=(other_command(command),))
    return Done(transaction.changes_of(command.command_id), repeated=True)


def digest_of_command(command: Command) -> bytes:
    """What is asked, whoever's clock says when: the same command sent again has the same digest."""
    return digest_of(
        command.entity,
        command.entity_id,
        command.action,
        command.actor,
        canonical(command.payload),
        canonical((command.expected_version, command.reason)),
    )


def _done(rulebook: Rulebook, transaction: Transaction, command: Command, depth: int) -> Done:
    if depth > FOLLOWED_DEEPEST:
        raise ReactionsCircle(f"{command.entity} {command.entity_id}: {command.action}, {command.command_id}")
    rule = rulebook.rules.get(command.entity)
    if rule is None:
        return Done(refusals=(unknown_entity(command),))
    standing = transaction.standing(command.entity, command.entity_id)
    version = 0 if standing is None else standing.version
    if command.expected_version not in (None, version):
        return Done(refusals=(changed_meanwhile(command, version),))
    try:
        step = rule(None if standing is None else standing.state, command, transaction)
    except msgspec.ValidationError as fault:
        return Done(refusals=(wrong_payload(fault),))
    if step.refusals:
        return Done(refusals=step.refusals)
    transaction.remember(command, digest_of_command(command))
    return _recorded(rulebook, transaction, command, step.changes, depth)


def _recorded(
    rulebook: Rulebook, transaction: Transaction, command: Command, changes: tuple[Change, ...], depth: int
) -> Done:
    recorded: list[RecordedChange] = []
    refusals: list[Refusal] = []
    for change in changes:
        own = transaction.record(change, command)
        recorded.append(own)
        for following in _following(rulebook, transaction, own):
            done = _done(rulebook, transaction, following, depth + 1)
            recorded += done.changes
            refusals += done.refusals
    return Done(tuple(recorded), tuple(refusals))


def _following(rulebook: Rulebook, transaction: Transaction, change: RecordedChange) -> tuple[Command, ...]:
    """What follows from a change; ids follow from the command that made it, and from the change's number."""
    commands = [each for reaction in rulebook.reactions for each in reaction(change, transaction)]
    return tuple(
        msgspec.structs.replace(each, command_id=f"{change.command_id}/{change.number}.{place}")
        for place, each in enumerate(commands)
    )
