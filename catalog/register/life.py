"""The life of a catalogue entry: draft, submitted, reviewed, published, updated, withdrawn. A pure rule.

A published entry stays what it is while its next version is prepared: that one stands in ``life.revision`` until it is
published in its turn. Two persons: who wrote or submitted an entry neither reviews nor publishes it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Final

import msgspec

from catalog.register import life_refusals as told
from catalog.register.canonical import plain
from catalog.register.changes import (
    CHANGED,
    DRAFTED,
    LEGAL_BASIS,
    ORGANISATION,
    PUBLISHED,
    RESOURCE,
    RETURNED,
    REVIEWED,
    SUBMITTED,
    UPDATE_DUE,
    UPDATED,
    WITHDRAWN,
    Change,
    Command,
    Lookup,
    RecordedChange,
    Refusal,
    Rule,
    State,
    Step,
)
from catalog.register.checker import check, errors_of, surroundings
from catalog.register.checker_items import field_faults
from catalog.register.codes import ENTRY_CODE, CatalogueCode, next_code, read_code
from catalog.register.declared import read_declaration
from catalog.register.differences import Difference, differences
from catalog.register.life_binding import Bindings, binding_faults
from catalog.register.life_compatibility import change_faults
from catalog.register.model import EntryState, Resource
from catalog.register.refusals import not_there, unknown_action

DATA_OFFICE: Final = "data-bureau"
"""Who reviews and publishes entries (Order 809 art. 17)."""

ACTIONS: Final = (DRAFTED, CHANGED, SUBMITTED, RETURNED, REVIEWED, PUBLISHED, WITHDRAWN)
LIFE: Final = "life"
_KEPT_BY_LIFE: Final = frozenset(("state", "version", LIFE))
_CHINA: Final = timezone(timedelta(hours=8))


class EntryLife(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry's preparation stands, who had a part in it and when (µs UTC).

    ``stage`` is that of the content in preparation, ``published`` when there is none; ``update_due`` says why the entry
    must be brought up to date.
    """

    stage: EntryState
    revision: dict[str, Any] | None = None
    authors: tuple[str, ...] = ()
    submitted_by: str | None = None
    submitted_at: int | None = None
    reviewed_by: str | None = None
    reviewed_at: int | None = None
    published_by: str | None = None
    published_at: int | None = None
    returned_because: str | None = None
    update_due: str | None = None


class Acting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which organisation somebody acts; ``confirm_guesses``: the reviewer has looked at every guessed item."""

    organisation: str = ""
    confirm_guesses: bool = False


def resource_rule(bindings: Bindings) -> Rule:
    """Return the rule of catalogue entries, with the topics and record schemas that they can be bound to."""

    def rule(state: State | None, command: Command, lookup: Lookup) -> Step:
        if command.action == DRAFTED:
            return _drafted(state, command, lookup)
        if command.action not in (*ACTIONS, UPDATE_DUE):
            return Step(refusals=(unknown_action(command, ACTIONS),))
        if state is None:
            return Step(refusals=(not_there(command),))
        return _ACTS[command.action](state, command, lookup, bindings)

    return rule


def updates_follow(change: RecordedChange, lookup: Lookup) -> tuple[Command, ...]:
    """Return what must be brought up to date when a legal basis or an organisation changes (Order 809 art. 17)."""
    if change.version == 1 or change.entity not in (LEGAL_BASIS, ORGANISATION):
        return ()
    concerned = (each for each in lookup.find(RESOURCE, state="published") if _rests_on(each, change))
    return tuple(
        Command(
            entity=RESOURCE,
            entity_id=each["code"],
            action=UPDATE_DUE,
            actor=change.actor,
            at=change.at,
            command_id="",
            reason=f"{change.entity}/{change.entity_id}/{change.version}",
        )
        for each in concerned
    )


def life_of(state: State) -> EntryLife:
    """Return an entry's life; one that was declared has nothing in preparation."""
    kept = state.get(LIFE)
    return EntryLife(stage=state["state"]) if kept is None else msgspec.convert(kept, EntryLife)


def content_in_preparation(state: State) -> dict[str, Any]:
    """Return what the next step of an entry's life is about: its revision where it has one, else its content."""
    return life_of(state).revision or _content(state)


def version_differences(history: tuple[RecordedChange, ...], first: int, second: int) -> tuple[Difference, ...] | None:
    """Return what differs between two published versions, field by field; ``None``: one of them never was."""
    versions = published_versions(history)
    if first not in versions or second not in versions:
        return None
    return differences(_content(versions[first].state), _content(versions[second].state))


def published_versions(history: tuple[RecordedChange, ...]) -> dict[int, RecordedChange]:
    """Return the change with which each version of an entry was published."""
    return {change.state["version"]: change for change in history if change.action in (PUBLISHED, UPDATED)}


