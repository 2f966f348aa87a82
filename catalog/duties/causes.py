"""What changes of resources, demands and corrections mean for duties: one table, read from top to bottom."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from catalog.duties.duty import SETTLED, Duty, DutyFact, Extended, Fulfilled, Lapsed, Opened, Resumed, Suspended
from catalog.register import changes as register
from catalog.register.changes import Lookup, RecordedChange, State

#: Who reviews and publishes entries in Xi'an.
DATA_OFFICE: Final = "data-bureau"
REPLIES: Final = ("reply-unconditional", "reply-conditional")


class DutyCause(NamedTuple):
    """What a change means for one duty."""

    duty_id: str
    event: DutyFact


_Found = Iterator[DutyCause]
_Meaning = Callable[[RecordedChange, Lookup], _Found]


def duties_of(change: RecordedChange, lookup: Lookup) -> tuple[DutyCause, ...]:
    """Return what the change means for duties; ``lookup`` is asked for the duties that run and for resources."""
    meanings = CAUSES.get((change.entity, change.action), ())
    return tuple(cause for meaning in meanings for cause in meaning(change, lookup))


def reference(change: RecordedChange) -> str:
    """Return how a change is named as evidence, and as the event that it causes."""
    return f"{change.entity}/{change.entity_id}/{change.version}"


def opens(kind: str, owed_by: str, owed_to: str) -> _Meaning:
    """A duty arises; the two name fields of the entity's state, or are an organisation's code themselves."""

    def meaning(change: RecordedChange, lookup: Lookup) -> _Found:
        if any(True for _ in _open(change, lookup, (kind,))):
            return
        yield _opened(change, kind, owed_by, owed_to)

    return meaning


def opens_reply(change: RecordedChange, lookup: Lookup) -> _Found:
    """A demand is to be replied to: at once where all that it asks for is shared unconditionally.

    That is what the demand's ``sharing`` says, or else the resources themselves. No source states a term of its own
    for resources that are withheld: theirs is that of conditional ones.
    """
    if any(True for _ in _open(change, lookup, REPLIES)):
        return
    yield _opened(change, _reply_of(change.state, lookup), "provider", "requester")


def opens_reply_again(change: RecordedChange, lookup: Lookup) -> _Found:
    """A dispute was settled so that the demand is to be replied to anew."""
    if change.state.get("state") == register.ACCEPTED:
        yield from opens_reply(change, lookup)


def resumes_reply(change: RecordedChange, lookup: Lookup) -> _Found:
    """A demand was completed: its reply's term runs on; when other data is asked for now, by that class's own term."""
    kind = _reply_of(change.state, lookup)
    yield from resumes(kind)(change, lookup)
    others = tuple(lapses(*(each for each in REPLIES if each != kind))(change, lookup))
    if others:
        yield from (*others, _opened(change, kind, "provider", "requester"))


def suspends(*kinds: str) -> _Meaning:
    """Terms that have not ended stand still."""

    def meaning(change: RecordedChange, lookup: Lookup) -> _Found:
        for duty in _open(change, lookup, kinds):
            if duty.state == "running" and (duty.due_at is None or change.at < duty.due_at):
                evidence = (reference(change),)
                yield DutyCause(duty.id, Suspended(reference(change), change.at, evidence, change.reason or ""))

    return meaning


def resumes(*kinds: str) -> _Meaning:
    """Terms that stand still run on."""

    def meaning(change: RecordedChange, lookup: Lookup) -> _Found:
        for duty in _open(change, lookup, kinds):
            if duty.state == "suspended":
                yield DutyCause(duty.id, Resumed(reference(change), change.at, (reference(change),)))

    return meaning


def extends(*kinds: str) -> _Meaning:
    """Terms are extended as the state's ``extension`` says: ``days``, ``evidence`` of the consent, ``told``."""

    def meaning(change: RecordedChange, lookup: Lookup) -> _Found:
        said = change.state.get("extension") or {}
        evidence = (reference(change), *_words(said.get("evidence")))
        for duty in _open(change, lookup, kinds):
            days, told = int(said.get("days") or 0), _words(said.get("told"))
            yield DutyCause(duty.id, Extended(reference(change), change.at, days, evidence, told))

    return meaning


def fulfils(*kinds: str) -> _Meaning:
    """What was owed is done."""

    def meaning(change: RecordedChange, lookup: Lookup) -> _Found:
        for duty in _open(change, lookup, kinds):
            yield DutyCause(duty.id, Fulfilled(reference(change), change.at, (reference(change),)))

    return meaning


