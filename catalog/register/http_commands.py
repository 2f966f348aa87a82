"""Commands as the register's door takes them."""

import re
import uuid
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from catalog.register.changes import (
    BREACHED,
    CORRECTED,
    CORRECTION,
    DECLARED,
    DEMAND,
    DISPOSAL_DUE,
    DISPUTED,
    DUTY,
    FULFILLED,
    GRANT,
    ISSUED,
    LAPSED,
    LEDGER_ENTRY,
    OPENED,
    RESOURCE,
    RUNG,
    UPDATE_DUE,
    WARNED,
    Command,
    Entity,
    Refusal,
)

MOST_COMMANDS: Final = 5000
LONGEST_TEXT: Final = 400

# Ids with a slash are the register's own: of what follows from a command, and of the clock.
_COMMAND_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")

OWN_ACTIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        RESOURCE: frozenset((DECLARED, UPDATE_DUE)),
        DEMAND: frozenset((DISPOSAL_DUE,)),
        GRANT: frozenset((ISSUED,)),
        # The words of the sources are the hub's own definitions; what an operator adds is ``entered``, and says so.
        LEDGER_ENTRY: frozenset((DECLARED,)),
        # Whoever disputes a value has read it, and what corrects it is in the archive: their own door looks there.
        CORRECTION: frozenset((CORRECTED, DISPUTED)),
        DUTY: frozenset((OPENED, WARNED, BREACHED, FULFILLED, LAPSED)),
    }
)
"""Actions that follow from others or the clock, or have a door of their own; nor may anybody ask for ``RUNG``."""


class CommandBody(BaseModel):
    """One command on one entity, whose kind, id and action are in the path."""

    model_config = ConfigDict(extra="forbid")

    actor: str = Field(min_length=1, max_length=LONGEST_TEXT, description="经办：who asks")
    payload: dict[str, Any] = Field(default={}, description="what the action needs")
    expected_version: int | None = Field(default=None, ge=0, description="the version that the asker saw; 0: none yet")
    reason: str | None = Field(default=None, max_length=LONGEST_TEXT, description="事由")
    command_id: str | None = Field(default=None, description="the same one twice is one change; drawn when left out")
    dry_run: bool = Field(default=False, description="tell what would come of it, and change nothing")


class BatchedCommand(BaseModel):
    """One command of several."""

    model_config = ConfigDict(extra="forbid")

    entity: Entity
    entity_id: str = Field(min_length=1, max_length=LONGEST_TEXT)
    action: str
    payload: dict[str, Any] = {}
    expected_version: int | None = Field(default=None, ge=0)
    reason: str | None = Field(default=None, max_length=LONGEST_TEXT)


class CommandBatch(BaseModel):
    """Commands that are done in this order, all or none; their ids are the batch's, with their place behind it."""

    model_config = ConfigDict(extra="forbid")

    actor: str = Field(min_length=1, max_length=LONGEST_TEXT)
    commands: list[BatchedCommand] = Field(min_length=1, max_length=MOST_COMMANDS)
    command_id: str | None = None
    dry_run: bool = False


def command_of(body: CommandBody, entity: Entity, entity_id: str, action: str, key: str | None, at: int) -> Command:
    """The command of a body and its path, at the door's time; ``key`` is the request's Idempotency-Key."""
    return Command(
        entity=entity,
        entity_id=entity_id,
        action=action,
        actor=body.actor,
        at=at,
        command_id=_id(key, body.command_id),
        payload=body.payload,
        expected_version=body.expected_version,
        reason=body.reason,
    )


def commands_of(batch: CommandBatch, key: str | None, at: int) -> tuple[Command, ...]:
    """The commands of a batch, at the door's time."""
    batch_id = _id(key, batch.command_id)
    return tuple(
        Command(
            entity=each.entity,
            entity_id=each.entity_id,
            action=each.action,
            actor=batch.actor,
            at=at,
            command_id=f"{batch_id}:{place}",
            payload=each.payload,
            expected_version=each.expected_version,
            reason=each.reason,
        )
        for place, each in enumerate(batch.commands)
    )


def door_refusals(command: Command) -> Iterator[Refusal]:
    """Why the door does not even ask the rules."""
    if _COMMAND_ID.fullmatch(command.command_id) is None:
        yield _not_an_id()
    if command.action == RUNG or command.action in OWN_ACTIONS.get(command.entity, frozenset()):
        yield _own_action(command)


def _id(key: str | None, stated: str | None) -> str:
    return key or stated or uuid.uuid4().hex


def _not_an_id() -> Refusal:
    return Refusal(
        field="payload.command_id",
        reason="命令编号只能由 1 至 128 个字母、数字和 . _ : - 组成",
        reason_en="a command id is 1 to 128 letters, digits and . _ : -",
        remedy="请换用这样的编号，或不填",
        remedy_en="give such an id, or none",
    )


def _own_action(command: Command) -> Refusal:
    return Refusal(
        field="action",
        reason=f"“{command.action}”由系统根据其他操作或期限产生，或另有入口，不能在此提交",
        reason_en=f"{command.action!r} follows from other actions or the clock, or has a door of its own",
        remedy="请提交引起它的操作，或使用其专门入口",
        remedy_en="ask for the action that it follows from, or at its own door",
    )
