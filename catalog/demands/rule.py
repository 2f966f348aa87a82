"""The life of a demand: applied for, completed once, replied to, delivered, used, disposed of (Order 809, arts. 20-29).

Pure: a demand and a command give the changes, of the grant as well, or every reason why not.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from catalog.demands import grants, refusals
from catalog.demands.model import (
    Application,
    Decision,
    Delivery,
    Demand,
    Dispute,
    Extension,
    Receipt,
    Sharing,
    Text,
    Use,
)
from catalog.duties.ladder import next_rung
from catalog.register.canonical import canonical, digest_of, plain
from catalog.register.changes import (
    ACCEPTED,
    APPLIED,
    COMPLETED,
    COMPLETION_ASKED,
    DELIVERED,
    DEMAND,
    DISPOSED,
    ESCALATED,
    EXTENSION_CONSENTED,
    GRANT,
    GRANTED,
    REFUSED,
    RESOURCE,
    RETURNED,
    RUNG,
    USED,
    WITHDRAWN,
    Change,
    Command,
    Lookup,
    Refusal,
    State,
    Step,
)
from catalog.register.refusals import not_there, unknown_action

DECIDED: Final = "decided"
"""A person of the provider decided; another one reviews it: ``granted``, ``refused``, or ``returned``."""
SETTLED: Final = "settled"
RECORDS_DESTROYED: Final = "records-destroyed"
RECORDS_YEARS: Final = 3
"""Art. 29."""

BY_RULE: Final = "无条件共享，依规则即时授权 shared unconditionally, granted by rule"
_CHINA: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _Of(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which organisation the actor acts."""

    organisation: Text


class _Completion(_Of, frozen=True, kw_only=True):
    missing: tuple[Text, ...]


class _Decided(_Of, frozen=True, kw_only=True):
    outcome: Literal["grant", "refuse"]
    withheld_basis: str = ""


class _Consented(_Of, frozen=True, kw_only=True):
    days: int
    evidence: tuple[Text, ...]
    told: tuple[Text, ...] = ()


class _Delivered(_Of, frozen=True, kw_only=True):
    means: Text
    reference: Text


class _Used(_Of, frozen=True, kw_only=True):
    scenario: Text
    process: Text
    effect: Text
    storage: Text


class _Disposed(_Of, frozen=True, kw_only=True):
    method: Text
    evidence: tuple[Text, ...]


class _Escalated(_Of, frozen=True, kw_only=True):
    rung: Text
    evidence: tuple[Text, ...]


class _Settled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outcome: Literal["upheld", "reply-again"]
    evidence: tuple[Text, ...]


def demand_rule(state: State | None, command: Command, lookup: Lookup) -> Step:
    """Return what a command does to a demand; msgspec's own error where its payload does not fit."""
    if command.action == APPLIED:
        return _applied(state, command, lookup)
    move = MOVES.get(command.action)
    if move is None:
        return _refused(unknown_action(command, (APPLIED, *(each for each in MOVES if each != RUNG))))
    if state is None:
        return _refused(not_there(command))
    return _move(demand_of(state), move, command, lookup)


def demand_of(state: State) -> Demand:
    """Return the demand that the register holds in this state."""
    return msgspec.convert(state, Demand)


def sharing_of(scope: tuple[Any, ...], lookup: Lookup) -> Sharing:
    """The strictest class of the resources; what is unstated is decided by a person, as conditional data is."""
    classes = {str((lookup.get(RESOURCE, each.resource) or {}).get("sharing_class")) for each in scope}
    if "withheld" in classes:
        return "withheld"
    return "unconditional" if classes == {"unconditional"} else "conditional"


def years_later(at: int, years: int) -> int:
    """The same moment so many years later; of 29 February, 1 March."""
    moment = (_EPOCH + timedelta(microseconds=at)).astimezone(_CHINA)
    try:
        later = moment.replace(year=moment.year + years)
    except ValueError:
        later = moment.replace(year=moment.year + years, month=3, day=1)
    return (later - _EPOCH) // timedelta(microseconds=1)


def _move(demand: Demand, move: "Move", command: Command, lookup: Lookup) -> Step:
    if demand.state not in move.states:
        return _refused(refusals.wrong_state(demand, command.action, move.states))
    payload = msgspec.convert(command.payload, move.payload) if move.payload else None
    if strangers := tuple(_strangers(demand, move.party, payload)):
        return _refused(*strangers)
    return move.done(demand, payload, command, lookup)


