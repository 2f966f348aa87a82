"""What a folder of declarations would change: additions, changes, withdrawals, field by field, and their commands."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

import msgspec

from catalog.register.changes import CHANGED, DECLARED, DRAFTED, RESOURCE, WITHDRAWN, Entity, State
from catalog.register.declared import content_of
from catalog.register.differences import Difference, differences
from catalog.register.folder import Declaration
from catalog.register.life import content_in_preparation

Kind = Literal["add", "change", "withdraw"]

NOBODYS_REASON: Final = "声明文件中已无此条目"


class Standing(msgspec.Struct, frozen=True):
    """What the register holds of an entity now."""

    version: int
    state: State


class PlannedChange(msgspec.Struct, frozen=True):
    """One entity that would change: how, in which fields, and the command that does it."""

    kind: Kind
    entity: Entity
    entity_id: str
    differences: tuple[Difference, ...]
    action: str
    payload: State
    expected_version: int
    reason: str | None = None


Register = Mapping[tuple[Entity, str], Standing]


def planned(
    declarations: Iterable[Declaration], register: Register, *, withdraw_missing: bool = False
) -> tuple[PlannedChange, ...]:
    """Return what would make the register say what the declarations say; nothing where it does already.

    Args:
        declarations: of a folder.
        register: what stands, of the kinds of entity that the folder declares.
        withdraw_missing: the folder is the whole of each kind that it declares: withdraw what it does not name.
    """
    declared = tuple(declarations)
    changes = [change for each in declared if (change := _of_declaration(each, register)) is not None]
    return (*changes, *(_withdrawals(declared, register) if withdraw_missing else ()))


def _of_declaration(declaration: Declaration, register: Register) -> PlannedChange | None:
    standing = register.get((declaration.entity, declaration.entity_id))
    before = None if standing is None else _before(declaration.entity, standing.state)
    found = differences(before, declaration.content)
    if not found:
        return None
    return PlannedChange(
        kind="add" if standing is None else "change",
        entity=declaration.entity,
        entity_id=declaration.entity_id,
        differences=found,
        action=_action(declaration.entity, is_new=standing is None),
        payload=_payload(declaration, before),
        expected_version=0 if standing is None else standing.version,
    )


def _before(entity: Entity, state: State) -> State:
    """What a declaration is compared with: of a resource, what is in preparation where something is."""
    return content_in_preparation(state) if entity == RESOURCE else content_of(entity, state)


def _action(entity: Entity, *, is_new: bool) -> str:
    """Resources live through review; the others are what they are declared to be."""
    if entity != RESOURCE:
        return DECLARED
    return DRAFTED if is_new else CHANGED


def _payload(declaration: Declaration, before: State | None) -> State:
    """All of a new entity, or of one that is declared as a whole; of a resource that stands, what is other."""
    if before is None or declaration.entity != RESOURCE:
        return declaration.content
    return {name: value for name, value in declaration.content.items() if before.get(name) != value}


def _withdrawals(declared: tuple[Declaration, ...], register: Register) -> Iterator[PlannedChange]:
    kinds = {each.entity for each in declared}
    named = {(each.entity, each.entity_id) for each in declared}
    for (entity, entity_id), standing in sorted(register.items()):
        if entity in kinds and (entity, entity_id) not in named and not _is_withdrawn(entity, standing.state):
            yield PlannedChange(
                kind="withdraw",
                entity=entity,
                entity_id=entity_id,
                differences=differences(content_of(entity, standing.state), None),
                action=WITHDRAWN,
                payload={},
                expected_version=standing.version,
                reason=NOBODYS_REASON,
            )


def _is_withdrawn(entity: Entity, state: State) -> bool:
    return state.get("state") == "withdrawn" if entity == RESOURCE else bool(state.get("withdrawn"))