def _drafted(state: State | None, command: Command, lookup: Lookup) -> Step:
    content = _read(command, {}, lookup)
    if isinstance(content, tuple):
        return Step(refusals=content)
    if state is not None:
        same = content == content_in_preparation(state)
        return Step() if same else Step(refusals=(told.there_already(command),))
    life = EntryLife(stage="draft", authors=(command.actor,))
    return _step(command, content, {"state": "draft", "version": 0}, life, DRAFTED)


def _changed(state: State, command: Command, lookup: Lookup, bindings: Bindings) -> Step:
    del bindings
    life = life_of(state)
    content = _read(command, content_in_preparation(state), lookup)
    if isinstance(content, tuple):
        return Step(refusals=content)
    if content == content_in_preparation(state):
        return Step()
    if life.stage in ("submitted", "reviewed"):
        return Step(refusals=(told.wrong_stage(command, life.stage, ("draft", "published", "withdrawn")),))
    authors = life.authors if life.stage == "draft" else ()
    after = EntryLife(
        stage="draft",
        authors=tuple(dict.fromkeys((*authors, command.actor))),
        published_by=life.published_by,
        published_at=life.published_at,
        update_due=life.update_due,
    )
    if state["state"] != "published":
        return _step(command, content, {"state": "draft", "version": state["version"]}, after, CHANGED)
    if content == _content(state):
        return _kept(state, command, msgspec.structs.replace(after, stage="published", authors=()), CHANGED)
    return _kept(state, command, msgspec.structs.replace(after, revision=content), CHANGED)


def _submitted(state: State, command: Command, lookup: Lookup, bindings: Bindings) -> Step:
    del bindings
    life = life_of(state)
    is_confirmed = life.stage == "published" and life.update_due is not None
    refusals = (
        *told.not_allowed(command, _acting(command), (state["provider"],)),
        *(() if is_confirmed else told.not_at(command, life.stage, "draft")),
    )
    refusals = refusals or errors_of(check(_entry(content_in_preparation(state)), surroundings(lookup, _day(command))))
    if refusals:
        return Step(refusals=refusals)
    after = msgspec.structs.replace(
        life,
        stage="submitted",
        # Who must bring an entry up to date may find that it is: what stands is then submitted as it is.
        revision=_content(state) if is_confirmed else life.revision,
        submitted_by=command.actor,
        submitted_at=command.at,
        returned_because=None,
    )
    return _moved(state, command, after, SUBMITTED)


def _returned(state: State, command: Command, lookup: Lookup, bindings: Bindings) -> Step:
    del lookup, bindings
    life = life_of(state)
    refusals = (
        *told.not_allowed(command, _acting(command), (DATA_OFFICE,)),
        *told.not_at(command, life.stage, "submitted", "reviewed"),
        *told.without_reason(command),
    )
    if refusals:
        return Step(refusals=refusals)
    after = msgspec.structs.replace(
        life, stage="draft", returned_because=command.reason, reviewed_by=None, reviewed_at=None
    )
    return _moved(state, command, after, RETURNED)


def _reviewed(state: State, command: Command, lookup: Lookup, bindings: Bindings) -> Step:
    del lookup
    life, acting = life_of(state), _acting(command)
    content = _entry(content_in_preparation(state))
    refusals = (
        *told.not_allowed(command, acting, (DATA_OFFICE,)),
        *told.not_at(command, life.stage, "submitted"),
        *told.same_person(command, (life.submitted_by, *life.authors)),
    )
    refusals = refusals or (
        *(() if acting.confirm_guesses else told.unconfirmed(content.data_items)),
        *binding_faults(content, bindings),
        *(change_faults(_entry(state), content, bindings) if state["state"] == "published" else ()),
    )
    if refusals:
        return Step(refusals=refusals)
    after = msgspec.structs.replace(life, stage="reviewed", reviewed_by=command.actor, reviewed_at=command.at)
    if after.revision is not None:
        confirmed = msgspec.structs.replace(after, revision=_without_guesses(after.revision))
        return _moved(state, command, confirmed, REVIEWED)
    return _moved(_without_guesses(state), command, after, REVIEWED)


def _published(state: State, command: Command, lookup: Lookup, bindings: Bindings) -> Step:
    life = life_of(state)
    content = content_in_preparation(state)
    refusals: tuple[Refusal, ...] = (
        *told.not_allowed(command, _acting(command), (DATA_OFFICE,)),
        *told.not_at(command, life.stage, "reviewed"),
        *told.same_person(command, (life.submitted_by, *life.authors)),
    )
    around = surroundings(lookup, _day(command))
    refusals = refusals or (*errors_of(check(_entry(content), around)), *binding_faults(_entry(content), bindings))
    if refusals:
        return Step(refusals=refusals)
    code = _numbered(content["catalogue_code"], [each.catalogue_code for each in around.entries.values()])
    after = EntryLife(stage="published", published_by=command.actor, published_at=command.at)
    action = UPDATED if state["state"] == "published" else PUBLISHED
    kept = {"state": "published", "version": state["version"] + 1}
    return _step(command, content | {"catalogue_code": code}, kept, after, action)