def _applied(state: State | None, command: Command, lookup: Lookup) -> Step:
    asked = msgspec.convert(command.payload, Application)
    faults = tuple(refusals.of_application(asked, command.at, lookup))
    if state is not None:
        faults = (refusals.wrong_state(demand_of(state), APPLIED, ("—",)), *faults)
    if faults:
        return _refused(*faults)
    absent = refusals.missing(asked)
    demand = _demand(command.entity_id, asked, command, lookup)
    own = _change(demand, APPLIED)
    if absent:
        return Step(changes=(own, _completion_asked(demand, absent, command.at)))
    return _by_rule(demand, command, (own,))


def _demand(demand_id: str, asked: Application, command: Command, lookup: Lookup) -> Demand:
    return Demand(
        id=demand_id,
        version=1,
        state="applied",
        sharing=sharing_of(asked.scope, lookup),
        requester=asked.requester,
        provider=asked.provider,
        resources=tuple(each.resource for each in asked.scope),
        scope=asked.scope,
        basis=asked.basis,
        scenario=asked.scenario,
        purpose=asked.purpose,
        subjects=asked.subjects,
        means=asked.means,
        until=asked.until,
        readers=asked.readers,
        applied_by=command.actor,
        applied_at=command.at,
    )


def _by_rule(demand: Demand, command: Command, before: tuple[Change, ...]) -> Step:
    """What is shared unconditionally is granted at once, by nobody's decision."""
    if demand.sharing != "unconditional":
        return Step(changes=before)
    return Step(changes=(*before, *_granting(demand, BY_RULE, command.at)))


def _granting(demand: Demand, issued_by: str, at: int, **more: Any) -> tuple[Change, Change]:
    grant = grants.compile_grant(demand, issued_by, at)
    granted = _next(demand, state="granted", grant=grant.id, **more)
    return grants.issued(grant), _change(granted, GRANTED)


def _completion_asked(demand: Demand, absent: tuple[str, ...], at: int) -> Change:
    asked = _next(demand, state="completing", missing=absent, completion_asked_at=at)
    return _change(asked, COMPLETION_ASKED, f"待补正 to complete: {', '.join(absent)}")


def _ask_completion(demand: Demand, said: _Completion, command: Command, _: Lookup) -> Step:
    if demand.completion_asked_at is not None:
        return _refused(refusals.asked_already(demand))
    if not said.missing:
        return _refused(_empty("payload.missing"))
    return Step(changes=(_completion_asked(demand, said.missing, command.at),))


def _complete(demand: Demand, said: Application, command: Command, lookup: Lookup) -> Step:
    """The requester states the whole application again; parties stay, and so does the number."""
    faults = [*refusals.of_application(said, command.at, lookup), *refusals.still_missing(refusals.missing(said))]
    faults.extend(
        refusals.not_theirs(getattr(said, field), getattr(demand, field), "原申请的机构", "application's own")
        for field in ("requester", "provider")
        if getattr(said, field) != getattr(demand, field)
    )
    if faults:
        return _refused(*faults)
    anew = replace(
        _demand(demand.id, said, command, lookup),
        version=demand.version + 1,
        applied_by=demand.applied_by,
        applied_at=demand.applied_at,
        completion_asked_at=demand.completion_asked_at,
    )
    return _by_rule(anew, command, (_change(anew, COMPLETED),))


def _accept(demand: Demand, _: _Of, __: Command, ___: Lookup) -> Step:
    return _moved(demand, ACCEPTED, state="accepted")


def _extend(demand: Demand, said: _Consented, _: Command, __: Lookup) -> Step:
    return _moved(
        demand, EXTENSION_CONSENTED, extension=Extension(days=said.days, evidence=said.evidence, told=said.told)
    )


def _decide(demand: Demand, said: _Decided, command: Command, lookup: Lookup) -> Step:
    if faults := tuple(_faults_of_decision(demand, said, command, lookup)):
        return _refused(*faults)
    decision = Decision(
        outcome=said.outcome,
        decided_by=command.actor,
        at=command.at,
        reason=command.reason or "",
        withheld_basis=said.withheld_basis,
    )
    return _moved(demand, DECIDED, state="decided", decision=decision)


def _faults_of_decision(demand: Demand, said: _Decided, command: Command, lookup: Lookup) -> Iterator[Refusal]:
    sharing = sharing_of(demand.scope, lookup)
    if said.outcome == "grant":
        if sharing == "withheld":
            yield refusals.withheld_granted(demand.resources)
        return
    if not (command.reason or "").strip():
        yield refusals.no_reason()
    if sharing == "withheld" or said.withheld_basis:
        yield from refusals.of_withheld_basis(said.withheld_basis, command.at, lookup)


