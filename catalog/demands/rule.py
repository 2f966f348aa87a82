"""The life of a demand: applied for, completed once, replied to, delivered, used, disposed of (Order 809, arts. 20-29).

Pure: a demand and a command give the changes, of the grant as well, or every reason why not.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

import msgspec

from catalog.demands import applying, refusals, replying, using
from catalog.demands.model import Application, Demand
from catalog.demands.sayings import (
    Completion,
    Consented,
    Decided,
    Delivered,
    Disposed,
    Escalated,
    Of,
    Settled,
    Used,
)
from catalog.demands.steps import demand_of, refused
from catalog.register.changes import (
    ACCEPTED,
    APPLIED,
    COMPLETED,
    COMPLETION_ASKED,
    DELIVERED,
    DISPOSED,
    ESCALATED,
    EXTENSION_CONSENTED,
    GRANTED,
    REFUSED,
    RETURNED,
    RUNG,
    USED,
    WITHDRAWN,
    Command,
    Lookup,
    Refusal,
    State,
    Step,
)
from catalog.register.refusals import not_there, unknown_action


def demand_rule(state: State | None, command: Command, lookup: Lookup) -> Step:
    """Return what a command does to a demand; msgspec's own error where its payload does not fit."""
    if command.action == APPLIED:
        return applying.applied(state, command, lookup)
    move = MOVES.get(command.action)
    if move is None:
        return refused(unknown_action(command, (APPLIED, *(each for each in MOVES if each != RUNG))))
    if state is None:
        return refused(not_there(command))
    return _move(demand_of(state), move, command, lookup)


def _move(demand: Demand, move: "Move", command: Command, lookup: Lookup) -> Step:
    if demand.state not in move.states:
        return refused(refusals.wrong_state(demand, command.action, move.states))
    payload = msgspec.convert(command.payload, move.payload) if move.payload else None
    if strangers := tuple(_strangers(demand, move.party, payload)):
        return refused(*strangers)
    return move.done(demand, payload, command, lookup)


def _strangers(demand: Demand, party: str, payload: Any) -> Iterator[Refusal]:
    if party == "":
        return
    named = payload.requester if isinstance(payload, Application) else payload.organisation
    organisation = demand.provider if party == "provider" else demand.requester
    if named != organisation:
        yield refusals.not_theirs(named, organisation, _PARTIES[party], party)


class Move(NamedTuple):
    """One action: in which states, whose it is (``""``: anybody's), what it is told, what it does."""

    states: tuple[str, ...]
    party: Literal["provider", "requester", ""]
    payload: type[msgspec.Struct] | None
    done: Callable[..., Step]


_ENDED: Final = ("disposed", "refused", "withdrawn")
_PARTIES: Final[Mapping[str, str]] = {"provider": "提供方", "requester": "需求方"}

MOVES: Final[Mapping[str, Move]] = {
    COMPLETION_ASKED: Move(("applied",), "provider", Completion, applying.ask_completion),
    COMPLETED: Move(("completing",), "requester", Application, applying.complete),
    ACCEPTED: Move(("applied",), "provider", Of, replying.accept),
    EXTENSION_CONSENTED: Move(("applied", "accepted", "decided"), "provider", Consented, replying.extend),
    replying.DECIDED: Move(("applied", "accepted"), "provider", Decided, replying.decide),
    RETURNED: Move(("decided",), "provider", Of, replying.give_back),
    GRANTED: Move(("decided",), "provider", Of, replying.grant),
    REFUSED: Move(("decided",), "provider", Of, replying.refuse),
    DELIVERED: Move(("granted",), "provider", Delivered, using.deliver),
    USED: Move(("granted", "delivered"), "requester", Used, using.use),
    DISPOSED: Move(("granted", "delivered", "disposal-due"), "requester", Disposed, using.dispose),
    RUNG: Move(("granted", "delivered"), "", None, using.ring),
    WITHDRAWN: Move(("applied", "completing", "accepted", "decided"), "requester", Of, using.withdraw),
    ESCALATED: Move(("refused",), "requester", Escalated, using.escalate),
    using.SETTLED: Move(("refused",), "", Settled, using.settle),
    using.RECORDS_DESTROYED: Move(_ENDED, "requester", Of, using.destroy_records),
}
"""Everything that can befall a demand after its application."""