def _withdrawn(state: State, command: Command, lookup: Lookup, bindings: Bindings) -> Step:
    del lookup, bindings
    if state["state"] == "withdrawn":
        return Step()
    acting = _acting(command)
    # A folder of declarations that no longer names the entry withdraws it for its provider.
    stated = acting if acting.organisation else Acting(state["provider"])
    refusals = (
        *told.not_allowed(command, stated, (state["provider"], DATA_OFFICE)),
        *told.without_reason(command),
    )
    if refusals:
        return Step(refusals=refusals)
    kept = {"state": "withdrawn", "version": state["version"]}
    return _step(command, _content(state), kept, EntryLife(stage="withdrawn"), WITHDRAWN)


def _update_due(state: State, command: Command, lookup: Lookup, bindings: Bindings) -> Step:
    del lookup, bindings
    life = life_of(state)
    if state["state"] != "published" or life.update_due is not None:
        return Step()
    after = msgspec.structs.replace(life, update_due=command.reason or command.command_id)
    return _kept(state, command, after, UPDATE_DUE)


def _read(command: Command, before: Mapping[str, Any], lookup: Lookup) -> dict[str, Any] | tuple[Refusal, ...]:
    """The content that a command wants, in full, or everything that no draft may have."""
    if own := tuple(name for name in command.payload if name in _KEPT_BY_LIFE):
        return tuple(told.not_stated(name) for name in own)
    read = read_declaration(RESOURCE, {**before, **command.payload})
    if isinstance(read, Refusal):
        return (read,)
    entry = _entry(read)
    refusals = (
        *(() if entry.code == command.entity_id else (told.other_code(command, entry.code),)),
        *(() if ENTRY_CODE.fullmatch(entry.code) else (told.no_code(entry.code),)),
        *(() if lookup.get(ORGANISATION, entry.provider) else (told.no_organisation(entry.provider),)),
        *field_faults(entry),
    )
    return refusals or _content(read)


def _moved(state: State, command: Command, life: EntryLife, action: str) -> Step:
    """The entry one stage further; what was published before stays published meanwhile."""
    if state["state"] == "published":
        return _kept(state, command, life, action)
    return _step(command, _content(state), {"state": life.stage, "version": state["version"]}, life, action)


def _kept(state: State, command: Command, life: EntryLife, action: str) -> Step:
    kept = {"state": state["state"], "version": state["version"]}
    return _step(command, _content(state), kept, life, action)


def _step(command: Command, content: Mapping[str, Any], kept: Mapping[str, Any], life: EntryLife, action: str) -> Step:
    state = {**content, **kept, LIFE: plain(life)}
    return Step(changes=(Change(entity=RESOURCE, entity_id=command.entity_id, action=action, state=state),))


def _without_guesses(content: Mapping[str, Any]) -> dict[str, Any]:
    return {**content, "data_items": [{**item, "guessed": False} for item in content["data_items"]]}


def _numbered(code: str, taken: list[str]) -> str:
    """The code with a sequence of its own, where only its class is stated."""
    read = read_code(code)
    return next_code(code, taken) if isinstance(read, CatalogueCode) and not read.sequence else code


def _rests_on(entry: State, change: RecordedChange) -> bool:
    if change.entity == LEGAL_BASIS:
        return change.entity_id in entry["legal_basis"]
    return bool(entry["provider"] == change.entity_id)


def _content(state: State) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in _KEPT_BY_LIFE}


def _entry(content: Mapping[str, Any]) -> Resource:
    return msgspec.convert(content, Resource)


def _acting(command: Command) -> Acting:
    return msgspec.convert(command.payload, Acting)


def _day(command: Command) -> str:
    """The day in China on which the command was given."""
    return datetime.fromtimestamp(command.at / 1_000_000, UTC).astimezone(_CHINA).date().isoformat()


_Act = Callable[[State, Command, Lookup, Bindings], Step]
_ACTS: Final[Mapping[str, _Act]] = MappingProxyType(
    {
        CHANGED: _changed,
        SUBMITTED: _submitted,
        RETURNED: _returned,
        REVIEWED: _reviewed,
        PUBLISHED: _published,
        WITHDRAWN: _withdrawn,
        UPDATE_DUE: _update_due,
    }
)
