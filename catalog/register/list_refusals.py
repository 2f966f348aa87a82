"""Why a step of a list is refused."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from catalog.register.changes import Command, Refusal

STATES: Final[Mapping[str, str]] = MappingProxyType(
    {"drawn-up": "已编制", "returned": "已退回", "signed-off": "已审签", "published": "已发布"}
)


def other_id(command: Command, due: str) -> Iterator[Refusal]:
    """Yield that kind, period and department make another id than the command's."""
    if command.entity_id != due:
        yield Refusal(
            field="entity_id",
            reason=f"清单标识“{command.entity_id}”与类别、期次、部门不符",
            reason_en=f"the id {command.entity_id!r} is not that of this kind, period and department",
            remedy=f"使用标识 {due}",
            remedy_en=f"use the id {due}",
        )


def is_published(published: bool) -> Iterator[Refusal]:
    """Yield that a published list stays what it is."""
    if published:
        yield Refusal(
            field="state",
            reason="本期清单已发布，不再变更",
            reason_en="the list of this period is published and never changes",
            remedy="在下一期编制新的清单",
            remedy_en="draw up the list of the next period",
        )


def nothing_kept(empty: bool) -> Iterator[Refusal]:
    """Yield that nobody keeps such a list."""
    if empty:
        yield Refusal(
            field="payload.kind",
            reason="没有已发布的资源列入负面清单",
            reason_en="no published resource is marked for the negative list: none is kept",
            remedy="先在资源条目上标注列入负面清单（negative_list）并发布",
            remedy_en="mark the entries (negative_list) and have them published first",
        )


def rows_not_taken(given: bool) -> Iterator[Refusal]:
    """Yield that rows of this kind are the register's, and brought by nobody."""
    if given:
        yield Refusal(
            field="payload.rows",
            reason="该类清单由登记簿生成，不接受另附的条目、截至日或口径版本",
            reason_en="lists of this kind are drawn from the register: no rows, day or version are taken",
            remedy="去掉 rows、as_of、rule_version",
            remedy_en="leave rows, as_of and rule_version out",
        )


def rows_missing(missing: bool) -> Iterator[Refusal]:
    """Yield that rows of this kind are computed from cases and have to be brought, with what they rest on."""
    if missing:
        yield Refusal(
            field="payload.rows",
            reason="该类清单由办件统计得出，须附条目（rows）、截至日（as_of）和口径版本（rule_version）",
            reason_en="lists of this kind are computed from cases: rows, as_of and rule_version are required",
            remedy="用命令编制：onething services draw-up <期次> --actor <经办>",
            remedy_en="draw it up by the command: onething services draw-up <period> --actor <who>",
        )


def rows_unfit(count: int, columns: list[str]) -> Iterator[Refusal]:
    """Yield that rows have other columns than their kind of list."""
    if count:
        yield Refusal(
            field="payload.rows",
            reason=f"有 {count} 条的列与清单不符",
            reason_en=f"{count} rows have other columns than such a list",
            remedy=f"每条须恰有：{'、'.join(columns)}",
            remedy_en=f"each row has exactly these: {', '.join(columns)}",
        )


def rows_repeated(count: int) -> Iterator[Refusal]:
    """Yield that a key stands on several rows."""
    if count:
        yield Refusal(
            field="payload.rows",
            reason=f"有 {count} 条的 key 重复",
            reason_en=f"the key of {count} rows stands more than once",
            remedy="合并重复的条目",
            remedy_en="have each key once",
        )


def too_large(size: int, most: int) -> Iterator[Refusal]:
    """Yield that the list does not go into one message (sizes in bytes)."""
    if size > most:
        yield Refusal(
            field="payload.department",
            reason=f"清单共 {size} 字节，一条消息最多 {most} 字节",
            reason_en=f"the list has {size} bytes, one message takes {most}",
            remedy="按部门分别编制",
            remedy_en="draw it up for each department",
        )


def not_the_office(organisation: str, office: str) -> Iterator[Refusal]:
    """Yield that the office of this kind of list signs it off and publishes it."""
    if organisation != office:
        yield Refusal(
            field="payload.organisation",
            reason=f"“{organisation or '未写明的机构'}”不能审签、退回或发布清单，应由 {office} 办理",
            reason_en=f"{organisation or 'nobody'!r} may not sign off, return or publish a list, but: {office}",
            remedy=f"由 {office} 的人员办理，并写明机构",
            remedy_en=f"have somebody of {office} do it, and name it",
        )


def not_at(state: str, due: str) -> Iterator[Refusal]:
    """Yield that the step is not due."""
    if state != due:
        yield Refusal(
            field="state",
            reason=f"清单{STATES[state]}，该操作要求{STATES[due]}",
            reason_en=f"the list is {state}, this takes one that is {due}",
            remedy="按编制、审签、发布的次序办理；已发布的在下一期另行编制",
            remedy_en="draw up, sign off and publish in this order; after that, the next period has its own list",
        )


def same_person(command: Command) -> Refusal:
    """Two persons: who drew it up does not sign it off or publish it."""
    return Refusal(
        field="actor",
        reason=f"“{command.actor}”编制了该清单，不能审签或发布",
        reason_en=f"{command.actor!r} drew the list up and can neither sign it off nor publish it",
        remedy="由另一人办理",
        remedy_en="have another person do it",
    )


def without_reason(command: Command) -> Iterator[Refusal]:
    """Yield that a reason is due, when there is none."""
    if not (command.reason or "").strip():
        yield Refusal(
            field="reason",
            reason="没有写明退回事由",
            reason_en="there is no reason for returning it",
            remedy="写明事由",
            remedy_en="state the reason",
        )
