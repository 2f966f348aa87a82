"""Refusals that every kind of entity shares, and payloads held to a type."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from catalog.register.changes import Command, Refusal

_T = TypeVar("_T")


def unknown_entity(command: Command) -> Refusal:
    """Nobody keeps such entities."""
    return Refusal(
        field="entity",
        reason=f"没有“{command.entity}”这类登记",
        reason_en=f"the register keeps no {command.entity!r}",
        remedy="请使用登记簿已有的类别",
        remedy_en="name a kind of entity that the register keeps",
    )


def unknown_action(command: Command, known: tuple[str, ...]) -> Refusal:
    """The kind of entity knows no such action; ``known`` are those that it knows."""
    return Refusal(
        field="action",
        reason=f"“{command.entity}”没有操作“{command.action}”",
        reason_en=f"{command.entity} knows no action {command.action!r}",
        remedy=f"可用操作：{'、'.join(known)}",
        remedy_en=f"use one of: {', '.join(known)}",
    )


def not_there(command: Command) -> Refusal:
    """The entity must exist for this action."""
    return Refusal(
        field="entity_id",
        reason=f"没有登记 {command.entity} {command.entity_id}",
        reason_en=f"there is no {command.entity} {command.entity_id!r}",
        remedy="请核对标识，或先登记",
        remedy_en="check the identifier, or register it first",
    )


def changed_meanwhile(command: Command, version: int) -> Refusal:
    """Somebody else changed the entity since the asker saw it."""
    return Refusal(
        field="expected_version",
        reason=f"登记已更新至第 {version} 版，提交依据的是第 {command.expected_version} 版",
        reason_en=f"the entity is at version {version}, the command expects {command.expected_version}",
        remedy="请读取最新内容后重新提交",
        remedy_en="read the entity again and send the command for its newest version",
    )


def other_command(command: Command) -> Refusal:
    """The command's id was used for another command."""
    return Refusal(
        field="command_id",
        reason=f"命令编号 {command.command_id} 已用于另一项操作",
        reason_en=f"command id {command.command_id!r} was used for another command",
        remedy="请换用新的命令编号",
        remedy_en="give a command id of its own",
    )


def unknown_filter(entity: str, field: str, known: tuple[str, ...]) -> Refusal:
    """The kind of entity is not found by this field; ``known`` are those that it is found by."""
    return Refusal(
        field=field,
        reason=f"“{entity}”不能按“{field}”查找",
        reason_en=f"{entity} is not found by {field!r}",
        remedy=f"可用字段：{'、'.join(known)}",
        remedy_en=f"use: {', '.join(known)}",
    )


def unknown_order(entity: str, name: str, known: tuple[str, ...]) -> Refusal:
    """The kind of entity is not listed in this order; ``known`` are those that it has."""
    return Refusal(
        field="sort",
        reason=f"“{entity}”不能按“{name}”排序",
        reason_en=f"{entity} is not listed by {name!r}",
        remedy=f"可用字段：{'、'.join(known)}；前加 - 为倒序",
        remedy_en=f"use: {', '.join(known)}; - before it for descending",
    )


def unknown_mark() -> Refusal:
    """``after`` is not where a page of this order ended."""
    return Refusal(
        field="after",
        reason="翻页标记与排序方式不符",
        reason_en="this is no mark of a page in this order",
        remedy="请从第一页重新开始（不带 after）",
        remedy_en="begin again from the first page, without after",
    )


def wrong_payload(fault: msgspec.ValidationError) -> Refusal:
    """The payload does not fit its type; msgspec names the place as ``$.field[0]``."""
    reason, _, place = str(fault).partition(" - at `$")
    field = place.rstrip("`").lstrip(".")
    return Refusal(
        field=f"payload.{field}" if field else "payload",
        reason=f"内容格式不符：{reason}",
        reason_en=f"the payload does not fit: {reason}",
        remedy="请按接口说明更正后重新提交",
        remedy_en="correct the field as the interface describes it and send the command again",
    )


def read_payload(payload: Mapping[str, Any], kind: type[_T]) -> _T | Refusal:
    """The payload as this type, or why it is none."""
    try:
        return msgspec.convert(payload, kind)
    except msgspec.ValidationError as fault:
        return wrong_payload(fault)