def _grant(demand: Demand, _: _Of, command: Command, lookup: Lookup) -> Step:
    decision = demand.decision
    if faults := tuple(_faults_of_review(demand, command, "grant")):
        return _refused(*faults)
    assert decision is not None  # noqa: S101  the review has none else
    absent = refusals.missing(_application(demand))
    faults = (*refusals.of_application(_application(demand), command.at, lookup), *refusals.still_missing(absent))
    if sharing_of(demand.scope, lookup) == "withheld":
        faults = (*faults, refusals.withheld_granted(demand.resources))
    if faults:
        return _refused(*faults)
    reviewed = replace(decision, reviewed_by=command.actor)
    by = f"{demand.provider}:{decision.decided_by}/{command.actor}"
    return Step(changes=_granting(demand, by, command.at, decision=reviewed))


def _refuse(demand: Demand, _: _Of, command: Command, __: Lookup) -> Step:
    decision = demand.decision
    if faults := tuple(_faults_of_review(demand, command, "refuse")):
        return _refused(*faults)
    assert decision is not None  # noqa: S101  the review has none else
    reviewed = replace(decision, reviewed_by=command.actor)
    refused = _next(
        demand,
        state="refused",
        decision=reviewed,
        ended_at=command.at,
        records_until=years_later(command.at, RECORDS_YEARS),
    )
    return Step(changes=(_change(refused, REFUSED, decision.reason),))


def _faults_of_review(demand: Demand, command: Command, outcome: str) -> Iterator[Refusal]:
    decision = demand.decision
    if decision is None or decision.outcome != outcome:
        decided = "—" if decision is None else decision.outcome
        yield refusals.refusal(
            "action",
            f"经办决定为“{decided}”，审核不能改为“{outcome}”",
            f"what was decided is {decided!r}; a review cannot make it {outcome!r}",
            "退回经办重新决定",
            "return it, to be decided again",
        )
    if decision is not None and decision.decided_by == command.actor:
        yield refusals.same_person(command.actor)


def _return(demand: Demand, _: _Of, command: Command, __: Lookup) -> Step:
    if not (command.reason or "").strip():
        return _refused(_empty("reason"))
    return _moved(demand, RETURNED, state="accepted", decision=None)


def _deliver(demand: Demand, said: _Delivered, command: Command, _: Lookup) -> Step:
    if said.means not in demand.means:
        return _refused(refusals.not_the_means(said.means, demand))
    delivery = Delivery(means=said.means, reference=said.reference, delivered_by=command.actor, at=command.at)
    return _moved(demand, DELIVERED, state="delivered", delivery=delivery)


def _use(demand: Demand, said: _Used, command: Command, _: Lookup) -> Step:
    use = Use(
        scenario=said.scenario,
        process=said.process,
        effect=said.effect,
        storage=said.storage,
        recorded_by=command.actor,
        at=command.at,
    )
    return _moved(demand, USED, uses=(*demand.uses, use))


def _dispose(demand: Demand, said: _Disposed, command: Command, lookup: Lookup) -> Step:
    if not said.evidence:
        return _refused(_empty("payload.evidence"))
    receipt = _receipt(demand, said, command)
    disposed = _next(
        demand,
        state="disposed",
        receipt=receipt,
        ended_at=command.at,
        records_until=receipt.records_until,
    )
    return Step(
        changes=(
            *_grant_ends(demand, command, lookup, "目的已达到，数据已处置 disposed of"),
            _change(disposed, DISPOSED),
        )
    )


def _receipt(demand: Demand, said: _Disposed, command: Command) -> Receipt:
    receipt = Receipt(
        number="",
        demand=demand.id,
        grant=demand.grant,
        method=said.method,
        evidence=said.evidence,
        disposed_by=f"{demand.requester}:{command.actor}",
        disposed_at=command.at,
        records_until=years_later(command.at, RECORDS_YEARS),
    )
    return replace(receipt, number=f"R-{digest_of(canonical(receipt)).hex()}")


def _ring(demand: Demand, _: None, command: Command, lookup: Lookup) -> Step:
    """The grant's term has passed."""
    ends = _grant_ends(demand, command, lookup, grants.EXPIRED)
    return Step(changes=(*ends, grants.disposal_due(demand, command.at, grants.EXPIRED)))


def _withdraw(demand: Demand, _: _Of, command: Command, __: Lookup) -> Step:
    until = years_later(command.at, RECORDS_YEARS)
    return _moved(demand, WITHDRAWN, state="withdrawn", ended_at=command.at, records_until=until)


def _escalate(demand: Demand, said: _Escalated, command: Command, _: Lookup) -> Step:
    reached = demand.dispute.rung if demand.dispute is not None and not demand.dispute.outcome else ""
    expected = next_rung(reached)
    if said.rung != expected:
        return _refused(refusals.not_the_next_rung(said.rung, expected))
    if not said.evidence:
        return _refused(_empty("payload.evidence"))
    return _moved(demand, ESCALATED, dispute=Dispute(rung=said.rung, evidence=said.evidence, at=command.at))