def lapses(*kinds: str) -> _Meaning:
    """Nothing is owed any more."""

    def meaning(change: RecordedChange, lookup: Lookup) -> _Found:
        for duty in _open(change, lookup, kinds):
            yield DutyCause(duty.id, Lapsed(reference(change), change.at, change.reason or reference(change)))

    return meaning


#: A department's term to update stands still while the data office reviews what it submitted. A demand's reply stands
#: still while the requester completes its papers.
CAUSES: Final[Mapping[tuple[str, str], tuple[_Meaning, ...]]] = {
    (register.RESOURCE, register.UPDATE_DUE): (opens("catalogue-change", "provider", DATA_OFFICE),),
    (register.RESOURCE, register.SUBMITTED): (
        suspends("catalogue-change"),
        opens("catalogue-review", DATA_OFFICE, "provider"),
    ),
    (register.RESOURCE, register.RETURNED): (fulfils("catalogue-review"), resumes("catalogue-change")),
    (register.RESOURCE, register.PUBLISHED): (fulfils("catalogue-review", "catalogue-change"),),
    (register.RESOURCE, register.UPDATED): (fulfils("catalogue-review", "catalogue-change"),),
    (register.RESOURCE, register.WITHDRAWN): (lapses("catalogue-review", "catalogue-change"),),
    (register.DEMAND, register.APPLIED): (opens_reply,),
    (register.DEMAND, register.COMPLETION_ASKED): (suspends(*REPLIES),),
    (register.DEMAND, register.COMPLETED): (resumes_reply,),
    (register.DEMAND, register.EXTENSION_CONSENTED): (extends(*REPLIES),),
    (register.DEMAND, register.GRANTED): (fulfils(*REPLIES), opens("delivery", "provider", "requester")),
    (register.DEMAND, register.REFUSED): (fulfils(*REPLIES),),
    (register.DEMAND, SETTLED): (opens_reply_again,),
    (register.DEMAND, register.DELIVERED): (fulfils("delivery"),),
    (register.DEMAND, register.DISPOSAL_DUE): (opens("disposal", "requester", "provider"),),
    (register.DEMAND, register.DISPOSED): (fulfils("disposal"),),
    (register.DEMAND, register.WITHDRAWN): (lapses(*REPLIES, "delivery"),),
    (register.CORRECTION, register.DISPUTED): (opens("correction", "provider", "disputed_by"),),
    (register.CORRECTION, register.CORRECTED): (fulfils("correction"),),
    (register.CORRECTION, register.MARK_REMOVED): (fulfils("correction"),),
    (register.CORRECTION, register.UNDETERMINABLE): (fulfils("correction"),),
    (register.CORRECTION, register.WITHDRAWN): (lapses("correction"),),
}


def _opened(change: RecordedChange, kind: str, owed_by: str, owed_to: str) -> DutyCause:
    duty_id = f"{kind}:{change.entity_id}:{change.version}"
    return DutyCause(
        duty_id,
        Opened(
            event_id=reference(change),
            at=change.at,
            duty_id=duty_id,
            kind=kind,
            entity=change.entity,
            entity_id=change.entity_id,
            department=_organisation(change.state, owed_by) or str(change.state.get("department") or ""),
            counterpart=_organisation(change.state, owed_to),
        ),
    )


def _organisation(state: State, named: str) -> str:
    return DATA_OFFICE if named == DATA_OFFICE else str(state.get(named) or "")


def _reply_of(state: State, lookup: Lookup) -> str:
    sharing = state.get("sharing")
    classes = {sharing} if sharing else _sharing_classes(state, lookup)
    return "reply-unconditional" if classes == {"unconditional"} else "reply-conditional"


def _sharing_classes(state: State, lookup: Lookup) -> set[str | None]:
    return {(lookup.get(register.RESOURCE, each) or {}).get("sharing_class") for each in state.get("resources") or ()}


def _open(change: RecordedChange, lookup: Lookup, kinds: tuple[str, ...]) -> Iterator[Duty]:
    for state in lookup.find("duty", entity_id=change.entity_id):
        if state["entity"] == change.entity and state["kind"] in kinds and state["ended_at"] is None:
            yield msgspec.convert(state, Duty)


def _words(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value or ()))
