"""Rules of what is declared rather than applied for: organisations, systems, licence types, legal bases.

A declaration is the whole entity; declaring what stands already changes nothing. Resources may be declared as well, by
what ships with the hub: such an entry is published at once. Every other action on a resource is its own rule's.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from catalog.register.canonical import plain
from catalog.register.changes import (
    CHANGED,
    DECLARED,
    LEGAL_BASIS,
    LICENCE_TYPE,
    ORGANISATION,
    PUBLISHED,
    RESOURCE,
    SYSTEM,
    WITHDRAWN,
    Change,
    Command,
    Lookup,
    Refusal,
    Rule,
    State,
    Step,
)
from catalog.register.model import LegalBasis, LicenceType, RegisteredOrganisation, Resource, System
from catalog.register.refusals import not_there, read_payload, unknown_action

DECLARATIONS: Final[Mapping[str, type[msgspec.Struct]]] = MappingProxyType(
    {
        ORGANISATION: RegisteredOrganisation,
        SYSTEM: System,
        RESOURCE: Resource,
        LICENCE_TYPE: LicenceType,
        LEGAL_BASIS: LegalBasis,
    }
)
"""Kind of entity → what it is declared as."""

_ACTIONS: Final = (DECLARED, CHANGED, WITHDRAWN)


def identifier_of(entity: str) -> str:
    """The field that holds the identifier of such an entity."""
    return "id" if entity == LEGAL_BASIS else "code"


def declared_rule(state: State | None, command: Command, _: Lookup) -> Step:
    """Declare, change some fields of, or withdraw an organisation, system, licence type or legal basis."""
    if command.action not in _ACTIONS:
        return Step(refusals=(unknown_action(command, _ACTIONS),))
    if command.action == DECLARED:
        return _declared(state, command, command.payload)
    if state is None:
        return Step(refusals=(not_there(command),))
    if command.action == WITHDRAWN:
        return _step(state, command, dict(state) | {"withdrawn": True})
    return _declared(state, command, dict(state) | dict(command.payload))


def with_declarations(rule: Rule) -> Rule:
    """The rule of resources, which also takes the declarations that ship with the hub, as published entries."""

    def ruled(state: State | None, command: Command, lookup: Lookup) -> Step:
        if command.action != DECLARED:
            return rule(state, command, lookup)
        return _published(state, command)

    return ruled


def content_of(entity: str, state: State) -> dict[str, Any]:
    """What a declaration says of an entity: its state without what the register adds by itself."""
    added = {"state", "version", "life"} if entity == RESOURCE else set[str]()
    return {name: value for name, value in state.items() if name not in added}


def read_declaration(entity: str, payload: Mapping[str, Any]) -> State | Refusal:
    """The declaration in full, when it has its type's fields and no others; else why not."""
    declared = read_payload(payload, DECLARATIONS[entity])
    if isinstance(declared, Refusal):
        return declared
    state = plain(declared)
    strange = tuple(_strange("", payload, state))
    return _unknown_fields(strange) if strange else state


def _declared(state: State | None, command: Command, payload: Mapping[str, Any]) -> Step:
    declared = _named(command, payload)
    return Step(refusals=(declared,)) if isinstance(declared, Refusal) else _step(state, command, declared)


def _published(state: State | None, command: Command) -> Step:
    wanted = _named(command, command.payload)
    if isinstance(wanted, Refusal):
        return Step(refusals=(wanted,))
    if state is not None and content_of(RESOURCE, state) == content_of(RESOURCE, wanted):
        return Step()
    version = 1 if state is None else int(state["version"]) + 1
    return _change(command, PUBLISHED, dict(wanted) | {"state": "published", "version": version})


def _named(command: Command, payload: Mapping[str, Any]) -> State | Refusal:
    """The declaration, when it speaks of the entity that the command names."""
    declared = read_declaration(command.entity, payload)
    if isinstance(declared, Refusal):
        return declared
    field = identifier_of(command.entity)
    named = str(declared[field])
    return declared if named == command.entity_id else _other_identifier(command, field, named)


def _strange(place: str, given: Any, kept: Any) -> Iterator[str]:
    """Fields of what was given that its type does not have, wherever they stand in it."""
    if isinstance(given, Mapping) and isinstance(kept, Mapping):
        for name, value in given.items():
            inner = f"{place}.{name}" if place else str(name)
            if name in kept:
                yield from _strange(inner, value, kept[name])
            else:
                yield inner
    elif isinstance(given, (list, tuple)) and isinstance(kept, list):
        for number, (value, own) in enumerate(zip(given, kept, strict=False)):
            yield from _strange(f"{place}[{number}]", value, own)


def _step(state: State | None, command: Command, wanted: State) -> Step:
    return Step() if state == wanted else _change(command, command.action, wanted)


def _change(command: Command, action: str, state: State) -> Step:
    change = Change(entity=command.entity, entity_id=command.entity_id, action=action, state=state)
    return Step(changes=(change,))


def _unknown_fields(fields: tuple[str, ...]) -> Refusal:
    names = ", ".join(fields)
    return Refusal(
        field=f"payload.{fields[0]}",
        reason=f"没有这些字段：{names}",
        reason_en=f"there are no such fields: {names}",
        remedy="请删去或更正字段名",
        remedy_en="remove the fields, or correct their names",
    )


def _other_identifier(command: Command, field: str, named: str) -> Refusal:
    return Refusal(
        field=f"payload.{field}",
        reason=f"内容中的标识“{named}”与登记标识“{command.entity_id}”不一致",
        reason_en=f"the payload names {named!r}, the command {command.entity_id!r}",
        remedy="请使两处标识一致",
        remedy_en="name the same identifier in both places",
    )