def _settle(demand: Demand, said: _Settled, _: Command, __: Lookup) -> Step:
    """A dispute ends: the refusal is upheld, or the provider has to reply again."""
    if demand.dispute is None or demand.dispute.outcome:
        return _refused(refusals.not_the_next_rung("", next_rung("")))
    if not said.evidence:
        return _refused(_empty("payload.evidence"))
    dispute = replace(demand.dispute, outcome=said.outcome, evidence=(*demand.dispute.evidence, *said.evidence))
    if said.outcome == "upheld":
        return _moved(demand, SETTLED, dispute=dispute)
    again = _next(demand, state="accepted", dispute=dispute, decision=None, ended_at=None, records_until=None)
    return Step(changes=(_change(again, SETTLED),))


def _destroy_records(demand: Demand, _: _Of, command: Command, __: Lookup) -> Step:
    """The requester states that its own records are gone; what the register did stays in its changes."""
    if demand.records_until is None or command.at < demand.records_until:
        return _refused(refusals.kept_still(demand))
    return _moved(demand, RECORDS_DESTROYED, uses=(), records_destroyed_at=command.at)


def _grant_ends(demand: Demand, command: Command, lookup: Lookup, reason: str) -> tuple[Change, ...]:
    state = lookup.get(GRANT, demand.grant)
    if state is None or state["state"] == "ended":
        return ()
    return (grants.ended(grants.grant_of(state), command.actor, command.at, reason),)


def _application(demand: Demand) -> Application:
    return Application(
        requester=demand.requester,
        provider=demand.provider,
        scope=demand.scope,
        basis=demand.basis,
        scenario=demand.scenario,
        purpose=demand.purpose,
        subjects=demand.subjects,
        means=demand.means,  # type: ignore[arg-type]  # taken from an application
        until=demand.until,
        readers=demand.readers,
    )


def _strangers(demand: Demand, party: str, payload: Any) -> Iterator[Refusal]:
    if party == "":
        return
    named = payload.requester if isinstance(payload, Application) else payload.organisation
    organisation = demand.provider if party == "provider" else demand.requester
    if named != organisation:
        yield refusals.not_theirs(named, organisation, _PARTIES[party], party)


def _moved(demand: Demand, action: str, **changed: Any) -> Step:
    return Step(changes=(_change(_next(demand, **changed), action),))


def _next(demand: Demand, **changed: Any) -> Demand:
    return replace(demand, version=demand.version + 1, **changed)


def _change(demand: Demand, action: str, reason: str | None = None) -> Change:
    rings = demand.until if demand.state in ("granted", "delivered") else None
    return Change(entity=DEMAND, entity_id=demand.id, action=action, state=plain(demand), reason=reason, due_at=rings)


def _refused(*found: Refusal) -> Step:
    return Step(refusals=found)


def _empty(field: str) -> Refusal:
    return refusals.refusal(field, "未填写", "is empty", "填写该项", "fill it in")


class Move(NamedTuple):
    """One action: in which states, whose it is (``""``: anybody's), what it is told, what it does."""

    states: tuple[str, ...]
    party: Literal["provider", "requester", ""]
    payload: type[msgspec.Struct] | None
    done: Callable[..., Step]


_ENDED: Final = ("disposed", "refused", "withdrawn")
_PARTIES: Final[Mapping[str, str]] = {"provider": "提供方", "requester": "需求方"}

MOVES: Final[Mapping[str, Move]] = {
    COMPLETION_ASKED: Move(("applied",), "provider", _Completion, _ask_completion),
    COMPLETED: Move(("completing",), "requester", Application, _complete),
    ACCEPTED: Move(("applied",), "provider", _Of, _accept),
    EXTENSION_CONSENTED: Move(("applied", "accepted", "decided"), "provider", _Consented, _extend),
    DECIDED: Move(("applied", "accepted"), "provider", _Decided, _decide),
    RETURNED: Move(("decided",), "provider", _Of, _return),
    GRANTED: Move(("decided",), "provider", _Of, _grant),
    REFUSED: Move(("decided",), "provider", _Of, _refuse),
    DELIVERED: Move(("granted",), "provider", _Delivered, _deliver),
    USED: Move(("granted", "delivered"), "requester", _Used, _use),
    DISPOSED: Move(("granted", "delivered", "disposal-due"), "requester", _Disposed, _dispose),
    RUNG: Move(("granted", "delivered"), "", None, _ring),
    WITHDRAWN: Move(("applied", "completing", "accepted", "decided"), "requester", _Of, _withdraw),
    ESCALATED: Move(("refused",), "requester", _Escalated, _escalate),
    SETTLED: Move(("refused",), "", _Settled, _settle),
    RECORDS_DESTROYED: Move(_ENDED, "requester", _Of, _destroy_records),
}
"""Everything that can befall a demand after its application."""
